import type { DayNumber, GapReason, SourceActivity, SourceDay } from '../model.ts';
import { Expectations } from './expectations.ts';
import { HourlyRhythm } from './hourly-rhythm.ts';
import { KeyedRhythm } from './keyed-rhythm.ts';
import type { Policy } from './policy.ts';
import { median } from './window.ts';

/** What the activity of a source says by itself of each of its days. */
export interface InferredDays {
  readonly firstDay: DayNumber;
  readonly lastDay: DayNumber;
  /** At some time it sent records on at least half of the days of four weeks. */
  readonly hasRhythm: boolean;
  /** Why a day is no good day, by `day - firstDay`, from the first record to yesterday. */
  readonly reasons: (GapReason | undefined)[];
}

/**
 * Finds the days on which a source looks incomplete. Knows nothing of what was declared, so that a declared outage can
 * never change what the other days look like. Undefined: the source has no record.
 */
export function inferHoles(activity: SourceActivity, today: DayNumber, policy: Policy): InferredDays | undefined {
  return holesUntil(activity, today, policy)(today);
}

/**
 * The same for every day up to `last`, at the price of one: how a day with records, or an empty day before one, looks
 * depends on earlier days alone.
 */
export function holesUntil(
  activity: SourceActivity,
  last: DayNumber,
  policy: Policy,
): (today: DayNumber) => InferredDays | undefined {
  // Records stamped in the future prove nothing of the days up to today.
  const days = activity.days.filter(({ day, records }) => records > 0 && day <= last);
  const arrivals = days.map(({ day }) => day);
  const firstDay = arrivals[0];
  if (firstDay === undefined) return () => undefined;
  const rhythm = startOfRhythm(arrivals, policy);
  const unexpected = new Marks(firstDay, last);
  if (rhythm !== undefined) {
    // One stray record with an old stamp must not make years of coverage.
    unexpected.mark(firstDay, rhythm.from - 1, 'few-records');
    const { steadyCallers, newestCallers } = activity;
    const expected = {
      ofDay: new Expectations(steadyCallers, policy),
      ofHours: new HourlyRhythm(policy),
      ofKeys: new KeyedRhythm(steadyCallers, newestCallers, policy),
    };
    markUnexpected(days, expected, rhythm.from, unexpected);
  }
  return (today) => {
    const known = arrivals.slice(0, arrivals.findLastIndex((day) => day <= today) + 1);
    const lastDay = known.at(-1);
    if (lastDay === undefined) return undefined;
    const hasRhythm = rhythm !== undefined && rhythm.knownOn <= today;
    const marks = hasRhythm ? unexpected.upTo(lastDay, today) : new Marks(firstDay, today);
    if (!hasRhythm) markLongSilences(known, policy, marks);
    // Nothing proves that a source still delivers after its last record, whatever its rhythm.
    marks.mark(lastDay + 1, today - 1, 'no-records');
    return { firstDay, lastDay, hasRhythm, reasons: marks.reasons };
  };
}

/** Reasons by day, from the first record to the day before `today`. */
class Marks {
  readonly reasons: (GapReason | undefined)[];
  readonly #firstDay: DayNumber;

  constructor(firstDay: DayNumber, today: DayNumber) {
    this.reasons = Array.from<GapReason | undefined>({ length: today - firstDay });
    this.#firstDay = firstDay;
  }

  /** Marks the days from..to, both inclusive. */
  mark(from: DayNumber, to: DayNumber, reason: GapReason): void {
    if (to >= from) this.reasons.fill(reason, from - this.#firstDay, to + 1 - this.#firstDay);
  }

  /** What was marked up to `lastDay`, for an earlier `today`. */
  upTo(lastDay: DayNumber, today: DayNumber): Marks {
    const marks = new Marks(this.#firstDay, today);
    const count = Math.min(lastDay + 1, today) - this.#firstDay;
    for (let index = 0; index < count; index++) marks.reasons[index] = this.reasons[index];
    return marks;
  }
}

/** Where a rhythm starts, and the day with whose records it showed. */
function startOfRhythm(
  arrivals: readonly DayNumber[],
  policy: Policy,
): { readonly from: DayNumber; readonly knownOn: DayNumber } | undefined {
  for (const [index, from] of arrivals.entries()) {
    const knownOn = arrivals[index + policy.coverageRhythmDays - 1];
    if (knownOn !== undefined && knownOn - from < policy.coverageWindowDays) return { from, knownOn };
  }
  return undefined;
}

/**
 * Without a rhythm no single hole can be seen: the days between first and last record count. But a silence far beyond
 * what is usual for the source does not: it is either a hole or the distance to a stray record.
 */
function markLongSilences(arrivals: readonly DayNumber[], policy: Policy, marks: Marks): void {
  const pauses = arrivals.slice(1).map((day, index) => day - arrivals[index]!);
  const usual = pauses.length >= policy.coverageCallers ? median(pauses) : 0;
  const longest = Math.max(policy.coverageWindowDays, policy.pauseFactor * usual);
  for (const [index, pause] of pauses.entries()) {
    const from = arrivals[index]!;
    if (pause > longest) marks.mark(from + 1, from + pause - 1, 'no-records');
  }
}

interface Expected {
  readonly ofDay: Expectations;
  readonly ofHours: HourlyRhythm;
  readonly ofKeys: KeyedRhythm;
}

/** Walks from record to record. Empty days in a row are judged together: one that should not be empty condemns them all. */
function markUnexpected(
  days: readonly SourceDay[],
  { ofDay, ofHours, ofKeys }: Expected,
  from: DayNumber,
  marks: Marks,
): void {
  let next = from;
  for (const { day, hours } of days) {
    if (day < from) continue;
    judgeEmptyDays(next, day, ofDay, marks);
    const isHole = ofDay.expectsMoreRecords(day) || ofHours.expectsMore(day, hours) || ofKeys.expectsKeys(day);
    if (isHole) marks.mark(day, day, 'few-records');
    else {
      ofDay.learn(day, true);
      ofHours.learn(day, hours);
      ofKeys.learn(day);
    }
    next = day + 1;
  }
}

function judgeEmptyDays(from: DayNumber, before: DayNumber, expected: Expectations, marks: Marks): void {
  // A week shows both kinds of day; expectations do not change while nothing is learned.
  for (let day = from; day < Math.min(before, from + 7); day++) {
    if (expected.expectsRecords(day)) return marks.mark(from, before - 1, 'no-records');
  }
  for (let day = from; day < before; day++) expected.learn(day, false);
}
