import type { SourceCoverage, Caller, DayNumber, EpochMs, Evidence, SystemState, Totals } from '../model.ts';
import { dayOf } from './calendar.ts';
import { mayCarryKinds, possibleKinds } from './key-kinds.ts';
import { coveredDaysOf } from './covered-days.ts';
import type { CoveredDays } from './covered-days.ts';
import { rhythmOf } from './rhythm.ts';
import type { CallerRhythm } from './rhythm.ts';
import { substituteOf } from './substitution.ts';
import type { Substitute } from './substitution.ts';
import { addTotals, NO_CALLS } from './totals.ts';
import { isNamed, lastRefusedDayOf } from './use-days.ts';
import type { Policy } from './policy.ts';
import type { World } from './world.ts';

/** What the evidence of one key amounts to, before anything is decided. Blockers, sentences and reports read this. */
export interface KeyFacts {
  readonly evidence: Evidence;
  readonly world: World;
  /** The policy of this key. */
  readonly policy: Policy;
  readonly today: DayNumber;
  /** By name, so that nothing depends on the order of the evidence. */
  readonly callers: readonly CallerFacts[];
  /** Those that are silent, but not for long enough. */
  readonly quiet: readonly CallerFacts[];
  /** The sources that could have shown this key, sorted. */
  readonly sources: readonly string[];
  /** Of these sources, where it is known. */
  readonly coverages: readonly SourceCoverage[];
  /** Undefined: the key was used, and made before that. */
  readonly watch: Watch | undefined;
  readonly totals: Totals;
}

export interface CallerFacts {
  readonly caller: Caller;
  readonly name: string;
  readonly isNamed: boolean;
  readonly state: SystemState;
  readonly rhythm: CallerRhythm;
  readonly covered: CoveredDays;
  readonly substitute: Substitute | undefined;
  readonly totals: Totals;
  /** It was silent for long enough. */
  readonly isCleared: boolean;
  /** When it is cleared if it stays silent and the logs stay complete. */
  readonly clearedOn: DayNumber;
}

/** How long a key that was never used, or not since it was made, has been watched. */
export interface Watch {
  readonly since: DayNumber;
  readonly startsWith: 'creation' | 'listing' | 'traffic' | 'logs' | 'nothing';
  readonly covered: CoveredDays;
  readonly silentDays: number;
  readonly silent: number;
}

/** The last call of a system with a key that it should no longer call with. */
export interface LateCall {
  readonly system: string;
  readonly at: EpochMs;
  readonly isRefused: boolean;
}

/** Weighs the evidence of one key. */
export function factsOf(evidence: Evidence, world: World): KeyFacts {
  const today = dayOf(world.asOf);
  const policy = world.policyOf?.(evidence) ?? world.policy;
  const callers = evidence.callers
    .map((caller) => callerFacts(caller, evidence, world, policy, today))
    .toSorted(byName);
  const isUsed = callers.some(({ rhythm }) => rhythm.lastDay !== undefined);
  const totals = callers.map((caller) => caller.totals).reduce(addTotals, NO_CALLS);
  const { sources, coverages } = coveredTogether(evidence, callers, isUsed, world);
  const quiet = callers.filter(({ state, isCleared }) => state !== 'active' && !isCleared);
  const isOurs = isUsed && !isMadeSince(evidence, callers);
  const watch = isOurs ? undefined : watchOf(evidence, sources, totals.firstSeenAt, world, today);
  return { evidence, world, policy, today, callers, quiet, sources, coverages, watch, totals };
}

function callerFacts(caller: Caller, evidence: Evidence, world: World, policy: Policy, today: DayNumber): CallerFacts {
  const { useDays, totals } = caller;
  const named = isNamed(caller);
  const substitute = substituteOf(evidence, caller, world, policy);
  const covered = coveredDaysOf(world, sourcesOfCaller(caller, evidence, world));
  const hasMoved = named && substitute?.hasMoved === true;
  const lastRefusedDay = lastRefusedDayOf(caller);
  const createdDay = createdDayOf(evidence);
  const rhythm = rhythmOf({ today, useDays, lastRefusedDay, hasMoved, createdDay, covered }, policy);
  const isCleared = rhythm.silent >= rhythm.required;
  const isActive =
    rhythm.lastDay !== undefined && rhythm.silentDays <= Math.max(policy.recentDays, rhythm.longestBetween);
  const state = isActive ? 'active' : hasMoved ? 'moved' : isCleared ? 'gone' : 'quiet';
  // A use that is stamped in the future is silent from then on.
  const clearedOn = Math.max(today, (rhythm.lastDay ?? -Infinity) + 1) + Math.max(1, rhythm.required - rhythm.silent);
  return {
    caller,
    name: caller.system.name,
    isNamed: named,
    state,
    rhythm,
    covered,
    substitute,
    totals,
    isCleared: isCleared && !isActive,
    clearedOn,
  };
}

/** All use is older than the key, which was made anew under its old name or id. Clocks may differ by a day. */
function isMadeSince(evidence: Evidence, callers: readonly CallerFacts[]): boolean {
  const createdDay = createdDayOf(evidence);
  return createdDay !== undefined && callers.every(({ rhythm }) => (rhythm.lastDay ?? -Infinity) < createdDay - 1);
}

function createdDayOf({ entry }: Evidence): DayNumber | undefined {
  return entry?.createdAt === undefined ? undefined : dayOf(entry.createdAt);
}

