import type { Fingerprinter } from '../attribution/fingerprint.ts';
import { casesOf, formsOfListed, readSha256 } from '../attribution/key-forms.ts';
import type { KeyMatch } from '../model.ts';
import { displayOfMasked, parseMasked } from '../attribution/masked.ts';
import { rawSecretKind } from '../attribution/raw-secret.ts';

/** What a row says of which key it is about. */
export interface IdentityCells {
  readonly id: string | undefined;
  readonly key: string | undefined;
  readonly sha256: string | undefined;
  readonly masked: string | undefined;
}

export interface Identity {
  /** The id that the row gives, if it gives one. */
  readonly id: string | undefined;
  /** Stands in when neither id nor label can be the id. */
  readonly fallbackId: string;
  readonly match: KeyMatch;
  readonly forms: readonly string[];
  readonly display: string | undefined;
  /** The key itself, so that it can be taken out of the other cells. */
  readonly rawKey: string | undefined;
}

export type Fail = (column: keyof IdentityCells, what: string, hint?: string) => never;

/**
 * How the key of a row is found in traffic. A row that gives both the key and an id is found by either, since logs may
 * show one or the other. Undefined: the row gives neither.
 */
export function identify(
  cells: IdentityCells,
  isIdExplicit: boolean,
  fingerprinter: Fingerprinter,
  fail: Fail,
): Identity | undefined {
  const { ofKey, ofText, ofSha256 } = fingerprinter;
  const { id, publicKey, rawKey, masked } = sortOut(cells, isIdExplicit, fail);
  const ofRaw = rawKey === undefined ? undefined : ofKey(rawKey);
  const ofDigest = cells.sha256 === undefined ? undefined : ofSha256(sha256Of(cells.sha256, fail));
  if (ofRaw !== undefined && ofDigest !== undefined && ofRaw.key !== ofDigest) fail('sha256', 'is not that of the key');
  const fingerprint = ofRaw?.key ?? ofDigest;
  // Logs may show an id as it is, or as the key text itself.
  const ids = [publicKey, id].filter((text) => text !== undefined);
  const asShown = (text: string): readonly string[] => [text, ofText(text)];
  const shownIds = new Set(ids.flatMap(asShown));
  const forms = [
    ...ids
      .filter((text) => UUID.test(text))
      .flatMap(casesOf)
      .flatMap(asShown),
    ...(rawKey === undefined ? [] : formsOfListed(rawKey, fingerprinter)),
  ];
  const seen =
    masked === undefined ? undefined : (parseMasked(masked) ?? fail('masked', 'is not a masked key', MASKED_HINT));
  const display = ofRaw?.display ?? (seen === undefined ? undefined : displayOfMasked(seen));
  const match = matchOf(fingerprint, [...shownIds], seen);
  const fallbackId = publicKey ?? fingerprint ?? display ?? id;
  return match === undefined || fallbackId === undefined
    ? undefined
    : { id: id ?? publicKey, fallbackId, match, forms, display, rawKey };
}

/** Programs write these in small or in capital letters. */
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

const MASKED_HINT = 'Masked keys look like sk_live_...4242, sk-ab***wxyz or ****1234.';
const AWS_KEY_ID = /^A[KS]IA[A-Z0-9]{12,}$/;

interface Sorted {
  readonly id: string | undefined;
  readonly publicKey: string | undefined;
  readonly rawKey: string | undefined;
  readonly masked: string | undefined;
}

/** Columns do not always hold what their names say: keys may be masked or public ids, and ids may be keys. */
function sortOut({ id, key, sha256, masked }: IdentityCells, isIdExplicit: boolean, fail: Fail): Sorted {
  if (key !== undefined && parseMasked(key) !== undefined) {
    return { ...checkId({ id, key: undefined, isIdExplicit }, fail), publicKey: undefined, masked: masked ?? key };
  }
  if (key !== undefined && /[\s"'`\p{Cc}\p{Cf}]/u.test(key)) {
    fail('key', 'holds a blank, a quote or a control character', 'Give the key as it is sent, and nothing else.');
  }
  if (key !== undefined && AWS_KEY_ID.test(key)) {
    return { ...checkId({ id, key: undefined, isIdExplicit }, fail), publicKey: key, masked };
  }
  const shown = id === undefined || key !== undefined || sha256 !== undefined ? undefined : parseMasked(id);
  const isIdMasked = shown !== undefined && shown.prefix + shown.suffix !== '';
  return {
    ...checkId({ id, key, isIdExplicit }, fail),
    publicKey: undefined,
    masked: masked ?? (isIdMasked ? id : undefined),
  };
}

/** An id that is a raw key is taken as the key. One that only may be is refused until the user says what it is. */
function checkId(
  { id, key, isIdExplicit }: { id: string | undefined; key: string | undefined; isIdExplicit: boolean },
  fail: Fail,
): Pick<Sorted, 'id' | 'rawKey'> {
  if (id === undefined || id === key) return { id: undefined, rawKey: key };
  if (/\p{Cc}/u.test(id)) fail('id', 'holds a control character');
  const kind = rawSecretKind(id);
  if (kind === 'certain') {
    if (key !== undefined)
      fail('id', 'holds a raw secret beside the key', 'Give the id by which people may name the key.');
    return { id: undefined, rawKey: id };
  }
  if (kind === 'likely' && !isIdExplicit) {
    fail(
      'id',
      'holds what may be a raw secret',
      'Map it with --key-field key=<column>, or id=<column> if it is public.',
    );
  }
  return { id, rawKey: key };
}

function matchOf(
  fingerprint: string | undefined,
  ids: readonly string[],
  masked: { readonly prefix: string; readonly suffix: string } | undefined,
): KeyMatch | undefined {
  if (fingerprint !== undefined) {
    return ids.length === 0 ? { by: 'fingerprint', key: fingerprint } : { by: 'id', keys: [fingerprint, ...ids] };
  }
  if (masked !== undefined) return { by: 'masked', ...masked, ...(ids.length === 0 ? {} : { keys: ids }) };
  return ids.length === 0 ? undefined : { by: 'id', keys: ids };
}

function sha256Of(text: string, fail: Fail): Buffer {
  return readSha256(text) ?? fail('sha256', 'is not a SHA-256 in hex or base64', SHA256_HINT);
}

const SHA256_HINT = 'If it is something else, give the column another name.';
