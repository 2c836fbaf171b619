import type {
  Evidence,
  FindingKind,
  KeyReport,
  SourceActivity,
  SourceCoverage,
  SourceReport,
  Summary,
  Verdict,
} from '../model.ts';
import { isoDay, isoInstantOrNull } from './calendar.ts';
import { compareText } from './facts.ts';
import { judge } from './judge.ts';
import type { World } from './world.ts';

/** What can be acted on comes first. */
const ORDER_OF_VERDICTS: Readonly<Record<Verdict, number>> = { safe: 0, 'in-use': 1, waiting: 2, unknown: 3 };

/** Judges every key. Sorted by verdict (safe, in-use, waiting, unknown), then id. */
export function audit(evidence: readonly Evidence[], world: World): readonly KeyReport[] {
  return evidence
    .map((each) => judge(each, world))
    .toSorted((a, b) => ORDER_OF_VERDICTS[a.verdict] - ORDER_OF_VERDICTS[b.verdict] || compareText(a.key, b.key));
}

/** Counts of an audit. */
export function summarise(keys: readonly KeyReport[], activity: readonly SourceActivity[]): Summary {
  const verdicts: Record<Verdict, number> = { safe: 0, 'in-use': 0, waiting: 0, unknown: 0 };
  const findings: Partial<Record<FindingKind, number>> = {};
  for (const key of keys) {
    verdicts[key.verdict]++;
    for (const kind of key.findings) findings[kind] = (findings[kind] ?? 0) + 1;
  }
  return {
    keys: keys.length,
    safe: verdicts.safe,
    inUse: verdicts['in-use'],
    waiting: verdicts.waiting,
    unknown: verdicts.unknown,
    findings,
    records: activity.reduce((sum, { records }) => sum + records, 0),
    quarantined: activity.reduce((sum, { quarantined }) => sum + quarantined, 0),
  };
}

/** What was seen of each source and how much of it counts, by name. */
export function sourceReports(
  activity: readonly SourceActivity[],
  coverage: ReadonlyMap<string, SourceCoverage>,
): readonly SourceReport[] {
  return activity
    .toSorted((a, b) => compareText(a.source, b.source))
    .map((each) => sourceReport(each, coverage.get(each.source)));
}

function sourceReport(activity: SourceActivity, coverage: SourceCoverage | undefined): SourceReport {
  const { source, format, firstAt, lastAt, records, quarantined, skipped, bytes } = activity;
  return {
    source,
    format,
    state: stateOf(coverage),
    firstAt: isoInstantOrNull(firstAt),
    lastAt: isoInstantOrNull(lastAt),
    records,
    quarantined,
    skipped,
    bytes,
    coveredDays: coverage?.coveredDays ?? 0,
    gaps: (coverage?.gaps ?? []).map(({ from, to, reason }) => ({ from: isoDay(from), to: isoDay(to), reason })),
  };
}

function stateOf(coverage: SourceCoverage | undefined): SourceReport['state'] {
  if (coverage?.silent === true) return 'silent';
  return coverage?.retired !== undefined && coverage.retired.contradictedOn === undefined ? 'retired' : 'active';
}
