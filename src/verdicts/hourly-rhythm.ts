import type { DayNumber } from '../model.ts';
import { isWeekend } from './calendar.ts';
import type { Policy } from './policy.ts';

/**
 * In which parts of the day a source always sends records, learned from its good days before, weekdays and weekends apart.
 * It shows the source that fell silent for an evening, when most calls of the day had come already. The parts are hours, and
 * longer ones for sources that have few records an hour.
 */
export class HourlyRhythm {
  readonly #policy: Policy;
  readonly #kinds = { weekday: newKind(), weekend: newKind() };

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  /**
   * Whether two parts in a row that should have records have none. One is not enough: where clocks change between summer
   * and winter, the first or the last hour of work moves. `hours`: records of each of the 24 hours, UTC.
   */
  expectsMore(day: DayNumber, hours: readonly number[] | undefined): boolean {
    if (hours === undefined) return false;
    const kind = this.#kindOf(day);
    const lacks = kind.parts.some((parts) => lacksTwo(hours, parts, this.#policy.coverageRhythmDays));
    kind.lacking = lacks ? kind.lacking + 1 : 0;
    return lacks && kind.lacking < this.#policy.coverageRhythmDays;
  }

  /** Takes a good day into the rhythm. */
  learn(day: DayNumber, hours: readonly number[] | undefined): void {
    for (const { width, streaks } of this.#kindOf(day).parts) {
      for (let part = 0; part < streaks.length; part++) {
        const isEnough = recordsIn(hours, part, width) >= this.#policy.coverageHourRecords;
        streaks[part] = isEnough ? streaks[part]! + 1 : 0;
      }
    }
  }

  #kindOf(day: DayNumber): Kind {
    return isWeekend(day) ? this.#kinds.weekend : this.#kinds.weekday;
  }
}

function lacksTwo(hours: readonly number[], { width, streaks }: Parts, enough: number): boolean {
  let inRow = 0;
  for (let part = 0; part < streaks.length; part++) {
    inRow = streaks[part]! >= enough && recordsIn(hours, part, width) === 0 ? inRow + 1 : 0;
    if (inRow === 2) return true;
  }
  return false;
}

function recordsIn(hours: readonly number[] | undefined, part: number, width: number): number {
  let records = 0;
  for (let hour = part * width; hour < (part + 1) * width; hour++) records += hours?.[hour] ?? 0;
  return records;
}

interface Kind {
  readonly parts: readonly Parts[];
  /** Days in a row that lacked parts: after as many as make a rhythm, the rhythm has changed. */
  lacking: number;
}

/** The parts of a day that are so many hours wide. */
interface Parts {
  readonly width: number;
  /** Per part: on how many good days in a row there were enough records. */
  readonly streaks: number[];
}

function newKind(): Kind {
  const parts = [1, 3, 6].map((width) => ({ width, streaks: Array.from({ length: 24 / width }, () => 0) }));
  return { parts, lacking: 0 };
}
