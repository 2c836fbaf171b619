import * as fc from 'fast-check';
import type { Usage } from '../../../src/model.ts';
import { AT, usageOf } from './made-store.ts';

/** Calls that collide in every part of a rollup's key: few sources, keys, callers and days. */
export const usages: fc.Arbitrary<Usage[]> = fc.array(
  fc
    .record({
      key: fc.constantFrom('k_one', 'k_two'),
      caller: fc.constantFrom('curl', 'go'),
      source: fc.constantFrom('east', 'west'),
      outcome: fc.constantFrom('accepted', 'failed', 'refused'),
      issuer: fc.constantFrom(undefined, 'role/a', 'role/b'),
      places: fc.constantFrom(undefined, [undefined], ['header a'], ['header b'], ['header a\nparameter c']),
      at: fc.integer({ min: -2, max: 30 }).map((hours) => AT + hours * 3_600_000),
    })
    .map((one) => usageOf(one)),
  { maxLength: 60, size: 'max' },
);

/** The list cut into pieces, in an order of their own. */
export function shuffledPieces<T>(list: fc.Arbitrary<T[]>): fc.Arbitrary<{ all: T[]; pieces: T[][] }> {
  return fc.tuple(list, fc.array(fc.nat(60), { minLength: 2, maxLength: 4 })).chain(([all, cuts]) => {
    const places = [0, ...cuts.map((cut) => Math.min(cut, all.length)).toSorted((a, b) => a - b), all.length];
    const pieces = places.slice(1).map((end, i) => all.slice(places[i], end));
    return fc
      .shuffledSubarray(pieces, { minLength: pieces.length, maxLength: pieces.length })
      .map((shuffled) => ({ all, pieces: shuffled }));
  });
}
