import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitsMasked } from '../../../src/attribution/masked.ts';
import { SqliteSeenKeys } from '../../../src/engines/sqlite/seen-keys.ts';
import type { WritableStore } from '../../../src/engines/sqlite/store.ts';
import type { Caller, KeyKind, KeyRef, Usage } from '../../../src/model.ts';
import { DAY_MS } from '../../../src/tally/rollup.ts';
import { entryOf, list } from './made-inventory.ts';
import { displays, maskedForms } from './masked-forms.ts';
import { addStreams, AT, DAY, keyRef, newStore, tallyOf, usageOf } from './made-store.ts';
import { shuffledPieces, usages } from './made-usage.ts';

const CURL = { name: 'curl', attribution: 'derived' } as const;
const JOB = { name: 'job', attribution: 'rule' } as const;

describe('keys that were seen', () => {
  it('come with each caller once, over all sources, what is settled and what is not together', () => {
    const seen = seenIn([
      {
        settled: [
          usageOf({ at: AT + 5 }),
          usageOf({ outcome: 'refused', at: AT + 9 }),
          usageOf({ key: 'k_a', caller: 'go' }),
        ],
      },
      { tail: [usageOf({ at: AT - 5 }), usageOf({ at: AT + DAY_MS }), usageOf({ source: 'eastern' })] },
    ]);
    expect([...seen.unnamed()]).toEqual([keyRef('k_a'), keyRef('k_one')]);
    const totals = { requests: 1, refused: 0, firstSeenAt: AT, lastUsedAt: AT, lastRefusedAt: undefined };
    expect(seen.callersOf([keyRef('k_a')])).toEqual([
      {
        system: { name: 'go', attribution: 'derived' },
        sources: ['gateway'],
        useDays: [DAY],
        refusedDays: [],
        totals,
      },
    ]);
    expect(seen.callersOf([keyRef('k_one')])).toEqual([
      {
        system: CURL,
        sources: ['eastern', 'gateway'],
        useDays: [DAY, DAY + 1],
        refusedDays: [DAY],
        totals: { requests: 5, refused: 1, firstSeenAt: AT - 5, lastUsedAt: AT + DAY_MS, lastRefusedAt: AT + 9 },
      },
    ]);
  });

  it('are told apart when systems differ in attribution alone', () => {
    const seen = seenIn([{ settled: [usageOf(), usageOf({ system: { name: 'curl', attribution: 'rule' } })] }]);
    expect(
      seen
        .callersOf([keyRef('k_one')])
        .map(({ system }) => system.attribution)
        .toSorted(),
    ).toEqual(['derived', 'rule']);
  });

  it('count a failed call as a use, and a refused one not', () => {
    const seen = seenIn([
      { settled: [usageOf({ outcome: 'failed' }), usageOf({ at: AT + DAY_MS, outcome: 'refused' })] },
    ]);
    expect(seen.callersOf([keyRef('k_one')])).toMatchObject([{ useDays: [DAY], refusedDays: [DAY + 1] }]);
  });

  it('have callers that are the fold of their calls, however these are cut and in whatever order they come', () => {
    fc.assert(
      fc.property(shuffledPieces(usages), ({ all, pieces }) => {
        const seen = seenIn(pieces.map((piece, n) => (n % 2 === 0 ? { settled: piece } : { tail: piece })));
        expect(byName(seen.callersOf([keyRef('k_one'), keyRef('k_two')]))).toEqual(callersFolded(all));
        for (const caller of seen.callersOf([keyRef('k_one'), keyRef('k_two')])) {
          expect(seen.daysOf(['k_one', 'k_two'], caller)).toEqual(daysFolded(all, caller.system.name));
        }
      }),
      { numRuns: 25, endOnFailure: true },
    );
  });

  it('are sorted by code point', () => {
    const ids = ['k_\u{1f511}', 'k_\uffed', 'k_a', 'k_', 'k_\u{10ffff}', 'K'];
    const seen = seenIn([{ settled: ids.map((key) => usageOf({ key })) }]);
    expect([...seen.unnamed()].map(({ key }) => key)).toEqual([
      'K',
      'k_',
      'k_a',
      'k_\uffed',
      'k_\u{1f511}',
      'k_\u{10ffff}',
    ]);
  });

  it('are told apart by whether an inventory names them', () => {
    const store = newStore();
    addStreams(store, [{ settled: tallyOf(['k_a', 'k_b', 'k_c'].map((key) => usageOf({ key }))) }]);
    list(store, 'keys.csv', [entryOf('b', { match: { by: 'fingerprint', key: 'k_b' } })]);
    const seen = new SqliteSeenKeys(store.db, 9);
    expect([...seen.unnamed()].map(({ key }) => key)).toEqual(['k_a', 'k_c']);
    expect(seen.get('k_b')).toEqual(keyRef('k_b'));
  });

  it('are looked up by key, by start and by display', () => {
    const seen = seenIn([{ settled: ['k_12', 'k_1', 'k_2', 'k_1\u{10ffff}z'].map((key) => usageOf({ key })) }]);
    expect([seen.get('k_1'), seen.get('k_')]).toEqual([keyRef('k_1'), undefined]);
    expect(seen.startingWith('k_1').map(({ key }) => key)).toEqual(['k_1', 'k_12']);
    expect(seen.shownAs('...k_12')).toEqual([keyRef('k_12')]);
  });

  it('are the same when many were loaded at once', () => {
    const calls = ['k_a', 'k_b', 'k_b\0c'].flatMap((key) => [
      usageOf({ key, system: JOB }),
      usageOf({ key, caller: 'go' }),
    ]);
    const parts = [{ settled: calls, tail: [usageOf({ key: 'k_b', at: AT + DAY_MS })] }];
    const [one, all] = [seenIn(parts), seenIn(parts)];
    all.load(['k_a', 'k_b', 'k_b\0c', 'k_none']);
    for (const key of ['k_a', 'k_b', 'k_b\0c', 'k_none']) {
      expect(all.callersOf([keyRef(key)]).length > 0).toBe(key !== 'k_none');
      expect(all.get(key)).toEqual(one.get(key));
      expect(byName(all.callersOf([keyRef(key)]))).toEqual(byName(one.callersOf([keyRef(key)])));
    }
    expect(keysOf(all)).toEqual(keysOf(one));
  });

  it('are no keys any more when a tail that alone showed them was read again', () => {
    const store = newStore();
    const [stream = 0] = addStreams(store, [
      { settled: tallyOf([usageOf()]), tail: tallyOf([usageOf({ key: 'k_old', system: JOB })]) },
    ]);
    expect(keysOf(new SqliteSeenKeys(store.db, 9))).toEqual([{ key: 'k_old', firstUsedDay: DAY, useDays: [DAY] }]);
    store.ledger.begin();
    store.ledger.addTally(stream, tallyOf([]), tallyOf([]));
    store.ledger.commit();
    const seen = new SqliteSeenKeys(store.db, 9);
    expect([...seen.unnamed()].map(({ key }) => key)).toEqual(['k_one']);
    expect([
      seen.get('k_old'),
      seen.startingWith('k_old'),
      seen.shownAs('..._old'),
      seen.callersOf([keyRef('k_old')]),
    ]).toEqual([undefined, [], [], []]);
    expect(seen.fitting({ prefix: '', suffix: '' }, ['secret'])).toEqual([keyRef('k_one')]);
    expect(seen.keysOfSystem('job')).toEqual([]);
  });
});

