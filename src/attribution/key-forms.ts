import { hash } from 'node:crypto';
import type { Fingerprinter } from './fingerprint.ts';
import { keyTextsIn, LONGEST, mayBeKey } from './key-texts.ts';

/** Of one text; what has more in it is no key. */
const MOST_FORMS = 8;
/** What has no parts: a word, or base64. */
const WHOLE = /^(?:[\w-]+|(?=.*[+=])[\w+/]+={0,2})$/;
/** Of printable ASCII: three of its characters begin with one of these. */
const BASE64 = /^(?:[I-Za-f][\w+/-]{3}){2,}[\w+/-]{0,3}={0,2}$/;
const HEX = /^(?:[2-7][0-9a-f]){8,}$/i;
const PRINTABLE = /^[\x20-\x7e]{8,}$/;

/**
 * Fingerprints of the keys that a text in the place of a key may stand for, itself left out: what is wrapped, percent-encoded
 * or in base64, stands behind a name, or is the SHA-256 of a key.
 */
export function formsIn(text: string, { ofText, ofSha256 }: Fingerprinter): readonly string[] {
  if (text.length > LONGEST) return [];
  const words = wordsIn(text);
  const digests = [text, ...words].flatMap((word) => readSha256(word) ?? []);
  const forms = [...words.map(ofText), ...digests.map(ofSha256)];
  return [...new Set(forms)].slice(0, MOST_FORMS);
}

/** Fingerprints of what logs may write for a listed key: the same, in one case, and hashes of it that cannot be undone. */
export function formsOfListed(key: string, fingerprinter: Fingerprinter): readonly string[] {
  const texts = [...casesOf(key), hash('sha1', key), hash('md5', key)];
  return [...texts.map(fingerprinter.ofText), ...formsIn(key, fingerprinter)];
}

/** As it is in small and in capital letters, where that is another text. */
export function casesOf(text: string): readonly string[] {
  return [text.toLowerCase(), text.toUpperCase()].filter((one) => one !== text);
}

/** Hex, base64 or base64url, perhaps after `sha256:`. */
export function readSha256(text: string): Buffer | undefined {
  const digits = text.replace(/^sha-?256[:-]/i, '');
  if (/^[0-9a-f]{64}$/i.test(digits)) return Buffer.from(digits, 'hex');
  return /^[A-Za-z0-9+/_-]{43}=?$/.test(digits) ? Buffer.from(digits, 'base64url') : undefined;
}

function wordsIn(text: string): readonly string[] {
  const found = new Set(WHOLE.test(text) ? [] : partsOf(text));
  for (const word of [text, ...found]) {
    for (const decoded of decodings(word)) for (const part of [decoded, ...partsOf(decoded)]) found.add(part);
  }
  found.delete(text);
  return [...found];
}

/** The parts of a JWT are no keys. */
function partsOf(text: string): readonly string[] {
  const words = [...keyTextsIn(text)];
  const parts = text.startsWith('eyJ') ? [] : words.flatMap((word) => word.split('.')).filter(mayBeKey);
  return [...words, ...parts];
}

/** What is no text is no key. */
function decodings(word: string): readonly string[] {
  const bytes: Buffer[] = [];
  if (BASE64.test(word)) bytes.push(Buffer.from(word, 'base64'));
  if (HEX.test(word)) bytes.push(Buffer.from(word, 'hex'));
  return bytes.map((one) => one.toString('latin1')).filter((decoded) => PRINTABLE.test(decoded));
}
