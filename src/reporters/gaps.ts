import type { ReportedGap } from '../model.ts';
import { dayNumber } from './day-strip.ts';
import { plural } from './figures.ts';
import { GAP_WORDS, wordsOf } from './vocabulary.ts';

/** More gaps than this are summed up by reason, but for the newest. */
const MANY_GAPS = 16;

/** Every gap with its days, oldest first; of very many the newest, behind what the older ones come to. */
export function gapLines(gaps: readonly ReportedGap[]): string[] {
  const older = gaps.length > MANY_GAPS ? gaps.slice(0, -MANY_GAPS / 2) : [];
  const sums = wordsOf(GAP_WORDS).flatMap((reason) => {
    const [first, ...others] = older.filter((gap) => gap.reason === reason);
    if (first === undefined) return [];
    const [last = first] = others.slice(-1);
    const all = [first, ...others];
    const span = `${first.from} to ${last.to}, ${plural(all.length, 'gap')}`;
    return [`${span}: ${GAP_WORDS[reason]} (${plural(totalGapDays(all), 'day')})`];
  });
  const newest = gaps.slice(older.length).map((gap) => `${gapText(gap)} (${plural(gapDays(gap), 'day')})`);
  return [...sums, ...newest];
}

/** `2026-03-02 to 2026-03-15: no records` */
export function gapText(gap: ReportedGap): string {
  const span = gap.from === gap.to ? gap.from : `${gap.from} to ${gap.to}`;
  return `${span}: ${GAP_WORDS[gap.reason]}`;
}

/** Days in all of these gaps. */
export function totalGapDays(gaps: readonly ReportedGap[]): number {
  return gaps.reduce((sum, gap) => sum + gapDays(gap), 0);
}

/** Days from the first to the last, both counted. */
function gapDays(gap: ReportedGap): number {
  return dayNumber(gap.to) - dayNumber(gap.from) + 1;
}
