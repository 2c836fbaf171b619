import { isAbsent, isRedacted, looksLikeKey } from './key-shape.ts';

/** A key as it was sent. Holds the raw secret: it goes to the fingerprint and no further. */
export interface Credential {
  readonly text: string;
  readonly kind: 'secret' | 'public';
}

/**
 * The keys in the value of a header or field: what stands behind `Bearer`, `ApiKey` or `Basic`, the access key id of a
 * signature, or the plain value. Empty values have none; a redacted one is returned as it
 * is, since it stands for some key. When in doubt, each text that may be the key is
 * returned; a JWT counts as a key too.
 */
export function extractCredentials(text: string, kind: 'secret' | 'public'): Credential[] {
  return distinct(readValue(text, kind, MAX_DEPTH));
}

/** Schemes within schemes and lists are read so far. */
const MAX_DEPTH = 4;

/** User name and password, as in Basic or in a URL. A user name without a real password is the key. */
export function basicCredentials(user: string, password: string): Credential[] {
  const secrets = DUMMY_PASSWORD.test(password) || isAbsent(password) ? [user] : [password];
  if (user.length >= 16 && !/[@\s]/.test(user)) secrets.push(user);
  return distinct(secrets.filter((secret) => !isAbsent(secret)).map(secretOf));
}

/** What clients send as a password when the user name is the key. */
const DUMMY_PASSWORD = /^(?:|x|unused|api_token|x-oauth-basic|anystring|nopass)$/i;

function readValue(value: string, kind: 'secret' | 'public', depth: number): Credential[] {
  const text = withBlanks(unquoted(value.trim()));
  if (isAbsent(text)) return [];
  if (depth === 0 || isRedacted(text)) return [{ text, kind }];
  const space = text.search(/\s/);
  const scheme = (space < 0 ? text : text.slice(0, space)).toLowerCase().replace(/:$/, '');
  const rest = space < 0 ? '' : text.slice(space + 1).trim();
  const read = SCHEMES.get(scheme);
  if (read !== undefined && (space > 0 || kind === 'secret')) return read(rest, depth);
  if (kind === 'public') return [{ text, kind }];
  const isUnknownScheme =
    rest !== '' && /^[a-z][\w.-]{0,39}$/.test(scheme) && (!looksLikeKey(scheme) || isHmac(scheme));
  return isUnknownScheme ? readUnknown(rest, text, depth) : plain(text, depth);
}

/**
 * Behind a scheme that is nobody's but the user's: the key, `key:signature`, or parameters of which some are named after
 * keys; the others hold signatures and dates. In `key:signature` the whole may be the key, too.
 */
function readUnknown(rest: string, text: string, depth: number): Credential[] {
  const named = KEY_NAMES.flatMap((name) => parameter(rest, name)?.split('/')[0] ?? []);
  if (named.length > 0) return named.flatMap((value) => readValue(value, 'secret', 0));
  if (/[\s,;]/.test(rest)) return plain(text, depth);
  const [, key] = KEY_AND_SIGNATURE.exec(rest) ?? [];
  return [...(key === undefined ? [] : [secretOf(key)]), ...readValue(rest, 'secret', depth - 1)];
}

const KEY_NAMES = ['key', 'apikey', 'api_key', 'api-key', 'credential', 'token', 'accesskey', 'access_key', 'keyid', 'key_id', 'client_id', 'username', 'id']; // prettier-ignore
const KEY_AND_SIGNATURE = /^([^:=\s]{8,}):./;

/** As AWS began to call them: what else looks like a key is one. */
function isHmac(scheme: string): boolean {
  return /^[a-z0-9]+-hmac-sha\d+$/.test(scheme);
}

/** IIS writes `Bearer+...`: `+` for each blank. */
function withBlanks(text: string): string {
  const plus = text.indexOf('+');
  if (plus <= 0 || !SCHEMES.has(text.slice(0, plus).toLowerCase())) return text;
  return `${text.slice(0, plus)} ${text.slice(plus + 1).replaceAll(/([,;])\+/g, '$1 ')}`;
}

type SchemeReader = (rest: string, depth: number) => Credential[];

