import type { DayNumber, SteadyCaller } from '../model.ts';
import { isWeekend } from './calendar.ts';
import type { Policy } from './policy.ts';

/** So many callers of a source are known at most, the steadiest: where there are fewer, these are all of more than a few days. */
export const MOST_STEADY_CALLERS = 24;

/**
 * Whether the records of a day should show some key, learned from the good days before, weekdays and weekends apart. It
 * shows that keys are no longer logged where too few systems call to judge a day by what each of them does: a field was
 * renamed, a header taken out. Records go on then, and all keys would seem to have died on one day.
 */
export class KeyedRhythm {
  readonly #enough: number;
  /** Undefined: there may be others who call on many days. */
  readonly #keyedDays: ReadonlySet<DayNumber> | undefined;
  /** Up to this day there may have been keys of callers that are not known. */
  readonly #unknownUpTo: DayNumber;
  /** On how many good days in a row there was a key. */
  readonly #streaks = { weekday: 0, weekend: 0 };

  /**
   * `newest`: of a source with more callers than those. Neither they nor the steadiest, who may be long gone, are all; but
   * where none of both calls any more, nobody is seen to.
   */
  constructor(callers: readonly SteadyCaller[], newest: readonly SteadyCaller[] | undefined, policy: Policy) {
    this.#enough = policy.coverageRhythmDays;
    const areAll = callers.length < MOST_STEADY_CALLERS;
    if (areAll || newest !== undefined)
      this.#keyedDays = new Set([...callers, ...(newest ?? [])].flatMap(({ days }) => days));
    this.#unknownUpTo = areAll ? -Infinity : latest(this.#keyedDays ?? []);
  }

  /** There are records of this day, and none of a known caller, as there always was. */
  expectsKeys(day: DayNumber): boolean {
    return day > this.#unknownUpTo && this.#keyedDays?.has(day) === false && this.#streaks[kindOf(day)] >= this.#enough;
  }

  /** Takes a good day with records into the rhythm. */
  learn(day: DayNumber): void {
    const kind = kindOf(day);
    this.#streaks[kind] = this.#keyedDays?.has(day) === true ? this.#streaks[kind] + 1 : 0;
  }
}

function kindOf(day: DayNumber): 'weekday' | 'weekend' {
  return isWeekend(day) ? 'weekend' : 'weekday';
}

function latest(days: Iterable<DayNumber>): DayNumber {
  let last = -Infinity;
  for (const day of days) if (day > last) last = day;
  return last;
}
