import { hideKeys } from '../attribution/raw-secret.ts';
import type { Format, Sample } from '../formats/format.ts';
import { detectDelimiter, headerLine, splitDelimited } from '../formats/csv.ts';
import { isSkip } from '../formats/reader.ts';
import { capturesIn, type LineReader } from '../formats/text-lines.ts';

/** The texts of one record of a sample, by the path, column or capture at which each sits. */
export type RecordValues = ReadonlyMap<string, string>;

/** Every value of the first records, whether a field map names it or not. Holds raw secrets: show none of it as it is. */
export function sampleValues(sample: Sample, syntax: Format['syntax'] | undefined): readonly RecordValues[] {
  if (sample.records.length > 0) return sample.records.map(valuesOf);
  if (syntax?.kind === 'text') return capturedValues(sample, syntax.match);
  return rowsOf(sample);
}

const MAX_DEPTH = 6;

function valuesOf(record: Readonly<Record<string, unknown>>): RecordValues {
  const values = new Map<string, string>();
  addValues(record, '', 0, values);
  return values;
}

function addValues(value: unknown, path: string, depth: number, values: Map<string, string>): void {
  if (value === null || value === '' || value === '-' || depth > MAX_DEPTH) return;
  if (Array.isArray(value)) return addElements(value, path, depth, values);
  if (typeof value !== 'object') {
    values.set(path, String(value));
    return;
  }
  for (const [name, below] of Object.entries(value)) addValues(below, joinPath(path, name), depth + 1, values);
}

/** A list of `{"name": ..., "value": ...}` is one of headers. */
function addElements(elements: readonly unknown[], path: string, depth: number, values: Map<string, string>): void {
  for (const element of elements) {
    const { name, value } = (typeof element === 'object' && element !== null ? element : {}) as Record<string, unknown>;
    if (typeof name === 'string' && typeof value === 'string') values.set(`${path}{${name}}`, value);
    else if (element === elements[0]) addValues(element, `${path}[*]`, depth + 1, values);
  }
}

/** A path as one writes it in a map. */
export function joinPath(at: string, name: string): string {
  if (!/^[\w@-]+$/.test(name)) return `${at}["${name}"]`;
  return at === '' ? name : `${at}.${name}`;
}

function capturedValues(sample: Sample, match: LineReader): RecordValues[] {
  return sample.lines.flatMap((line) => {
    const found = match(line);
    return found === undefined || isSkip(found) ? [] : [new Map(present([...capturesIn(found)]))];
  });
}

function rowsOf({ lines }: Sample): RecordValues[] {
  const header = headerLine(lines);
  const delimiter = detectDelimiter(header);
  const columns = splitDelimited(header, delimiter)?.map((name) => name.trim()) ?? [];
  if (columns.length < 2 || !columns.every(mayBeName)) return [];
  return lines.flatMap((line) => {
    const cells = line === header ? undefined : splitDelimited(line, delimiter);
    if (cells?.length !== columns.length) return [];
    return [new Map(present(columns.map((column, index) => [column, cells[index]])))];
  });
}

/** What stands in place of a header may be a record, and its cells values. */
export function mayBeName(text: string): boolean {
  return (
    /^[\p{L}_@][\p{L}\p{N}_ .@/()[\]"{}*%#-]{0,60}$/u.test(text) &&
    text.replace(/\D/g, '').length <= 3 &&
    hideKeys(text) === text
  );
}

function present(entries: readonly (readonly [string, string | undefined])[]): [string, string][] {
  return entries.flatMap(([name, text]) => (text === undefined || text === '' || text === '-' ? [] : [[name, text]]));
}
