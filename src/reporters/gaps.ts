import type { SourceReport } from '../model.ts';
import { dayNumber } from './day-strip.ts';
import { GAP_WORDS } from './vocabulary.ts';

type ReportedGap = SourceReport['gaps'][number];

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
export function gapDays(gap: ReportedGap): number {
  return dayNumber(gap.to) - dayNumber(gap.from) + 1;
}
