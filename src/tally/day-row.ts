import type { DayNumber, EpochMs, Outcome } from '../model.ts';

/**
 * Calls of one UTC day (or hour, where that is counted) as numbers in a row: the caller's number, where there is one; the
 * day; accepted, failed and refused; first and last accepted or failed call; first and last refused one. Where there is no
 * such call, the first is Infinity and the last -Infinity. There are as many rows as there are callers and days: each as an
 * object of its own, they take some hundred bytes and longer to collect than to make.
 */
export type DayRow = Float64Array<ArrayBuffer>;

export const ROW_WIDTH = 9;

export const CALLER = 0;
export const DAY = 1;
export const ACCEPTED = 2;
export const FAILED = 3;
export const REFUSED = 4;
export const FIRST_USED = 5;
export const LAST_USED = 6;
export const FIRST_REFUSED = 7;
export const LAST_REFUSED = 8;

const PLACE_OF: Readonly<Record<Outcome, number>> = { accepted: ACCEPTED, failed: FAILED, refused: REFUSED };

/** Calls that say the same but for their instants. */
export interface Calls {
  readonly calls: number;
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
}

export function newDayRow(): DayRow {
  return new Float64Array(ROW_WIDTH);
}

/** A day without calls, where a row begins. */
export function clearRow(rows: DayRow, at: number, day: DayNumber): void {
  rows[at + DAY] = day;
  rows[at + ACCEPTED] = 0;
  rows[at + FAILED] = 0;
  rows[at + REFUSED] = 0;
  rows[at + FIRST_USED] = Infinity;
  rows[at + LAST_USED] = -Infinity;
  rows[at + FIRST_REFUSED] = Infinity;
  rows[at + LAST_REFUSED] = -Infinity;
}

export function addToRow(rows: DayRow, at: number, outcome: Outcome, { calls, firstAt, lastAt }: Calls): void {
  rows[at + PLACE_OF[outcome]]! += calls;
  const first = at + (outcome === 'refused' ? FIRST_REFUSED : FIRST_USED);
  if (firstAt < rows[first]!) rows[first] = firstAt;
  if (lastAt > rows[first + 1]!) rows[first + 1] = lastAt;
}

/** Adds the row that begins at one place to that at another. Associative and commutative. */
export function mergeRow(into: DayRow, at: number, from: DayRow, start: number): void {
  for (let i = ACCEPTED; i <= REFUSED; i++) into[at + i]! += from[start + i]!;
  for (let i = FIRST_USED; i <= LAST_REFUSED; i += 2) {
    if (from[start + i]! < into[at + i]!) into[at + i] = from[start + i]!;
    if (from[start + i + 1]! > into[at + i + 1]!) into[at + i + 1] = from[start + i + 1]!;
  }
}

export function callsIn(row: DayRow): number {
  return row[ACCEPTED]! + row[FAILED]! + row[REFUSED]!;
}

/** What a caller did on one day. Instants are undefined where there was no such call. */
export interface DayCounts {
  readonly day: DayNumber;
  readonly accepted: number;
  readonly failed: number;
  readonly refused: number;
  readonly firstUsedAt: EpochMs | undefined;
  readonly lastUsedAt: EpochMs | undefined;
  readonly firstRefusedAt: EpochMs | undefined;
  readonly lastRefusedAt: EpochMs | undefined;
}

export function countsIn(row: DayRow, at: number): DayCounts {
  return {
    day: row[at + DAY]!,
    accepted: row[at + ACCEPTED]!,
    failed: row[at + FAILED]!,
    refused: row[at + REFUSED]!,
    firstUsedAt: instant(row[at + FIRST_USED]!),
    lastUsedAt: instant(row[at + LAST_USED]!),
    firstRefusedAt: instant(row[at + FIRST_REFUSED]!),
    lastRefusedAt: instant(row[at + LAST_REFUSED]!),
  };
}

function instant(at: number): EpochMs | undefined {
  return Number.isFinite(at) ? at : undefined;
}

/** Rows one behind the other, each with the number of its caller. */
export class DayRows {
  #rows: DayRow = new Float64Array(0);
  #end = 0;

  get count(): number {
    return this.#end / ROW_WIDTH;
  }

  add(caller: number, row: DayRow): void {
    if (this.#end === this.#rows.length) this.#rows = withRoom(this.#rows);
    this.#rows.set(row, this.#end);
    this.#rows[this.#end + CALLER] = caller;
    this.#end += ROW_WIDTH;
  }

  /** All of them; there are none then. */
  take(): DayRow {
    const rows = this.#rows.slice(0, this.#end);
    this.#rows = new Float64Array(0);
    this.#end = 0;
    return rows;
  }
}

/** The same rows, with room for as many again. */
export function withRoom(rows: DayRow): DayRow {
  const larger = new Float64Array(Math.max(FIRST_ROWS * ROW_WIDTH, 2 * rows.length));
  larger.set(rows);
  return larger;
}

const FIRST_ROWS = 64;
