import {
  CERTAIN_PREFIXES,
  type Envelope,
  isDockerFile,
  jsonEnvelopes,
  LIKELY_PREFIXES,
  TEXT_BEFORE_JSON,
  WORD_PREFIX,
} from './envelope.ts';
import type { Format, Sample } from './format.ts';
import { share, usualFieldsOf } from './json.ts';
import { logfmt } from './logfmt.ts';
import { PartialLines } from './envelope-reader.ts';
import { isGeneric, isTable } from './mixed-reader.ts';
import { isSkip } from './reader.ts';
import { takeSample } from './sample.ts';

/** The format of a log's records, and the envelopes around them, outermost first. */
export interface Unwrapped {
  readonly format: Format;
  readonly envelopes: readonly Envelope[];
  /** What is left of the sample without the envelopes. */
  readonly sample: Sample;
}

/**
 * Looks at a sample as it is and without its envelopes, until a format is recognised. An envelope is believed when what
 * lies in it is recognised. `pick` tells the format of a sample, if it is sure of one.
 */
export function unwrap(sample: Sample, pick: (sample: Sample) => Format | undefined): Unwrapped | undefined {
  const found = search(sample, { pick }, MAX_DEPTH);
  if (found !== undefined && (!isGeneric(found.format) || callShare(found.sample) > 0)) return found;
  return search(sample, { pick, orMost: true }, MAX_DEPTH) ?? found;
}

const MAX_DEPTH = 4;
/** How many records must lie in an envelope; the others may be noise. */
const ENOUGH = 0.5;

/** `orMost`: where no format is that of the whole, the one that most of its lines are of. */
interface Recogniser {
  readonly pick: (sample: Sample) => Format | undefined;
  readonly orMost?: true;
}

function search(sample: Sample, by: Recogniser, depth: number): Unwrapped | undefined {
  const { certain, likely } = depth === 0 ? { certain: [], likely: [] } : envelopesOf(sample);
  const safe = firstInside(certain, sample, by, depth);
  if (safe !== undefined) return safe;
  const format = by.pick(sample);
  const own = format === undefined ? undefined : { format, envelopes: [], sample };
  if (own !== undefined && !isGeneric(own.format)) return withoutPrefix(own, by, depth) ?? own;
  const inside = firstInside(likely, sample, by, depth);
  const most = by.orMost === true && sample.records.length === 0 ? mostFrequent(sample, by) : undefined;
  // Any first word can be taken for the name of a stream: what is of a format as it stands must not lose it for fewer lines.
  if (most !== undefined && (inside === undefined || inside.sample.lines.length <= most.sample.lines.length))
    return most;
  if (inside === undefined) return own;
  return own === undefined || !isGeneric(inside.format) || showsMore(inside.sample, sample) ? inside : own;
}

function withoutPrefix({ format, sample }: Unwrapped, by: Recogniser, depth: number): Unwrapped | undefined {
  if (format.bearsPrefix !== true || depth === 0 || sample.records.length > 0) return undefined;
  const bare = firstInside(LIKELY_PREFIXES, sample, by, depth);
  return bare === undefined || isGeneric(bare.format) ? undefined : bare;
}

/** The format of the lines that are of one, where a program writes more about itself than about requests. */
function mostFrequent({ lines }: Sample, { pick }: Recogniser): Unwrapped | undefined {
  const found = lines.slice(0, MAX_LINES).map((line) => ({ line, format: pick(sampleOf([line])) }));
  const byFormat = Map.groupBy(found, ({ format }) => format);
  let best: Unwrapped | undefined;
  let most = found.length * FEW;
  for (const [format, own] of byFormat) {
    if (format === undefined || isGeneric(format) || isTable(format) || own.length < most) continue;
    most = own.length;
    best = { format, envelopes: [], sample: sampleOf(own.map(({ line }) => line)) };
  }
  return best;
}

const MAX_LINES = 50;
const FEW = 0.25;

function envelopesOf(sample: Sample): { certain: readonly Envelope[]; likely: readonly Envelope[] } {
  if (sample.records.length === 0)
    return { certain: CERTAIN_PREFIXES, likely: [...LIKELY_PREFIXES, TEXT_BEFORE_JSON, WORD_PREFIX] };
  const isDocker = isDockerFile(sample.records);
  const envelopes = jsonEnvelopes(isDocker);
  return isDocker ? { certain: envelopes.slice(0, 1), likely: [] } : { certain: [], likely: envelopes };
}

/** Of several envelopes that fit, one whose content is of a known product. */
function firstInside(
  envelopes: readonly Envelope[],
  sample: Sample,
  by: Recogniser,
  depth: number,
): Unwrapped | undefined {
  let generic: Unwrapped | undefined;
  for (const envelope of envelopes) {
    const inner = open(envelope, sample);
    if (inner === undefined) continue;
    const found = search(inner, by, depth - 1);
    if (found === undefined || isTable(found.format)) continue;
    const whole = { ...found, envelopes: [envelope, ...found.envelopes] };
    if (!isGeneric(found.format)) return whole;
    // Many a program writes some JSON behind a message.
    if (envelope !== TEXT_BEFORE_JSON || callShare(found.sample) > 0) generic ??= whole;
  }
  return generic;
}

/** A sample of JSON is tried with very many envelopes. */
const MAX_OPENED = 20;

/** The sample of what lies in the envelope; undefined when too few records lie in it. */
function open(envelope: Envelope, sample: Sample): Sample | undefined {
  const isJson = sample.records.length > 0;
  const { path } = envelope;
  if (isJson && path !== undefined && share(sample, path) < ENOUGH) return undefined;
  const records = isJson ? sample.records.slice(0, MAX_OPENED).map((record) => JSON.stringify(record)) : sample.lines;
  const letters = records.flatMap((record) => {
    const bytes = Buffer.from(record);
    return envelope.open(bytes, 0, bytes.length) ?? [];
  });
  if (letters.length === 0 || letters.length < records.length * ENOUGH) return undefined;
  const parts = new PartialLines();
  const texts = letters.flatMap((letter) => {
    const whole = parts.join(letter);
    return isSkip(whole) ? [] : [whole.bytes.toString('utf8', whole.start, whole.end).replaceAll('\n', ' ')];
  });
  const inner = sampleOf(texts);
  if (inner.lines.length === 0) return undefined;
  return inner.isLines ? inner : { ...inner, records: [], recordsPath: '' };
}

function sampleOf(lines: readonly string[]): Sample {
  return takeSample(Buffer.from(`${lines.join('\n')}\n`));
}

/** JSON or pairs of no known product in JSON of no known product: they are taken out when they show calls or keys and the outer none. */
function showsMore(inner: Sample, outer: Sample): boolean {
  return (callShare(inner) > 0 && callShare(outer) === 0) || (keyShare(inner) > 0 && keyShare(outer) === 0);
}

function keyShare(sample: Sample): number {
  const { key = '', keyId = '' } = usualFieldsOf(sample);
  return share(sample, `${key} || ${keyId}`);
}

function callShare(sample: Sample): number {
  if (sample.records.length === 0) return logfmt.recognise(sample);
  const { key = '', keyId = '', status = '', method = '' } = usualFieldsOf(sample);
  return share(sample, [key, keyId, status, method].join(' || '));
}
