import { extractFromCookie, extractFromUrl } from '../attribution/credentials.ts';
import type { KeyPaths } from '../attribution/path-credentials.ts';
import { type KeyResolver, redactor, type ResolvedKey } from '../attribution/key-resolver.ts';
import type { SystemNamer } from '../attribution/systems.ts';
import { parseTime } from '../formats/timestamp.ts';
import { quarantined } from '../formats/reader.ts';
import type { KeyRef, Outcome, RawFields, RawKey, Skip, Usage } from '../model.ts';

export interface Interpretation {
  readonly source: string;
  /** Zone of time stamps that name none: IANA name or offset; undefined: UTC. */
  readonly timezone: string | undefined;
  /** More query parameters that carry keys. */
  readonly keyParameters: readonly string[] | undefined;
  /** Where keys stand in the path of an address. */
  readonly keyPaths?: KeyPaths | undefined;
  readonly resolveKey: KeyResolver;
  readonly normaliseIp: (text: string) => string | undefined;
  readonly nameSystem: SystemNamer;
}

/** Turns the raw text of a record into usage. Raw keys are resolved here and go no further. */
export function interpret(raw: RawFields, how: Interpretation): Usage | Skip {
  if (raw.time === undefined) return quarantined('no-time');
  const at = parseTime(raw.time, how.timezone);
  if (typeof at === 'string') return quarantined(at);
  const { keys, path, clean } = resolveKeys(raw, how);
  const source = raw.source ?? how.source;
  const ip = raw.ip === undefined ? undefined : how.normaliseIp(raw.ip);
  const userAgent = clean(raw.userAgent);
  const identity = cleanAll(raw.identity, clean);
  return {
    at,
    source,
    keys,
    system: how.nameSystem({ ip, userAgent, source, system: clean(raw.system), identity, keys }),
    outcome: outcomeOf(raw),
    eventId: raw.eventId,
    issuer: keys.some((key) => key.kind === 'aws_sts_session_key') ? raw.issuer : undefined,
    ip,
    userAgent,
    status: raw.status,
    method: raw.method,
    action: clean(path),
    identity,
  };
}

/** The keys of a record, the path of its action, and what takes keys out of its other texts, which may repeat them. */
export interface RecordKeys {
  readonly keys: readonly KeyRef[];
  readonly path: string | undefined;
  readonly clean: (text: string | undefined) => string | undefined;
}

export function resolveKeys(
  raw: RawFields,
  how: Pick<Interpretation, 'keyParameters' | 'keyPaths' | 'resolveKey'>,
): RecordKeys {
  const url = raw.action === undefined ? undefined : extractFromUrl(raw.action, how.keyParameters);
  const cookies = raw.cookie === undefined ? [] : extractFromCookie(raw.cookie, how.keyParameters);
  const inPath = url === undefined ? [] : (how.keyPaths?.(url.path) ?? []);
  const more = [...(url?.credentials ?? []), ...inPath, ...cookies];
  const resolved = resolveAll(more.length === 0 ? raw.keys : [...raw.keys, ...more], how.resolveKey);
  const redact = redactor(resolved);
  const clean = (text: string | undefined): string | undefined =>
    redact(text === undefined ? text : withoutQuery(text));
  return { keys: distinct(resolved), path: url?.path, clean };
}

function resolveAll(raw: readonly RawKey[], resolveKey: KeyResolver): readonly ResolvedKey[] {
  const [first, ...others] = raw;
  if (first === undefined) return NO_KEYS;
  return others.length === 0 ? resolveKey(first) : raw.flatMap(resolveKey);
}

const NO_KEYS: readonly ResolvedKey[] = [];

/** Beside a key that is known by its id or in full, a masked form says nothing new. */
function distinct(resolved: readonly ResolvedKey[]): readonly KeyRef[] {
  if (resolved.length < 2) return resolved.map(({ ref }) => ref);
  const keys = [...new Map(resolved.map(({ ref }) => [ref.key, ref])).values()];
  const whole = keys.filter(({ kind }) => kind !== 'masked');
  return whole.length > 0 ? whole : keys;
}

function cleanAll(identity: Record<string, string>, clean: RecordKeys['clean']): Record<string, string> {
  for (const [name, value] of Object.entries(identity)) identity[name] = clean(value) ?? '';
  return identity;
}

/** Query strings may hold the keys of others, e.g. in a referer. */
function withoutQuery(text: string): string {
  return /^(?:https?:)?\/\//i.test(text) ? (text.split('?')[0] as string) : text;
}

/** What a log says itself comes first; then the HTTP status; an error text alone means failed. */
export function outcomeOf(raw: Pick<RawFields, 'outcome' | 'status' | 'error'>): Outcome {
  const said = raw.outcome === undefined ? undefined : OUTCOME_WORDS.get(raw.outcome.toLowerCase());
  if (said !== undefined) return said;
  const status = raw.status === undefined ? Number.NaN : Number.parseInt(raw.status, 10);
  if (status === 401 || status === 403 || status === 407) return 'refused';
  if (status >= 400 || status === 0) return 'failed';
  return raw.error === undefined ? 'accepted' : 'failed';
}

const OUTCOME_WORDS = new Map<string, Outcome>([
  ...['accepted', 'success', 'succeeded', 'ok', 'allow', 'allowed', 'true'].map((word) => [word, 'accepted'] as const),
  ...['refused', 'denied', 'deny', 'unauthorized', 'forbidden', 'invalid_key'].map(
    (word) => [word, 'refused'] as const,
  ),
  ...['failed', 'failure', 'fail', 'error', 'false'].map((word) => [word, 'failed'] as const),
]);
