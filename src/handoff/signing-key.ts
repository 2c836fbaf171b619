import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { createPrivateFile, readPrivateFile } from '../attribution/private-file.ts';
import { LastcallError } from '../errors.ts';
import { canonicalJson } from './canonical-json.ts';

/** An Ed25519 key pair, for plans that are read where the secret is not. */
export interface SigningKey {
  /** Names the public key: the first 16 hex digits of its SHA-256. */
  readonly id: string;
  /** Over the canonical JSON of a value, in base64. */
  readonly sign: (value: unknown) => string;
  /** PEM. */
  readonly publicKey: string;
}

/** The public half, wherever it came from. */
export interface VerifyingKey {
  readonly id: string;
  readonly isSigned: (value: unknown, signature: string) => boolean;
}

const MOST_BYTES = 4096;

/** Reads the signing key of this installation, or makes it (mode 0600). */
export function loadSigningKey(path: string): SigningKey {
  const file = { path, what: 'signing key' };
  const found = readPrivateFile(file, MOST_BYTES)?.toString('latin1');
  if (found !== undefined) return signingKey(parse(found, path, createPrivateKey));
  const { privateKey } = generateKeyPairSync('ed25519');
  createPrivateFile(file, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  return signingKey(privateKey);
}

/** Reads a public key, as `lastcall plan public-key` prints it. `place` is where it stands. */
export function readPublicKey(text: string, place: string): VerifyingKey {
  const key = parse(text, place, createPublicKey);
  return {
    id: idOf(key),
    isSigned: (value, signature) =>
      verify(null, Buffer.from(canonicalJson(value)), key, Buffer.from(signature, 'base64')),
  };
}

function signingKey(key: KeyObject): SigningKey {
  const publicKey = createPublicKey(key);
  return {
    id: idOf(publicKey),
    sign: (value) => sign(null, Buffer.from(canonicalJson(value)), key).toString('base64'),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

function parse(text: string, place: string, read: (text: string) => KeyObject): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = read(text);
  } catch {
    // What OpenSSL says of it may quote the key.
  }
  if (key?.asymmetricKeyType === 'ed25519') return key;
  throw new LastcallError('secret', `The file at ${place} holds no Ed25519 key`, {
    hint: 'The private one is made by lastcall plan --sign, the public one printed by lastcall plan public-key.',
  });
}

function idOf(publicKey: KeyObject): string {
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('hex').slice(0, 16);
}
