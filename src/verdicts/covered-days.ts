import type { DayNumber, GapReason, SourceCoverage } from '../model.ts';
import { dayOf } from './calendar.ts';
import type { World } from './world.ts';

/** Counts days by what a set of sources shows of them together. */
export interface CoveredDays {
  readonly sources: readonly string[];
  /** Of those that are known. */
  readonly coverages: readonly SourceCoverage[];
  /** The first and the last of the days on which these sources began; undefined if one of them has no record. */
  readonly earliestStart: DayNumber | undefined;
  readonly latestStart: DayNumber | undefined;
  /** Whole days after `since`, up to yesterday, on which every source was complete. */
  readonly coveredSince: (since: DayNumber) => number;
  /** Such days on which some source has a hole; days that are merely late are none. */
  readonly holesSince: (since: DayNumber) => number;
  /** Why such days are not covered. */
  readonly reasonsSince: (since: DayNumber) => ReadonlySet<GapReason>;
}

/** Counts the days of a set of sources. Kept per world, since most callers share a few sets. */
export function coveredDaysOf(world: World, sources: readonly string[]): CoveredDays {
  let sets = SETS.get(world);
  if (sets === undefined) SETS.set(world, (sets = new Map()));
  const name = sources.length === 1 ? sources[0]! : JSON.stringify(sources);
  let counted = sets.get(name);
  if (counted === undefined) sets.set(name, (counted = countDays(world, sources)));
  return counted;
}

const SETS = new WeakMap<World, Map<string, CoveredDays>>();

function countDays(world: World, sources: readonly string[]): CoveredDays {
  const today = dayOf(world.asOf);
  const coverages = sources.map((source) => world.coverage.get(source));
  const starts = coverages.map((coverage) => coverage?.firstDay);
  const known = starts.filter((start) => start !== undefined);
  const isKnown = known.length === sources.length && known.length > 0;
  const first = isKnown ? Math.max(...known) : today;
  const marks = markDays(coverages, first, today);
  const uncovered = countBackwards(marks, (mark) => mark !== COVERED);
  const holes = countBackwards(marks, (mark) => mark === HOLE);
  const indexOf = (since: DayNumber): number => Math.min(Math.max(0, since + 1 - first), marks.length);
  // Before the first record of a source lies a hole.
  const daysBefore = (since: DayNumber): number => Math.max(0, Math.min(first, today) - since - 1);
  return {
    sources,
    coverages: coverages.filter((coverage) => coverage !== undefined),
    earliestStart: isKnown ? Math.min(...known) : undefined,
    latestStart: isKnown ? first : undefined,
    coveredSince: (since) => marks.length - indexOf(since) - uncovered[indexOf(since)]!,
    holesSince: (since) => holes[indexOf(since)]! + daysBefore(since),
    reasonsSince: (since) => reasonsSince(coverages, since, today, daysBefore(since) > 0),
  };
}

const COVERED = 0;
const LATE = 1;
const HOLE = 2;

function markDays(coverages: readonly (SourceCoverage | undefined)[], first: DayNumber, today: DayNumber): Uint8Array {
  const marks = new Uint8Array(Math.max(0, today - first));
  for (const gap of coverages.flatMap((coverage) => coverage?.gaps ?? [])) {
    const mark = gap.reason === 'late-window' ? LATE : HOLE;
    for (let day = Math.max(gap.from, first); day <= gap.to && day < today; day++) {
      marks[day - first] = Math.max(mark, marks[day - first]!);
    }
  }
  return marks;
}

/** At each index: how many of the days from there on are meant. */
function countBackwards(marks: Uint8Array, isMeant: (mark: number) => boolean): Uint32Array {
  const counts = new Uint32Array(marks.length + 1);
  for (let index = marks.length - 1; index >= 0; index--) {
    counts[index] = counts[index + 1]! + (isMeant(marks[index]!) ? 1 : 0);
  }
  return counts;
}

function reasonsSince(
  coverages: readonly (SourceCoverage | undefined)[],
  since: DayNumber,
  today: DayNumber,
  isBeforeLogs: boolean,
): ReadonlySet<GapReason> {
  const reasons = new Set<GapReason>(isBeforeLogs ? ['before-first-record'] : []);
  for (const gap of coverages.flatMap((coverage) => coverage?.gaps ?? [])) {
    if (gap.to > since && gap.from < today) reasons.add(gap.reason);
  }
  return reasons;
}
