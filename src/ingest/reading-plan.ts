import { hideSecrets } from '../attribution/raw-secret.ts';
import { LastcallError } from '../errors.ts';
import type { Envelope } from '../formats/envelope.ts';
import { openingReader } from '../formats/envelope-reader.ts';
import { customLogFormat } from '../formats/custom-format.ts';
import { csv, detectDelimiter, hasColumns, headerLine, splitDelimited } from '../formats/csv.ts';
import type { FieldMap, Format, Sample } from '../formats/format.ts';
import { FORMATS, formatNamed, recogniseFormat } from '../formats/index.ts';
import { mixedReader } from '../formats/mixed-reader.ts';
import { createReader, isSkip, type RecordReader } from '../formats/reader.ts';
import { takeSample } from '../formats/sample.ts';
import { unwrap, type Unwrapped } from '../formats/unwrap.ts';
import { capturesIn, type LineReader } from '../formats/text-lines.ts';
import { isTextPattern } from '../formats/text-pattern.ts';
import { parseTime } from '../formats/timestamp.ts';
import { w3cColumns } from '../formats/table.ts';
import type { RawFields } from '../model.ts';
import type { Interpretation } from './interpret.ts';
import { joinPath } from './sample-values.ts';
import { withSessionHeaders } from './session-headers.ts';

/** What is asked of a log's format: by flags, or by the source in the configuration. */
export interface FormatChoice {
  /** Formats of the user's: they come before those that we know. */
  readonly own?: readonly Format[];
  /** `auto` or a name. */
  readonly format: string;
  readonly logFormatString: string | undefined;
  readonly recordsPath: string | undefined;
  readonly columns: readonly string[] | undefined;
  readonly delimiter: string | undefined;
  /** Replace the format's own entries. Mapping a key replaces both `key` and `keyId`. */
  readonly fields: FieldMap;
  /** Header names whose values are keys. */
  readonly keyHeaders: readonly string[];
  /** Header names whose redacted values are no keys. */
  readonly sessionHeaders: readonly string[];
}

/** How a log is to be read, by its path. */
export interface LogSettings {
  /** Undefined: named after the format. */
  readonly source: string | undefined;
  readonly choice: FormatChoice;
  readonly interpretation: Omit<Interpretation, 'source'>;
}

/** How one log is read. Depends on its first bytes and the choice alone, so it is the same at each resume. */
export interface ReadingPlan {
  readonly format: Format;
  readonly fields: FieldMap;
  /** Undefined: one record a line. */
  readonly recordsPath: string | undefined;
  /** What lies around the records, outermost first. */
  readonly envelopes: readonly Envelope[];
  readonly reader: RecordReader;
  /** Without envelopes. */
  readonly sample: Sample;
  /** With them: of text, its lines. */
  readonly outer: Sample;
  /** Bytes of a UTF-8 byte order mark at the start of the log. */
  readonly byteOrderMark: number;
}

