import type { Paint, Style } from './style.ts';
import { pad, truncate, wrap } from './text-width.ts';

/** One line of a cell. The text is inert; it is cut to the width of its column. */
export interface Line {
  readonly text: string;
  readonly style?: Style;
}

export interface Column {
  readonly title: string;
  readonly width: number;
  readonly right?: boolean;
}

export type Cell = readonly Line[];

export const GUTTER = '  ';

/** The lines of one row of cells, each line padded and cut to its columns, without spaces at its end. */
export function layRow(columns: readonly Column[], cells: readonly Cell[], paint: Paint): string[] {
  const height = Math.max(1, ...cells.map((cell) => cell.length));
  return Array.from({ length: height }, (_, row) => {
    const last = cells.findLastIndex((cell) => (cell[row]?.text ?? '') !== '');
    return columns
      .slice(0, last + 1)
      .map((column, index) => layLine(column, cells[index]?.[row] ?? { text: '' }, index === last, paint))
      .join(GUTTER);
  });
}

/** The titles as a row. */
export function layTitles(columns: readonly Column[], paint: Paint): string[] {
  return layRow(
    columns,
    columns.map(({ title }) => [{ text: title, style: 'faint' }]),
    paint,
  );
}

/** What is left of `width` beside columns of these widths. */
export function widthLeft(width: number, taken: readonly number[]): number {
  return width - taken.reduce((sum, each) => sum + each + GUTTER.length, 0);
}

/** The text as an item of a list, no wider than `width`. */
export function bullet(text: string, width: number, maxLines: number): string[] {
  return wrap(text, width - 2, maxLines).map((line, row) => (row === 0 ? `- ${line}` : `  ${line}`));
}

/** The lines of a block, each behind a bar: untrusted text never starts a line, where CI services look for commands. */
export function* barred(lines: Iterable<string>, paint: Paint, style: Style = 'faint'): Iterable<string> {
  const bar = paint('│', style);
  for (const line of lines) yield `${bar} ${line}`.trimEnd() + '\n';
}

function layLine(column: Column, line: Line, isLast: boolean, paint: Paint): string {
  const text = truncate(line.text, column.width);
  const padding = pad(text, column.width).length - text.length;
  const painted = paint(text, line.style);
  if (column.right === true) return ' '.repeat(padding) + painted;
  return isLast ? painted : painted + ' '.repeat(padding);
}
