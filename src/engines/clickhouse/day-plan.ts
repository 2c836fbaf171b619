import type { DayNumber, EpochMs } from '../../model.ts';
import type { TableDay } from '../sqlite/table-days.ts';

/** One day as the server counts it. */
export interface DayCount {
  readonly rows: number;
  /** When its newest row came; undefined: no column says it. */
  readonly ingestedAt: EpochMs | undefined;
}

/** All rows of a table, or of some of its days. */
export interface TableCount {
  readonly byDay: ReadonlyMap<DayNumber, DayCount>;
  readonly first: DayNumber | undefined;
  readonly rows: number;
  /** Rows that have no time, or an impossible one. */
  readonly timeless: number;
}

/** From 1990 to 2200, as in logs. */
const FIRST_DAY = Date.UTC(1990, 0, 1) / 86_400_000;
const END_OF_DAYS = Date.UTC(2201, 0, 1) / 86_400_000;

/** `day` is undefined for rows without a time. */
export function countDays(counts: Iterable<readonly [day: DayNumber | undefined, count: DayCount]>): TableCount {
  const byDay = new Map<DayNumber, DayCount>();
  let rows = 0;
  let timeless = 0;
  for (const [day, count] of counts) {
    rows += count.rows;
    if (day !== undefined && day >= FIRST_DAY && day < END_OF_DAYS) byDay.set(day, count);
    else timeless += count.rows;
  }
  return { byDay, first: byDay.size === 0 ? undefined : Math.min(...byDay.keys()), rows, timeless };
}

/** What is to be done with each day of a table. */
export interface DayPlan {
  /** All that the server has of them is stored for good. */
  readonly idle: readonly DayNumber[];
  /** Stored, and the server has none of their rows any more, although it has older ones. */
  readonly emptied: readonly DayNumber[];
  /** To be read, in order; the days of a batch in one go. */
  readonly batches: readonly (readonly DayNumber[])[];
}

/** Rows of the days of one batch: no more groups come back, whatever is in them. A day with more is a batch of its own. */
export const BATCH_ROWS = 500_000;

/** A table that is kept for so long only loses its first days: what was stored of them stays. */
export function planDays(
  { byDay, first = Infinity }: TableCount,
  stored: ReadonlyMap<DayNumber, TableDay>,
  query: string,
): DayPlan {
  const days = [...byDay.keys()].toSorted((a, b) => a - b);
  const idle = days.filter((day) => isIdle(byDay.get(day), stored.get(day), query));
  const emptied = [...stored.keys()].filter((day) => day > first && !byDay.has(day)).toSorted((a, b) => a - b);
  return { idle, emptied, batches: batchesOf(days, new Set(idle), byDay) };
}

function isIdle(seen: DayCount | undefined, stored: TableDay | undefined, query: string): boolean {
  if (seen === undefined || stored === undefined) return false;
  const isSame = stored.rows === seen.rows && (seen.ingestedAt === undefined || stored.ingestedAt === seen.ingestedAt);
  return stored.isSealed && isSame && stored.query === query;
}

/** An idle day ends a batch, since a query asks for a stretch of days. */
function batchesOf(
  days: readonly DayNumber[],
  idle: ReadonlySet<DayNumber>,
  byDay: TableCount['byDay'],
): readonly (readonly DayNumber[])[] {
  const batches: DayNumber[][] = [];
  let rows = Infinity;
  for (const day of days) {
    if (idle.has(day)) {
      rows = Infinity;
      continue;
    }
    const more = byDay.get(day)?.rows ?? 0;
    rows += more;
    if (rows <= BATCH_ROWS) {
      batches.at(-1)?.push(day);
      continue;
    }
    batches.push([day]);
    rows = more;
  }
  return batches;
}
