import type { Framer, FrameSink } from '../../src/kernel/framing.ts';
import type { SkipReason } from '../../src/model.ts';

export interface Frame {
  readonly offset: number;
  readonly length: number;
  /** A record: its bytes as Latin-1. */
  readonly text?: string;
  readonly defect?: SkipReason;
}

export interface Framed {
  readonly frames: readonly Frame[];
  /** The last safe point. */
  readonly safe: number;
}

/**
 * Feeds bytes in pieces (cut at `cuts`) and gathers what comes out. Throws when a law of framing is broken: offsets that
 * do not lead back to the record's bytes, overlaps, a safe point inside a record or moving back.
 */
export function frame(
  make: (sink: FrameSink, from: number) => Framer,
  bytes: Buffer,
  cuts: readonly number[],
  from = 0,
): Framed {
  const frames: Frame[] = [];
  let accounted = from;
  let safe = from;
  const add = (one: Frame): void => {
    if (one.offset < accounted) throw new Error(`byte ${one.offset} was accounted for twice`);
    if (one.offset < safe) throw new Error(`a record at ${one.offset} lies before the safe point ${safe}`);
    if (one.text !== undefined && one.text !== bytes.toString('latin1', one.offset, one.offset + one.length))
      throw new Error(`the bytes at ${one.offset} are not those of the record`);
    accounted = one.offset + one.length;
    if (accounted > bytes.length) throw new Error('a record lies beyond the end');
    frames.push(one);
  };
  const framer = make(
    {
      record: (lent, start, end, offset) =>
        add({ offset, length: end - start, text: lent.toString('latin1', start, end) }),
      defect: (defect, offset, length) => add({ offset, length, defect }),
      largeRecord(offset) {
        let text = '';
        return {
          piece: (lent, start, end) => (text += lent.toString('latin1', start, end)),
          end(length) {
            if (length !== text.length) throw new Error(`a large record of ${length} bytes came in ${text.length}`);
            add({ offset, length, text });
          },
        };
      },
      safePoint(offset) {
        if (offset < safe) throw new Error(`the safe point moved back from ${safe} to ${offset}`);
        if (offset < accounted) throw new Error(`safe point ${offset} lies inside what reaches to ${accounted}`);
        safe = offset;
      },
    },
    from,
  );
  for (const piece of pieces(bytes.subarray(from), cuts)) {
    const lent = Buffer.from(piece);
    framer.push(lent);
    lent.fill(0x7b);
  }
  framer.end();
  const inFrames = frames.reduce((sum, one) => sum + one.length, 0);
  const { structureBytes = bytes.length - from - inFrames } = framer;
  if (inFrames + structureBytes !== bytes.length - from)
    throw new Error(`${bytes.length - from} bytes came in, and ${inFrames} + ${structureBytes} are accounted for`);
  return { frames, safe };
}

/** Cuts of equal size. */
export function every(size: number, bytes: Buffer): number[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => i * size);
}

function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, i) => bytes.subarray(places[i], end));
}
