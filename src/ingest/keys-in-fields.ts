import { keyTextsIn } from '../attribution/key-texts.ts';
import { hideSecrets } from '../attribution/raw-secret.ts';
import type { Ledger } from '../engines/sqlite/ledger.ts';
import type { FieldMap, Format, Sample, UsageField } from '../formats/format.ts';
import { lowerAscii, parsePaths, type Step } from '../kernel/field-path.ts';
import type { Interpretation } from './interpret.ts';
import type { ReadingPlan } from './reading-plan.ts';
import { joinPath, type RecordValues, sampleValues } from './sample-values.ts';

/** What may be a key by its looks, as its fingerprint, and the member or column where it stands and is not read. */
export interface KeyInField {
  readonly key: string;
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
): readonly KeyInField[] {
  if ((fields.key === undefined && fields.keyId !== undefined) || !namesItsParts(format)) return [];
  const isRead = readPlaces(format, fields);
  const found = new Map<string, KeyInField>();
  for (const values of spread(sampleValues(sample, format.syntax))) {
    for (const { place, text } of unreadTexts(values, isRead)) {
      for (const { ref } of resolveKey({ text, kind: 'secret' })) {
        const field = hideSecrets(place, undefined, NONE);
        if (ref.kind === 'secret') found.set(`${ref.key} ${field}`, { key: ref.key, field });
      }
    }
  }
  return [...found.values()];
}

const NONE: ReadonlySet<string> = new Set();

/** Where keys of the inventories stand. */
export function fieldsOfListed(found: readonly KeyInField[], ledger: Pick<Ledger, 'isListed'>): readonly string[] {
  const listed = found.filter(({ key }) => ledger.isListed(key));
  return [...new Set(listed.map(({ field }) => field))].slice(0, MOST_FIELDS);
}

const MOST_FIELDS = 3;

function namesItsParts({ syntax }: Format): boolean {
  if (syntax.kind === 'text') return syntax.isNamed === true;
  return syntax.kind === 'json' || (syntax.kind === 'delimited' && syntax.columns === undefined);
}

/** To look at more of them takes longer than to read a short log. */
const MOST_RECORDS = 32;

function spread<T>(all: readonly T[]): readonly T[] {
  const step = Math.ceil(all.length / MOST_RECORDS);
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
    return [...keyTextsIn(value)]
      .filter((text) => text.length >= SHORTEST && !known.includes(text))
      .map((text) => ({ place, text }));
  });
}

/** Shorter texts are many things. */
const SHORTEST = 16;
const MAY_HOLD_KEY = /[\w.~+/=-]{16}/;

/** By what is looked at: a key in the name of a system or an address is not read. */
function readPlaces({ syntax }: Format, fields: FieldMap): (place: string) => boolean {
  const maps = (Object.entries(fields) as [UsageField, string][]).filter(([field]) => READ.test(field));
  const places = maps.flatMap(([, paths]) =>
    syntax.kind === 'json' ? parsePaths(paths).map(placeOf) : paths.split('||').map((name) => name.trim()),
  );
  const read = new Set(places.map(plain));
  return (place) => read.has(plain(place));
}

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