function sourcesOfCaller({ sources }: Caller, evidence: Evidence, world: World): readonly string[] {
  const named = sourcesOfEntry(evidence, world).filter((source) => !sources.includes(source));
  return named.length === 0 ? sources : [...sources, ...named].toSorted();
}

/**
 * Those where the key was seen and the one that its inventory entry names. A key that was never used could have been
 * used wherever such keys may be used, also if it was refused somewhere: unless its entry names a source, all of these
 * must be complete. A key that was used may besides be used where its use could not be seen.
 */
function coveredTogether(
  evidence: Evidence,
  callers: readonly CallerFacts[],
  isUsed: boolean,
  world: World,
): CoveredDays {
  const listed = sourcesOfEntry(evidence, world);
  const others = listed.length > 0 ? listed : sourcesThatMayCarry(evidence, world, isUsed);
  const alone = others.length === 0 ? callers[0]?.covered : undefined;
  // Most keys are called in one source.
  if (alone?.sources.length === 1 && callers.every(({ covered }) => covered === alone)) return alone;
  const seen = callers.flatMap(({ covered }) => covered.sources);
  return coveredDaysOf(world, [...new Set([...seen, ...others])].toSorted());
}

/** The source that the inventory names; where the records of its logs name their sources, these. */
function sourcesOfEntry({ entry }: Evidence, { coverage, partsOf }: World): readonly string[] {
  if (entry?.source === undefined) return [];
  const parts = partsOf?.(entry.source) ?? [];
  return parts.length > 0 && !coverage.has(entry.source) ? parts : [entry.source, ...parts];
}

/** A key that was seen elsewhere may be used there too, if what was read of the source could not show it. */
function sourcesThatMayCarry(evidence: Evidence, world: World, isUsed: boolean): readonly string[] {
  const kinds = possibleKinds(evidence);
  const name = `${isUsed} ${kinds.join()}`;
  let known = CARRYING.get(world);
  if (known === undefined) CARRYING.set(world, (known = new Map()));
  let sources = known.get(name);
  if (sources === undefined) {
    sources = [...world.coverage.values()]
      .filter((one) => mayCarryKinds(one, kinds) && (!isUsed || hidesUse(one, world.policy)))
      .map(({ source }) => source);
    known.set(name, sources);
  }
  return sources;
}

/** Keys are of few kinds: the same for all of one kind. */
const CARRYING = new WeakMap<World, Map<string, readonly string[]>>();

function hidesUse({ firstDay, faults, keyKinds, quarantineShare }: SourceCoverage, policy: Policy): boolean {
  if (firstDay === undefined || keyKinds?.length === 0 || quarantineShare > policy.quarantineShare) return true;
  return faults.some(({ reason }) => reason === 'unread-input');
}

function watchOf(
  evidence: Evidence,
  sources: readonly string[],
  firstSeenAt: EpochMs | undefined,
  world: World,
  today: DayNumber,
): Watch {
  const covered = coveredDaysOf(world, sources);
  const { at, startsWith } = birthOf(evidence, firstSeenAt);
  const logs = covered.latestStart;
  if (logs === undefined) return { since: today, startsWith: 'nothing', covered, silentDays: 0, silent: 0 };
  const born = at === undefined ? logs : dayOf(at);
  const since = Math.max(born, logs);
  return {
    since,
    startsWith: born > logs ? startsWith : 'logs',
    covered,
    silentDays: Math.max(0, today - 1 - since),
    silent: covered.coveredSince(since),
  };
}

/** When the watch is over if nobody calls and the logs are complete. */
export function watchedOn(watch: Watch, today: DayNumber, required: number): DayNumber {
  return Math.max(today, watch.since + 1) + required - watch.silent;
}

/**
 * The latest day on which the key may have been made. Without a creation date it is as old as the logs, unless the
 * inventory was once read without it, or it stands in none and was first seen in the traffic later.
 */
function birthOf(
  { entry, listedSince }: Evidence,
  firstSeenAt: EpochMs | undefined,
): { readonly at: EpochMs | undefined; readonly startsWith: Watch['startsWith'] } {
  if (entry === undefined) return { at: firstSeenAt, startsWith: 'traffic' };
  if (entry.createdAt !== undefined) return { at: entry.createdAt, startsWith: 'creation' };
  return { at: listedSince, startsWith: 'listing' };
}

/** Who called with a key after an instant, and when last. */
export function callsSince({ callers }: Pick<KeyFacts, 'callers'>, since: EpochMs): readonly LateCall[] {
  return callers.flatMap(({ name, totals: { lastUsedAt = -Infinity, lastRefusedAt = -Infinity } }) => {
    const at = Math.max(lastUsedAt, lastRefusedAt);
    return at <= since ? [] : [{ system: name, at, isRefused: lastRefusedAt >= lastUsedAt }];
  });
}

function byName(a: CallerFacts, b: CallerFacts): number {
  return compareText(a.name, b.name) || compareText(a.caller.system.attribution, b.caller.system.attribution);
}

/** By code point, as the database sorts: the same on every machine. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  let at = 0;
  while (at < a.length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  if (at === a.length || at === b.length) return a.length - b.length;
  return rank(a.charCodeAt(at)) - rank(b.charCodeAt(at));
}

/** Surrogates stand for what comes after all other characters. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
