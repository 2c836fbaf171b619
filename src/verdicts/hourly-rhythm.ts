import type { DayNumber } from '../model.ts';
import { isWeekend } from './calendar.ts';
import type { Policy } from './policy.ts';

/**
 * In which hours of the day a source always sends records, learned from its good days before, weekdays and weekends apart.
 * It shows the source that fell silent for an evening, when most calls of the day had come already.
 */
export class HourlyRhythm {
  readonly #policy: Policy;
  readonly #kinds = { weekday: newKind(), weekend: newKind() };

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  /**
   * Whether two hours in a row that should have records have none. One is not enough: where clocks change between summer
   * and winter, the first or the last hour of work moves. `hours`: records of each of the 24 hours, UTC.
   */
  expectsMore(day: DayNumber, hours: readonly number[] | undefined): boolean {
    if (hours === undefined) return false;
    const kind = this.#kindOf(day);
    const lacks = lacksTwoHours(hours, kind.streaks, this.#policy.coverageRhythmDays);
    kind.lacking = lacks ? kind.lacking + 1 : 0;
    return lacks && kind.lacking < this.#policy.coverageRhythmDays;
  }

  /** Takes a good day into the rhythm. */
  learn(day: DayNumber, hours: readonly number[] | undefined): void {
    const { streaks } = this.#kindOf(day);
    for (let hour = 0; hour < streaks.length; hour++) {
      streaks[hour] = (hours?.[hour] ?? 0) >= this.#policy.coverageHourRecords ? streaks[hour]! + 1 : 0;
    }
  }

  #kindOf(day: DayNumber): Kind {
    return isWeekend(day) ? this.#kinds.weekend : this.#kinds.weekday;
  }
}

function lacksTwoHours(hours: readonly number[], streaks: readonly number[], enough: number): boolean {
  let inRow = 0;
  for (let hour = 0; hour < hours.length; hour++) {
    inRow = hours[hour] === 0 && (streaks[hour] ?? 0) >= enough ? inRow + 1 : 0;
    if (inRow === 2) return true;
  }
  return false;
}

interface Kind {
  /** Per hour: on how many good days in a row there were enough records. */
  readonly streaks: number[];
  /** Days in a row that lacked hours: after as many as make a rhythm, the rhythm has changed. */
  lacking: number;
}

function newKind(): Kind {
  return { streaks: Array.from({ length: 24 }, () => 0), lacking: 0 };
}
