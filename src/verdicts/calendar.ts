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

/** `YYYY-MM-DD`. What no calendar can show is cut to the calendar's ends. */
export function isoDay(day: DayNumber): Day {
  let text = DAYS.get(day);
  if (text === undefined) {
    const shown = Math.min(Math.max(day, -LAST_DAY), LAST_DAY);
    text = new Date(shown * DAY_MS).toISOString().slice(0, -'T00:00:00.000Z'.length);
    if (DAYS.size < MOST_DAYS) DAYS.set(day, text);
  }
  return text;
}

/** ISO 8601 UTC with milliseconds. */
export function isoInstant(at: EpochMs): Instant {
  const day = dayOf(at);
  const time = Math.floor(at - day * DAY_MS);
  const seconds = Math.floor(time / 1000);
  const minutes = Math.floor(seconds / 60);
  const clock = `${TWO_DIGITS[Math.floor(minutes / 60)]}:${TWO_DIGITS[minutes % 60]}:${TWO_DIGITS[seconds % 60]}`;
  return `${isoDay(day)}T${clock}.${String(time % 1000).padStart(3, '0')}Z`;
}

/** For report fields that may be empty. */
export function isoInstantOrNull(at: EpochMs | undefined): Instant | null {
  return at === undefined ? null : isoInstant(at);
}

const TWO_DIGITS: readonly string[] = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, '0'));

const LAST_DAY = 100_000_000;

/** A report shows millions of instants on few days: the slow part is made once a day. */
const DAYS = new Map<DayNumber, Day>();
const MOST_DAYS = 10_000;
