import type { RawFields, Skip } from '../model.ts';
import type { Format } from './format.ts';
import { createReader, isSkip, type RecordReader } from './reader.ts';
import { takeSample } from './sample.ts';

/**
 * Reads each record by the format of the log, and one that does not fit it by the format that it is of: a proxy whose
 * settings changed, or a log that two programs write to. What no format knows is left to the first one's judgement.
 */
export function mixedReader(first: RecordReader, own: Format, formats: readonly Format[]): RecordReader {
  const others = formats.filter((format) => format !== own && format.syntax.kind !== 'delimited' && !isGeneric(format));
  const readers = new Map<Format, RecordReader>();
  return {
    read(bytes, start, end) {
      const read = first.read(bytes, start, end);
      if (isUnderstood(read)) return read;
      const text = bytes.toString('utf8', start, end);
      const other = text.length > MAX_TEXT ? undefined : formatOf(text, others);
      if (other === undefined) return read;
      let reader = readers.get(other);
      if (reader === undefined) {
        reader = createReader(other, other.fields, takeSample(Buffer.from('')));
        readers.set(other, reader);
      }
      const again = reader.read(bytes, start, end);
      return isUnderstood(again) ? again : read;
    },
    readLarge: () => first.readLarge(),
  };
}

/** JSON of no particular product fits anything. */
export function isGeneric({ name }: Format): boolean {
  return name === 'json';
}

const MAX_TEXT = 1024 * 1024;
const SURE = 0.5;

function isUnderstood(read: RawFields | Skip): boolean {
  return isSkip(read) ? !read.quarantined : read.time !== undefined;
}

function formatOf(text: string, formats: readonly Format[]): Format | undefined {
  const sample = takeSample(Buffer.from(text));
  let best: Format | undefined;
  let bestScore = SURE;
  for (const format of formats) {
    const score = format.recognise(sample);
    if (score > bestScore) [best, bestScore] = [format, score];
  }
  return best;
}
