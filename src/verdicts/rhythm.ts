import type { DayNumber } from '../model.ts';
import type { CoveredDays } from './covered-days.ts';
import type { Policy } from './policy.ts';

/** What the rules need to know of one caller. */
export interface CallerHistory {
  readonly today: DayNumber;
  /** Sorted; see use-days.ts. */
  readonly useDays: readonly DayNumber[];
  readonly lastRefusedDay: DayNumber | undefined;
  readonly hasMoved: boolean;
  /** Undefined: not known. */
  readonly createdDay: DayNumber | undefined;
  /** Days of the sources in which this caller was ever seen. */
  readonly covered: CoveredDays;
}

/** Why a caller must be silent for some time. Each is a blocker's code. */
export type DemandCode = 'rhythm' | 'too-few-uses' | 'young-caller' | 'refused-recently';

export interface Demand {
  readonly code: DemandCode;
  readonly days: number;
}

/**
 * Rules 1 to 6 for one caller, with every number that they used.
 *
 * Silence counts covered whole days: neither the day of the last use nor today. Pauses and the lead are counted by the
 * calendar, not in covered days: a gap inside a pause would shorten it, hence shorten the silence that is required, and
 * a gap must never make a key safe. For the same reason a caller of two sources needs no pause to be seen by both.
 */
export interface CallerRhythm {
  /** Undefined: every call was refused. */
  readonly firstDay: DayNumber | undefined;
  readonly lastDay: DayNumber | undefined;
  readonly useDays: number;
  readonly runs: number;
  /** Days from first to last use. */
  readonly span: number;
  /** Longest pause between days of use. */
  readonly longestBetween: number;
  /** Days from the start of the logs, or the key's creation, to the first use. */
  readonly lead: number;
  /** The longest of these: what the rules multiply. */
  readonly longest: number;
  /** Whole days since the last use. A caller that was only ever refused is silent since it could first be seen. */
  readonly silentDays: number;
  /** Those of them that are covered. */
  readonly silent: number;
  readonly holes: number;
  readonly hasMoved: boolean;
  readonly lastRefusedDay: DayNumber | undefined;
  /** What is required and by which rule, greatest first. */
  readonly demands: readonly Demand[];
  readonly required: number;
  readonly kind: string;
}

export function rhythmOf(history: CallerHistory, policy: Policy): CallerRhythm {
  const uses = measureUses(history, policy);
  const since = uses.lastDay ?? startOfWatch(history);
  const silentDays = since === undefined ? 0 : Math.max(0, history.today - 1 - since);
  const silence = {
    silentDays,
    silent: since === undefined ? 0 : history.covered.coveredSince(since),
    holes: since === undefined ? 0 : history.covered.holesSince(since),
    hasMoved: history.hasMoved,
    lastRefusedDay: history.lastRefusedDay,
  };
  const demands = demandsOf({ ...uses, ...silence }, history.today, policy);
  return { ...uses, ...silence, demands, required: demands[0]?.days ?? 0 };
}

/** A caller that was only ever refused depends on nothing yet: it is watched from the first day on which it could call. */
function startOfWatch({ covered, createdDay, today }: CallerHistory): DayNumber | undefined {
  const start = covered.latestStart;
  return start === undefined ? undefined : Math.min(today, Math.max(start, createdDay ?? start));
}

type Uses = Omit<CallerRhythm, 'demands' | 'required' | keyof Silence>;

interface Silence {
  readonly silentDays: number;
  readonly silent: number;
  readonly holes: number;
  readonly hasMoved: boolean;
  readonly lastRefusedDay: DayNumber | undefined;
}

function measureUses(history: CallerHistory, policy: Policy): Uses {
  const { useDays } = history;
  const firstDay = useDays[0];
  const lastDay = useDays.at(-1);
  let longestBetween = 0;
  let runs = useDays.length === 0 ? 0 : 1;
  const ofKind: number[] = KINDS.map(() => 0);
  for (let index = 1; index < useDays.length; index++) {
    const pause = useDays[index]! - useDays[index - 1]!;
    if (pause > longestBetween) longestBetween = pause;
    if (pause > policy.runGapDays) runs++;
    const kind = KIND_OF_PAUSE[pause];
    if (kind !== undefined && kind >= 0) ofKind[kind]!++;
  }
  const lead = firstDay === undefined ? 0 : leadOf(firstDay, history, policy);
  return {
    firstDay,
    lastDay,
    useDays: useDays.length,
    runs,
    span: firstDay === undefined || lastDay === undefined ? 0 : lastDay - firstDay,
    longestBetween,
    lead,
    longest: Math.max(longestBetween, lead),
    kind: kindOf(useDays, ofKind),
  };
}

