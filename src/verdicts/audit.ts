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
export const ORDER_OF_VERDICTS: readonly Verdict[] = ['safe', 'in-use', 'waiting', 'unknown'];

/** Judges every key. Sorted by verdict (safe, in-use, waiting, unknown), then id. */
export function audit(evidence: readonly Evidence[], world: World): readonly KeyReport[] {
  return evidence.map((each) => judge(each, world)).toSorted((a, b) => rank(a) - rank(b) || compareText(a.key, b.key));
}

function rank(key: KeyReport): number {
  return ORDER_OF_VERDICTS.indexOf(key.verdict);
}

/** What was counted of some keys. */
export interface Sums {
  readonly verdicts: Readonly<Record<Verdict, number>>;
  readonly findings: Readonly<Partial<Record<FindingKind, number>>>;
}

/** Counts an audit, one key after the other. */
export class Summing {
  readonly #verdicts: Record<Verdict, number> = { safe: 0, 'in-use': 0, waiting: 0, unknown: 0 };
  readonly #findings: Partial<Record<FindingKind, number>> = {};
  #keys = 0;

  add({ verdict, findings }: KeyReport): void {
    this.#keys++;
    this.#verdicts[verdict]++;
    for (const kind of findings) this.#findings[kind] = (this.#findings[kind] ?? 0) + 1;
  }

  /** What another has counted. */
  join({ verdicts, findings }: Sums): void {
    for (const [verdict, count] of Object.entries(verdicts) as [Verdict, number][]) {
      this.#verdicts[verdict] += count;
      this.#keys += count;
    }
    for (const [kind, count] of Object.entries(findings) as [FindingKind, number][]) {
      this.#findings[kind] = (this.#findings[kind] ?? 0) + count;
    }
  }

  get sums(): Sums {
    return { verdicts: this.#verdicts, findings: this.#findings };
  }

  result(activity: readonly SourceActivity[]): Summary {
    return {
      keys: this.#keys,
      safe: this.#verdicts.safe,
      inUse: this.#verdicts['in-use'],
      waiting: this.#verdicts.waiting,
      unknown: this.#verdicts.unknown,
      findings: { ...this.#findings },
      records: activity.reduce((sum, { records }) => sum + records, 0),
      quarantined: activity.reduce((sum, { quarantined }) => sum + quarantined, 0),
    };
  }
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
  const { source, format, firstAt, lastAt, records, quarantined, skipped, bytes, account } = activity;
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
    ...(account === undefined ? {} : { account }),
    coveredDays: coverage?.coveredDays ?? 0,
    gaps: (coverage?.gaps ?? []).map(({ from, to, reason }) => ({ from: isoDay(from), to: isoDay(to), reason })),
  };
}

function stateOf(coverage: SourceCoverage | undefined): SourceReport['state'] {
  if (coverage?.silent === true) return 'silent';
  return coverage?.retired !== undefined && coverage.retired.contradictedOn === undefined ? 'retired' : 'active';
}
