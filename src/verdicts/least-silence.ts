import type { Caller, DayNumber } from '../model.ts';
import type { CoveredDays } from './covered-days.ts';
import { countUpTo } from './past.ts';
import type { Policy } from './policy.ts';
import { rhythmOf } from './rhythm.ts';
import { isNamed } from './use-days.ts';

/**
 * Whether a caller surely keeps its key at the end of a day, by its calls up to then: it has not even been silent for
 * what the rules ask at their mildest. Says in a moment what else takes all of the facts; `no` means only that one has to
 * look. To be asked day after day.
 */
export function keepsKey(caller: Caller, policy: Policy): (today: DayNumber) => boolean {
  const { useDays } = caller;
  const mildest = Math.min(policy.floorDays, policy.movedFloorDays);
  let [known, least] = [0, 0];
  return (today) => {
    const count = countUpTo(useDays, today);
    if (count === 0) return false;
    const silentDays = today - 1 - useDays[count - 1]!;
    if (silentDays < mildest) return true;
    if (count !== known) [known, least] = [count, leastSilence(caller, count, policy)];
    return silentDays < least;
  };
}

/** What is required of a caller after so many days of use if the logs are complete and, with a name, it has moved. */
function leastSilence(caller: Caller, count: number, policy: Policy): number {
  const useDays = caller.useDays.slice(0, count);
  const history = { today: useDays.at(-1) ?? 0, useDays, hasMoved: isNamed(caller), covered: COMPLETE };
  return rhythmOf({ ...history, lastRefusedDay: undefined, createdDay: undefined }, policy).required;
}

const COMPLETE: CoveredDays = {
  sources: [],
  coverages: [],
  earliestStart: undefined,
  latestStart: undefined,
  coveredSince: () => 0,
  holesSince: () => 0,
  reasonsSince: () => new Set(),
};
