import { basicCredentials, extractCredentials, type Credential } from './header-credentials.ts';
import { isRedacted, looksLikeKey } from './key-shape.ts';

/** A key, and what carried it. */
export interface CarriedCredential extends Credential {
  readonly place: string;
}

/**
 * The path of a logged URL, and the keys in its query string or before its host. Names of parameters match without
 * regard to case, `-` and `_`; `parameters` adds to the known ones.
 */
export function extractFromUrl(
  url: string,
  parameters: readonly string[] | undefined,
): { path: string; credentials: CarriedCredential[] } {
  const end = url.search(/[?#]/);
  const target = end < 0 ? url : url.slice(0, end);
  const { path, credentials } = splitTarget(target);
  const question = url.indexOf('?');
  if (question < 0) return { path, credentials };
  const more = new Set(parameters?.map(plainName));
  const pieces = url.slice(question + 1).split(/[&#?]/);
  return { path, credentials: [...credentials, ...pieces.flatMap((piece) => fromPiece(piece, more))] };
}

/** The keys in a Cookie header: those of cookies that are named after an API key, or as `parameters` has it. */
export function extractFromCookie(cookie: string, parameters: readonly string[] | undefined): CarriedCredential[] {
  const more = new Set(parameters?.map(plainName));
  return cookie.split(';').flatMap((pair) => {
    const equals = pair.indexOf('=');
    const name = plainName(pair.slice(0, Math.max(equals, 0)));
    const isKey = name.length <= MAX_NAME && (name.endsWith('apikey') || more.has(name));
    if (!isKey) return [];
    const written = pair.slice(0, equals).trim().toLowerCase();
    const place = more.has(name) || /^[a-z._-]{1,40}$/.test(written) ? `cookie ${shownName(written)}` : 'a cookie';
    return carriedBy(place, percentDecode(pair.slice(equals + 1)), 'secret');
  });
}

/** In an absolute URL, only the path is the action. */
function splitTarget(target: string): { path: string; credentials: CarriedCredential[] } {
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]{0,30}:\/\//.exec(target)?.[0];
  if (scheme === undefined) return { path: target, credentials: [] };
  const slash = target.indexOf('/', scheme.length);
  const authority = target.slice(scheme.length, slash < 0 ? undefined : slash);
  const path = slash < 0 ? '/' : target.slice(slash);
  const at = authority.lastIndexOf('@');
  if (at < 0) return { path, credentials: [] };
  const [user = '', ...password] = authority.slice(0, at).split(':');
  const credentials = basicCredentials(percentDecode(user), percentDecode(password.join(':')));
  return { path, credentials: credentials.map((one) => ({ ...one, place: 'user or password of the URL' })) };
}

/** A semicolon may be part of the value or separate parameters: both readings count. */
function fromPiece(piece: string, more: ReadonlySet<string>): CarriedCredential[] {
  const whole = fromParameter(piece, more);
  if (!piece.includes(';')) return whole;
  return [...whole, ...piece.split(';').flatMap((part) => fromParameter(part, more))];
}

function fromParameter(text: string, more: ReadonlySet<string>): CarriedCredential[] {
  const equals = text.indexOf('=');
  if (equals <= 0) return [];
  const written = percentDecode(text.slice(0, equals));
  const name = plainName(written);
  if (name.length > MAX_NAME) return [];
  const place = `parameter ${shownName(written)}`;
  const value = valueOf(text.slice(equals + 1));
  if (PUBLIC.has(name)) return carriedBy(place, value.split('/')[0] ?? '', 'public');
  if (STRONG.has(name) || more.has(name)) return carriedBy(place, value, 'secret');
  return WEAK.has(name) && (looksLikeKey(value) || isRedacted(value)) ? carriedBy(place, value, 'secret') : [];
}

/** The keys in a text, with what carried it. */
export function carriedBy(place: string, text: string, kind: Credential['kind']): CarriedCredential[] {
  return extractCredentials(text, kind).map((credential) => ({ ...credential, place }));
}

/** As it was written, but for its case: apart from that, all that carry keys are known names. */
function shownName(written: string): string {
  const name = written.trim().toLowerCase();
  return name.length > MAX_NAME ? plainName(name) : name;
}

/** A `+` stands for a blank only behind a scheme such as `Bearer`: no key holds blanks, but base64 holds `+`. */
function valueOf(raw: string): string {
  return percentDecode(SCHEME.test(raw) ? raw.replace('+', ' ') : raw);
}

const SCHEME = /^(?:bearer|token|basic|apikey)\+/i;
const MAX_NAME = 64;

function plainName(name: string): string {
  return name.trim().replace(/[-_.]/g, '').toLowerCase();
}

/** Names whose value is a key. */
const STRONG = new Set(
  (
    'apikey xapikey accesstoken xaccesstoken authtoken xauthtoken apitoken appkey clientkey subscriptionkey ' +
    'ocpapimsubscriptionkey xgoogapikey privatetoken secretkey accesskey authkey apisecret clientsecret appsecret ' +
    'bearertoken authorization oauthtoken oauthconsumerkey consumerkey userkey licensekey serverkey'
  ).split(' '),
);

/** Names whose value is an id that is public by design. */
const PUBLIC = new Set(
  'xamzcredential awsaccesskeyid accesskeyid xgoogcredential googleaccessid ossaccesskeyid'.split(' '),
);

/** Names that say little: their value must look like a key. */
const WEAK = new Set('key token auth appid secret k'.split(' '));

/** All of them, less case and punctuation. */
export const KEY_PARAMETERS: readonly string[] = [...STRONG, ...PUBLIC, ...WEAK];

/** Sequences that are no UTF-8 stay as they are: two keys must not become one. */
function percentDecode(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (sequence) => {
    try {
      return decodeURIComponent(sequence);
    } catch {
      return sequence;
    }
  });
}
