import { hideSecrets } from '../attribution/raw-secret.ts';
import type { Ledger } from '../engines/sqlite/ledger.ts';
import type { FieldMap, Format, Sample, UsageField } from '../formats/format.ts';
import { memo } from '../memo.ts';
import type { KeyRef } from '../model.ts';
import { lowerAscii, parsePaths, type Step } from '../kernel/field-path.ts';
import type { Interpretation } from './interpret.ts';
import type { ReadingPlan } from './reading-plan.ts';
import { joinPath, type RecordValues, sampleValues } from './sample-values.ts';

/** What may be a key by its looks, as its fingerprint, and the member or column where it stands and is not read. */
export interface KeyInField extends Pick<KeyRef, 'key' | 'forms'> {
  readonly field: string;
}

/**
 * In records of a sample, at places where nothing is read. Far too many: each is to be looked up among the keys there are.
 * To map such a place, be it as `identity.<name>`, is to say that it is known. Public ids are told of without being used: a
 * log of such ids is not looked through, nor one whose parts have no names.
 */
export function keysInFields(
  { format, fields }: Pick<ReadingPlan, 'format' | 'fields'>,
  sample: Sample,
  { resolveKey }: Pick<Interpretation, 'resolveKey'>,
  most: number = MOST_RECORDS,
): readonly KeyInField[] {
  if ((fields.key === undefined && fields.keyId !== undefined) || !namesItsParts(format)) return [];
  const isRead = readPlaces(format, fields);
  const found = new Map<string, KeyInField>();
  for (const values of spread(sampleValues(fewOf(sample, format, most), format.syntax), most)) {
    for (const { place, text } of unreadTexts(values, isRead)) {
      for (const { ref } of resolveKey({ text, kind: 'secret' })) {
        const field = hideSecrets(place, undefined, NONE);
        if (ref.kind === 'secret') found.set(`${ref.key} ${field}`, { key: ref.key, forms: ref.forms, field });
      }
    }
  }
  return [...found.values()];
}

const NONE: ReadonlySet<string> = new Set();

/** Where keys of the inventories stand. */
export function fieldsOfListed(found: readonly KeyInField[], ledger: Pick<Ledger, 'isListed'>): readonly string[] {
  const listed = found.filter((one) => ledger.isListed(one));
  return [...new Set(listed.map(({ field }) => field))].slice(0, MOST_FIELDS);
}

const MOST_FIELDS = 3;

function namesItsParts({ syntax }: Format): boolean {
  if (syntax.kind === 'text') return syntax.isNamed === true;
  return syntax.kind === 'json' || (syntax.kind === 'delimited' && syntax.columns === undefined);
}

/** To look at more of them takes longer than to read a short log. */
const MOST_RECORDS = 12;

/** Of a table, the header must stay. */
function fewOf(sample: Sample, { syntax }: Format, most: number): Sample {
  if (syntax.kind === 'delimited') return sample;
  return { ...sample, records: spread(sample.records, most), lines: spread(sample.lines, most) };
}

function spread<T>(all: readonly T[], most: number): readonly T[] {
  const step = Math.max(1, Math.ceil(all.length / most));
  return all.filter((_, i) => i % step === 0);
}

interface TextAt {
  readonly place: string;
  readonly text: string;
}

/** A key that also stands where it is read says nothing new. */
function unreadTexts(values: RecordValues, isRead: (place: string) => boolean): readonly TextAt[] {
  let read: string | undefined;
  return [...values].flatMap(([place, value]) => {
    if (value.length < SHORTEST || !MAY_HOLD_KEY.test(value) || isRead(place)) return [];
    read ??= [...values].map(([at, text]) => (isRead(at) ? text : '')).join('\n');
    const known = read;
    const texts = Array.from(value.matchAll(WORDS), ([word]) => word.slice(word.indexOf('=') + 1));
    return texts.filter((text) => text.length >= SHORTEST && !known.includes(text)).map((text) => ({ place, text }));
  });
}

/** Shorter texts are many things. */
const SHORTEST = 16;
const MAY_HOLD_KEY = /[\w.~-]{16}/;
const WORDS = /[\w.~=-]{16,}/g;

/** By what is looked at: a key in the name of a system or an address is not read. */
function readPlaces({ syntax }: Format, fields: FieldMap): (place: string) => boolean {
  const text = JSON.stringify([syntax.kind, fields]);
  if (latest?.text !== text) latest = { text, isRead: compile(syntax, fields) };
  return latest.isRead;
}

/** Logs of one directory are mostly read in the same way. */
let latest: { readonly text: string; readonly isRead: (place: string) => boolean } | undefined;

function compile(syntax: Format['syntax'], fields: FieldMap): (place: string) => boolean {
  const maps = (Object.entries(fields) as [UsageField, string][]).filter(([field]) => READ.test(field));
  const places = maps.flatMap(([, paths]) =>
    syntax.kind === 'json' ? parsePaths(paths).map(placeOf) : paths.split('||').map((name) => name.trim()),
  );
  const read = new Set(places.map(plain));
  return memo((place) => read.has(plain(place)), MOST_PLACES);
}

const MOST_PLACES = 1000;
const READ = /^(?:key|keyId|action|cookie|userAgent|eventId|identity\..*)$/;

function placeOf(steps: readonly Step[]): string {
  let place = '';
  for (const step of steps) {
    if ('member' in step) place = joinPath(place, step.member);
    else place += 'pair' in step ? `{${step.pair}}` : '[*]';
  }
  return place;
}

/** A list stands for its elements. */
function plain(place: string): string {
  return lowerAscii(place).replace(/(?:\[\*\])+$/, '');
}
