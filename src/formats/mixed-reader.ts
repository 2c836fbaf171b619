import type { RawFields, Skip } from '../model.ts';
import { isErrorLogLine } from './combined.ts';
import { jsonEnvelopes, type Letter } from './envelope.ts';
import { isEnvoyMessage } from './envoy-text.ts';
import type { Format, Sample } from './format.ts';
import { valueIn } from './json.ts';
import { NOT_A_REQUEST } from './marks.ts';
import { createReader, isSkip, type RecordReader } from './reader.ts';
import { takeSample } from './sample.ts';

/**
 * Reads each record by the format of the log, and one that does not fit it by the format that it is of: a proxy whose
 * settings changed, or a log that two programs write to. What no format knows is left to the first one's judgement.
 */
export function mixedReader(first: RecordReader, own: Format, formats: readonly Format[]): RecordReader {
  const others = formats.filter((format) => format !== own && !isTable(format) && !isGeneric(format));
  const readers = new Map<Format, RecordReader>();
  const readerOf = (format: Format): RecordReader => {
    const known = readers.get(format);
    if (known !== undefined) return known;
    const reader = createReader(format, format.fields, EMPTY);
    readers.set(format, reader);
    return reader;
  };
  const isMarked = markFinder(others);
  /** What other formats make of the record as it stands; else what lies in it, where it is the JSON of a shipper. */
  const readOther = (
    { bytes, start, end, sample }: RecordSample,
    isWanted: (read: RawFields | Skip) => boolean,
  ): RawFields | Skip | undefined => {
    const other = formatOf(sample, others);
    const read = other === undefined ? undefined : readerOf(other).read(bytes, start, end);
    if (read !== undefined && isWanted(read)) return read;
    for (const { time, ...letter } of lettersIn(bytes, start, end, sample)) {
      const inside = formatOf(takeSample(letter.bytes.subarray(letter.start, letter.end)), [own, ...others]);
      if (inside === undefined) continue;
      const again = (inside === own ? first : readerOf(inside)).read(letter.bytes, letter.start, letter.end);
      if (!isSkip(again) && time !== undefined) again.time ??= time;
      if (isWanted(again)) return again;
    }
    return undefined;
  };
  /**
   * Of another format, by its own members: what is a message of the program in one log is a call in another. Where the
   * record may be of both, a key decides.
   */
  const readMarked = (record: RecordSample): RawFields | Skip | undefined => {
    const isOwn = own.recognise(record.sample) > SURE;
    return readOther(record, (read) => isUnderstood(read) && (!isOwn || carriesKeys(read)));
  };
  const { inGroups } = first;
  return {
    ...first,
    ...(inGroups === undefined ? {} : { inGroups: { ...inGroups, marks: [...inGroups.marks, ...marksOf(others)] } }),
    read(bytes, start, end) {
      const read = first.read(bytes, start, end);
      const isLong = end - start > MAX_TEXT;
      if (isUnderstood(read)) {
        if (isLong || carriesKeys(read) || !isMarked(bytes, start, end)) return read;
        return readMarked(sampleOf(bytes, start, end)) ?? read;
      }
      if (isProgramMessage(bytes.toString('utf8', start, end))) return NOT_A_REQUEST;
      return isLong ? read : (readOther(sampleOf(bytes, start, end), isUnderstood) ?? read);
    },
  };
}

interface RecordSample {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly sample: Sample;
}

function sampleOf(bytes: Buffer, start: number, end: number): RecordSample {
  return { bytes, start, end, sample: takeSample(bytes.subarray(start, end)) };
}

function* lettersIn(bytes: Buffer, start: number, end: number, { records }: Sample): Generator<Letter> {
  const [record] = records;
  if (record === undefined) return;
  for (const { path = '', open } of ENVELOPES) {
    const letter = valueIn(record, path) === undefined ? undefined : open(bytes, start, end);
    if (letter !== undefined && HAS_TIME.test(letter.bytes.toString('latin1', letter.start, letter.end))) yield letter;
  }
}

/** What is a call says when it was made: most messages of programs need not be looked at. */
const HAS_TIME = /\d\d:\d\d|\d{10}/;

/** Its rows say nothing without the header before them. */
export function isTable({ syntax }: Format): boolean {
  return syntax.kind === 'delimited' || syntax.kind === 'w3c';
}

/** JSON of no particular product fits anything, and so do pairs of names and values. */
export function isGeneric({ name }: Format): boolean {
  return name === 'json' || name === 'logfmt';
}

/**
 * A program's message about itself: the error log of a web server, of Envoy, of Caddy, logfmt and the plain log of Go programs, klog (Kubernetes).
 * Where one of the latter might tell of a request, it is none: `msg=` alone does not make a line harmless.
 */
function isProgramMessage(text: string): boolean {
  const line = text.slice(0, MAX_MESSAGE);
  if (isErrorLogLine(line) || isEnvoyMessage(line) || CADDY_MESSAGE.test(line) || CLOUDWATCH_MESSAGE.test(line))
    return true;
  if (!LOGFMT.test(line) && !KLOG.test(line) && !GO_LOG.test(line)) return false;
  return text.length <= MAX_MESSAGE && !MAY_BE_A_REQUEST.test(line);
}

const MAX_MESSAGE = 4096;
/** Caddy's console encoder, but for its access log. */
const CADDY_MESSAGE =
  /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})?\t\S{0,6}(?:DEBUG|INFO|WARN|ERROR|DPANIC|PANIC|FATAL)\S{0,6}\t(?!http\.log\.access)[a-z][\w.]{0,100}\t/;
/** By which a subscription of CloudWatch Logs tries out whether its target can be reached. */
const CLOUDWATCH_MESSAGE = /^CWL CONTROL MESSAGE: /;
const LOGFMT = /^time="?[^"\s]{10,40}"? level=(?:trace|debug|info|warn|warning|error|fatal) (?:msg|error)=/;
const KLOG = /^[IWEF]\d{4} \d\d:\d\d:\d\d\.\d{6} +\d+ [\w.-]{1,100}:\d+\] /;
const GO_LOG = /^(?:[\w-]{1,40}: )?\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})? [\w./-]{1,100}\.go:\d+: /;
const MAY_BE_A_REQUEST =
  /key|token|auth|status|method|verb|http\/|https?:\/\/|\b(?:GET|POST|PUT|PATCH|DELETE|HEAD)\b|user-?agent/i;

function carriesKeys(read: RawFields | Skip): boolean {
  return !isSkip(read) && read.keys.length > 0;
}

function markFinder(formats: readonly Format[]): (bytes: Buffer, start: number, end: number) => boolean {
  const pattern = new RegExp(`"(?:${marksOf(formats).join('|')})"`, 'i');
  return (bytes, start, end) => bytes[start] === OPEN_BRACE && pattern.test(bytes.toString('latin1', start, end));
}

function marksOf(formats: readonly Format[]): readonly string[] {
  return formats.flatMap(({ hallmarks = [] }) => hallmarks);
}

const OPEN_BRACE = 0x7b;

const ENVELOPES = jsonEnvelopes(false);
const EMPTY = takeSample(Buffer.from(''));
const MAX_TEXT = 1024 * 1024;
const SURE = 0.5;

function isUnderstood(read: RawFields | Skip): boolean {
  return isSkip(read) ? !read.quarantined : read.time !== undefined;
}

function formatOf(sample: Sample, formats: readonly Format[]): Format | undefined {
  let best: Format | undefined;
  let bestScore = SURE;
  for (const format of formats) {
    const score = format.recognise(sample);
    if (score > bestScore) [best, bestScore] = [format, score];
  }
  return best;
}
