import { describe, expect, it } from 'vitest';
import { readActivity } from '../../../src/engines/sqlite/activity.ts';
import { writeTransaction } from '../../../src/engines/sqlite/database.ts';
import type { SourceDeclaration } from '../../../src/model.ts';
import { addSkip, DAY_MS } from '../../../src/tally/rollup.ts';
import { addStreams, AT, DAY, keyRef, newStore, tallyOf, usageOf } from './made-store.ts';

const DECLARED: SourceDeclaration = { deliveryLagDays: 2, sampling: undefined, outages: [], carriesKeys: undefined };

/** Records by hour of a day. */
function hours(records: Readonly<Record<number, number>>): readonly number[] {
  return Array.from({ length: 24 }, (_, hour) => records[hour] ?? 0);
}

describe('the activity of sources', () => {
  it('counts records with and without a key by day, and bytes and defects of all logs', () => {
    const store = newStore();
    const settled = tallyOf([usageOf(), usageOf({ keys: [], at: AT + DAY_MS })]);
    addSkip(settled, { offset: 0, length: 5, reason: 'malformed-json' }, true, 'gateway', AT);
    addSkip(settled, { offset: 5, length: 5, reason: 'blank' }, false, 'gateway', AT);
    addStreams(store, [{ settled }, { tail: tallyOf([usageOf({ at: AT - 1 })]) }]);
    expect(readActivity(store.db, new Map())).toEqual([
      {
        source: 'gateway',
        format: 'json',
        firstAt: AT - 1,
        lastAt: AT + DAY_MS,
        records: 3,
        quarantined: 1,
        skipped: 1,
        bytes: 0,
        days: [
          { day: DAY, records: 2, quarantined: 1, hours: hours({ 11: 1, 12: 1 }) },
          { day: DAY + 1, records: 1, quarantined: 0, hours: hours({ 12: 1 }) },
        ],
        steadyCallers: [],
        keyKinds: ['secret'],
        faults: [],
        declared: { deliveryLagDays: undefined, sampling: undefined, outages: [], carriesKeys: undefined },
      },
    ]);
  });

  it('has a source that is declared and sent nothing, and a fault without a source at every source', () => {
    const store = newStore();
    addStreams(store, [{ settled: tallyOf([usageOf()]) }]);
    const fault = { reason: 'unread-input', detail: 'cut', fromAt: AT, toAt: undefined } as const;
    store.ledger.addFault({ path: 'x.gz', stream: 0, source: undefined, file: '' }, fault, 1);
    store.ledger.addFault({ path: 'y.gz', stream: 0, source: 'late', file: '' }, { ...fault, fromAt: undefined }, 1);
    const everywhere = { ...fault, detail: 'x.gz: cut' };
    const found = readActivity(store.db, new Map([['quiet', DECLARED]]));
    expect(found.map(({ source, records, faults }) => [source, records, faults])).toEqual([
      ['gateway', 1, [everywhere]],
      ['late', 0, [{ ...fault, fromAt: undefined, detail: 'y.gz: cut' }, everywhere]],
      ['quiet', 0, [everywhere]],
    ]);
    expect(found[2]?.declared).toBe(DECLARED);
  });

  it('shows callers with their calls of each day, the steadiest first', () => {
    const store = newStore();
    const days = (caller: string, count: number) =>
      Array.from({ length: count }, (_, n) => usageOf({ caller, at: AT + n * DAY_MS }));
    addStreams(store, [
      {
        settled: tallyOf([
          ...days('a', 27),
          ...days('b', 28),
          ...days('c', 30),
          usageOf({ caller: 'b', outcome: 'failed' }),
        ]),
      },
    ]);
    const [activity] = readActivity(store.db, new Map());
    expect(activity?.steadyCallers.map((caller) => caller.days.length)).toEqual([30, 28, 27]);
    expect(activity?.steadyCallers[1]?.days.slice(0, 2)).toEqual([DAY, DAY + 1]);
    expect(activity?.steadyCallers[1]?.calls.slice(0, 2)).toEqual([2, 1]);
  });

  it('lists the kinds of keys that each source shows, settled or not', () => {
    const store = newStore();
    const id = { keys: [keyRef('kid-1', 'public_id')] };
    addStreams(store, [
      { settled: tallyOf([usageOf(), usageOf({ source: 'other' })]), tail: tallyOf([usageOf(id)]) },
      { settled: tallyOf([usageOf({ keys: [], source: 'keyless' })]) },
    ]);
    const kinds = readActivity(store.db, new Map()).map(({ source, keyKinds }) => [source, keyKinds]);
    expect(kinds).toEqual([
      ['gateway', ['public_id', 'secret']],
      ['keyless', []],
      ['other', ['secret']],
    ]);
  });

  it('shows no kind of key that was in a tail alone and is not in it any more', () => {
    const store = newStore();
    const [stream = 0] = addStreams(store, [
      { settled: tallyOf([usageOf()]), tail: tallyOf([usageOf({ keys: [keyRef('kid-1', 'public_id')] })]) },
    ]);
    store.ledger.begin();
    store.ledger.addTally(stream, tallyOf([usageOf()]), tallyOf([]));
    store.ledger.commit();
    expect(readActivity(store.db, new Map())[0]?.keyKinds).toEqual(['secret']);
  });

  it('counts the days of a steady caller in the tail of a log, too', () => {
    const store = newStore();
    const days = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, n) => usageOf({ at: AT + (from + n) * DAY_MS }));
    addStreams(store, [{ settled: tallyOf(days(0, 300)), tail: tallyOf(days(299, 302)) }]);
    const [caller] = readActivity(store.db, new Map())[0]?.steadyCallers ?? [];
    expect(caller?.days).toEqual(Array.from({ length: 302 }, (_, n) => DAY + n));
    expect(caller?.calls).toEqual(Array.from({ length: 302 }, (_, n) => (n === 299 ? 2 : 1)));
  });

  it('chooses forty steady callers of a source, the same whatever the order of the logs', () => {
    const calls = Array.from({ length: 130 }, (_, n) =>
      Array.from({ length: n === 0 ? 29 : 28 }, (_day, day) =>
        usageOf({ key: `k_${n}`, caller: `job ${n}`, at: AT + (day + (n % 7)) * DAY_MS }),
      ),
    );
    const chosen = [calls, calls.toReversed()].map((order) => {
      const store = newStore();
      addStreams(store, [{ settled: tallyOf(order.flat()) }]);
      return readActivity(store.db, new Map())[0]?.steadyCallers;
    });
    expect([chosen[0]?.length, chosen[0]?.[0]?.days.length]).toEqual([24, 29]);
    expect(chosen[1]).toEqual(chosen[0]);
  });
});

