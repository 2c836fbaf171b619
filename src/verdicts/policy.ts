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
  /** A day with more than this share of unreadable records is not covered. */
  readonly quarantineShare: number;
}

export const DEFAULT_POLICY: Policy = Object.freeze({
  pauseFactor: 3,
  floorDays: 30,
  watchDays: 365,
  steadyDays: 180,
  recentDays: 7,
  refusedWindowDays: 30,
  refusedRequiredDays: 90,
  movedWithinDays: 60,
  movedUseDays: 5,
  movedPace: 0.5,
  movedFloorDays: 21,
  movedPauseFactor: 1.5,
  movedMaxKeys: 100,
  fewRuns: 3,
  fewDays: 10,
  runGapDays: 3,
  leadGraceDays: 7,
  holeMarginPauseDays: 14,
  lateWindowDays: 14,
  coverageShare: 0.6,
  coverageCallers: 5,
  coverageWindowDays: 28,
  coverageRhythmDays: 14,
  quarantineShare: 0.001,
});

/** Least and greatest value of each constant. No setting can clear a caller that called yesterday. */
const RANGES: Readonly<Record<keyof Policy, readonly [least: number, greatest: number]>> = {
  pauseFactor: [1, 100],
  floorDays: [1, 3650],
  watchDays: [1, 3650],
  steadyDays: [1, 3650],
  recentDays: [1, 365],
  refusedWindowDays: [1, 3650],
  refusedRequiredDays: [1, 3650],
  movedWithinDays: [0, 365],
  movedUseDays: [1, 365],
  movedPace: [0.01, 1],
  movedFloorDays: [1, 3650],
  movedPauseFactor: [1, 100],
  movedMaxKeys: [0, 10_000],
  fewRuns: [1, 100],
  fewDays: [1, 365],
  runGapDays: [1, 365],
  leadGraceDays: [0, 365],
  holeMarginPauseDays: [0, 365],
  lateWindowDays: [0, 365],
  coverageShare: [0.01, 1],
  coverageCallers: [1, 1000],
  coverageWindowDays: [7, 365],
  coverageRhythmDays: [1, 365],
  quarantineShare: [0, 1],
};

/** Names that may be fractions; all others are whole numbers. */
const FRACTIONS: ReadonlySet<string> = new Set<keyof Policy>([
  'pauseFactor',
  'movedPace',
  'movedPauseFactor',
  'coverageShare',
  'quarantineShare',
]);

/** The default policy with the given constants in place, or an error that says which of them is wrong. */
export function checkPolicy(partial: Readonly<Record<string, number | undefined>>): Policy {
  const policy: Policy = { ...DEFAULT_POLICY, ...withoutHoles(partial) };
  for (const [name, value] of Object.entries(policy)) checkConstant(name, value);
  if (policy.coverageRhythmDays > policy.coverageWindowDays) {
    refuse('policy.coverageRhythmDays must not be over coverageWindowDays');
  }
  return Object.freeze(policy);
}

function withoutHoles(partial: Readonly<Record<string, number | undefined>>): Partial<Policy> {
  return Object.fromEntries(Object.entries(partial).filter(([, value]) => value !== undefined));
}

function checkConstant(name: string, value: number): void {
  if (!isConstant(name)) refuse(`policy.${name} is no constant of the policy`, didYouMean(name, Object.keys(RANGES)));
  const [least, greatest] = RANGES[name];
  if (!(value >= least && value <= greatest))
    refuse(`policy.${name} must be from ${least} to ${greatest}, not ${value}`);
  if (!FRACTIONS.has(name) && !Number.isInteger(value)) refuse(`policy.${name} must be a whole number, not ${value}`);
}

function isConstant(name: string): name is keyof Policy {
  return Object.hasOwn(RANGES, name);
}

function refuse(message: string, hint?: string): never {
  throw new LastcallError('config', message, hint === undefined ? {} : { hint });
}
