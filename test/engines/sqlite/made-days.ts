import * as fc from 'fast-check';
import type { DayCounts } from '../../../src/tally/day-row.ts';
import { BLOCK_DAYS } from '../../../src/engines/sqlite/day-block.ts';
import { DAY_MS } from '../../../src/tally/rollup.ts';

/** Before 1970, today, and as far as a date can be: a block of 256 days is longer than 2^32 milliseconds. */
export const blocks: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }),
  fc.constantFrom(-390_625, -1, 0, 80, 390_624),
);
const counts = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constantFrom(127, 128, 16_383, 16_384, 2 ** 32, 2 ** 45));
const moments = fc.tuple(fc.integer({ min: 0, max: DAY_MS - 1 }), fc.integer({ min: 0, max: DAY_MS - 1 }));

const dayOf = (day: number): fc.Arbitrary<DayCounts> =>
  fc
    .record({
      accepted: fc.option(counts, { nil: 0 }),
      failed: fc.option(counts, { nil: 0 }),
      refused: fc.option(counts, { nil: 0 }),
      used: moments,
      refusedAt: moments,
    })
    .map(({ accepted, failed, refused, used, refusedAt }) => {
      const at = (moment: number): number => day * DAY_MS + moment;
      const [hasUse, hasRefusal] = [accepted + failed > 0, refused > 0];
      return {
        day,
        accepted,
        failed,
        refused,
        firstUsedAt: hasUse ? at(Math.min(...used)) : undefined,
        lastUsedAt: hasUse ? at(Math.max(...used)) : undefined,
        firstRefusedAt: hasRefusal ? at(Math.min(...refusedAt)) : undefined,
        lastRefusedAt: hasRefusal ? at(Math.max(...refusedAt)) : undefined,
      };
    })
    .filter(({ accepted, failed, refused }) => accepted + failed + refused > 0);

export const daysIn = (block: number): fc.Arbitrary<DayCounts[]> =>
  fc
    .uniqueArray(fc.oneof(fc.nat(BLOCK_DAYS - 1), fc.constantFrom(0, BLOCK_DAYS - 1)), { minLength: 1, maxLength: 20 })
    .chain((places) => fc.tuple(...places.toSorted((a, b) => a - b).map((place) => dayOf(block * BLOCK_DAYS + place))));

export const dayBlocks: fc.Arbitrary<{ readonly block: number; readonly days: DayCounts[] }> = blocks.chain((block) =>
  daysIn(block).map((days) => ({ block, days })),
);