describe('keys that a masked form may mean', () => {
  it('are those that fit, found by their end', () => {
    const kinds: readonly KeyKind[] = ['secret', 'masked', 'public_id'];
    const made = fc.uniqueArray(fc.tuple(displays, fc.constantFrom(...kinds)), {
      minLength: 1,
      maxLength: 80,
      selector: (one) => one.join(' '),
    });
    const chosen = fc.uniqueArray(fc.constantFrom(...kinds), { minLength: 1 });
    fc.assert(
      fc.property(made, fc.array(fc.tuple(maskedForms, chosen), { minLength: 30, maxLength: 60 }), (shown, asked) => {
        const refs = shown.map(([display, kind], n): KeyRef => ({ key: `k_${n}`, display, kind }));
        const seen = seenIn([{ settled: [usageOf({ keys: refs })] }]);
        for (const [masked, of] of asked) {
          const found = seen.fitting(masked, of).map(({ key }) => key);
          const fitting = refs.filter(({ display, kind }) => of.includes(kind) && fitsMasked(masked, display));
          expect(found.toSorted(), JSON.stringify(masked)).toEqual(fitting.map(({ key }) => key).toSorted());
        }
      }),
      { numRuns: 15, endOnFailure: true },
    );
  });
});

describe('the keys of a system', () => {
  it('are those that it called with, since its first use of each, settled or not', () => {
    const seen = seenIn([
      {
        settled: [
          usageOf({ system: JOB, at: AT + 2 * DAY_MS }),
          usageOf({ system: { ...JOB, attribution: 'field' }, at: AT + DAY_MS }),
          usageOf({ system: JOB, key: 'k_two', at: AT + 3 * DAY_MS }),
          usageOf({ system: JOB, key: 'k_two', at: AT, outcome: 'refused' }),
          usageOf({ system: JOB, key: 'k_refused', outcome: 'refused' }),
          usageOf({ system: { ...JOB, attribution: 'derived' }, key: 'k_derived' }),
          usageOf({ system: JOB, keys: [keyRef('ASIA1', 'aws_sts_session_key')] }),
        ],
        tail: [
          usageOf({ system: JOB, key: 'k_two', at: AT + DAY_MS }),
          usageOf({ system: JOB, key: 'k_late', at: AT + 9 * DAY_MS }),
          usageOf({ system: JOB, key: 'k_tried', outcome: 'refused' }),
        ],
      },
    ]);
    expect(keysOf(seen)).toEqual([
      { key: 'k_late', firstUsedDay: DAY + 9, useDays: [DAY + 9] },
      { key: 'k_one', firstUsedDay: DAY + 1, useDays: [DAY + 1, DAY + 2] },
      { key: 'k_two', firstUsedDay: DAY + 1, useDays: [DAY + 1, DAY + 3] },
    ]);
    expect(seen.keysOfSystem('curl')).toEqual([]);
  });

  it('are none if there are far too many, whatever else the tails of logs show', () => {
    const settled = Array.from({ length: 50 }, (_, n) => usageOf({ system: JOB, key: `k_${n}` }));
    const parts = [{ settled, tail: [usageOf({ system: JOB, key: 'k_new', at: AT + DAY_MS })] }];
    expect(seenIn(parts, 3).keysOfSystem('job')).toEqual([]);
    expect(seenIn(parts, 51).keysOfSystem('job')).toHaveLength(51);
  });

  it.each([
    ['settled', 4, 0],
    ['settled in part', 2, 2],
    ['not settled', 0, 4],
  ])('are none if there are too many: %s', (_, settled, pending) => {
    const calls = Array.from({ length: settled + pending }, (_call, n) => usageOf({ system: JOB, key: `k_${n}` }));
    const parts = [{ settled: calls.slice(0, settled), tail: calls.slice(settled) }];
    expect(seenIn(parts, 4).keysOfSystem('job')).toHaveLength(4);
    expect(seenIn(parts, 3).keysOfSystem('job')).toEqual([]);
  });
});

