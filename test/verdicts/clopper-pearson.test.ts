import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { atMostShare } from '../../src/verdicts/clopper-pearson.ts';

test.each([
  // hits, trials, as R's binom.test(hits, trials, alternative = 'less')$conf.int[2] gives it
  [0, 1, 0.95],
  [0, 300, 0.009936],
  [1, 10, 0.394163],
  [5, 10, 0.777559],
  [10, 10, 1],
])('%i of %i may be up to %f', (hits, trials, wanted) => {
  expect(atMostShare(hits, trials)).toBeCloseTo(wanted, 6);
});

test('without trials there is no share', () => {
  expect(atMostShare(0, 0)).toBeUndefined();
});

test('at the bound, so few hits come with a chance of 5 %', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(59), (trials, some) => {
      const hits = some % trials;
      expect(chanceOfAtMost(hits, trials, atMostShare(hits, trials) ?? 0)).toBeCloseTo(0.05, 9);
    }),
  );
});

test('a million trials are no trouble', () => {
  expect(atMostShare(0, 1_000_000)).toBeCloseTo(3e-6, 7);
  expect(atMostShare(500_000, 1_000_000)).toBeCloseTo(0.500823, 5);
});

/** By adding up the distribution. */
function chanceOfAtMost(hits: number, trials: number, share: number): number {
  let [ways, sum] = [1, 0];
  for (let hit = 0; hit <= hits; hit++) {
    sum += ways * share ** hit * (1 - share) ** (trials - hit);
    ways *= (trials - hit) / (hit + 1);
  }
  return sum;
}
