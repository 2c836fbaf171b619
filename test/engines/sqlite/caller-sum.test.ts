import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CallerSum,
  decodeSum,
  decodeSumOfHex,
  encodeSum,
  mergeSums,
  sumUp,
} from '../../../src/engines/sqlite/caller-sum.ts';
import type { DayCounts } from '../../../src/tally/day-row.ts';
import { isUsed, mergeDays } from '../../../src/engines/sqlite/day-block.ts';
import { dayBlocks, daysIn } from './made-days.ts';

/** Over several blocks, in any order, with days that come twice: years before 1970 and thousands of years after. */
const stretch: fc.Arbitrary<DayCounts[]> = fc
  .array(
    fc.oneof(fc.integer({ min: -2, max: 2 }), fc.constantFrom(-3000, 5000)).chain((block) => daysIn(block)),
    { maxLength: 3 },
  )
  .map((lists) => lists.reduce((merged, days) => mergeDays(merged, days), []));

/** What a summary stands for, told day by day. */
function fold(days: readonly DayCounts[]): CallerSum {
  const instants = (of: (day: DayCounts) => (number | undefined)[]): number[] =>
    days.flatMap(of).filter((at) => at !== undefined);
  const last = (ats: number[]): number | undefined => ats.toSorted((a, b) => a - b).at(-1);
  return {
    useDays: days.filter(isUsed).map(({ day }) => day),
    refusedDays: days.filter(({ refused }) => refused > 0).map(({ day }) => day),
    requests: days.reduce((sum, { accepted, failed, refused }) => sum + accepted + failed + refused, 0),
    refused: days.reduce((sum, { refused }) => sum + refused, 0),
    firstSeenAt: instants((day) => [day.firstUsedAt, day.firstRefusedAt]).toSorted((a, b) => a - b)[0],
    lastUsedAt: last(instants((day) => [day.lastUsedAt])),
    lastRefusedAt: last(instants((day) => [day.lastRefusedAt])),
  };
}

describe('the sum of a caller', () => {
  it('says what its days say', () => {
    fc.assert(
      fc.property(stretch, (days) => {
        expect(sumUp(days)).toEqual(fold(days));
      }),
    );
  });

  it('is read from hex as from bytes, one after the other', () => {
    fc.assert(
      fc.property(fc.array(stretch, { maxLength: 3 }), (lists) => {
        const encoded = lists.map((days) => encodeSum(sumUp(days)));
        const read = encoded.map((bytes) => decodeSumOfHex(Buffer.from(bytes).toString('hex').toUpperCase()));
        expect(read).toEqual(encoded.map(decodeSum));
      }),
    );
    const long = sumUp(daily(20_000));
    expect(decodeSumOfHex(Buffer.from(encodeSum(long)).toString('hex'))).toEqual(long);
  });

  it('is read as it was written, however long the stretch', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          stretch,
          dayBlocks.map(({ days }) => days),
        ),
        (days) => {
          expect(decodeSum(encodeSum(sumUp(days)))).toEqual(fold(days));
        },
      ),
    );
  });

  it('of several stretches is that of all their days, in any order', () => {
    fc.assert(
      fc.property(stretch, stretch, stretch, (a, b, c) => {
        const whole = sumUp(mergeDays(mergeDays(a, b), c));
        const [x, y, z] = [sumUp(a), sumUp(b), sumUp(c)];
        expect(mergeSums(mergeSums(x, y), z)).toEqual(whole);
        expect(mergeSums(z, mergeSums(y, x))).toEqual(whole);
        expect(mergeSums(decodeSum(encodeSum(mergeSums(y, z))), x)).toEqual(whole);
      }),
    );
  });

  it('of no days is nothing', () => {
    const none = sumUp([]);
    expect(decodeSum(encodeSum(none))).toEqual(none);
    expect(none).toMatchObject({ useDays: [], refusedDays: [], requests: 0, firstSeenAt: undefined });
  });

  it('takes a byte a day of a caller that calls daily', () => {
    const days = Array.from({ length: 1000 }, (_, n): DayCounts => {
      const at = (20_000 + n) * 86_400_000;
      const refused = { refused: 0, firstRefusedAt: undefined, lastRefusedAt: undefined };
      return { day: 20_000 + n, accepted: 5, failed: 0, firstUsedAt: at, lastUsedAt: at, ...refused };
    });
    expect(encodeSum(sumUp(days)).length).toBeLessThan(1030);
  });
});

function daily(count: number): DayCounts[] {
  return Array.from({ length: count }, (_, day) => {
    const [firstUsedAt, lastUsedAt] = [day * 86_400_000, day * 86_400_000];
    const refused = { refused: 0, firstRefusedAt: undefined, lastRefusedAt: undefined };
    return { day, accepted: 1, failed: 0, firstUsedAt, lastUsedAt, ...refused };
  });
}
