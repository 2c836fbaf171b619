import type { DayNumber, DayRuns, KeyTrace } from '../model.ts';
import type { KeyFacts } from './facts.ts';
import { inOrder } from './judge.ts';

/** What the logs and the inventories show of a key, in the order of its report. */
export function traceOf({ evidence: { entry }, sources, callers }: KeyFacts): KeyTrace {
  return {
    listed: entry === undefined ? null : { file: entry.file, row: entry.row },
    sources,
    callers: inOrder(callers).map(({ caller, covered }) => ({
      sources: covered.sources,
      used: runsOf(caller.useDays),
      refused: runsOf(caller.refusedDays),
    })),
  };
}

/** Sorted days, each once, as runs. */
export function runsOf(days: readonly DayNumber[]): DayRuns {
  const runs: number[] = [];
  let end: DayNumber | undefined;
  for (const day of days) {
    if (day === end) runs[runs.length - 1]! += 1;
    else runs.push(end === undefined ? day : day - end, 1);
    end = day + 1;
  }
  return runs;
}
