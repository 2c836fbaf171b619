import type { Day, DayNumber } from '../model.ts';
import type { Paint, Style } from './style.ts';

const DAY_MS = 86_400_000;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** A stretch of days drawn in cells of `daysPerCell` days each. The last cell ends at or after the last day. */
export interface Strip {
  readonly from: DayNumber;
  readonly to: DayNumber;
  readonly daysPerCell: number;
  readonly cells: number;
}

/** One sign of a strip: a width of one, told apart without colour. */
export interface Mark {
  readonly sign: string;
  readonly style: Style;
}

/** Lays the days from..to (inclusive) out in `width` cells at most. */
export function layStrip(from: Day, to: Day, width: number): Strip {
  const first = dayNumber(from);
  const last = Math.max(first, dayNumber(to));
  const days = last - first + 1;
  const daysPerCell = Math.ceil(days / Math.max(1, width));
  return { from: first, to: last, daysPerCell, cells: Math.ceil(days / daysPerCell) };
}

/** The cell of a day. A use outside the strip (a clock ahead of ours) shows at its end: it is never left out. */
export function cellOf(strip: Strip, day: Day): number {
  const within = Math.min(strip.to, Math.max(strip.from, dayNumber(day)));
  return Math.floor((within - strip.from) / strip.daysPerCell);
}

/** For each cell, how many of its days lie in the spans (inclusive; overlaps count once). */
export function daysInCells(strip: Strip, spans: readonly { readonly from: Day; readonly to: Day }[]): number[] {
  const cells = Array.from({ length: strip.cells }, () => 0);
  let next = strip.from;
  for (const span of spans.toSorted((a, b) => dayNumber(a.from) - dayNumber(b.from))) {
    const start = Math.max(next, dayNumber(span.from));
    const end = Math.min(strip.to, dayNumber(span.to));
    for (let day = start; day <= end; day += 1) {
      const cell = Math.floor((day - strip.from) / strip.daysPerCell);
      cells[cell] = (cells[cell] ?? 0) + 1;
    }
    next = Math.max(next, end + 1);
  }
  return cells;
}

/** How many days a cell stands for: all but the last have `daysPerCell`. */
export function daysOfCell(strip: Strip, cell: number): number {
  return Math.min(strip.daysPerCell, strip.to - strip.from + 1 - cell * strip.daysPerCell);
}

/** Names of months over the cells in which they begin, as many as have room; the first one of a year names the year. */
export function monthAxis(strip: Strip): string {
  let axis = '';
  let named: number | undefined;
  for (const { at, year, month } of monthStarts(strip)) {
    const cell = Math.floor((at - strip.from) / strip.daysPerCell);
    const label = year === named ? `${MONTHS[month]}` : `${MONTHS[month]} ${year}`;
    const isFree = axis === '' || cell >= axis.length + 1;
    if (!isFree || cell + label.length > strip.cells) continue;
    axis = axis.padEnd(cell) + label;
    named = year;
  }
  return axis;
}

/** What one sign of the strip stands for. */
export function scaleText({ daysPerCell }: Strip): string {
  return daysPerCell === 1 ? 'each sign is a day' : `each sign stands for ${daysPerCell} days`;
}

/** The signs of a strip in a line; one colour code per run of equal signs, not per sign. */
export function drawMarks(marks: readonly Mark[], paint: Paint): string {
  let line = '';
  for (let start = 0; start < marks.length;) {
    const mark = marks[start];
    let end = start + 1;
    while (end < marks.length && marks[end] === mark) end += 1;
    line += paint((mark?.sign ?? ' ').repeat(end - start), mark?.style);
    start = end;
  }
  return line;
}

/** `YYYY-MM-DD` */
export function isoDay(day: DayNumber): Day {
  return new Date(day * DAY_MS).toISOString().replace(/T.*/, '');
}

/** Whole UTC days since 1970-01-01. */
export function dayNumber(day: Day): DayNumber {
  return Math.floor(Date.parse(`${day}T00:00:00Z`) / DAY_MS);
}

function* monthStarts(strip: Strip): Iterable<{ at: DayNumber; year: number; month: number }> {
  const first = new Date(strip.from * DAY_MS);
  const start = first.getUTCDate() === 1 ? 0 : 1;
  for (let step = start; ; step += 1) {
    const date = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + step));
    const at = date.getTime() / DAY_MS;
    if (!(at <= strip.to)) return;
    yield { at, year: date.getUTCFullYear(), month: date.getUTCMonth() };
  }
}
