import { LastcallError } from '../errors.ts';
import { didYouMean } from '../near-miss.ts';

/** Every constant that a verdict depends on. */
export interface Policy {
  /** K: how many of its longest pauses a caller must be silent for. */
  readonly pauseFactor: number;
  /** FLOOR: the shortest silence, in covered days, that clears a caller which did not move. */
  readonly floorDays: number;
  /** WATCH: covered days without use after which a yearly job has had its chance. */
  readonly watchDays: number;
  /** STEADY: from this span of use on, a caller's own rhythm is known. */
  readonly steadyDays: number;
  /** A caller that is silent for no longer than this is in use; a source that is silent for longer is silent. */
  readonly recentDays: number;
  /** A caller whose calls were refused within these days still tries. */
  readonly refusedWindowDays: number;
  /** The silence required of a caller that still tries. */
  readonly refusedRequiredDays: number;
  /** A system that took up another key within these days of its last use of this one may have moved. */
  readonly movedWithinDays: number;
  /** Days of use of the new key, after the last use of the old one, that prove a move. */
  readonly movedUseDays: number;
  /** The share of the former pace that the system must keep with the new key. */
  readonly movedPace: number;
  /** The shortest silence that clears a caller which moved. */
  readonly movedFloorDays: number;
  /** How many of its longest pauses a caller which moved must be silent for. */
  readonly movedPauseFactor: number;
  /** A system that calls with more keys than this takes up keys all the time: that proves no move. */
  readonly movedMaxKeys: number;
  /** Fewer runs than this, and fewer days than `fewDays`, are few uses. */
  readonly fewRuns: number;
  /** Fewer days of use than this, in fewer runs than `fewRuns`, are few uses. */
  readonly fewDays: number;
  /** Days of use at most this far apart are one run. */
  readonly runGapDays: number;
  /** A lead is no pause if the key is older than the logs and was first used within these days of their start. */
  readonly leadGraceDays: number;
  /** From this longest pause on, a hole in the logs since the last use costs one more longest pause. */
  readonly holeMarginPauseDays: number;
  /** The newest days, which may still be late: if they look incomplete they are late, and no hole. */
  readonly lateWindowDays: number;
  /** A day with less than this share of the expected calls is a hole. */
  readonly coverageShare: number;
  /** Steady callers that it takes to judge a day by its share of the expected calls. */
  readonly coverageCallers: number;
  /** Good days of the same kind, weekday or weekend, from which expectations are taken. */
  readonly coverageWindowDays: number;
  /** Days with records among these that make a rhythm: then a day without any record is a hole. */
  readonly coverageRhythmDays: number;
  /** A part of the day (an hour, three, six) that had so many records on all of these days: two in a row without make a hole. */
  readonly coverageHourRecords: number;
  /** A day with more than this share of unreadable records is not covered. */
  readonly quarantineShare: number;
}

/** One constant: its default, the least and the greatest value that it may have, and where stricter values lie. */
export interface Constant {
  readonly value: number;
  readonly least: number;
  readonly greatest: number;
  readonly isFraction?: true;
  /** Absent: it is about sources, so it is the same for all keys. */
  readonly stricter?: 'more' | 'less';
}

/** Every constant on one line. No setting can clear a caller that called yesterday. */
export const CONSTANTS: Readonly<Record<keyof Policy, Constant>> = {
  pauseFactor: { value: 3, least: 1, greatest: 100, isFraction: true, stricter: 'more' },
  floorDays: { value: 30, least: 1, greatest: 3650, stricter: 'more' },
  watchDays: { value: 365, least: 1, greatest: 3650, stricter: 'more' },
  steadyDays: { value: 180, least: 1, greatest: 3650, stricter: 'more' },
  recentDays: { value: 7, least: 1, greatest: 365, stricter: 'more' },
  refusedWindowDays: { value: 30, least: 1, greatest: 3650, stricter: 'more' },
  refusedRequiredDays: { value: 90, least: 1, greatest: 3650, stricter: 'more' },
  movedWithinDays: { value: 60, least: 0, greatest: 365, stricter: 'less' },
  movedUseDays: { value: 5, least: 1, greatest: 365, stricter: 'more' },
  movedPace: { value: 0.5, least: 0.01, greatest: 1, isFraction: true, stricter: 'more' },
  movedFloorDays: { value: 21, least: 1, greatest: 3650, stricter: 'more' },
  movedPauseFactor: { value: 1.5, least: 1, greatest: 100, isFraction: true, stricter: 'more' },
  movedMaxKeys: { value: 100, least: 0, greatest: 10_000, stricter: 'less' },
  fewRuns: { value: 3, least: 1, greatest: 100, stricter: 'more' },
  fewDays: { value: 10, least: 1, greatest: 365, stricter: 'more' },
  runGapDays: { value: 3, least: 1, greatest: 365, stricter: 'more' },
  leadGraceDays: { value: 7, least: 0, greatest: 365, stricter: 'less' },
  holeMarginPauseDays: { value: 14, least: 0, greatest: 365, stricter: 'less' },
  lateWindowDays: { value: 14, least: 0, greatest: 365 },
  coverageShare: { value: 0.6, least: 0.01, greatest: 1, isFraction: true },
  coverageCallers: { value: 5, least: 1, greatest: 1000 },
  coverageWindowDays: { value: 28, least: 7, greatest: 365 },
  coverageRhythmDays: { value: 14, least: 1, greatest: 365 },
  coverageHourRecords: { value: 3, least: 1, greatest: 1_000_000 },
  quarantineShare: { value: 0.001, least: 0, greatest: 1, isFraction: true },
};

