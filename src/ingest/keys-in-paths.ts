import { looksLikeKey } from '../attribution/key-shape.ts';
import { displayOf } from '../attribution/fingerprint.ts';
import { compileKeyPaths, segmentsOf } from '../attribution/path-credentials.ts';
import type { Sample } from '../formats/format.ts';
import type { KeyRef, RawFields } from '../model.ts';
import type { Ledger } from '../engines/sqlite/ledger.ts';
import { type Interpretation, resolveKeys } from './interpret.ts';
import { readSample, type ReadingPlan } from './reading-plan.ts';

/** Places in the paths of calls where keys may stand. */
export interface KeyPathSuggestion {
  /** A line of the source in `lastcall.yaml`, with all of them. */
  readonly setting: string;
  readonly places: readonly KeyPlace[];
}

export interface KeyPlace {
  readonly template: string;
  /** Share of the calls whose path has it. */
  readonly share: number;
  /** One of the texts there, of which only as much is shown as of a key. */
  readonly example: string;
}

type Keys = Pick<Interpretation, 'keyParameters' | 'keyPaths' | 'resolveKey'>;

/** By texts that look like keys and recur as keys do. What stands at a place that is known is none. */
export function suggestKeyPaths(calls: readonly RawFields[], how: Keys): KeyPathSuggestion | undefined {
  const byTemplate = new Map<string, string[]>();
  for (const call of calls) {
    const found = unreadSegments(call, how).find(({ text }) => isKeyLike(text));
    if (found !== undefined) byTemplate.set(found.template, [...(byTemplate.get(found.template) ?? []), found.text]);
  }
  const places = [...byTemplate]
    .filter(([, texts]) => recur(texts))
    .map(([template, texts]) => ({ template, share: texts.length / calls.length, example: displayOf(texts[0]!) }))
    .toSorted((a, b) => b.share - a.share)
    .slice(0, MOST);
  return places.length === 0 ? undefined : { setting: keyPathsSetting(places.map(({ template }) => template)), places };
}

const MOST = 3;

/** What may be a key by its looks, as its fingerprint, and where in paths it stands. */
export interface KeyInPath extends Pick<KeyRef, 'key' | 'forms'> {
  readonly template: string;
}

/** In the paths of its first records, where none is read. Far too many: each is to be looked up among the keys there are. */
export function keysInPaths(plan: ReadingPlan, how: Keys): readonly KeyInPath[] {
  // A log of public ids shows no key as it is sent.
  if (plan.fields.key === undefined && plan.fields.keyId !== undefined) return [];
  // Most logs have no text behind a slash that may be one, and need not be read twice.
  if (!textsBehindSlashes(plan.sample).some(mayBeKey)) return [];
  const found = new Map<string, KeyInPath>();
  for (const call of readSample(plan).calls) {
    for (const { template, text } of unreadSegments(call, how)) {
      if (!mayBeKey(text)) continue;
      for (const { ref } of how.resolveKey({ text, kind: 'secret' }))
        found.set(`${ref.key} ${template}`, { key: ref.key, forms: ref.forms, template });
    }
  }
  return [...found.values()];
}

/** The places where keys of the inventories stand. */
export function placesOfListed(found: readonly KeyInPath[], ledger: Pick<Ledger, 'isListed'>): readonly string[] {
  const listed = found.filter((one) => ledger.isListed(one));
  return [...new Set(listed.map(({ template }) => template))].slice(0, MOST);
}

function mayBeKey(text: string): boolean {
  return looksLikeKey(text.replace(':', ''));
}

function textsBehindSlashes({ text }: Sample): readonly string[] {
  const found = new Set<string>();
  for (const [, behind = ''] of text.matchAll(BEHIND_SLASH)) found.add(behind);
  return [...found];
}

const BEHIND_SLASH = /\/([\w.~%:+-]{16,256})(?![\w.~%:+-])/g;

interface Segment {
  readonly template: string;
  readonly text: string;
}

/** What stands between the slashes of the path of a call and is no key that is read. */
function unreadSegments({ ...call }: RawFields, how: Keys): readonly Segment[] {
  const { path, clean } = resolveKeys(call, how);
  const segments = path?.includes('/') === true ? segmentsOf(path) : [];
  return segments.flatMap((segment, place) => {
    if (clean(segment) !== segment) return [];
    const before = segments.slice(0, place).map((one) => `/${isName(one) ? one : '*'}`);
    return variantsOf(segment).map(({ lead, text }) => ({ template: `${before.join('')}/${lead}{key}`, text }));
  });
}

/** A word may stand before a key of digits, a colon and more: `bot123456:AAE...`. */
function variantsOf(segment: string): readonly { readonly lead: string; readonly text: string }[] {
  const [, lead, text] = /^([A-Za-z]+)(\d+:.+)$/.exec(segment) ?? [];
  return lead === undefined || text === undefined ? [{ lead: '', text: segment }] : [{ lead, text }];
}

/** A part of the path that is the same for all callers: words and versions, and no ids. */
function isName(segment: string): boolean {
  return /^[A-Za-z][A-Za-z_.-]*\d{0,2}$/.test(segment) && segment.length < 24;
}

/** Digits and letters mixed, as long as keys are, and no UUID, file, host or word with a number. */
function isKeyLike(text: string): boolean {
  const bare = text.replace(':', '');
  if (bare.length < SHORTEST || !/^[\w~-]+$/.test(bare) || UUID.test(bare)) return false;
  const digits = bare.replace(/\D/g, '').length;
  const isMixed = /[a-z]/.test(bare) && /[A-Z]/.test(bare);
  const fewest = isMixed ? 2 : /[a-z]/.test(bare) ? 5 : 3;
  return digits >= fewest && digits < bare.length;
}

const SHORTEST = 20;
const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

/** Ids of what is called are as many as the calls; a key comes again and again. */
function recur(texts: readonly string[]): boolean {
  return texts.length >= FEWEST && new Set(texts).size * 2 <= texts.length;
}

const FEWEST = 4;

/** Takes what stands at these places out of a path. */
export function hideSuggested(suggestion: KeyPathSuggestion | undefined): (path: string) => string {
  const find = compileKeyPaths(suggestion?.places.map(({ template }) => template));
  return (path) => (find?.(path) ?? []).reduce((rest, { text }) => rest.replaceAll(text, () => displayOf(text)), path);
}

/** A line of the source in `lastcall.yaml`. */
export function keyPathsSetting(templates: readonly string[]): string {
  return `keyPaths: [${templates.map((one) => `'${one.replaceAll("'", "''")}'`).join(', ')}]`;
}
