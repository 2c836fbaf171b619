import { hash } from 'node:crypto';
import { LastcallError } from '../errors.ts';
import type { KeyRef } from '../model.ts';

/** Turns raw keys into fingerprints: HMAC-SHA-256 under the secret of this installation, over SHA-256 of the key. */
export interface Fingerprinter {
  /** The key as it may be kept. The text itself goes no further than this. */
  readonly ofKey: (text: string) => KeyRef;
  /** The `key` that `ofKey` gives. */
  readonly ofText: (text: string) => string;
  /** The same, of the key with this SHA-256 digest. */
  readonly ofSha256: (digest: Uint8Array) => string;
  /** Says which secret is in use without giving it away: kept in the database, so that a wrong secret is noticed. */
  readonly canary: () => string;
}

const CANARY_LABEL = 'lastcall fingerprint canary 1';
const FINGERPRINT_DIGITS = 20;
const SHA256_BYTES = 32;
const MIN_SECRET_BYTES = 16;

/** A secret of 64 hex digits, as in a secret file, stands for its 32 bytes; any other text for its UTF-8 bytes. */
export function createFingerprinter(secret: Buffer | string): Fingerprinter {
  const hmac = createHmacSha256(secretBytes(secret));
  const ofSha256 = (digest: Uint8Array): string => {
    if (digest.length !== SHA256_BYTES) throw new RangeError('A SHA-256 digest has 32 bytes');
    return keyOf(Buffer.from(digest).toString('latin1'));
  };
  const keyOf = (digest: string): string => `k_${hmac(digest).slice(0, FINGERPRINT_DIGITS)}`;
  const ofText = (text: string): string => keyOf(hash('sha256', text, 'binary'));
  const ofKey = (text: string): KeyRef => ({ key: ofText(text), display: displayOf(text), kind: 'secret' });
  return { ofKey, ofText, ofSha256, canary: () => hmac(CANARY_LABEL) };
}

/** A text that shows a key to people and never more than a third of it: `sk_...4242`, `...4242` or `...`. */
export function displayOf(text: string): string {
  if (text.length < 12) return '...';
  // A pair of surrogates that the cut would split is left out.
  const suffix = text.slice(-4).replace(/^[\uDC00-\uDFFF]/, '');
  if (text.length < 24) return `...${suffix}`;
  return `${schemePrefix(text, Math.min(12, Math.floor(text.length / 3) - 4))}...${suffix}`;
}

/** Words of letters, two digits at most, each closed by `_` or `-`: `sk_live_`, `ghp_`, `sk-proj-`, `sk-ant-api03-`. */
const WORDS = /^(?:[A-Za-z]{2,8}\d{0,2}[-_])+/;
/** Schemes that close their prefix with nothing, or with a dot. */
const BARE = /^(?:AIza|ya29\.|SG\.|eyJ)/;

/** The part of a key that names its scheme, cut back to whole words until it fits. */
function schemePrefix(text: string, maxLength: number): string {
  const bare = BARE.exec(text)?.[0];
  if (bare !== undefined) return bare.length <= maxLength ? bare : '';
  const words = WORDS.exec(text.slice(0, 64))?.[0] ?? '';
  if (words.length <= maxLength) return words;
  const cut = words.slice(0, maxLength);
  return cut.slice(0, Math.max(cut.lastIndexOf('_'), cut.lastIndexOf('-')) + 1);
}

/**
 * HMAC-SHA-256 in hex as RFC 2104 writes it, of 32 bytes at most, given as Latin-1. `createHmac` gives the same but sets
 * the key up anew for each text: 44 microseconds against 1.5 (Node 24), and every key of an inventory and of the traffic
 * passes here. A digest as a buffer takes three times as long as one as text.
 */
function createHmacSha256(secret: Buffer): (data: string) => string {
  const block = Buffer.alloc(PAD_BYTES + SHA256_BYTES);
  (secret.length > PAD_BYTES ? hash('sha256', secret, 'buffer') : secret).copy(block);
  const inner = Buffer.from(block.map((byte) => byte ^ 0x36));
  const outer = Buffer.from(block.map((byte) => byte ^ 0x5c));
  return (data) => hashPadded(outer, hashPadded(inner, data, 'binary'), 'hex');
}

const PAD_BYTES = 64;

/** `pad` has room for the data behind its 64 bytes. */
function hashPadded(pad: Buffer, data: string, encoding: 'binary' | 'hex'): string {
  const length = pad.write(data, PAD_BYTES, 'latin1');
  return hash('sha256', pad.subarray(0, PAD_BYTES + length), encoding);
}

/** The bytes that a secret stands for: 64 hex digits are 32 bytes, any other text its UTF-8. */
export function secretBytes(secret: Buffer | string): Buffer {
  const bytes = typeof secret === 'string' ? bytesOfText(secret.trim()) : secret;
  if (bytes.length >= MIN_SECRET_BYTES) return bytes;
  throw new LastcallError('secret', `The secret is too short: it needs ${MIN_SECRET_BYTES} bytes at least`, {
    hint: 'A good one is made with `openssl rand -hex 32`.',
  });
}

function bytesOfText(text: string): Buffer {
  return /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'utf8');
}
