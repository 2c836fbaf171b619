import { type Credential, extractCredentials, extractFromUrl, kindOfPublicId } from '../attribution/credentials.ts';
import type { Fingerprinter } from '../attribution/fingerprint.ts';
import { normaliseIp, type SystemNamer } from '../attribution/systems.ts';
import { displayOfMasked, parseMasked } from '../inventories/masked.ts';
import { parseTime } from '../formats/timestamp.ts';
import { quarantined } from '../formats/reader.ts';
import type { KeyRef, Outcome, RawFields, Skip, Usage } from '../model.ts';

export interface Interpretation {
  readonly source: string;
  /** Zone of time stamps that name none: IANA name or offset; undefined: UTC. */
  readonly timezone: string | undefined;
  /** More query parameters that carry keys. */
  readonly keyParameters: readonly string[] | undefined;
  readonly fingerprinter: Fingerprinter;
  readonly nameSystem: SystemNamer;
}

/** Turns the raw text of a record into usage. Raw secrets end here. */
export function interpret(raw: RawFields, how: Interpretation): Usage | Skip {
  if (raw.time === undefined) return quarantined('no-time');
  const at = parseTime(raw.time, how.timezone);
  if (typeof at === 'string') return quarantined(at);
  const url = raw.action === undefined ? undefined : extractFromUrl(raw.action, how.keyParameters);
  const credentials = [
    ...raw.keys.flatMap((key) => extractCredentials(key.text, key.kind)),
    ...(url?.credentials ?? []),
  ];
  const keys = keysOf(credentials, how.fingerprinter);
  const source = raw.source ?? how.source;
  const redact = redactor(credentials);
  const ip = raw.ip === undefined ? undefined : normaliseIp(raw.ip);
  const userAgent = redact(raw.userAgent);
  const system = redact(raw.system);
  const identity = mapValues(raw.identity, (value) => redact(withoutQuery(value)) as string);
  return {
    at,
    source,
    keys,
    system: how.nameSystem({ ip, userAgent, source, system, identity, keys }),
    outcome: outcomeOf(raw),
    eventId: raw.eventId,
    issuer: keys.some((key) => key.kind === 'aws_sts_session_key') ? raw.issuer : undefined,
    ip,
    userAgent,
    status: raw.status,
    method: raw.method,
    action: redact(url?.path),
    identity,
  };
}

function keysOf(credentials: readonly Credential[], fingerprinter: Fingerprinter): KeyRef[] {
  const keys = new Map<string, KeyRef>();
  for (const credential of credentials) {
    const key = refOf(credential, fingerprinter);
    keys.set(key.key, key);
  }
  return [...keys.values()];
}

function refOf(credential: Credential, fingerprinter: Fingerprinter): KeyRef {
  const masked = parseMasked(credential.text);
  if (masked !== undefined) {
    const display = displayOfMasked(masked);
    return { key: `masked:${display}`, display, kind: 'masked' };
  }
  if (credential.kind === 'secret') return fingerprinter.ofKey(credential.text);
  return { key: credential.text, display: credential.text, kind: kindOfPublicId(credential.text) };
}

/** A key that is repeated elsewhere in its record (in the agent, a path, a referer) must not get out that way. */
function redactor(credentials: readonly Credential[]): (text: string | undefined) => string | undefined {
  const secrets = credentials.filter(({ kind, text }) => kind === 'secret' && text.length >= SHORTEST_REDACTED);
  if (secrets.length === 0) return (text) => text;
  return (text) => secrets.reduce((redacted, secret) => redacted?.replaceAll(secret.text, '[key]'), text);
}

/** Shorter texts than this would blot out ordinary words. */
const SHORTEST_REDACTED = 6;

/** Query strings may hold the keys of others, e.g. in a referer. */
function withoutQuery(text: string): string {
  return /^(?:https?:)?\/\//i.test(text) ? (text.split('?')[0] as string) : text;
}

function mapValues(
  record: Readonly<Record<string, string>>,
  change: (value: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}

/** What a log says itself comes first; then the HTTP status; an error text alone means failed. */
function outcomeOf(raw: RawFields): Outcome {
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
