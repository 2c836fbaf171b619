import type { Day, DayNumber, EpochMs, Instant } from '../model.ts';

export const DAY_MS = 86_400_000;

/** The UTC day of an instant. */
export function dayOf(at: EpochMs): DayNumber {
  return Math.floor(at / DAY_MS);
}

/** Saturday or Sunday, UTC. */
export function isWeekend(day: DayNumber): boolean {
  // Day 0 was a Thursday.
  const weekday = (((day + 4) % 7) + 7) % 7;
  return weekday === 0 || weekday === 6;
}

/** `YYYY-MM-DD` */
export function isoDay(day: DayNumber): Day {
  return isoInstant(day * DAY_MS).slice(0, -14);
}

/** ISO 8601 UTC with milliseconds. What no calendar can show is cut to the calendar's ends. */
export function isoInstant(at: EpochMs): Instant {
  return new Date(Math.min(Math.max(at, -LAST_INSTANT), LAST_INSTANT)).toISOString();
}

/** For report fields that may be empty. */
export function isoInstantOrNull(at: EpochMs | undefined): Instant | null {
  return at === undefined ? null : isoInstant(at);
}

const LAST_INSTANT = 8_640_000_000_000_000;
