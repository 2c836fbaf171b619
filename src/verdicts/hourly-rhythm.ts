import type { DayNumber } from '../model.ts';
import { isWeekend } from './calendar.ts';
import type { Policy } from './policy.ts';

/**
 * In which hours of the day a source always sends records, learned from its good days before, weekdays and weekends apart.
 * It shows the source that fell silent for an evening, when most calls of the day had come already.
 */
export class HourlyRhythm {
  readonly #policy: Policy;
  /** Per hour: on how many good days in a row there were enough records. */
  readonly #streaks = { weekday: new Array<number>(24).fill(0), weekend: new Array<number>(24).fill(0) };
  /** Days in a row that lacked hours: after as many as make a rhythm, the rhythm has changed. */
  #lacking = 0;

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  /**
   * Whether two hours in a row that should have records have none. One is not enough: where clocks change between summer
   * and winter, the first or the last hour of work moves. `hours`: records of each of the 24 hours, UTC.
   */
  expectsMore(day: DayNumber, hours: readonly number[] | undefined): boolean {
    if (hours === undefined) return false;
    const streaks = this.#streaksOf(day);
    const isLacking = (hour: number): boolean =>
      hours[hour] === 0 && (streaks[hour] ?? 0) >= this.#policy.coverageRhythmDays;
    const lacks = hours.some((_, hour) => isLacking(hour) && isLacking(hour + 1));
    this.#lacking = lacks ? this.#lacking + 1 : 0;
    return lacks && this.#lacking < this.#policy.coverageRhythmDays;
  }

  /** Takes a good day into the rhythm. */
  learn(day: DayNumber, hours: readonly number[] | undefined): void {
    const streaks = this.#streaksOf(day);
    for (const [hour, streak] of streaks.entries()) {
      streaks[hour] = (hours?.[hour] ?? 0) >= this.#policy.coverageHourRecords ? streak + 1 : 0;
    }
  }

  #streaksOf(day: DayNumber): number[] {
    return isWeekend(day) ? this.#streaks.weekend : this.#streaks.weekday;
  }
}
