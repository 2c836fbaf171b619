import { describe, expect, it } from 'vitest';
import type { SourceDay } from '../../src/model.ts';
import { inferHoles } from '../../src/verdicts/holes.ts';
import { DEFAULT_POLICY } from '../../src/verdicts/policy.ts';
import { activity, TODAY } from './history.ts';

/** 200 days with records in the given hours, and what is different on some days ago. */
function holes(
  usual: (daysAgo: number) => (hour: number) => number,
  unusual: Readonly<Record<number, (hour: number) => number>> = {},
): readonly number[] {
  const days = Array.from({ length: 200 }, (_, index): SourceDay => {
    const daysAgo = 200 - index;
    const hours = Array.from({ length: 24 }, (_hour, hour) => (unusual[daysAgo] ?? usual(daysAgo))(hour));
    return { day: TODAY - daysAgo, records: hours.reduce((a, b) => a + b), quarantined: 0, hours };
  }).filter(({ records }) => records > 0);
  const inferred = inferHoles({ ...activity([]), days }, TODAY, DEFAULT_POLICY);
  return (inferred?.reasons ?? []).flatMap((reason, index) => (reason === undefined ? [] : [200 - index]));
}

const roundTheClock = () => () => 50;
const atWork = (from: number, to: number) => (hour: number) => (hour >= from && hour < to ? 40 : 0);

describe('a source that always has records in some hours', () => {
  it('has a hole on the day on which it fell silent for the evening', () => {
    expect(holes(roundTheClock, { 60: (hour) => (hour < 18 ? 50 : 0) })).toEqual([60]);
  });

  it('has a hole on the day on which it fell silent for half of it, with a few records an hour, or one in some', () => {
    const few = () => (hour: number) => (hour % 2 === 0 ? 2 : 1);
    expect(holes(few, { 60: (hour) => (hour < 16 ? 1 : 0) })).toEqual([60]);
    const fewer = (daysAgo: number) => (hour: number) => ((hour + daysAgo) % 2 === 0 ? 1 : 0);
    expect(holes(fewer, { 60: (hour) => fewer(60)(hour) * (hour < 12 ? 1 : 0) })).toEqual([60]);
    expect(holes(fewer)).toEqual([]);
  });

  it('has none when nothing is missing', () => {
    expect(holes(roundTheClock)).toEqual([]);
  });

  it('has none when a single hour is empty', () => {
    expect(holes(roundTheClock, { 60: (hour) => (hour === 18 ? 0 : 50) })).toEqual([]);
  });

  it('has none when the clocks change and work begins an hour later', () => {
    expect(holes((daysAgo) => (daysAgo > 90 ? atWork(7, 16) : atWork(8, 17)))).toEqual([]);
  });

  it('has none on weekends that are always quiet', () => {
    const isWeekend = (daysAgo: number): boolean =>
      [0, 6].includes(new Date((TODAY - daysAgo) * 86_400_000).getUTCDay());
    expect(holes((daysAgo) => (isWeekend(daysAgo) ? atWork(10, 12) : atWork(7, 18)))).toEqual([]);
  });

  it('gets used to new hours', () => {
    const found = holes((daysAgo) => (daysAgo > 100 ? roundTheClock() : atWork(6, 18)));
    expect(found.length).toBeGreaterThan(10);
    // Weekends take as many weeks as there are days in two.
    expect(Math.min(...found)).toBeGreaterThan(100 - 7 * (DEFAULT_POLICY.coverageRhythmDays / 2));
  });

  it('is judged by hours only once it had a rhythm', () => {
    expect(holes(roundTheClock, { 190: (hour) => (hour < 12 ? 50 : 0) })).toEqual([]);
  });

  it('may have hours with few records', () => {
    expect(holes((daysAgo) => (hour) => (hour > 20 ? daysAgo % 3 : 50))).toEqual([]);
  });
});
