import { extractCredentials, extractFromUrl, kindOfPublicId } from '../attribution/credentials.ts';
import type { Fingerprinter } from '../attribution/fingerprint.ts';
import type { SystemNamer } from '../attribution/systems.ts';
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
  const keys = keysOf(raw, url?.credentials ?? [], how.fingerprinter);
  const source = raw.source ?? how.source;
  const { ip, userAgent, identity } = raw;
  return {
    at,
    source,
    keys,
    system: how.nameSystem({ ip, userAgent, source, system: raw.system, identity, keys }),
    outcome: outcomeOf(raw),
    eventId: raw.eventId,
    issuer: keys.some((key) => key.kind === 'aws_sts_session_key') ? raw.issuer : undefined,
    ip,
    userAgent,
    status: raw.status,
    method: raw.method,
    action: url?.path ?? raw.action,
    identity,
  };
}

type Credential = ReturnType<typeof extractCredentials>[number];

function keysOf(raw: RawFields, inUrl: readonly Credential[], fingerprinter: Fingerprinter): KeyRef[] {
  const found = raw.keys.flatMap((key) => extractCredentials(key.text, key.kind));
  const keys = new Map<string, KeyRef>();
  for (const credential of [...found, ...inUrl]) {
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
  ...['refused', 'denied', 'deny', 'unauthorized', 'forbidden', 'invalid_key'].map((word) => [word, 'refused'] as const),
  ...['failed', 'failure', 'fail', 'error', 'false'].map((word) => [word, 'failed'] as const),
]);
