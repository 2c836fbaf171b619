import { describe, expect, it } from 'vitest';
import { EventIds } from '../../../src/engines/sqlite/event-ids.ts';
import { newStore } from './made-store.ts';

const UUID = '00000000-0000-4000-8000-0000000000ab';

describe('event ids', () => {
  it.each([UUID, UUID.toUpperCase(), 'evt-1', '', 'ü'.repeat(500)])('are known again: %j', (id) => {
    const events = new EventIds(newStore().db);
    expect(events.has(id, 7, 0)).toBe(false);
    events.add(new Map([[id, 7]]), 0);
    expect(events.has(id, 7, 0)).toBe(true);
  });

  it('are kept apart when they differ at all', () => {
    const events = new EventIds(newStore().db);
    events.add(new Map([[UUID, 7]]), 0);
    for (const other of [UUID.replaceAll('-', ''), UUID.toUpperCase(), `${UUID} `, UUID.replace('ab', 'ac')]) {
      expect([other, events.has(other, 7, 0)]).toEqual([other, false]);
    }
    expect(events.has(UUID, 8, 0)).toBe(false);
  });

  it('of a tail do not count for the log whose tail it is, and go with it', () => {
    const events = new EventIds(newStore().db);
    events.add(new Map([['settled', 7]]), 0);
    events.add(new Map([['tail', 7]]), 3);
    expect([events.has('tail', 7, 3), events.has('tail', 7, 4), events.has('tail', 7, 0)]).toEqual([false, true, true]);
    events.forgetTail(3);
    events.forgetTail(0);
    expect([events.has('tail', 7, 4), events.has('settled', 7, 3)]).toEqual([false, true]);
  });

  it('that were counted already stay counted when a tail repeats them', () => {
    const events = new EventIds(newStore().db);
    events.add(new Map([['once', 7]]), 0);
    events.add(new Map([['once', 7]]), 3);
    events.forgetTail(3);
    expect(events.has('once', 7, 3)).toBe(true);
  });
});
