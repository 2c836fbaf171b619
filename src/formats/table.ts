import type { Skip } from '../model.ts';
import { lowerAscii } from '../kernel/field-path.ts';
import { detectDelimiter, isRemark, splitDelimited, splitRow } from './csv.ts';
import type { Captures, FieldMap, Syntax, UsageField } from './format.ts';
import { parseTime } from './timestamp.ts';

/** Reads rows whose columns are named by header lines, which may change within a log. */
export interface Table {
  /** The header lines in force: what must be known to go on in the middle of a log. Undefined: none was read. */
  header: string | undefined;
  /** It holds the beginning of a row whose rest lies in the next lines. */
  readonly isOpen?: boolean;
  read(line: string): Captures | Skip;
  /** Another pass over the log begins. */
  reset?(): void;
}

/** The rows under a longer header cannot be read: it would have to be kept. */
const MAX_HEADER = 16 * 1024;

/**
 * Rows with separators. Where the columns are not given, the first line names them, and so does each later line that is
 * made of the names of columns, as when logs were joined. A quoted cell may hold line ends.
 */
export function delimitedTable(
  syntax: Extract<Syntax, { kind: 'delimited' }>,
  fields: FieldMap,
  firstLine: string,
): Table {
  const delimiter = syntax.delimiter ?? detectDelimiter(firstLine);
  const names = headerNames(fields);
  const hasHeader = syntax.columns === undefined;
  const columnsOf = (line: string): string[] => splitDelimited(line, delimiter)?.map((name) => name.trim()) ?? [];
  let columns = syntax.columns ?? columnsOf(firstLine);
  // The first line is there at each resume, whole by then; only another one has to be kept.
  let changed: string | undefined;
  const change = (line: string): Skip => {
    changed = line.length > MAX_HEADER ? '' : line;
    columns = columnsOf(changed);
    return HEADER;
  };
  const captures = (cells: readonly string[]): Captures => {
    return Object.fromEntries(columns.map((column, i) => [column, cells[i]]));
  };
  let open: string | undefined;
  const goOn = (begun: string, line: string): Captures | Skip => {
    const row = `${begun}\n${line}`;
    const cells = splitRow(row, delimiter);
    // A whole row by itself was not meant to be a part: the quote before it is a defect.
    open = cells === 'open' && row.length <= MAX_ROW && !isWhole(line, columns, delimiter, names) ? row : undefined;
    if (open !== undefined) return PARTIAL;
    return typeof cells === 'string' || cells.length !== columns.length ? MALFORMED : captures(cells);
  };
  return {
    get header() {
      return changed;
    },
    set header(line) {
      if (line !== undefined && hasHeader) change(line);
    },
    get isOpen() {
      return open !== undefined;
    },
    reset: () => void (open = undefined),
    read(line) {
      if (open !== undefined) return goOn(open, line);
      if (hasHeader && line === (changed ?? firstLine)) return HEADER;
      const cells = splitRow(line, delimiter);
      if (cells === 'open' && line.length <= MAX_ROW && !isRemark(line)) {
        open = line;
        return PARTIAL;
      }
      if (typeof cells === 'string') return isRemark(line) ? COMMENT : MALFORMED;
      if (hasHeader && isHeader(cells, columns, names)) return change(line);
      if (cells.length !== columns.length) return isRemark(line) ? COMMENT : MALFORMED;
      return captures(cells);
    },
  };
}

/** Of the lines that one row may be printed over. */
const MAX_ROW = 256 * 1024;

/**
 * W3C extended log: `#Fields:` names the columns. `#Date:` gives the day where the rows do not, `#GMT-Offset:` the zone.
 * Beside the columns, a row has `w3c-time` (date and time; UTC unless they are local) and `w3c-uri` (stem and query).
 * www.w3.org/TR/WD-logfile.html
 */
export function w3cTable({ columns: given, mayEndAfter }: Extract<Syntax, { kind: 'w3c' }>): Table {
  const directives = new Map<string, string>();
  let columns = given?.map(lowerAscii);
  const take = (line: string): Skip => {
    const [, name = '', value = ''] = DIRECTIVE.exec(line) ?? [];
    if (name === '') return COMMENT;
    if (lowerAscii(name) === 'fields') {
      columns = line.length > MAX_HEADER ? [] : columnNames(value).map(lowerAscii);
      directives.set('fields', `#Fields: ${columns.join(' ')}`);
      return HEADER;
    }
    const kept = DAY_OR_OFFSET.exec(value)?.[0];
    if (kept !== undefined) directives.set(lowerAscii(name), `#${name}: ${kept}`);
    return COMMENT;
  };
  return {
    get header() {
      return directives.size === 0 ? undefined : [...directives.values()].join('\n');
    },
    set header(lines) {
      for (const line of lines?.split('\n') ?? []) take(line);
    },
    read(line) {
      if (line.startsWith('#')) return take(line);
      const cells = columns === undefined ? undefined : w3cCells(line, columns, mayEndAfter);
      if (columns === undefined || cells === undefined) return MALFORMED;
      const row = Object.create(null) as Row;
      for (const [i, column] of columns.entries()) row[column] = cells[i];
      row['w3c-time'] = w3cTime(row, directives);
      row['w3c-uri'] = w3cUri(row);
      return row;
    },
  };
}

