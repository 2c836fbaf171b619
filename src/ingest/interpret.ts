import { extractFromCookie, extractFromUrl } from '../attribution/credentials.ts';
import type { KeyPaths } from '../attribution/path-credentials.ts';
import { type KeyResolver, redactor, type ResolvedKey } from '../attribution/key-resolver.ts';
import type { SystemNamer } from '../attribution/systems.ts';
import type { Format } from '../formats/format.ts';
import { parseTime } from '../formats/timestamp.ts';
import { quarantined } from '../formats/reader.ts';
import { joinPlaces, type PlaceSet } from '../tally/place-set.ts';
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

/** How the records of a log are interpreted that is of this format. */
export function interpretationFor(
  { name, isUtc }: Pick<Format, 'name' | 'isUtc'>,
  {
    source,
    interpretation,
  }: { readonly source: string | undefined; readonly interpretation: Omit<Interpretation, 'source'> },
): Interpretation {
  const own = { ...interpretation, source: source ?? name };
  return isUtc === true ? { ...own, timezone: undefined } : own;
}

/** Turns the raw text of a record into usage. Raw keys are resolved here and go no further. */
export function interpret(raw: RawFields, how: Interpretation): Usage | Skip {
  if (raw.time === undefined) return quarantined('no-time');
  const at = parseTime(raw.time, how.timezone);
  if (typeof at === 'string') return quarantined(at);
  const { keys, places, path, clean } = resolveKeys(raw, how);
  const source = raw.source ?? how.source;
  const ip = raw.ip === undefined ? undefined : how.normaliseIp(raw.ip);
  const userAgent = clean(raw.userAgent);
  const identity = cleanAll(raw.identity, clean);
  return {
    at,
    source,
    keys,
    places,
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
  /** Of each of them. */
  readonly places: readonly (PlaceSet | undefined)[];
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
  const sent = resolveAll(more.length === 0 ? raw.keys : [...raw.keys, ...more], how.resolveKey);
  const resolved = distinct(sent);
  const redact = redactor(sent);
  const clean = (text: string | undefined): string | undefined =>
    redact(text === undefined ? text : withoutQuery(text));
  return { keys: resolved.map(({ ref }) => ref), places: resolved.map(({ places }) => places), path: url?.path, clean };
}

interface SentKey extends ResolvedKey {
  readonly places: PlaceSet | undefined;
}

function resolveAll(raw: readonly RawKey[], resolveKey: KeyResolver): readonly SentKey[] {
  return raw.flatMap((key) => resolveKey(key).map(({ ref, secret }) => ({ ref, secret, places: key.place })));
}

/** Beside a key that is known by its id or in full, a masked form says nothing new. */
function distinct(sent: readonly SentKey[]): readonly SentKey[] {
  if (sent.length < 2) return sent;
  const keys = new Map<string, SentKey>();
  for (const one of sent) {
    const places = joinPlaces(keys.get(one.ref.key)?.places, one.places);
    keys.set(one.ref.key, { ...one, places });
  }
  const all = [...keys.values()];
  const whole = all.filter(({ ref }) => ref.kind !== 'masked');
  return whole.length > 0 ? whole : all;
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
