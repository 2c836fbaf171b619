import { isAbsent, isRedacted } from './key-shape.ts';

/** What a masked key still shows; as much of it as a display shows at most. */
export interface Masked {
  readonly prefix: string;
  readonly suffix: string;
}

const MASK = /\*{2,}|[•●∙⋯…█]+|·{2,}|\.{3,}/g;
/** The letter x is a mask only where nothing else is left but a scheme before it and a few characters behind it. */
const X_MASK = /^((?:[A-Za-z0-9]{1,12}[-_])*?)[xX]{4,}(?:[-_ ][xX]{4,})*[-_ ]?([A-Za-z0-9]{0,8})$/;
const MAX_X_LENGTH = 200;
const MAX_PREFIX = 12;
const MAX_SUFFIX = 4;

/** Reads `sk_live_...4242`, `sk-ab***wxyz`, `••••1234`, `AKIA****ABCD`, `xxxx-1234`, `[REDACTED]`. Undefined: it is not masked. */
export function parseMasked(text: string): Masked | undefined {
  if (isAbsent(text) || isRedacted(text)) return { prefix: '', suffix: '' };
  const runs = [...text.matchAll(MASK)];
  const first = runs[0];
  const last = runs.at(-1);
  const ends =
    first === undefined || last === undefined
      ? X_MASK.exec(text.slice(0, MAX_X_LENGTH))?.slice(1)
      : [text.slice(0, first.index), text.slice(last.index + last[0].length)];
  if (ends === undefined || !ends.every((end) => /^[\x21-\x7e]*$/.test(end))) return undefined;
  const [prefix = '', suffix = ''] = ends;
  return { prefix: prefix.slice(0, MAX_PREFIX), suffix: suffix.slice(-MAX_SUFFIX) };
}

/** How a masked key is shown to people: in the manner of `displayOf`. */
export function displayOfMasked({ prefix, suffix }: Masked): string {
  return `${prefix}...${suffix}`;
}

/** The end of a key that its display shows: at most four characters. */
export function tailOf(display: string): string {
  const cut = display.indexOf('...');
  return (cut === -1 ? display : display.slice(cut + 3)).slice(-MAX_SUFFIX);
}

/** A tail and all that may be shown of it: its own endings, the empty one too, the longest first. */
export function endingsOf(tail: string): readonly string[] {
  return Array.from({ length: tail.length + 1 }, (_, cut) => tail.slice(cut));
}

/**
 * Whether a key with this display may be the masked one. Compares only what both of them show: false is certain, true
 * only says that nothing speaks against it.
 */
export function fitsMasked(masked: Masked, display: string): boolean {
  const cut = display.indexOf('...');
  const prefix = cut === -1 ? display : display.slice(0, cut);
  const suffix = cut === -1 ? display : display.slice(cut + 3);
  return (
    (prefix.startsWith(masked.prefix) || masked.prefix.startsWith(prefix)) &&
    (suffix.endsWith(masked.suffix) || masked.suffix.endsWith(suffix))
  );
}
