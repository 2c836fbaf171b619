import { CsvError, parse } from 'csv-parse/sync';
import type { JsonObject } from './json-values.ts';
import { inventoryError, type InventoryFormat, type InventoryRow, type InventoryTable } from './inventory.ts';

const DELIMITERS = [',', ';', '\t', '|'] as const;
/** A cell of this size is a quote that was never closed. */
const MAX_ROW_LENGTH = 1_000_000;

/** Rows under a header. Row numbers are line numbers in the file, where the row begins. */
export const csv: InventoryFormat = {
  name: 'csv',
  title:
    'rows under a header, separated by comma, semicolon, tab or pipe, whose columns have usual names or are mapped',
};

export function readCsv(text: string, file: string): InventoryTable {
  const [header, ...rows] = parseRows(text.replace(/\r\n?/g, '\n'), file);
  if (header === undefined) throw inventoryError(file, undefined, 'is empty');
  const columns = header.cells.map((cell) => (cell ?? '').trim());
  refuseDoubleNames(columns, file, header.row);
  for (const { row, cells } of rows) {
    if (cells.length === columns.length) continue;
    const what = `has ${count(cells.length, 'column')}, the header has ${columns.length}`;
    throw inventoryError(file, `line ${row}`, what, 'A text that holds the separator must stand in double quotes.');
  }
  return { columns, rows, rowWord: 'line', partial: undefined };
}

/** The rows, each as an object of its columns. */
export function* objectsOf({ columns, rows }: InventoryTable): Generator<JsonObject> {
  for (const { cells } of rows) yield new Map(columns.map((name, index) => [name, cells[index]?.trim() ?? '']));
}

function parseRows(text: string, file: string): InventoryRow[] {
  const rows: InventoryRow[] = [];
  let linesRead = 0;
  try {
    parse(text, {
      delimiter: delimiterOf(text),
      record_delimiter: '\n',
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
      max_record_size: MAX_ROW_LENGTH,
      on_record: (cells: string[], { lines }) => {
        linesRead = lines;
        // Spreadsheets export rows of nothing but separators.
        if (cells.some((cell) => cell.trim() !== '')) rows.push({ row: lines - lineBreaks(cells), cells });
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // Neither its message nor the error itself is passed on: they quote the row.
    throw inventoryError(file, `line ${nextLine(text, linesRead)}`, CSV_TROUBLE[error.code] ?? 'cannot be read as CSV');
  }
  return rows;
}

const CSV_TROUBLE: Readonly<Partial<Record<string, string>>> = {
  CSV_QUOTE_NOT_CLOSED: 'a double quote is opened and never closed',
  INVALID_OPENING_QUOTE: 'a double quote stands inside a text that is not quoted',
  CSV_INVALID_CLOSING_QUOTE: 'text follows a closing double quote',
  CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE: 'text follows a closing double quote',
  CSV_MAX_RECORD_SIZE: 'the row is too long: perhaps a double quote is opened and never closed',
};

/** The separator that the header has most of. */
function delimiterOf(text: string): string {
  const header = /^[^\n]*\S[^\n]*$/m.exec(text)?.[0].replace(/"[^"]*"/g, '') ?? '';
  let best: string = DELIMITERS[0];
  for (const delimiter of DELIMITERS) {
    if (header.split(delimiter).length > header.split(best).length) best = delimiter;
  }
  return best;
}

function refuseDoubleNames(columns: readonly string[], file: string, row: number): void {
  for (const [index, name] of columns.entries()) {
    const first = columns.indexOf(name);
    if (name === '' || first === index) continue;
    throw inventoryError(file, `line ${row}`, `columns ${first + 1} and ${index + 1} have the same name`);
  }
}

function lineBreaks(cells: readonly string[]): number {
  return cells.reduce((sum, cell) => sum + cell.split('\n').length - 1, 0);
}

/** The line where the row begins that follows on the lines read so far. */
function nextLine(text: string, linesRead: number): number {
  const lines = text.split('\n');
  let next = linesRead;
  while (next < lines.length - 1 && lines[next]?.trim() === '') next++;
  return next + 1;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
