import { describe, expect, it } from 'vitest';
import { writeTransaction } from '../../../src/engines/sqlite/database.ts';
import {
  readActivity,
  readEarlierVerdicts,
  readLastScan,
  readSeenKeys,
  readSessions,
  recordVerdicts,
} from '../../../src/engines/sqlite/evidence.ts';
import type { SourceDeclaration } from '../../../src/model.ts';
import { addSkip, DAY_MS } from '../../../src/rollup.ts';
import { addStreams, AT, DAY, keyRef, newStore, tallyOf, usageOf } from './made-store.ts';

const DECLARED: SourceDeclaration = { deliveryLagDays: 2, sampling: undefined, outages: [], carriesKeys: undefined };

describe('keys that were seen', () => {
  it('come with each caller once, and one row for each of its days and sources, what is settled and what is not together', () => {
    const store = newStore();
    addStreams(store, [
      {
        settled: tallyOf([
          usageOf({ at: AT + 5 }),
          usageOf({ outcome: 'refused' }),
          usageOf({ key: 'k_a', caller: 'go' }),
        ]),
      },
      { tail: tallyOf([usageOf({ at: AT - 5 }), usageOf({ at: AT + DAY_MS }), usageOf({ source: 'other' })]) },
    ]);
    const day = {
      source: 'gateway',
      day: DAY,
      accepted: 1,
      failed: 0,
      refused: 0,
      firstUsedAt: AT,
      lastUsedAt: AT,
      firstRefusedAt: undefined,
      lastRefusedAt: undefined,
    };
    expect(readSeenKeys(store.db)).toEqual([
      { ref: keyRef('k_a'), callers: [{ system: { name: 'go', attribution: 'derived' }, days: [day] }] },
      {
        ref: keyRef('k_one'),
        callers: [
          {
            system: { name: 'curl', attribution: 'derived' },
            days: [
              {
                ...day,
                accepted: 2,
                refused: 1,
                firstUsedAt: AT - 5,
                lastUsedAt: AT + 5,
                firstRefusedAt: AT,
                lastRefusedAt: AT,
              },
              { ...day, source: 'other' },
              { ...day, day: DAY + 1, firstUsedAt: AT + DAY_MS, lastUsedAt: AT + DAY_MS },
            ],
          },
        ],
      },
    ]);
  });

  it('are told apart when systems differ in attribution alone', () => {
    const store = newStore();
    addStreams(store, [{ settled: tallyOf([usageOf(), usageOf({ system: { name: 'curl', attribution: 'rule' } })]) }]);
    expect(
      readSeenKeys(store.db)[0]
        ?.callers.map(({ system }) => system.attribution)
        .toSorted(),
    ).toEqual(['derived', 'rule']);
  });
});

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
          { day: DAY, records: 2, quarantined: 1 },
          { day: DAY + 1, records: 1, quarantined: 0 },
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

  it('shows callers of 28 days and more with their calls of each day, the steadiest first', () => {
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
    expect(activity?.steadyCallers.map((caller) => caller.days.length)).toEqual([30, 28]);
    expect(activity?.steadyCallers[1]?.days.slice(0, 2)).toEqual([
      [DAY, 2],
      [DAY + 1, 1],
    ]);
  });
});

it('session credentials are counted by whom they were issued to', () => {
  const store = newStore();
  const session = (key: string, issuer: string | undefined, at = AT) =>
    usageOf({ keys: [keyRef(key, 'aws_sts_session_key')], issuer, at });
  addStreams(store, [
    {
      settled: tallyOf([
        session('ASIA1', 'role/a'),
        session('ASIA1', 'role/a', AT + 9),
        session('ASIA2', 'role/a'),
        session('ASIA3', undefined),
        usageOf(),
      ]),
    },
  ]);
  expect(readSessions(store.db)).toEqual([
    { issuer: 'role/a', credentials: 2, requests: 3, lastUsedAt: AT + 9 },
    { issuer: 'unknown issuer', credentials: 1, requests: 1, lastUsedAt: AT },
  ]);
});

describe('scans and verdicts', () => {
  it('a scan counts when it is finished', () => {
    const { db, ledger } = newStore();
    expect(readLastScan(db)).toBe(0);
    const [first, second] = [ledger.startScan(AT, 1, 'test'), ledger.startScan(AT, 1, 'test')];
    expect(readLastScan(db)).toBe(0);
    ledger.finishScan(first, AT, { files: 1, records: 1, quarantined: 0, skipped: 0, bytes: 1 });
    expect([readLastScan(db), second > first]).toEqual([first, true]);
  });

  it('the verdict before a scan is the last one that an earlier scan came to', () => {
    const store = newStore();
    const record = (scan: number, verdict: 'safe' | 'in-use'): void =>
      writeTransaction(store.db, store.file, () => recordVerdicts(store.db, scan, [{ key: 'k', verdict }]));
    record(1, 'safe');
    record(2, 'safe');
    record(3, 'in-use');
    record(5, 'safe');
    const before = (scan: number): unknown => readEarlierVerdicts(store.db, scan).get('k');
    expect([1, 2, 3, 4, 5, 6].map(before)).toEqual([undefined, 'safe', 'safe', 'in-use', 'in-use', 'safe']);
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
