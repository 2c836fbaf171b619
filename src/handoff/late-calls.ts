import type { EvidenceSet } from '../verdicts/evidence.ts';
import { callsSince, factsOf, type LateCall } from '../verdicts/facts.ts';
import type { World } from '../verdicts/world.ts';
import type { Progress } from './steps.ts';

/** A key that we disabled or deleted, and who called with it since. */
export interface Missed {
  readonly key: string;
  readonly label: string | null;
  readonly status: 'disabled' | 'deleted';
  readonly since: number;
  readonly calls: readonly LateCall[];
  /** Nothing in the ledger tells of one of these systems yet. */
  readonly isNews: boolean;
}

/** Which of the keys that were handed over are missed. */
export function missedKeys(
  progress: ReadonlyMap<string, Progress>,
  evidence: Pick<EvidenceSet, 'of'>,
  world: World,
): readonly Missed[] {
  return [...progress].flatMap(([key, { entry, shownAs, status, since, calls: known }]) => {
    if (status === undefined || since === undefined) return [];
    const seen = [...new Set([key, ...shownAs])].flatMap((name) => evidence.of(name) ?? []);
    const calls = seen
      .filter(({ handedOffAt }) => handedOffAt === since)
      .flatMap((one) => callsSince(factsOf(one, world), since));
    if (calls.length === 0) return [];
    const isNews = calls.some(({ system }) => !known.some((call) => call.system === system));
    return [{ key, label: entry.label ?? null, status, since, calls: calls.toSorted(byTime), isNews }];
  });
}

function byTime(a: LateCall, b: LateCall): number {
  return b.at - a.at || (a.system < b.system ? -1 : 1);
}