const none: SchemeReader = () => [];
const parameterOrPlain: SchemeReader = (rest, depth) => {
  const named = parameter(rest, 'token') ?? parameter(rest, 'key') ?? parameter(rest, 'apikey');
  return readValue(named ?? rest, 'secret', depth - 1);
};
const oauth: SchemeReader = (rest, depth) => {
  const named = [parameter(rest, 'oauth_consumer_key'), parameter(rest, 'oauth_token')].filter(
    (id) => id !== undefined,
  );
  return (named.length > 0 ? named : [rest]).flatMap((id) => readValue(id, 'secret', depth - 1));
};
const publicIn =
  (name: string): SchemeReader =>
  (rest) =>
    publicOf(parameter(rest, name)?.split('/')[0]);
const username = publicIn('username');
const publicBeforeColon: SchemeReader = (rest) => publicOf(rest.split(':')[0]);

const SCHEMES: ReadonlyMap<string, SchemeReader> = new Map<string, SchemeReader>([
  ...['bearer', 'apikey', 'api-key', 'apitoken', 'token', 'key', 'jwt', 'accesskey'].map(
    (scheme): [string, SchemeReader] => [scheme, parameterOrPlain],
  ),
  ['basic', readBasic],
  ['oauth', oauth],
  ['googlelogin', (rest, depth) => readValue(parameter(rest, 'auth') ?? '', 'secret', depth - 1)],
  ...['aws4-hmac-sha256', 'aws4-ecdsa-p256-sha256', 'goog4-hmac-sha256', 'goog4-rsa-sha256'].map(
    (scheme): [string, SchemeReader] => [scheme, publicIn('credential')],
  ),
  ...['aws', 'goog1', 'oss', 'sharedkey', 'sharedkeylite'].map((scheme): [string, SchemeReader] => [
    scheme,
    publicBeforeColon,
  ]),
  ['signature', publicIn('keyid')],
  ['hmac', (rest, depth) => (KEY_AND_SIGNATURE.test(rest) ? readUnknown(rest, rest, depth) : username(rest, depth))],
  ...['digest', 'negotiate', 'ntlm'].map((scheme): [string, SchemeReader] => [scheme, none]),
]);

/** `name="value"` or `name=value` in a list. */
function parameter(list: string, name: string): string | undefined {
  for (const part of list.split(/[,;]/)) {
    const equals = part.indexOf('=');
    if (equals > 0 && part.slice(0, equals).trim().toLowerCase() === name) {
      return unquoted(part.slice(equals + 1).trim());
    }
  }
  return undefined;
}

/** Joined headers read `a, b`. Without a blank the separator may be part of the key: then the whole counts too. */
function plain(text: string, depth: number): Credential[] {
  const parts = text.split(/[,;]/);
  const whole = /\s/.test(text) && parts.length > 1 ? [] : [secretOf(text)];
  if (parts.length === 1) return whole;
  return [...whole, ...parts.flatMap((part) => readValue(part, 'secret', depth - 1))];
}

function readBasic(rest: string): Credential[] {
  if (isAbsent(rest)) return [];
  if (isRedacted(rest)) return [secretOf(rest)];
  const decoded = decodeBase64(rest);
  if (decoded === undefined) return [secretOf(rest)];
  const colon = decoded.indexOf(':');
  if (colon >= 0) return basicCredentials(decoded.slice(0, colon), decoded.slice(colon + 1));
  return [rest, decoded].filter((text) => !/[^\x20-\x7e]/.test(text) && !isAbsent(text)).map(secretOf);
}

/** Undefined when the text is no base64 (with or without padding, either alphabet). */
function decodeBase64(text: string): string | undefined {
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  const utf8 = bytes.toString('utf8');
  return utf8.includes('\ufffd') ? bytes.toString('latin1') : utf8;
}

function publicOf(id: string | undefined): Credential[] {
  return id === undefined || isAbsent(id) ? [] : [{ text: id, kind: 'public' }];
}

function secretOf(text: string): Credential {
  return { text, kind: 'secret' };
}

function unquoted(text: string): string {
  const first = text[0];
  return text.length > 1 && (first === '"' || first === "'") && text.endsWith(first) ? text.slice(1, -1).trim() : text;
}

function distinct(credentials: readonly Credential[]): Credential[] {
  const byText = new Map(credentials.map((credential) => [`${credential.kind} ${credential.text}`, credential]));
  return [...byText.values()];
}
