import { isAddressText, parseAddress } from '../attribution/network.ts';
import { hideSecrets, rawSecretKind } from '../attribution/raw-secret.ts';
import type { UsageField } from '../formats/format.ts';
import { parseTime } from '../formats/timestamp.ts';
import type { RecordValues } from './sample-values.ts';

/** A place in the records that looks like a usage field which the format does not read there. */
export interface FieldSuggestion {
  readonly field: UsageField;
  readonly path: string;
  /** Share of the sample's records that have it. */
  readonly share: number;
  /** What speaks for it: its name, or the shape of its values. */
  readonly by: 'name' | 'shape';
}

/** By name or shape, for each of the `wanted` fields; at most so many of each, those in most records first. */
export function suggestFields(
  records: readonly RecordValues[],
  wanted: readonly UsageField[],
  isMapped: (path: string) => boolean,
): readonly FieldSuggestion[] {
  const places = [...valuesByPath(records)].filter(([path]) => !isMapped(path) && !showsSecret(path));
  return wanted.flatMap((field) =>
    places
      .flatMap(([path, values]): FieldSuggestion[] => {
        const by = signOf(field, path, values);
        return by === undefined ? [] : [{ field, path, share: values.length / records.length, by }];
      })
      .toSorted((a, b) => Number(a.by === 'shape') - Number(b.by === 'shape') || b.share - a.share)
      .slice(0, MAX_EACH),
  );
}

/** Some logs have keys for the names of members. */
function showsSecret(path: string): boolean {
  return hideSecrets(path, undefined, NO_SECRETS) !== path;
}

const NO_SECRETS: ReadonlySet<string> = new Set();
const MAX_EACH = 3;

function valuesByPath(records: readonly RecordValues[]): Map<string, string[]> {
  const byPath = new Map<string, string[]>();
  for (const record of records) {
    for (const [path, text] of record) byPath.set(path, [...(byPath.get(path) ?? []), text]);
  }
  return byPath;
}

interface Sign {
  /** Of the last member of the path. */
  readonly name?: RegExp;
  readonly shape?: (text: string) => boolean;
  /** The name alone proves nothing. */
  readonly needsBoth?: boolean;
}

const SIGNS: Readonly<Partial<Record<UsageField, Sign>>> = {
  time: { shape: isTime },
  key: {
    name: /^(?:x[-_])?(?:[a-z0-9]+[-_])?(?:api[-_]?key|api[-_]?token|access[-_]?key|auth[-_]?key|auth[-_]?token|access[-_]?token|authorization|subscription[-_]key|credential|apikey|client[-_]?secret|token|key)$/i,
    shape: (text) => rawSecretKind(text) !== undefined,
  },
  keyId: { name: /(?:key|credential|token|client)[-_]?id$|^(?:api[-_]?)?key[-_]?(?:hash|name|alias)$/i },
  // A service may be the one that is called, and a tenant or a team has many systems: one of them may stay behind.
  system: { name: /^(?:consumer|client|caller|subscriber|principal|system)(?:[-_]?(?:name|username|custom_id))?$/i },
  ip: { shape: (text) => isAddressText(text) && parseAddress(text.replace(/^\[(.*)\](?::\d+)?$/, '$1')) !== undefined },
  userAgent: {
    name: /user[-_]?agent$|^ua$/i,
    shape: (text) => /^[A-Za-z][\w .-]{0,60}\/\d+[\d.]*(?:$|[ ;])/.test(text),
  },
  status: { name: /status|code|result/i, shape: (text) => /^[1-5]\d\d$/.test(text), needsBoth: true },
  method: { shape: (text) => /^(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)$/.test(text) },
  action: { shape: (text) => /^(?:\/|https?:\/\/)\S*$/.test(text) },
};

/** Names of keys that open nothing, or not for a caller. */
const NO_KEY =
  /csrf|xsrf|idempotency|websocket|cache|surrogate|partition|sort|page|next|continuation|trace|span|correlation|request[-_]?id/i;
/** Of a list of names and values, the name. */
const NAME_IN_LIST = /\[\*\]\.key$/i;

function signOf(field: UsageField, path: string, values: readonly string[]): FieldSuggestion['by'] | undefined {
  const { name, shape, needsBoth = false } = SIGNS[field] ?? {};
  const last = lastName(path);
  if ((field === 'key' || field === 'keyId') && (NO_KEY.test(last) || NAME_IN_LIST.test(path))) return undefined;
  const isNamed = name?.test(last) === true && (field !== 'system' || !path.endsWith('[*]'));
  const isShaped = shape !== undefined && values.filter(shape).length >= MOST * values.length;
  if (needsBoth) return isNamed && isShaped ? 'name' : undefined;
  if (field === 'system' && new Set(values).size > Math.max(MAX_SYSTEMS, values.length / 2)) return undefined;
  return isNamed ? 'name' : isShaped ? 'shape' : undefined;
}

const MOST = 0.9;
const MAX_SYSTEMS = 5;

/** `a.b["c-d"]` is `c-d`; the name alone of `consumer.name` says little, so the member before it stands with it. */
function lastName(path: string): string {
  const names = [...path.matchAll(/\["([^"]*)"\]|\{([^}]*)\}|([\w@-]+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '');
  const last = names.at(-1) ?? '';
  return /^(?:id|name|username|hash)$/i.test(last) && names.length > 1 ? `${names.at(-2)}_${last}` : last;
}

/** Numbers are times only in the range of our years, and not with the few digits of a size. */
function isTime(text: string): boolean {
  if (/^\d{1,9}(?:\.\d*)?$/.test(text)) return false;
  return typeof parseTime(text, undefined) === 'number';
}
