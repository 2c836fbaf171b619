import type { Readable } from 'node:stream';
import { LastcallError } from '../errors.ts';
import type { UsageField } from '../formats/format.ts';
import type { RawFields } from '../model.ts';
import { HEAD_BYTES } from '../sources/identity.ts';
import { openLog } from '../sources/log-file.ts';
import type { LogSettings } from './ingest.ts';
import { resolveKeys } from './interpret.ts';
import { availableFields, planReading, readSample, type ReadingPlan } from './reading-plan.ts';

/** What is recognised in the first records of a log. */
export interface Detection {
  readonly file: string;
  readonly compression: string;
  /** Undefined: not recognised. */
  readonly format: string | undefined;
  readonly problem: string | undefined;
  readonly framing: string;
  readonly limits: string | undefined;
  readonly records: number;
  readonly fields: readonly DetectedField[];
  readonly available: readonly string[];
}

export interface DetectedField {
  readonly field: string;
  readonly path: string;
  /** Share of the sample's records that have it. */
  readonly share: number;
  /** Redacted where it is a key. */
  readonly example: string | undefined;
}

/** Looks at the first records of a log. Throws the file system's error when it cannot be opened. */
export async function detectFormat(file: string, settings: LogSettings, stdin: Readable): Promise<Detection> {
  const log = await openLog(file, stdin);
  try {
    const head = await log.peek(HEAD_BYTES);
    const unknown = {
      file,
      compression: log.compression,
      framing: '',
      limits: undefined,
      records: 0,
      fields: [],
      available: [],
    };
    try {
      return describe(file, log.compression, planReading(head, settings.choice), settings);
    } catch (error) {
      if (!(error instanceof LastcallError)) throw error;
      return { ...unknown, format: undefined, problem: [error.message, error.hint].join('. ') };
    }
  } finally {
    log.close();
  }
}

function describe(file: string, compression: string, plan: ReadingPlan, settings: LogSettings): Detection {
  const found = readSample(plan);
  return {
    file,
    compression,
    format: plan.format.name,
    problem: undefined,
    framing: framingOf(plan),
    limits: plan.format.limits,
    records: found.length,
    fields: (Object.entries(plan.fields) as [UsageField, string][]).map(([field, path]) =>
      detected(field, path, found, settings),
    ),
    available: availableFields(plan),
  };
}

function framingOf(plan: ReadingPlan): string {
  return [recordFraming(plan), ...plan.envelopes.map(({ name }) => `in ${name}`)].join(', ');
}

function recordFraming({ format, recordsPath }: ReadingPlan): string {
  if (format.syntax.kind !== 'json') return 'one record a line';
  if (recordsPath === undefined) return 'one JSON object a line';
  return recordsPath === '' ? 'JSON values' : `JSON documents, records at ${recordsPath}`;
}

function detected(field: UsageField, path: string, found: readonly RawFields[], settings: LogSettings): DetectedField {
  const values = found.map((raw) => valueOf(raw, field, settings)).filter((value) => value !== undefined);
  return { field, path, share: found.length === 0 ? 0 : values.length / found.length, example: values[0] };
}

/** What may be shown of a field: keys by their display, other texts without the keys of their record. */
function valueOf(raw: RawFields, field: UsageField, { interpretation }: LogSettings): string | undefined {
  const { path, clean } = resolveKeys(raw, interpretation);
  if (field === 'action') return clean(path);
  if (field.startsWith('identity.')) return clean(raw.identity[field.slice('identity.'.length)]);
  if (field === 'cookie') return undefined;
  if (field !== 'key' && field !== 'keyId') return clean(raw[field as PlainField]);
  const kind = field === 'key' ? 'secret' : 'public';
  return raw.keys.filter((key) => key.kind === kind).flatMap(interpretation.resolveKey)[0]?.ref.display;
}

type PlainField = Exclude<UsageField, 'key' | 'keyId' | `identity.${string}`>;
