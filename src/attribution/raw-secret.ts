import { displayOf } from './fingerprint.ts';
import { keyTextsIn } from './key-texts.ts';

/** Beginnings that only secrets have. */
const SECRET_PREFIX = /^(?:sk[-_]|rk_|gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|AIza|eyJ)/;
const KEY_TEXT = /^[\w+/=.-]{20,}$/;
const KEY_TEXTS = /[\w+/=.-]{20,}/g;
/** A shorter text is no secret, and might be found by chance. */
const MIN_LENGTH = 8;
const WORDS = /[^\s,;:'"()<>]{8,}/g;

/**
 * `certain`: the text begins as only secrets do. `likely`: long, with small and capital letters and digits mixed, as
 * secrets are, but some public client ids too. Undefined: there is no sign of a secret.
 */
export function rawSecretKind(text: string): 'certain' | 'likely' | undefined {
  if (!KEY_TEXT.test(text) || text.includes('...')) return undefined;
  if (SECRET_PREFIX.test(text)) return 'certain';
  const isMixed = /[a-z]/.test(text) && /[A-Z]/.test(text) && /\d/.test(text);
  return text.length >= 32 && isMixed && !text.includes('.') ? 'likely' : undefined;
}

/** The text with everything that is or may be a raw secret cut down to its display: `own`, the `known` ones, and others. */
export function hideSecrets(text: string, own: string | undefined, known: ReadonlySet<string>): string {
  if (known.has(text)) return displayOf(text);
  const isOwnHere = own !== undefined && own.length >= MIN_LENGTH && text.includes(own);
  const open = isOwnHere ? text.replaceAll(own, () => displayOf(own)) : text;
  return open
    .replace(WORDS, (word) => (known.has(word) ? displayOf(word) : word))
    .replace(KEY_TEXTS, (word) => (rawSecretKind(word) === undefined ? word : displayOf(word)));
}

/** The text of another program with each key in it cut down to its display, and what looks like a secret of any kind. */
export function hideKnown(text: string, isKey: (word: string) => boolean): string {
  const keys = [...keyTextsIn(text)].filter(isKey).toSorted((a, b) => b.length - a.length);
  const open = keys.reduce((rest, key) => rest.replaceAll(key, () => displayOf(key)), text);
  return hideSecrets(open, undefined, new Set());
}

/** What a key may be in a path or an agent: what stands between slashes and other signs. */
const BETWEEN_SIGNS = /[\w~.+][\w~.+-]*/g;

/** The name of something in AWS. Sessions and groups in it have ids that are as long and mixed as keys, and are none. */
const ARN = /^arn:aws[\w-]*:/;

/** A text from a log with what looks like a key, or is one that is known, cut down to its display. */
export function hideKeys(text: string, isKnown: (word: string) => boolean = () => false): string {
  const isName = ARN.test(text);
  return text.replace(BETWEEN_SIGNS, (word) => {
    const kind = rawSecretKind(word);
    const looksLikeOne = isName ? kind === 'certain' : kind !== undefined;
    const isKey = looksLikeOne || (word.length >= MIN_LENGTH && isKnown(word));
    return isKey ? displayOf(word) : word;
  });
}

const ALWAYS_SECRET = /secret|passw|passphrase|privatekey|signature|bearer/;
const SECRET_UNLESS_ABOUT = /token|apikey|credential|hash|digest|^key|key$|^value$|masked|redacted/;
const ABOUT = /(?:id|ids|name|type|kind|date|at|time|on|count|status|state|scopes|url)$/;

/** Whether a column may hold secrets, so that it is not kept as metadata. The name as `plainName` writes it. */
export function isSecretColumn(name: string): boolean {
  return ALWAYS_SECRET.test(name) || (SECRET_UNLESS_ABOUT.test(name) && !ABOUT.test(name));
}