function keysOf(seen: SqliteSeenKeys): unknown[] {
  const keys = seen
    .keysOfSystem('job')
    .map((one) => ({ key: one.ref().key, firstUsedDay: one.firstUsedDay, useDays: one.useDays() }));
  return keys.toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

function seenIn(
  parts: readonly { settled?: readonly Usage[]; tail?: readonly Usage[] }[],
  mostKeys = 3,
): SqliteSeenKeys {
  const store: WritableStore = newStore();
  addStreams(
    store,
    parts.map(({ settled = [], tail = [] }) => ({ settled: tallyOf(settled), tail: tallyOf(tail) })),
  );
  return new SqliteSeenKeys(store.db, mostKeys);
}

function byName(callers: readonly Caller[]): readonly Caller[] {
  return callers.toSorted((a, b) => (a.system.name < b.system.name ? -1 : 1));
}

function callersFolded(all: readonly Usage[]): readonly Caller[] {
  const callers = [...Map.groupBy(all, ({ system }) => system.name).values()].map((calls): Caller => {
    const [used, refused] = [
      calls.filter(({ outcome }) => outcome !== 'refused'),
      calls.filter(({ outcome }) => outcome === 'refused'),
    ];
    return {
      system: calls[0]!.system,
      sources: [...new Set(calls.map(({ source }) => source))].toSorted(),
      useDays: daysIn(used),
      refusedDays: daysIn(refused),
      totals: {
        requests: calls.length,
        refused: refused.length,
        firstSeenAt: Math.min(...calls.map(({ at }) => at)),
        lastUsedAt: used.length === 0 ? undefined : Math.max(...used.map(({ at }) => at)),
        lastRefusedAt: refused.length === 0 ? undefined : Math.max(...refused.map(({ at }) => at)),
      },
    };
  });
  return byName(callers);
}

function daysIn(calls: readonly Usage[]): readonly number[] {
  return [...new Set(calls.map(({ at }) => Math.floor(at / DAY_MS)))].toSorted((a, b) => a - b);
}

function daysFolded(all: readonly Usage[], name: string): unknown[] {
  const calls = all.filter(({ system }) => system.name === name);
  return daysIn(calls).map((day) => {
    const ofDay = calls.filter(({ at }) => Math.floor(at / DAY_MS) === day);
    return { day, requests: ofDay.length, refused: ofDay.filter(({ outcome }) => outcome === 'refused').length };
  });
}
