import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/tally/event-digests.ts';
import { EventIds } from '../../../src/engines/sqlite/event-ids.ts';
import { numbersFrom } from '../../bench/made-log.ts';
import { eventsOf } from '../../made-events.ts';
import { newStore } from './made-store.ts';

const NIL = '00000000-0000-0000-0000-000000000000';
const UUID = '00000000-0000-4000-8000-0000000000ab';

describe('event ids', () => {
  it.each([UUID, NIL, UUID.toUpperCase(), 'evt-1', '', 'ü'.repeat(500)])('are known again: %j', (id) => {
    const events = new EventIds(newStore().db);
    expect(events.has(digestOf(id), 7, 0)).toBe(false);
    events.add(eventsOf([[id, 7]]), 0);
    expect(events.has(digestOf(id), 7, 0)).toBe(true);
  });

  it('are kept apart when they differ at all', () => {
    const events = new EventIds(newStore().db);
    events.add(eventsOf([[UUID, 7]]), 0);
    for (const other of [
      UUID.replaceAll('-', ''),
      UUID.toUpperCase(),
      `${UUID} `,
      UUID.replace('ab', 'ac'),
      UUID.replace('0ab', '0gb'),
      UUID.replace('ab', 'ag'),
      NIL,
    ]) {
      expect([other, events.has(digestOf(other), 7, 0)]).toEqual([other, false]);
    }
    expect(events.has(digestOf(UUID), 8, 0)).toBe(false);
  });

  it('of a tail do not count for the log whose tail it is, and go with it', () => {
    const events = new EventIds(newStore().db);
    events.add(eventsOf([['settled', 7]]), 0);
    events.add(eventsOf([['tail', 7]]), 3);
    expect([
      events.has(digestOf('tail'), 7, 3),
      events.has(digestOf('tail'), 7, 4),
      events.has(digestOf('tail'), 7, 0),
    ]).toEqual([false, true, true]);
    events.forgetTail(3);
    events.forgetTail(0);
    expect([events.has(digestOf('tail'), 7, 4), events.has(digestOf('settled'), 7, 3)]).toEqual([false, true]);
  });

  it.each([true, false])(
    'that were counted already stay counted when a tail repeats them (written: %s)',
    (isWritten) => {
      const events = new EventIds(newStore().db);
      events.add(eventsOf([['once', 7]]), 0);
      if (isWritten) events.write();
      events.add(eventsOf([['once', 7]]), 3);
      events.forgetTail(3);
      expect(events.has(digestOf('once'), 7, 3)).toBe(true);
    },
  );

  it.each([0, 3000, 1_000_000])('are the same whatever is kept of them in memory (%d)', (mostKept) => {
    const { db } = newStore();
    const events = new EventIds(db, mostKept);
    const known = new Set<string>();
    const next = numbersFrom(7);
    for (let round = 0; round < 20; round++) {
      const day = next(2);
      const added = new Map<string, number>();
      for (let i = 0; i < 1000; i++) {
        const id = `00000000-0000-4000-8000-${next(4000).toString(16).padStart(12, '0')}`;
        if (events.has(digestOf(id), day, 0) !== known.has(`${day} ${id}`)) expect([round, day, id]).toEqual([]);
        if (!known.has(`${day} ${id}`)) added.set(id, day);
      }
      if (round % 5 === 4) {
        events.write();
        db.exec('BEGIN');
        events.add(eventsOf(added), 0);
        expect([...added.keys()].every((id) => events.has(digestOf(id), day, 0))).toBe(true);
        db.exec('ROLLBACK');
        events.forget();
      } else {
        events.add(eventsOf(added), 0);
        for (const [id] of added) known.add(`${day} ${id}`);
      }
    }
    events.write();
    expect(known.size).toBeGreaterThan(5000);
    expect(db.prepare('SELECT count(*) FROM event_ids').pluck().get()).toBe(known.size);
  });
});
