import type { DayNumber } from '../model.ts';

/** The habits of the industry: a key that was not used for so many days counts as dead, whoever used it and how. */
export const FIXED_DAY_RULES: readonly number[] = [45, 90, 180, 365];

/**
 * The first audit at which a key had not been used for `days`, or had not been used since it could first be seen.
 * `useDays`: days of use by anyone, sorted. `audits`: days, sorted.
 */
export function firstUnusedFor(
  days: number,
  since: DayNumber,
  useDays: readonly DayNumber[],
  audits: readonly DayNumber[],
): DayNumber | undefined {
  const first = useDays[0];
  const starts = first === undefined || since < first ? [since, ...useDays] : useDays;
  let at = 0;
  for (const [index, start] of starts.entries()) {
    while (at < audits.length && audits[at]! < start + days) at++;
    const audit = audits[at];
    // An audit at the end of a day knows of the use on that day.
    if (audit === undefined || audit < (starts[index + 1] ?? Infinity)) return audit;
  }
  return undefined;
}