function leadOf(firstDay: DayNumber, { covered, createdDay }: CallerHistory, policy: Policy): number {
  const logsStart = covered.earliestStart;
  if (logsStart === undefined) return 0;
  const lead = Math.max(0, firstDay - Math.max(logsStart, createdDay ?? logsStart));
  const isOlderThanLogs = createdDay !== undefined && createdDay < logsStart;
  return isOlderThanLogs && lead <= policy.leadGraceDays ? 0 : lead;
}

function demandsOf(caller: Uses & Silence, today: DayNumber, policy: Policy): readonly Demand[] {
  const demands = caller.lastDay === undefined ? [] : demandsOfUse(caller, policy);
  if (isRefusedRecently(caller, today, policy)) {
    demands.push({ code: 'refused-recently', days: policy.refusedRequiredDays });
  }
  return demands.toSorted((a, b) => b.days - a.days);
}

function demandsOfUse(caller: Uses & Silence, policy: Policy): Demand[] {
  const demands: Demand[] = [{ code: 'rhythm', days: silenceForRhythm(caller, policy) }];
  if (isFewUses(caller, policy)) demands.push({ code: 'too-few-uses', days: policy.watchDays });
  if (caller.span < policy.steadyDays) demands.push({ code: 'young-caller', days: policy.watchDays - caller.span });
  const greatest = Math.max(...demands.map((demand) => demand.days));
  // A system that works on with another key need not prove that it is no yearly job.
  const moved = silenceAfterMove(caller, policy);
  return caller.hasMoved && moved < greatest ? [{ code: 'rhythm', days: moved }] : demands;
}

/** Rule 2: what a caller's own rhythm asks. */
export function silenceForRhythm(caller: Pick<CallerRhythm, 'longest' | 'holes'>, policy: Policy): number {
  return Math.ceil(Math.max(policy.floorDays, policy.pauseFactor * caller.longest) + holeMargin(caller, policy));
}

/** The one call that would have shown a rare caller may lie in a hole. */
export function holeMargin(caller: Pick<CallerRhythm, 'longest' | 'holes'>, policy: Policy): number {
  return caller.longest >= policy.holeMarginPauseDays && caller.holes > 0 ? caller.longest : 0;
}

/** What rule 6 asks of a caller that moved. */
export function silenceAfterMove(caller: Pick<CallerRhythm, 'longest'>, policy: Policy): number {
  return Math.ceil(Math.max(policy.movedFloorDays, policy.movedPauseFactor * caller.longest));
}

function isFewUses({ runs, useDays }: Uses, policy: Policy): boolean {
  return runs < policy.fewRuns && useDays < policy.fewDays;
}

/** A system that still tries this key has not left it, even if it also moved: no rule lowers this demand. */
function isRefusedRecently({ lastRefusedDay, lastDay }: Uses & Silence, today: DayNumber, policy: Policy): boolean {
  if (lastRefusedDay === undefined) return false;
  return lastRefusedDay >= today - policy.refusedWindowDays && (lastDay === undefined || lastRefusedDay >= lastDay);
}

const KINDS: readonly (readonly [kind: string, least: number, greatest: number])[] = [
  ['daily', 1, 4],
  ['weekly', 5, 9],
  ['monthly', 26, 35],
  ['quarterly', 80, 102],
  ['yearly', 330, 400],
];

/** By pause: which kind it fits, or -1. */
const KIND_OF_PAUSE: Int8Array = Int8Array.from({ length: 401 }, (_, pause) =>
  KINDS.findIndex(([, least, greatest]) => pause >= least && pause <= greatest),
);

/** A word for people, if four of five pauses fit it: `ofKind` has their numbers. It decides nothing. */
function kindOf(useDays: readonly DayNumber[], ofKind: readonly number[]): string {
  if (useDays.length < 2) return useDays.length === 1 ? 'once' : 'none';
  const enough = 0.8 * (useDays.length - 1);
  const [kind] = KINDS[ofKind.findIndex((count) => count >= enough)] ?? ['irregular'];
  const span = useDays.at(-1)! - useDays[0]! + 1;
  return kind === 'daily' && useDays.length >= 0.95 * span ? 'continuous' : kind;
}
