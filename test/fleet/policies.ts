import type { Evidence } from '../../src/model.ts';
import { isSafe } from '../../src/verdicts/blockers.ts';
import { type CallerFacts, factsOf } from '../../src/verdicts/facts.ts';
import { judge } from '../../src/verdicts/judge.ts';
import { DEFAULT_POLICY } from '../../src/verdicts/policy.ts';
import type { Policy } from '../../src/verdicts/policy.ts';
import { silenceForRhythm } from '../../src/verdicts/rhythm.ts';
import type { World } from '../../src/verdicts/world.ts';
import { asOneCaller, lastLoggedUse } from './callers.ts';
import type { Fleet, FleetKey } from './fleet.ts';
import { worldOf } from './observe.ts';
import type { Observation } from './observe.ts';
import { lastUse } from './truth.ts';

/** A way to say at some day which keys may be deleted. */
export interface Candidate {
  readonly name: string;
  /** Ids of the keys that it calls safe. */
  readonly safeKeys: (observation: Observation, fleet: Fleet) => ReadonlySet<string>;
}

/** lastcall and what it is measured against. */
export function candidates(): readonly Candidate[] {
  return [
    lastcall('lastcall', DEFAULT_POLICY),
    { name: 'the same, pauses counted in covered days', safeKeys: pausesInCoveredDays },
    { name: 'the same, blind to gaps', safeKeys: blindToGaps },
    { name: 'the same, per key instead of per caller', safeKeys: perKey },
    lastcall("the same, without the year's watch", { ...DEFAULT_POLICY, watchDays: DEFAULT_POLICY.floorDays }),
    ...[45, 90, 180, 365].map((days) => fixedDays(`no use in the logs for ${days} days`, days)),
    providerRule("AWS: no use for 90 days, as the provider's own record says", 90, true),
    providerRule('Prowler: used, but not for 45 days; a key that was never used passes', 45, false),
  ];
}

/** The verdicts under a policy. */
export function lastcall(name: string, policy: Policy): Candidate {
  return { name, safeKeys: (observation) => safeOf(observation.evidence, worldOf(observation, policy)) };
}

function safeOf(evidence: readonly Evidence[], world: World): ReadonlySet<string> {
  return new Set(evidence.filter((each) => judge(each, world).verdict === 'safe').map(({ key }) => key));
}

function blindToGaps(observation: Observation): ReadonlySet<string> {
  const world = worldOf(observation, DEFAULT_POLICY);
  const coverage = new Map([...world.coverage].map(([source, each]) => [source, { ...each, gaps: [], silent: false }]));
  return safeOf(observation.evidence, { ...world, coverage });
}

/** As the policy was first described: what a gap hides of a pause does not count, so that a caller needs less silence. */
function pausesInCoveredDays(observation: Observation): ReadonlySet<string> {
  const world = worldOf(observation, DEFAULT_POLICY);
  const isSafeSo = (evidence: Evidence): boolean => {
    const facts = factsOf(evidence, world);
    const callers = facts.callers.map((caller) => withCoveredPauses(caller, facts.policy));
    const quiet = callers.filter(({ state, isCleared }) => state !== 'active' && !isCleared);
    return isSafe({ ...facts, callers, quiet });
  };
  return new Set(observation.evidence.filter(isSafeSo).map(({ key }) => key));
}

function withCoveredPauses(facts: CallerFacts, policy: Policy): CallerFacts {
  const { rhythm, covered, caller, substitute, isNamed } = facts;
  const { useDays } = caller;
  const [first] = useDays;
  if (first === undefined) return facts;
  const coveredTo = (from: number, to: number): number => covered.coveredSince(from) - covered.coveredSince(to);
  const pauses = useDays.slice(1).map((day, i) => coveredTo(useDays[i] as number, day));
  const longestBetween = Math.max(0, ...pauses);
  const lead = rhythm.lead === 0 ? 0 : coveredTo(first - rhythm.lead, first);
  const longest = Math.max(longestBetween, lead);
  const demands = rhythm.demands.map((demand) =>
    demand.code === 'rhythm' && !(isNamed && substitute?.hasMoved === true)
      ? { ...demand, days: silenceForRhythm({ longest, holes: rhythm.holes }, policy) }
      : demand,
  );
  const required = Math.max(0, ...demands.map(({ days }) => days));
  const isActive = rhythm.silentDays <= Math.max(policy.recentDays, longestBetween);
  const isCleared = !isActive && rhythm.silent >= required;
  const state = isActive ? 'active' : facts.state === 'moved' ? 'moved' : isCleared ? 'gone' : 'quiet';
  return { ...facts, rhythm: { ...rhythm, longest, longestBetween, lead, demands, required }, state, isCleared };
}

function perKey(observation: Observation): ReadonlySet<string> {
  const evidence = observation.evidence.map((each) => ({ ...each, callers: asOneCaller(each.callers) }));
  return safeOf(evidence, worldOf({ ...observation, evidence }, DEFAULT_POLICY));
}

/** What a script over the same logs would say. A key that was never used counts from its creation or the first log. */
function fixedDays(name: string, days: number): Candidate {
  return {
    name,
    safeKeys: ({ evidence, today }, { keys, start }) => {
      const created = new Map(keys.map((key) => [key.id, key.isCreatedListed ? key.createdDay : start]));
      const isStale = ({ key, callers }: Evidence): boolean =>
        today - 1 - (lastLoggedUse(callers) ?? Math.max(start, created.get(key) ?? start)) >= days;
      return new Set(evidence.filter(isStale).map(({ key }) => key));
    },
  };
}

/** The provider misses no call, and knows those from before the logs began. */
function providerRule(name: string, days: number, countsNeverUsed: boolean): Candidate {
  return {
    name,
    safeKeys: ({ evidence, today }, { keys }) => {
      const byId = new Map(keys.map((key) => [key.id, key]));
      const isStale = (key: FleetKey): boolean => {
        const last = lastUse(key, today) ?? (countsNeverUsed ? key.createdDay : today);
        return today - 1 - last >= days;
      };
      return new Set(evidence.map(({ key }) => key).filter((id) => isStale(byId.get(id)!)));
    },
  };
}
