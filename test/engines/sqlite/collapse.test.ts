import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_DERIVED_CALLERS, MAX_NAMED_CALLERS } from '../../../src/engines/sqlite/collapse.ts';
import type { Usage } from '../../../src/model.ts';
import { newTally } from '../../../src/tally/rollup.ts';
import { type Dump, dump } from '../../ingest/dump.ts';
import { addStreams, identity, newStore, tallyOf, usageOf } from './made-store.ts';

/** So many products, each from as many networks. */
function callers(products: number, networks: number): Usage[] {
  return Array.from({ length: products * networks }, (_, n) =>
    usageOf({ caller: `agent${n % products} @ 10.${Math.floor(n / products)}.0.0/24`, places: [`header ${n % 11}`] }),
  );
}

const NAMED: Usage[] = Array.from({ length: MAX_DERIVED_CALLERS + 1 }, (_, n) =>
  usageOf({ system: { name: `job ${n}`, attribution: n % 2 === 0 ? 'rule' : 'field' } }),
);

function named(count: number): Usage[] {
  return Array.from({ length: count }, (_, n) => usageOf({ system: { name: `pod ${n}`, attribution: 'field' } }));
}

describe('callers of one key', () => {
  it('that a field of the log names are told apart up to a limit, and beyond it not at all', () => {
    expect(rowsOf([named(MAX_NAMED_CALLERS)]).uses).toHaveLength(MAX_NAMED_CALLERS);
    const [crowd, own] = [named(MAX_NAMED_CALLERS + 1), callers(3, 67)];
    const { uses } = rowsOf([[...crowd, ...own, ...NAMED.slice(0, 1)]]);
    expect(uses.join('\n')).toContain('| many named callers | overflow |');
    expect(uses.join('\n')).toContain('| agent0 @ many networks | overflow |');
    expect(uses).toHaveLength(1 + 3 + 1);
    expect(sum(uses)).toBe(crowd.length + own.length + 1);
    expect(rowsOf([own, crowd.slice(0, 900), NAMED.slice(0, 1), crowd.slice(900)]).uses).toEqual(uses);
  });

  it.each([
    ['are told apart up to the limit', callers(MAX_DERIVED_CALLERS, 1), MAX_DERIVED_CALLERS, 'agent0 @ 10.0.0.0/24'],
    ['are told apart by product beyond it', callers(3, 67), 3, 'agent0 @ many networks'],
    ['are products up to the limit', callers(MAX_DERIVED_CALLERS, 2), MAX_DERIVED_CALLERS, 'agent0 @ many networks'],
    ['are not told apart beyond as many products', callers(MAX_DERIVED_CALLERS + 1, 1), 1, 'many callers'],
    ['are never folded when the user named them', NAMED, MAX_DERIVED_CALLERS + 1, 'job 0'],
  ])('%s', (_, calls, systems, first) => {
    const { uses } = rowsOf([calls]);
    expect(uses).toHaveLength(systems);
    expect(uses.join('\n')).toContain(`| ${first} |`);
    expect(sum(uses)).toBe(calls.length);
  });

  it('end as the same rows whatever the order of the calls and their cut into logs, tails and transactions', () => {
    const sets = [callers(40, 6), callers(MAX_DERIVED_CALLERS + 5, 1), [...callers(20, 9), ...callers(1, 30)]];
    const expected = sets.map((calls) => rowsOf([[...calls, ...NAMED.slice(0, 3), usageOf({ key: 'k_two' })]]));
    fc.assert(
      fc.property(
        fc.nat(2),
        fc.integer(),
        fc.array(fc.nat(250), { maxLength: 4 }),
        fc.boolean(),
        (set, seed, cuts, tails) => {
          const calls = [...(sets[set] ?? []), ...NAMED.slice(0, 3), usageOf({ key: 'k_two' })];
          expect(rowsOf(cut(shuffle(calls, seed), cuts), tails)).toEqual(expected[set]);
        },
      ),
      { seed: 4, numRuns: 10, endOnFailure: true },
    );
  });

  it('are folded also when the tail of another log is replaced before the commit', () => {
    const store = newStore();
    const [other = 0] = addStreams(store, [{ tail: tallyOf([usageOf({ key: 'k_two' })]) }]);
    store.ledger.begin();
    store.ledger.addTally(store.ledger.addStream(identity(), 1), tallyOf(callers(3, 67)), newTally());
    store.ledger.addTally(other, newTally(), newTally());
    store.ledger.commit();
    expect(dump(store.db).uses).toHaveLength(3);
  });

  it('that come after the fold join it, and other keys stay as they are', () => {
    const store = newStore();
    addStreams(store, [
      { settled: tallyOf(callers(3, 67)) },
      {
        settled: tallyOf([
          usageOf({ caller: 'agent0 @ 192.0.2.0/24' }),
          usageOf({ key: 'k_two', caller: 'agent0 @ 192.0.2.0/24' }),
        ]),
      },
    ]);
    const { uses } = dump(store.db);
    expect(uses).toHaveLength(4);
    expect(uses.filter((use) => use.includes('192.0.2.0'))).toEqual([expect.stringContaining('k_two')]);
  });
});

function rowsOf(batches: readonly Usage[][], areTails = false): Pick<Dump, 'uses' | 'places' | 'hours'> {
  const store = newStore();
  addStreams(
    store,
    batches.map((batch, n) => (areTails && n % 2 === 1 ? { tail: tallyOf(batch) } : { settled: tallyOf(batch) })),
  );
  const { uses, places, hours } = dump(store.db);
  store.close();
  return { uses, places, hours };
}

function sum(uses: readonly string[]): number {
  return uses.reduce((total, use) => total + Number(use.split(' | ')[7]), 0);
}

function cut<T>(list: readonly T[], cuts: readonly number[]): T[][] {
  const places = [0, ...cuts.map((at) => Math.min(at, list.length)).toSorted((a, b) => a - b), list.length];
  return places.slice(1).map((end, i) => list.slice(places[i], end));
}

function shuffle<T>(list: readonly T[], seed: number): T[] {
  let state = seed;
  return list
    .map((one) => ({ one, at: (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ one }) => one);
}
