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
  /** On how many good days in a row there was a key. */
  readonly #streaks = { weekday: 0, weekend: 0 };

  constructor(callers: readonly SteadyCaller[], policy: Policy) {
    this.#enough = policy.coverageRhythmDays;
    if (callers.length < MOST_STEADY_CALLERS) this.#keyedDays = new Set(callers.flatMap(({ days }) => days));
  }

  /** There are records of this day, and none of a known caller, as there always was. */
  expectsKeys(day: DayNumber): boolean {
    return this.#keyedDays?.has(day) === false && this.#streaks[kindOf(day)] >= this.#enough;
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
