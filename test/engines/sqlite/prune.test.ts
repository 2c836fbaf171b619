import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/tally/event-digests.ts';
import { EventIds } from '../../../src/engines/sqlite/event-ids.ts';
import { prune } from '../../../src/engines/sqlite/prune.ts';
import { newTally } from '../../../src/tally/rollup.ts';
import { dump } from '../../ingest/dump.ts';
import { eventsOf } from '../../made-events.ts';
import { addStreams, newStore, tallyOf, usageOf } from './made-store.ts';

describe('pruning', () => {
  it('forgets events of days before the given one, and no others', () => {
    const store = newStore();
    const events = new EventIds(store.db);
    events.add(
      eventsOf([
        ['old', 99],
        ['new', 100],
      ]),
      0,
    );
    events.write();
    expect(prune(store, 100).eventIds).toBe(1);
    expect([events.has(digestOf('old'), 99, 0), events.has(digestOf('new'), 100, 0)]).toEqual([false, true]);
  });

  it('keeps the events of a tail: they are replaced when the log has grown', () => {
    const store = newStore();
    const tail = newTally();
    tail.events.set(digestOf('old'), 5);
    const [id = 0] = addStreams(store, [{ tail }]);
    expect(prune(store, 100).eventIds).toBe(0);
    expect(new EventIds(store.db).has(digestOf('old'), 5, id + 1)).toBe(true);
  });

  it('leaves all else as it is', () => {
    const store = newStore();
    addStreams(store, [{ settled: tallyOf([usageOf({})]) }, { tail: tallyOf([usageOf({})]) }]);
    const before = dump(store.db);
    addEvents(store, [['old', 5]]);
    expect(prune(store, 100).eventIds).toBe(1);
    expect(dump(store.db)).toEqual(before);
  });

  it('gives the space back when it is worth it', () => {
    const store = newStore();
    addEvents(
      store,
      Array.from({ length: 250_000 }, (_, index) => [`event ${index}`, index % 100]),
    );
    const { eventIds, bytesBefore, bytesAfter } = prune(store, 100);
    expect(eventIds).toBe(250_000);
    expect(bytesAfter).toBeLessThan(bytesBefore / 10);
    expect(bytesAfter).toBe(fs.statSync(store.file).size);
  });
});

function addEvents({ db, ledger }: ReturnType<typeof newStore>, ids: readonly (readonly [string, number])[]): void {
  ledger.begin();
  const events = new EventIds(db);
  events.add(eventsOf(ids), 0);
  events.write();
  ledger.commit();
}
