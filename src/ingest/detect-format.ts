import type { Readable } from 'node:stream';
import { hideKeys } from '../attribution/raw-secret.ts';
import { LastcallError } from '../errors.ts';
import { SYSLOG } from '../formats/envelope.ts';
import type { Format, UsageField } from '../formats/format.ts';
import { takeSample } from '../formats/sample.ts';
import { parsePaths } from '../kernel/field-path.ts';
import type { RawFields } from '../model.ts';
import { DamagedInput, UnreachableInput } from '../sources/decompress.ts';
import { HEAD_BYTES } from '../sources/identity.ts';
import { type LogFile, openLog } from '../sources/log-file.ts';
import type { ObjectStore } from '../sources/object-store.ts';
import { type FieldSuggestion, suggestFields } from './field-suggestions.ts';
import { hideSuggested, type KeyPathSuggestion, suggestKeyPaths } from './keys-in-paths.ts';
import {
  availableFields,
  type LogSettings,
  planReading,
  type ReadingPlan,
  readSample,
  showsTime,
} from './reading-plan.ts';
import { resolveKeys } from './interpret.ts';
import { type PatternSuggestion, suggestPattern } from './pattern-suggestion.ts';
import { mayBeName, sampleValues } from './sample-values.ts';

/** What is recognised in the first records of a log. */
export interface Detection {
  readonly file: string;
  readonly compression: string;
  /** Undefined: not recognised. */
  readonly format: string | undefined;
  readonly title: string | undefined;
  /** What keeps the log from being read. */
  readonly problem: string | undefined;
  readonly framing: string;
  /** Where the format is not recognised: how its records are written, if that much can be seen. */
  readonly shape: 'json' | 'csv' | undefined;
  /** Lines of text: a key that the format does not take apart is in no field. */
  readonly isText: boolean;
  readonly limits: string | undefined;
  /** What the sample is made of: calls, and what else by its reason. */
  readonly records: number;
  readonly skipped: Readonly<Record<string, number>>;
  readonly fields: readonly DetectedField[];
  readonly available: readonly string[];
  readonly suggestions: readonly FieldSuggestion[];
  readonly pattern: PatternSuggestion | undefined;
  /** Places in paths where keys may stand. */
  readonly keyPaths: KeyPathSuggestion | undefined;
}

export interface DetectedField {
  readonly field: string;
  readonly path: string;
  /** Share of the sample's records that have it. */
  readonly share: number;
  /** Redacted where it is a key. */
  readonly example: string | undefined;
}

/** Looks at the first records of a log. Throws the file system's error when it cannot be opened, or `input`. */
export async function detectFormat(
  file: string,
  settings: LogSettings,
  stdin: Readable,
  objects?: ObjectStore,
): Promise<Detection> {
  try {
    return await detect(await openLog(file, stdin, objects), settings);
  } catch (error) {
    if (error instanceof UnreachableInput) throw unread(file, error.message, error);
    if (error instanceof DamagedInput) throw unread(file, error.text, error);
    throw error;
  }
}

function unread(file: string, why: string, cause: Error): LastcallError {
  return new LastcallError('input', `${file}: ${why}`, { cause });
}

async function detect(log: LogFile, settings: LogSettings): Promise<Detection> {
  const file = log.path;
  try {
    const head = await log.peek(HEAD_BYTES);
    const of = { file, compression: log.compression };
    try {
      return { ...of, ...describe(planReading(head, settings.choice), settings) };
    } catch (error) {
      if (!(error instanceof LastcallError)) throw error;
      return { ...of, ...unrecognised(head, error, settings) };
    }
  } finally {
    log.close();
  }
}

type Findings = Omit<Detection, 'file' | 'compression'>;

/** A log without a time is none, whatever else is recognised in it. */
function describe(plan: ReadingPlan, settings: LogSettings): Findings {
  const reading = readSample(plan);
  const { calls, skipped } = reading;
  const keyPaths = suggestKeyPaths(calls, settings.interpretation);
  const fields = (Object.entries(plan.fields) as [UsageField, string][]).map(([field, path]) =>
    detected(field, path, calls, settings, keyPaths),
  );
  return {
    format: plan.format.name,
    title: plan.format.title,
    problem: showsTime(plan, reading) ? undefined : timeless(plan, calls.length),
    framing: framingOf(plan),
    shape: undefined,
    isText: isUnnamed(plan.format),
    limits: plan.format.limits,
    records: calls.length,
    skipped,
    fields,
    available: availableFields(plan),
    suggestions: suggestFields(
      sampleValues(plan.sample, plan.format.syntax),
      missingFields(plan.format, fields, calls),
      (path) => isMapped(plan, path),
    ),
    pattern: undefined,
    keyPaths,
  };
}