/** The columns that the first header in these lines names. */
export function w3cColumns(lines: readonly string[]): readonly string[] | undefined {
  const fields = lines.find((line) => /^#fields[:\t]/i.test(line));
  return fields === undefined ? undefined : columnNames(fields.slice('#fields:'.length));
}

/** A remark may follow. */
function columnNames(text: string): readonly string[] {
  return (text.split(' //')[0] ?? '').trim().split(/\s+/);
}

const HEADER: Skip = { skip: 'header', quarantined: false };
const COMMENT: Skip = { skip: 'comment', quarantined: false };
const PARTIAL: Skip = { skip: 'partial', quarantined: false };
const MALFORMED: Skip = { skip: 'malformed-row', quarantined: true };

const DAY_OR_OFFSET = /\d{4}-\d\d-\d\d|[+-]\d{4}/;
/** Zeek has tabs for the colon. */
const DIRECTIVE = /^#(fields|date|gmt-offset)[:\t](.*)$/i;

interface HeaderNames {
  readonly time: ReadonlySet<string>;
  readonly all: ReadonlySet<string>;
}

function headerNames(fields: FieldMap): HeaderNames {
  const namesOf = (field: UsageField): string[] =>
    fields[field]?.split('||').map((name) => lowerAscii(name.trim())) ?? [];
  return { time: new Set(namesOf('time')), all: new Set((Object.keys(fields) as UsageField[]).flatMap(namesOf)) };
}

/** Whether cells name a time and another mapped column, while no time stands where the times are: no caller writes there. */
function isHeader(cells: readonly string[], columns: readonly string[], { time, all }: HeaderNames): boolean {
  const at = columns.findIndex((column) => time.has(lowerAscii(column)));
  const stamp = cells[at] ?? '';
  if (/^\d/.test(stamp) || typeof parseTime(stamp, undefined) === 'number') return false;
  const names = cells.map((cell) => lowerAscii(cell.trim()));
  return names.some((name) => time.has(name)) && names.filter((name) => all.has(name)).length > 1;
}

/** As many cells as columns, and a time where the times are. */
function isWhole(line: string, columns: readonly string[], delimiter: string, { time }: HeaderNames): boolean {
  const cells = splitDelimited(line, delimiter);
  if (cells?.length !== columns.length) return false;
  const at = columns.findIndex((column) => time.has(lowerAscii(column)));
  return at < 0 || typeof parseTime(cells[at] ?? '', undefined) === 'number';
}

/** As many cells as columns. Rows with more are shifted somewhere; of a row that was cut short the last cell is not whole. */
function w3cCells(
  line: string,
  columns: readonly string[],
  mayEndAfter: string | undefined,
): readonly string[] | undefined {
  if (line.includes('\t')) {
    const cells = line.split('\t').map(unquoted);
    if (cells.length === columns.length) return cells;
    const needed = mayEndAfter === undefined ? -1 : columns.indexOf(mayEndAfter);
    if (needed >= 0 && cells.length < columns.length && cells.length - 1 > needed) return cells.slice(0, -1);
  }
  for (const split of [quotedWords, plainWords]) {
    const cells = split(line);
    if (cells?.length === columns.length) return cells;
  }
  return undefined;
}

function unquoted(cell: string): string {
  return /^".*"$/.test(cell) ? cell.slice(1, -1).replaceAll('""', '"') : cell;
}

function plainWords(line: string): string[] {
  return line.trim().split(/ +/);
}

/** Words between blanks; one that begins with a quote ends at the next single quote, and may hold blanks. */
function quotedWords(line: string): string[] | undefined {
  const words: string[] = [];
  for (let at = 0; at < line.length;) {
    if (line[at] === ' ') {
      at++;
      continue;
    }
    if (line[at] !== '"') {
      const space = line.indexOf(' ', at);
      const end = space < 0 ? line.length : space;
      words.push(line.slice(at, end));
      at = end;
      continue;
    }
    let close = line.indexOf('"', at + 1);
    while (close >= 0 && line[close + 1] === '"') close = line.indexOf('"', close + 2);
    if (close < 0 || (close + 1 < line.length && line[close + 1] !== ' ')) return undefined;
    words.push(line.slice(at + 1, close).replaceAll('""', '"'));
    at = close + 1;
  }
  return words;
}

/** Cells by the names of their columns, in small letters. */
type Row = Record<string, string | undefined>;

function w3cTime(row: Row, directives: ReadonlyMap<string, string>): string | undefined {
  const offset = directives.get('gmt-offset')?.slice(-5);
  const headerDay = directives.get('date')?.slice(-10);
  const [time, day] = [row['time'], row['date'] ?? headerDay];
  if (time !== undefined && day !== undefined) return `${day}T${time}${offset ?? 'Z'}`;
  const [localTime, localDay] = [row['time-local'], row['date-local'] ?? headerDay];
  return localTime === undefined || localDay === undefined ? undefined : `${localDay}T${localTime}${offset ?? ''}`;
}

function w3cUri(row: Row): string | undefined {
  const stem = row['cs-uri-stem'] ?? row['cs-uri'];
  const query = row['cs-uri-query'];
  return query === undefined || query === '-' || query === '' ? stem : `${stem ?? ''}?${query}`;
}
