import type { DayNumber, GapReason, SourceActivity } from '../model.ts';
import { Expectations } from './expectations.ts';
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
  // Records stamped in the future prove nothing of the days up to today.
  const arrivals = activity.days.filter(({ day, records }) => records > 0 && day <= today).map(({ day }) => day);
  const [firstDay, lastDay] = [arrivals[0], arrivals.at(-1)];
  if (firstDay === undefined || lastDay === undefined) return undefined;
  const reasons = Array.from<GapReason | undefined>({ length: today - firstDay });
  const mark: Mark = (from, to, reason) => reasons.fill(reason, from - firstDay, Math.min(to + 1, today) - firstDay);
  // Nothing proves that a source still delivers after its last record, whatever its rhythm.
  if (lastDay < today) mark(lastDay + 1, today - 1, 'no-records');
  const rhythmFrom = startOfRhythm(arrivals, policy);
  if (rhythmFrom === undefined) markLongSilences(arrivals, policy, mark);
  else {
    // One stray record with an old stamp must not make years of coverage.
    mark(firstDay, rhythmFrom - 1, 'few-records');
    markUnexpected(arrivals, new Expectations(activity.steadyCallers, policy), rhythmFrom, mark);
  }
  return { firstDay, lastDay, hasRhythm: rhythmFrom !== undefined, reasons };
}

/** Marks the days from..to, both inclusive, up to yesterday. */
type Mark = (from: DayNumber, to: DayNumber, reason: GapReason) => void;

function startOfRhythm(arrivals: readonly DayNumber[], policy: Policy): DayNumber | undefined {
  return arrivals.find((day, index) => {
    const end = arrivals[index + policy.coverageRhythmDays - 1];
    return end !== undefined && end - day < policy.coverageWindowDays;
  });
}

/**
 * Without a rhythm no single hole can be seen: the days between first and last record count. But a silence far beyond
 * what is usual for the source does not: it is either a hole or the distance to a stray record.
 */
function markLongSilences(arrivals: readonly DayNumber[], policy: Policy, mark: Mark): void {
  const pauses = arrivals.slice(1).map((day, index) => day - arrivals[index]!);
  const usual = pauses.length >= policy.coverageCallers ? median(pauses) : 0;
  const longest = Math.max(policy.coverageWindowDays, policy.pauseFactor * usual);
  for (const [index, pause] of pauses.entries()) {
    const from = arrivals[index]!;
    if (pause > longest) mark(from + 1, from + pause - 1, 'no-records');
  }
}

/** Walks from record to record. Empty days in a row are judged together: one that should not be empty condemns them all. */
function markUnexpected(arrivals: readonly DayNumber[], expected: Expectations, from: DayNumber, mark: Mark): void {
  let next = from;
  for (const day of arrivals) {
    if (day < from) continue;
    judgeEmptyDays(next, day, expected, mark);
    if (expected.expectsMoreRecords(day)) mark(day, day, 'few-records');
    else expected.learn(day, true);
    next = day + 1;
  }
}

function judgeEmptyDays(from: DayNumber, before: DayNumber, expected: Expectations, mark: Mark): void {
  // A week shows both kinds of day; expectations do not change while nothing is learned.
  for (let day = from; day < Math.min(before, from + 7); day++) {
    if (expected.expectsRecords(day)) return mark(from, before - 1, 'no-records');
  }
  for (let day = from; day < before; day++) expected.learn(day, false);
}
