import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { firstUnusedFor } from '../../src/verdicts/fixed-day-rules.ts';

const weekly = (to: number) => Array.from({ length: Math.floor(to / 7) }, (_, index) => 7 * (index + 1));

test('counts from the last use', () => {
  expect(firstUnusedFor(45, 0, [10, 40], weekly(200))).toBe(91);
});

test('finds a pause between uses', () => {
  expect(firstUnusedFor(45, 0, [10, 90], weekly(200))).toBe(56);
});

test('counts from the start for a key that was never used', () => {
  expect(firstUnusedFor(90, 20, [], weekly(200))).toBe(112);
  expect(firstUnusedFor(90, 20, [], weekly(100))).toBeUndefined();
});

test('says what looking at each audit would say', () => {
  const days = fc.uniqueArray(fc.integer({ min: 0, max: 300 }), { maxLength: 8 }).map(sorted);
  fc.assert(
    fc.property(
      days,
      days,
      fc.integer({ min: 1, max: 120 }),
      fc.integer({ min: 0, max: 300 }),
      (uses, audits, rule, since) => {
        const isUnused = (audit: number) => {
          const last = uses.findLast((day) => day <= audit) ?? (since <= audit ? since : undefined);
          return last !== undefined && audit - last >= rule;
        };
        expect(firstUnusedFor(rule, since, uses, audits)).toBe(audits.find(isUnused));
      },
    ),
    { numRuns: 1000 },
  );
});

function sorted(days: readonly number[]): readonly number[] {
  return days.toSorted((a, b) => a - b);
}
