import type { Evidence, SourceCoverage } from '../../src/model.ts';
import { judge } from '../../src/verdicts/judge.ts';
import { DEFAULT_POLICY } from '../../src/verdicts/policy.ts';
import type { World } from '../../src/verdicts/world.ts';
import type { Fleet } from './fleet.ts';
import { Observer, worldOf } from './observe.ts';
import type { FleetSource } from './sources.ts';
import { nextUse } from './truth.ts';

/** A key that nobody will use and that is not called safe. */
interface Unfound {
  /** What stands in the way: the logs or, with all days covered, the rule. */
  readonly reason: string;
  /** Classes of its systems, or that of the key. */
  readonly kind: string;
}

/** What keeps the dead keys of one fleet from being found at one audit. */
export interface Search {
  readonly dead: number;
  readonly unfound: readonly Unfound[];
}

export function searchDead(fleet: Fleet, audit: number): Search {
  const observation = new Observer(fleet).at(fleet.start + audit);
  const world = worldOf(observation, DEFAULT_POLICY);
  const worlds = { seen: world, outages: withGaps(world, fleet, trueGaps), none: withGaps(world, fleet, () => []) };
  const keys = new Map(fleet.keys.map((key) => [key.id, key]));
  const dead = observation.evidence.filter(
    ({ key }) => nextUse(keys.get(key)!, observation.today, fleet) === undefined,
  );
  const unfound = dead.filter((evidence) => judge(evidence, worlds.seen).verdict !== 'safe');
  return {
    dead: dead.length,
    unfound: unfound.map((evidence) => ({ reason: reasonOf(evidence, worlds), kind: keys.get(evidence.key)!.kind })),
  };
}

/** How many dead keys each reason keeps from being found, in percent of all that are dead, and of which classes they are. */
export function describeUnfound(searches: readonly Search[]): string {
  const dead = searches.reduce((sum, one) => sum + one.dead, 0);
  const unfound = searches.flatMap((one) => one.unfound);
  const share = (count: number): string => `${((100 * count) / dead).toFixed(1)} %`;
  const byReason = Map.groupBy(unfound, ({ reason }) => reason);
  const lines = [...byReason]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([reason, ones]) => `${share(ones.length)} (${ones.length}) ${reason}: ${kindsOf(ones)}`);
  return [...lines, `${share(unfound.length)} of ${dead} dead keys are not found`].join('\n');
}

function kindsOf(ones: readonly Unfound[]): string {
  const counts = [...Map.groupBy(ones, ({ kind }) => kind)].map(([kind, { length }]) => [kind, length] as const);
  const sorted = counts.toSorted(([, a], [, b]) => b - a);
  return sorted.map(([kind, count]) => `${count} ${kind}`).join(', ');
}

function reasonOf(evidence: Evidence, worlds: Readonly<Record<'seen' | 'outages' | 'none', World>>): string {
  const complete = judge(evidence, worlds.none);
  if (complete.verdict !== 'safe') return `${complete.reason}, had the logs been complete`;
  const lost = judge(evidence, worlds.outages).verdict === 'safe' ? 'days taken for holes' : 'outages';
  return `${lost} (${judge(evidence, worlds.seen).reason})`;
}

type GapsOf = (source: FleetSource, coverage: SourceCoverage) => SourceCoverage['gaps'];

function withGaps(world: World, { sources }: Fleet, gapsOf: GapsOf): World {
  const coverage = [...world.coverage].map(([name, one]) => {
    const source = sources.find((candidate) => candidate.name === name);
    const gaps = source === undefined ? one.gaps : gapsOf(source, one);
    return [name, { ...one, gaps, silent: false }] as const;
  });
  return { ...world, coverage: new Map(coverage) };
}

/** The days of which records are missing, and what lies before the first record. */
function trueGaps(source: FleetSource, { gaps }: SourceCoverage): SourceCoverage['gaps'] {
  const outages = source.outages.map(({ from, to }) => ({ from, to, reason: 'no-records' as const }));
  const others = gaps.filter(({ reason }) => reason === 'before-first-record' || reason === 'late-window');
  return [...others, ...outages].toSorted((a, b) => a.from - b.from);
}