/** Throws `input` when the format is not recognised, or when the sample has nothing where the time should be. */
export function planReading(head: Buffer, choice: FormatChoice): ReadingPlan {
  const outer = takeSample(head, choice.recordsPath);
  const { format: recognised, envelopes, sample } = chooseFormat(choice, outer);
  const table = withColumns(recognised, choice);
  if (table.syntax.kind === 'delimited' && table.syntax.columns === undefined) checkHeader(headerLine(sample.lines));
  const mapped = overlay(table.fieldsFor?.(sample) ?? table.fields, choice);
  const { format, fields } = withSessionHeaders(table, mapped, choice.sessionHeaders);
  const own = createReader(format, fields, sample);
  const isJson = envelopes.length === 0 ? format.syntax.kind === 'json' : outer.records.length > 0;
  const plan = {
    format,
    fields,
    recordsPath: isJson && !outer.isLines ? outer.recordsPath : undefined,
    envelopes,
    sample,
    outer,
    byteOrderMark: head.subarray(0, 3).equals(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0,
    reader: openingReader(envelopes, isOpenToAll(choice) ? mixedReader(own, recognised, formatsOf(choice)) : own),
  };
  if (Object.keys(choice.fields).length > 0) checkMap(plan, choice);
  return plan;
}

const BYTE_ORDER_MARK = Buffer.from('\ufeff');

/** What the records of a sample amount to. */
export interface SampleReading {
  readonly calls: readonly RawFields[];
  /** How many are no calls, by reason. */
  readonly skipped: Readonly<Record<string, number>>;
}

/** The fields that the plan finds in the records of its sample. */
export function readSample(plan: ReadingPlan): SampleReading {
  const { sample, format } = plan;
  const texts = format.syntax.kind === 'json' ? sample.records.map((record) => JSON.stringify(record)) : sample.lines;
  const reader = createReader(format, plan.fields, sample);
  const skipped: Record<string, number> = {};
  const calls = texts.flatMap((text) => {
    const bytes = Buffer.from(text);
    const read = reader.read(bytes, 0, bytes.length);
    if (!isSkip(read)) return [read];
    skipped[read.skip] = (skipped[read.skip] ?? 0) + 1;
    return [];
  });
  return { calls, skipped };
}

/** Whether one of the calls of the sample has a time, be it that of an envelope; true where there is no call. */
export function showsTime(plan: ReadingPlan, { calls }: SampleReading): boolean {
  if (calls.length === 0 || calls.some(({ time }) => time !== undefined)) return true;
  const { records, lines } = plan.outer;
  const texts = records.length > 0 ? records.map((record) => JSON.stringify(record)) : lines;
  plan.reader.reset?.();
  return plan.envelopes.length > 0 && texts.some((text) => readsTime(plan.reader, Buffer.from(text)));
}

function readsTime(reader: RecordReader, bytes: Buffer): boolean {
  const read = reader.read(bytes, 0, bytes.length);
  return !isSkip(read) && read.time !== undefined;
}

/** The members, columns or captures that are there, as one would write them in a map. Shows no secret. */
export function availableFields(plan: ReadingPlan): string[] {
  return namesIn(plan).map((name) => hideSecrets(name, undefined, NO_SECRETS));
}

const NO_SECRETS: ReadonlySet<string> = new Set();

function namesIn({ sample, format }: ReadingPlan): string[] {
  if (format.syntax.kind === 'json')
    return [...new Set(sample.records.slice(0, 20).flatMap((record) => pathsOf(record, '')))];
  if (format.syntax.kind === 'text') return captureNames(format.syntax.match, sample);
  if (format.syntax.kind === 'w3c') return [...(w3cColumns(sample.lines) ?? format.syntax.columns ?? [])];
  if (format.syntax.columns !== undefined) return [...format.syntax.columns];
  const header = headerLine(sample.lines);
  return splitDelimited(header, detectDelimiter(header))?.map((name) => name.trim()) ?? [];
}

/** Nobody said what the records are: each may be of a format of its own. */
function isOpenToAll({ format, logFormatString, fields }: FormatChoice): boolean {
  return format === 'auto' && logFormatString === undefined && Object.keys(fields).length === 0;
}

function chooseFormat(choice: FormatChoice, sample: Sample): Unwrapped {
  const named = namedFormat(choice);
  const own = (format: Format): Unwrapped => ({ format, envelopes: [], sample });
  if (named !== undefined) {
    const isSure = (inner: Sample): Format | undefined => (named.recognise(inner) > 0.5 ? named : undefined);
    return unwrap(sample, isSure) ?? own(named);
  }
  if (isDescribedTable(choice, sample)) return own(csv);
  // A map of the user's is written for the JSON that the user sees.
  const isMapped = Object.keys(choice.fields).length > 0 && sample.records.length > 0;
  const recognise = (inner: Sample): Format | undefined => recogniseFormat(inner, formatsOf(choice));
  const format = isMapped ? recognise(sample) : undefined;
  const found = format === undefined ? unwrap(sample, recognise) : own(format);
  if (found !== undefined) return found;
  throw new LastcallError('input', 'its format is not recognised', {
    hint: sample.lines.filter((line) => W3C_ROW.test(line)).length * 2 > sample.lines.length ? NO_COLUMNS : DESCRIBE_IT,
  });
}

const DESCRIBE_IT =
  'Name it with --log-format, or describe it: --field for JSON and columns, --log-format-string or --log-format pattern:... for text. If it is no log: --exclude.';
const NO_COLUMNS =
  'Its lines look like rows of a W3C extended log, such as that of IIS, without the #Fields line that names their columns. Say in the configuration of the source what they are: format: w3c, and columns.';
const W3C_ROW =
  /^\d{4}-\d\d-\d\d[ \t]\d\d:\d\d:\d\d(?:\.\d+)?[ \t](?:\S+[ \t]){0,8}(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|CONNECT)[ \t]/;

function namedFormat(choice: FormatChoice): Format | undefined {
  if (choice.logFormatString !== undefined) return customLogFormat(choice.logFormatString);
  if (isTextPattern(choice.format)) return customLogFormat(choice.format);
  return choice.format === 'auto' ? undefined : formatNamed(choice.format, formatsOf(choice));
}

function formatsOf({ own = [] }: FormatChoice): readonly Format[] {
  return own.length === 0 ? FORMATS : [...own, ...FORMATS];
}

/** Rows whose columns the user gives, or whose header has all the columns that the user maps. */
function isDescribedTable({ columns, delimiter, fields }: FormatChoice, { lines }: Sample): boolean {
  if (columns !== undefined) return true;
  return Object.keys(fields).length > 0 && hasColumns(headerLine(lines), delimiter, fields);
}

function withColumns(format: Format, choice: FormatChoice): Format {
  const { syntax } = format;
  if (syntax.kind === 'w3c' && choice.columns !== undefined)
    return { ...format, syntax: { kind: 'w3c', columns: choice.columns, mayEndAfter: undefined } };
  if (syntax.kind !== 'delimited') return format;
  const { columns = syntax.columns, delimiter = syntax.delimiter } = choice;
  return { ...format, syntax: { kind: 'delimited', columns, delimiter } };
}

function overlay(own: FieldMap, choice: FormatChoice): FieldMap {
  const { key, keyId, ...rest } = own;
  const isKeyMapped = choice.fields.key !== undefined || choice.fields.keyId !== undefined;
  const keys = isKeyMapped ? {} : { ...(key === undefined ? {} : { key }), ...(keyId === undefined ? {} : { keyId }) };
  const fields: FieldMap = { ...rest, ...keys, ...choice.fields };
  if (choice.keyHeaders.length === 0) return fields;
  const headers = choice.keyHeaders.flatMap((name) => [
    `header.${name}`,
    `headers["${name}"]`,
    `request.headers["${name}"]`,
  ]);
  return { ...fields, key: [fields.key, ...headers].filter((path) => path !== undefined).join(' || ') };
}

/** A record in place of the header would name columns after the values, keys among them, that it holds. */
function checkHeader(header: string): void {
  const cells = splitDelimited(header, detectDelimiter(header)) ?? [];
  if (!cells.some((cell) => typeof parseTime(cell, undefined) === 'number')) return;
  throw new LastcallError('input', 'its first line holds a record and not the names of its columns', {
    hint: 'List the columns of the source in the configuration.',
  });
}

/** A wrong path must not look like a log without calls. */
function checkMap(plan: ReadingPlan, choice: FormatChoice): void {
  const reading = readSample(plan);
  if (showsTime(plan, reading)) return;
  throw new LastcallError(
    'input',
    `none of its first ${reading.calls.length} records has a time at "${plan.fields.time ?? ''}"`,
    {
      hint: `Fields there: ${availableFields(plan).slice(0, 40).join(', ')}. ${choice.fields.time === undefined ? 'Map it: --field time=<path>.' : ''}`,
    },
  );
}

function captureNames(match: LineReader, sample: Sample): string[] {
  const names = sample.lines.flatMap((line) => {
    const found = match(line);
    return found === undefined || isSkip(found) ? [] : Array.from(capturesIn(found), ([name]) => name);
  });
  return [...new Set(names)];
}

const MAX_PATH_DEPTH = 4;

function pathsOf(value: unknown, at: string): string[] {
  if (typeof value !== 'object' || value === null || at.split('.').length > MAX_PATH_DEPTH) return [at];
  if (Array.isArray(value)) return value.length === 0 ? [] : pathsOf(value[0], `${at}[*]`);
  return Object.entries(value).flatMap(([name, below]) => pathsOf(below, joinPath(at, name)));
}
