import type {
  ChangeKind,
  Day,
  DayNumber,
  EarlierSource,
  FindingKind,
  KeyReport,
  ReportedGap,
  Since,
  SourceChange,
  SourceReport,
  Verdict,
} from '../model.ts';
import { dayOf, isoDay } from './calendar.ts';

/** What an earlier audit said of a key. */
export interface EarlierVerdict {
  readonly verdict: Verdict;
  readonly findings: readonly FindingKind[];
}

/**
 * What is new about a key. One that was safe and is called again is `revived`, and not `withdrawn` as well. That a deleted
 * key is safe is no news: nobody has to do anything about it.
 */
export function changesOf(
  { verdict, status, findings }: KeyReport,
  earlier: EarlierVerdict | undefined,
): readonly ChangeKind[] {
  const wasSafe = earlier?.verdict === 'safe';
  const found = findings.filter((finding) => earlier?.findings.includes(finding) !== true);
  if (verdict === 'safe') return wasSafe || status === 'deleted' ? found : ['newly-safe', ...found];
  return wasSafe && !found.includes('revived') ? ['withdrawn', ...found] : found;
}

/** Counts what has changed, one key after the other. */
export class CountingChanges {
  readonly #keys: Partial<Record<ChangeKind, number>> = {};
  readonly #alarms: Partial<Record<Verdict | FindingKind, number>> = {};

  add(verdict: Verdict, changes: readonly ChangeKind[]): void {
    for (const change of changes) {
      this.#keys[change] = (this.#keys[change] ?? 0) + 1;
      const alarm = change === 'newly-safe' || change === 'withdrawn' ? verdict : change;
      this.#alarms[alarm] = (this.#alarms[alarm] ?? 0) + 1;
    }
  }

  /** What another has counted. */
  join({ keys, alarms }: Pick<Since, 'keys' | 'alarms'>): void {
    for (const [change, count] of Object.entries(keys) as [ChangeKind, number][]) {
      this.#keys[change] = (this.#keys[change] ?? 0) + count;
    }
    for (const [alarm, count] of Object.entries(alarms) as [Verdict | FindingKind, number][]) {
      this.#alarms[alarm] = (this.#alarms[alarm] ?? 0) + count;
    }
  }

  result(): Pick<Since, 'keys' | 'alarms'> {
    return { keys: { ...this.#keys }, alarms: { ...this.#alarms } };
  }
}

/** Of all sources, those that fell silent and those with days that prove nothing now and did not then. */
export function sourceChanges(now: readonly SourceReport[], then: readonly EarlierSource[]): readonly SourceChange[] {
  const earlier = new Map(then.map((one) => [one.source, one]));
  return now
    .map(({ source, state, gaps }) => ({
      source,
      fellSilent: state === 'silent' && earlier.get(source)?.state !== 'silent',
      newGaps: newGaps(lastingGaps(gaps), earlier.get(source)?.gaps ?? []),
    }))
    .filter(({ fellSilent, newGaps: gaps }) => fellSilent || gaps.length > 0);
}

/** Gaps that no day closes by itself: each morning the newest day may still be late. */
export function lastingGaps(gaps: readonly ReportedGap[]): readonly ReportedGap[] {
  return gaps.filter(({ reason }) => reason !== 'late-window' && reason !== 'before-first-record');
}

function newGaps(now: readonly ReportedGap[], then: readonly ReportedGap[]): readonly ReportedGap[] {
  const known = then.map(({ from, to }) => [dayNumber(from), dayNumber(to)] as const);
  return now.flatMap((gap) => {
    let from = dayNumber(gap.from);
    const to = dayNumber(gap.to);
    const fresh: ReportedGap[] = [];
    const add = (last: DayNumber): void => {
      if (last >= from) fresh.push({ from: isoDay(from), to: isoDay(last), reason: gap.reason });
    };
    for (const [start, end] of known) {
      if (end < from || start > to) continue;
      add(start - 1);
      from = end + 1;
    }
    add(to);
    return fresh;
  });
}

function dayNumber(day: Day): DayNumber {
  return dayOf(Date.parse(day));
}