export const DEFAULT_POLICY: Policy = Object.freeze(
  Object.fromEntries(Object.entries(CONSTANTS).map(([name, { value }]) => [name, value])) as Record<
    keyof Policy,
    number
  >,
);

/** The default policy with the given constants in place, or an error that says which of them is wrong. */
export function checkPolicy(partial: Readonly<Record<string, number | undefined>>): Policy {
  const policy: Policy = { ...DEFAULT_POLICY, ...withoutHoles(partial) };
  for (const [name, value] of Object.entries(policy)) checkConstant(name, value, 'policy');
  if (policy.coverageRhythmDays > policy.coverageWindowDays) {
    refuse('policy.coverageRhythmDays must not be over coverageWindowDays');
  }
  return Object.freeze(policy);
}

function withoutHoles(partial: Readonly<Record<string, number | undefined>>): Partial<Policy> {
  return Object.fromEntries(Object.entries(partial).filter(([, value]) => value !== undefined));
}

/**
 * The constants of a stricter policy for some keys, or an error: `place` is where they stand. Stricter only, since a
 * looser constant for some keys would make them safe before the general policy does.
 */
export function checkStricter(
  partial: Readonly<Record<string, number | undefined>>,
  general: Policy,
  place: string,
): Partial<Policy> {
  const constants = withoutHoles(partial);
  if (Object.keys(constants).length === 0) refuse(`${place} sets no constant`);
  for (const [name, value] of Object.entries(constants)) {
    checkConstant(name, value, place);
    const { stricter } = CONSTANTS[name];
    if (stricter === undefined) {
      refuse(`${place}.${name} is about sources, not about keys`, 'Set it in policy, for all of them.');
    }
    if (strictest(name, value, general[name]) !== value) {
      refuse(
        `${place}.${name}: ${value} is less strict than ${general[name]}, which holds for every key`,
        `For this constant, ${stricter} is stricter.`,
      );
    }
  }
  return Object.freeze(constants);
}

/** The general policy with the strictest value of each constant. */
export function strictestOf(general: Policy, others: readonly Partial<Policy>[]): Policy {
  const policy: Record<keyof Policy, number> = { ...general };
  for (const other of others) {
    for (const name of POLICY_NAMES) policy[name] = strictest(name, other[name] ?? policy[name], policy[name]);
  }
  return Object.freeze(policy);
}

/** The names of the constants, in the order of the table. */
export const POLICY_NAMES: readonly (keyof Policy)[] = Object.keys(CONSTANTS).filter(isConstant);

function strictest(name: keyof Policy, a: number, b: number): number {
  return CONSTANTS[name].stricter === 'less' ? Math.min(a, b) : Math.max(a, b);
}

function checkConstant(name: string, value: number, place: string): asserts name is keyof Policy {
  if (!isConstant(name)) refuse(`${place}.${name} is no constant of the policy`, didYouMean(name, POLICY_NAMES));
  const { least, greatest, isFraction } = CONSTANTS[name];
  if (!(value >= least && value <= greatest)) {
    refuse(`${place}.${name} must be from ${least} to ${greatest}, not ${value}`);
  }
  if (isFraction !== true && !Number.isInteger(value)) refuse(`${place}.${name} must be a whole number, not ${value}`);
}

function isConstant(name: string): name is keyof Policy {
  return Object.hasOwn(CONSTANTS, name);
}

function refuse(message: string, hint?: string): never {
  throw new LastcallError('config', message, hint === undefined ? {} : { hint });
}
