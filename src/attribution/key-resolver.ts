import { memo } from '../memo.ts';
import { displayOfMasked, parseMasked } from './masked.ts';
import type { KeyRef, RawKey } from '../model.ts';
import { type Credential, extractCredentials, kindOfPublicId } from './credentials.ts';
import type { Fingerprinter } from './fingerprint.ts';
import { formsIn } from './key-forms.ts';

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
  const { text } = credential;
  if (credential.kind === 'secret') {
    return { ref: withForms(fingerprinter.ofKey(text), text, fingerprinter), secret: text };
  }
  const ref: KeyRef = { key: text, display: text, kind: kindOfPublicId(text) };
  return { ref: ref.kind === 'public_id' ? withForms(ref, text, fingerprinter) : ref, secret: undefined };
}

function withForms(ref: KeyRef, text: string, fingerprinter: Fingerprinter): KeyRef {
  const forms = formsIn(text, fingerprinter);
  return forms.length === 0 ? ref : { ...ref, forms };
}