describe('a run that did not end', () => {
  const faultsOf = (store: ReturnType<typeof newStore>): string[] =>
    readActivity(store.db, new Map()).flatMap(({ faults }) =>
      faults.map(({ reason, detail }) => `${reason} ${detail}`),
    );
  const TOTALS = { files: 1, records: 1, quarantined: 0, skipped: 0, bytes: 1 };

  it('leaves unread input behind with every source, until one has ended', () => {
    const store = newStore();
    addStreams(store, [{ settled: tallyOf([usageOf()]) }]);
    expect(faultsOf(store)).toEqual([]);
    const cut = writeTransaction(store.db, store.file, () => store.ledger.startScan(AT, 1, '0'));
    expect(faultsOf(store)).toEqual([`unread-input run ${cut}: it has not ended, so logs may be unread`]);
    writeTransaction(store.db, store.file, () => {
      store.ledger.finishScan(store.ledger.startScan(AT, 1, '0'), AT, TOTALS);
    });
    expect(faultsOf(store)).toEqual([]);
  });

  it('leaves each log unread that it had read in part', () => {
    const store = newStore();
    addStreams(store, [{ settled: tallyOf([usageOf()]) }]);
    store.db.exec('UPDATE streams SET size = -1');
    expect(faultsOf(store)).toEqual([expect.stringContaining('it was not read to its end')]);
  });
});
