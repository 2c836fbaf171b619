import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { secretBytes } from '../attribution/fingerprint.ts';
import { canonicalJson } from './canonical-json.ts';

/** Seals what this installation says: HMAC-SHA-256 under keys derived from its secret, one for each use. */
export interface Sealer {
  /** Of a permit or a plan, over its canonical JSON. */
  readonly seal: (value: unknown) => string;
  readonly isSealed: (value: unknown, seal: string) => boolean;
  /** Of a line of the hand-off ledger. */
  readonly chain: (text: string) => string;
}

/** The keys are never the one under which API keys are fingerprinted: HKDF gives each use its own. */
export function createSealer(secret: Buffer | string): Sealer {
  const bytes = secretBytes(secret);
  const [sealKey, chainKey] = [derive(bytes, 'lastcall permit seal 1'), derive(bytes, 'lastcall hand-off ledger 1')];
  const seal = (value: unknown): string => hmac(sealKey, canonicalJson(value));
  return {
    seal,
    isSealed: (value, claimed) => isSame(seal(value), claimed),
    chain: (text) => hmac(chainKey, text),
  };
}

/** SHA-256 over the canonical JSON of a value, in hex. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}

function derive(secret: Buffer, label: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), label, 32));
}

function hmac(key: Buffer, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}

function isSame(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}