function timeless({ envelopes }: ReadingPlan, records: number): string {
  const text = `none of its first ${records} records has a time where it is looked for`;
  return envelopes.some(({ name }) => name === SYSLOG)
    ? `${text}, and that of syslog names no year. ${NAME_A_YEAR}`
    : text;
}

/** A year that is guessed could be the wrong one, and with it a use too old, or silence covered that is not. */
const NAME_A_YEAR =
  'Have the program write its own time, or syslog one with a year: RSYSLOG_FileFormat in rsyslog, ts-format(iso) in syslog-ng, -o short-iso in journalctl';

function unrecognised(head: Buffer, { message, hint }: LastcallError, settings: LogSettings): Findings {
  const sample = takeSample(head, settings.choice.recordsPath);
  const values = sampleValues(sample, undefined);
  const suggestions = suggestFields(values, SUGGESTED, () => false);
  return {
    format: undefined,
    title: undefined,
    problem: [message, hint].filter((text) => text !== undefined).join('. '),
    framing: '',
    shape: sample.records.length > 0 ? 'json' : values.length > 0 ? 'csv' : undefined,
    isText: false,
    limits: undefined,
    records: 0,
    skipped: {},
    fields: [],
    available: [...new Set(values.flatMap((record) => [...record.keys()]))].filter(mayBeName),
    suggestions,
    pattern: suggestions.length === 0 ? suggestPattern(sample) : undefined,
    keyPaths: undefined,
  };
}

const SUGGESTED: readonly UsageField[] = ['time', 'key', 'keyId', 'system', 'ip', 'userAgent', 'status', 'method', 'action']; // prettier-ignore

/** Fields that no record has; keys also where some records lack them. A name for the caller matters most with a key. */
function missingFields(
  format: Format,
  fields: readonly DetectedField[],
  calls: readonly RawFields[],
): readonly UsageField[] {
  if (isUnnamed(format)) return [];
  const shareOf = (field: UsageField): number => fields.find((one) => one.field === field)?.share ?? 0;
  const keyless = calls.some(({ keys }) => keys.length === 0);
  return SUGGESTED.filter((field) => (field === 'key' || field === 'keyId' ? keyless : shareOf(field) === 0));
}

function isUnnamed({ syntax }: Format): boolean {
  return syntax.kind === 'text' && syntax.isNamed !== true;
}

function isMapped({ fields, format }: ReadingPlan, path: string): boolean {
  const maps = Object.entries(fields)
    .filter(([field]) => !field.startsWith('identity.'))
    .map(([, paths = '']) => paths);
  if (format.syntax.kind !== 'json') {
    return maps.some((names) => names.split('||').some((name) => name.trim().toLowerCase() === path.toLowerCase()));
  }
  const own = plainPath(path);
  return maps.some((paths) => parsePaths(paths).some((steps) => JSON.stringify(steps) === own));
}

function plainPath(path: string): string {
  return JSON.stringify(parsePaths(path)[0]);
}

function framingOf(plan: ReadingPlan): string {
  return [recordFraming(plan), ...plan.envelopes.map(({ name }) => `in ${name}`)].join(', ');
}

function recordFraming({ format, recordsPath }: ReadingPlan): string {
  if (format.syntax.kind !== 'json') return 'one record a line';
  if (recordsPath === undefined) return 'one JSON object a line';
  return recordsPath === '' ? 'JSON values' : `JSON documents, records at ${recordsPath}`;
}

function detected(
  field: UsageField,
  path: string,
  found: readonly RawFields[],
  settings: LogSettings,
  keyPaths: KeyPathSuggestion | undefined,
): DetectedField {
  const hide = hideSuggested(keyPaths);
  const values = found.flatMap((raw) => {
    const value = valueOf(raw, field, settings);
    return value === undefined ? [] : [field === 'action' ? hide(value) : value];
  });
  return { field, path, share: found.length === 0 ? 0 : values.length / found.length, example: values[0] };
}

/** What may be shown of a field: keys by their display, other texts without the keys of their record. */
function valueOf(raw: RawFields, field: UsageField, { interpretation }: LogSettings): string | undefined {
  const { path, clean: withoutOwn } = resolveKeys(raw, interpretation);
  const clean = (text: string | undefined): string | undefined => {
    const rest = withoutOwn(text);
    return rest === undefined ? undefined : hideKeys(rest);
  };
  if (field === 'action') return clean(path);
  if (field.startsWith('identity.')) return clean(raw.identity[field.slice('identity.'.length)]);
  if (field === 'cookie') return undefined;
  if (field !== 'key' && field !== 'keyId') return clean(raw[field as PlainField]);
  const kind = field === 'key' ? 'secret' : 'public';
  return raw.keys.filter((key) => key.kind === kind).flatMap(interpretation.resolveKey)[0]?.ref.display;
}

type PlainField = Exclude<UsageField, 'key' | 'keyId' | `identity.${string}`>;
