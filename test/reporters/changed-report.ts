import type { KeyChange, Report } from '../../src/model.ts';
import { CountingChanges } from '../../src/verdicts/changes.ts';

/** The report as `--since` gives it: each key changed as `changeOf` says. */
export function changedReport(report: Report, changeOf: (index: number) => KeyChange): Report {
  const counting = new CountingChanges();
  const keys = [...report.keys].map((key, index) => {
    const since = changeOf(index);
    counting.add(key.verdict, since.changes);
    return { ...key, since };
  });
  const sources = report.sources
    .slice(0, 1)
    .map(({ source, gaps }) => ({ source, fellSilent: true, newGaps: gaps.slice(0, 1) }));
  return {
    ...report,
    keys,
    since: { scan: 411, asOf: '2026-11-30T09:00:00.000Z', ...counting.result(), sources },
  };
}

/** One key of each kind of change, and others that did not. */
export const CHANGES: readonly KeyChange[] = [
  { earlier: 'waiting', changes: ['newly-safe'] },
  { earlier: 'safe', changes: [] },
  { earlier: 'safe', changes: ['revived'] },
  { earlier: null, changes: ['shadow'] },
  { earlier: 'in-use', changes: ['zombie', 'straddling'] },
  { earlier: 'in-use', changes: [] },
  { earlier: 'safe', changes: ['withdrawn'] },
];
