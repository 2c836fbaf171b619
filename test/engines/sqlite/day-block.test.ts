import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DayCounts } from '../../../src/tally/day-row.ts';
import { BLOCK_DAYS, blockOf, decodeBlock, encodeBlock, isUsed, mergeDays } from '../../../src/engines/sqlite/day-block.ts'; // prettier-ignore
import { DAY_MS } from '../../../src/tally/rollup.ts';
import { blocks, dayBlocks, daysIn } from './made-days.ts';

describe('a block of days', () => {
  it('gives back the days that were put in', () => {
    fc.assert(
      fc.property(dayBlocks, ({ block, days }) => {
        expect(decodeBlock(block, encodeBlock(block, days))).toEqual(days);
        expect(days.map(({ day }) => blockOf(day))).toEqual(days.map(() => block));
      }),
    );
  });

  it('holds every day of the block, to its last millisecond', () => {
    const days = Array.from({ length: BLOCK_DAYS }, (_, n): DayCounts => {
      const day = -BLOCK_DAYS + n;
      const at = day * DAY_MS;
      const none = { failed: 0, refused: 0, firstRefusedAt: undefined, lastRefusedAt: undefined };
      return { day, accepted: n + 1, firstUsedAt: at, lastUsedAt: at + DAY_MS - 1, ...none };
    });
    expect(decodeBlock(-1, encodeBlock(-1, days))).toEqual(days);
    expect(decodeBlock(-1, encodeBlock(-1, days)).at(-1)?.lastUsedAt).toBe(-1);
  });
});

describe('merging days', () => {
  const threeLists = blocks.chain((block) => fc.tuple(daysIn(block), daysIn(block), daysIn(block)));

  it('does not depend on the order', () => {
    fc.assert(
      fc.property(threeLists, ([a, b, c]) => {
        const merged = mergeDays(mergeDays(a, b), c);
        expect(mergeDays(a, mergeDays(b, c))).toEqual(merged);
        expect(mergeDays(c, mergeDays(b, a))).toEqual(merged);
      }),
    );
  });

  it('keeps each day once, in order, with the calls of both lists', () => {
    fc.assert(
      fc.property(threeLists, ([a, b]) => {
        const days = [...new Set([...a, ...b].map(({ day }) => day))].toSorted((left, right) => left - right);
        expect(mergeDays(a, b)).toEqual(
          days.map((day) =>
            togetherOn(
              day,
              [...a, ...b].filter((one) => one.day === day),
            ),
          ),
        );
      }),
    );
  });

  it('with no days changes nothing', () => {
    fc.assert(
      fc.property(dayBlocks, ({ days }) => {
        expect([mergeDays(days, []), mergeDays([], days)]).toEqual([days, days]);
      }),
    );
  });
});

it('a day of refused calls alone is no day of use', () => {
  fc.assert(
    fc.property(dayBlocks, ({ days }) => {
      for (const day of days) expect(isUsed(day)).toBe(day.lastUsedAt !== undefined);
    }),
  );
});

function togetherOn(day: number, days: readonly DayCounts[]): DayCounts {
  const sum = (of: 'accepted' | 'failed' | 'refused'): number => days.reduce((total, one) => total + one[of], 0);
  const sorted = (of: 'firstUsedAt' | 'lastUsedAt' | 'firstRefusedAt' | 'lastRefusedAt'): number[] =>
    days.flatMap((one) => one[of] ?? []).toSorted((a, b) => a - b);
  return {
    day,
    accepted: sum('accepted'),
    failed: sum('failed'),
    refused: sum('refused'),
    firstUsedAt: sorted('firstUsedAt')[0],
    lastUsedAt: sorted('lastUsedAt').at(-1),
    firstRefusedAt: sorted('firstRefusedAt')[0],
    lastRefusedAt: sorted('lastRefusedAt').at(-1),
  };
}
