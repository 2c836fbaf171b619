import type { Readable } from 'node:stream';
import { LastcallError } from '../errors.ts';
import type { UsageField } from '../formats/format.ts';
import type { RawFields } from '../model.ts';
import { HEAD_BYTES } from '../sources/identity.ts';
import { openLog } from '../sources/log-file.ts';
import type { LogSettings } from './ingest.ts';
import { interpret } from './interpret.ts';
import { isSkip } from '../formats/reader.ts';
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

function framingOf({ format, recordsPath }: ReadingPlan): string {
  if (format.syntax.kind !== 'json') return 'one record a line';
  if (recordsPath === undefined) return 'one JSON object a line';
  return recordsPath === '' ? 'JSON values' : `JSON documents, records at ${recordsPath}`;
}

function detected(field: UsageField, path: string, found: readonly RawFields[], settings: LogSettings): DetectedField {
  const values = found.map((raw) => valueOf(raw, field, settings)).filter((value) => value !== undefined);
  return { field, path, share: found.length === 0 ? 0 : values.length / found.length, example: values[0] };
}

function valueOf(raw: RawFields, field: UsageField, settings: LogSettings): string | undefined {
  if (field === 'key' || field === 'keyId') return displayOfKey(raw, field === 'key' ? 'secret' : 'public', settings);
  if (field.startsWith('identity.')) return raw.identity[field.slice('identity.'.length)];
  const text = raw[field as Exclude<UsageField, 'key' | 'keyId' | `identity.${string}`>];
  return field === 'action' ? text?.split('?')[0] : text;
}

function displayOfKey(raw: RawFields, kind: 'secret' | 'public', settings: LogSettings): string | undefined {
  const keys = raw.keys.filter((key) => key.kind === kind);
  if (keys.length === 0) return undefined;
  const usage = interpret(
    { keys, identity: {}, time: '2000-01-01T00:00:00Z' },
    { ...settings.interpretation, source: '' },
  );
  return isSkip(usage) ? undefined : usage.keys[0]?.display;
}
