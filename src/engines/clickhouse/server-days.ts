import type { DayNumber } from '../../model.ts';
import type { TableDay } from '../sqlite/table-days.ts';
import type { Hour } from './row-tally.ts';

/** One day as the server counts it. */
export interface ServerDay {
  readonly rows: number;
  readonly calls: number;
  readonly hours: readonly Hour[];
}

export interface ServerDays {
  readonly byDay: ReadonlyMap<DayNumber, ServerDay>;
  readonly first: DayNumber | undefined;
  /** Rows that have no time, or an impossible one. */
  readonly timeless: number;
}

/** From 1990 to 2200, as in logs. */
const FIRST_DAY = Date.UTC(1990, 0, 1) / 86_400_000;
const END_OF_DAYS = Date.UTC(2201, 0, 1) / 86_400_000;

export function onDays(hours: readonly Hour[]): ServerDays {
  const byDay = new Map<DayNumber, ServerDay>();
  let timeless = 0;
  for (const hour of hours) {
    const day = hour.hour === undefined ? -1 : Math.floor(hour.hour / 24);
    if (day < FIRST_DAY || day >= END_OF_DAYS) {
      timeless += hour.rows;
      continue;
    }
    const { rows, calls, hours: known } = byDay.get(day) ?? { rows: 0, calls: 0, hours: [] };
    byDay.set(day, { rows: rows + hour.rows, calls: calls + hour.calls, hours: [...known, hour] });
  }
  return { byDay, first: byDay.size === 0 ? undefined : Math.min(...byDay.keys()), timeless };
}

/** Whether all that the server has of a day is stored for good. */
export function isIdle(seen: ServerDay | undefined, stored: TableDay | undefined, query: string): boolean {
  if (seen === undefined || stored === undefined) return false;
  return stored.isSealed && stored.rows === seen.calls && stored.query === query;
}
