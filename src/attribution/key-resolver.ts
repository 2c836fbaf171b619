import { memo } from '../memo.ts';
import { displayOfMasked, parseMasked } from './masked.ts';
import type { KeyRef, RawKey } from '../model.ts';
import { type Credential, extractCredentials, kindOfPublicId } from './credentials.ts';
import type { Fingerprinter } from './fingerprint.ts';

/** A key of a record, and its raw text while that record is read. */
export interface ResolvedKey {
  readonly ref: KeyRef;
  /** Undefined for ids that are public. */
  readonly secret: string | undefined;
}

export type KeyResolver = (raw: RawKey) => readonly ResolvedKey[];

/** Turns the texts in which keys sit (headers, fields, parameters) into the keys in them. Raw keys end here. */
export function createKeyResolver(fingerprinter: Fingerprinter): KeyResolver {
  const resolve = (text: string, kind: RawKey['kind']): readonly ResolvedKey[] =>
    extractCredentials(text, kind).map((credential) => resolveCredential(credential, fingerprinter));
  const ofSecret = memo((text) => resolve(text, 'secret'));
  const ofPublic = memo((text) => resolve(text, 'public'));
  return ({ text, kind }) => (kind === 'secret' ? ofSecret(text) : ofPublic(text));
}

/** Takes raw keys out of other texts of their record: an agent, a path or a referer may repeat them. */
export function redactor(keys: readonly ResolvedKey[]): (text: string | undefined) => string | undefined {
  const secrets = keys.flatMap(({ secret }) => (secret !== undefined && secret.length >= SHORTEST ? [secret] : []));
  if (secrets.length === 0) return (text) => text;
  return (text) => secrets.reduce((redacted, secret) => redacted?.replaceAll(secret, '[key]'), text);
}

/** Shorter texts than this would blot out ordinary words. */
const SHORTEST = 6;

function resolveCredential(credential: Credential, fingerprinter: Fingerprinter): ResolvedKey {
  const masked = parseMasked(credential.text);
  if (masked !== undefined) {
    const display = displayOfMasked(masked);
    return { ref: { key: `masked:${display}`, display, kind: 'masked' }, secret: undefined };
  }
  if (credential.kind === 'secret') return { ref: fingerprinter.ofKey(credential.text), secret: credential.text };
  const { text } = credential;
  return { ref: { key: text, display: text, kind: kindOfPublicId(text) }, secret: undefined };
}
