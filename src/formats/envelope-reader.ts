import { LARGE_RECORD_BYTES } from '../kernel/framing.ts';
import type { RawFields, Skip } from '../model.ts';
import type { Envelope, Letter } from './envelope.ts';
import { isSkip, quarantined, type RecordReader } from './reader.ts';

/** Takes off the envelopes, outermost first; a record that lies in none of them is read as it is. */
export function openingReader(envelopes: readonly Envelope[], inner: RecordReader): RecordReader {
  return envelopes.length === 0 ? inner : new OpeningReader(envelopes, inner);
}

class OpeningReader implements RecordReader {
  readonly #envelopes: readonly Envelope[];
  readonly #inner: RecordReader;
  #parts = new PartialLines();

  constructor(envelopes: readonly Envelope[], inner: RecordReader) {
    this.#envelopes = envelopes;
    this.#inner = inner;
  }

  get isOpen(): boolean {
    return this.#parts.isOpen;
  }

  reset(): void {
    this.#parts = new PartialLines();
  }

  read(bytes: Buffer, start: number, end: number): RawFields | Skip {
    let at: Pick<Letter, 'bytes' | 'start' | 'end'> = { bytes, start, end };
    let time: string | undefined;
    const identity: Record<string, string> = {};
    for (const envelope of this.#envelopes) {
      const letter = envelope.open(at.bytes, at.start, at.end);
      if (letter === undefined) continue;
      time = letter.time ?? time;
      Object.assign(identity, letter.identity);
      const whole = this.#parts.join(letter);
      if ('skip' in whole) return whole;
      at = whole;
    }
    const read = this.#inner.read(at.bytes, at.start, at.end);
    if (isSkip(read)) return read;
    if (time !== undefined) read.time ??= time;
    read.identity = { ...identity, ...read.identity };
    return read;
  }

  readLarge(): ReturnType<RecordReader['readLarge']> {
    return { piece: () => undefined, end: () => quarantined('line-too-long') };
  }
}

const PARTIAL: Skip = { skip: 'partial', quarantined: false };

/** Joins lines that the container runtime cut into pieces; the outputs of a container take turns. */
export class PartialLines {
  readonly #held = new Map<string, Buffer[]>();
  #heldBytes = 0;

  get isOpen(): boolean {
    return this.#held.size > 0;
  }

  join(letter: Letter): Pick<Letter, 'bytes' | 'start' | 'end'> | Skip {
    const { bytes, start, end, partOf, stream } = letter;
    if (partOf !== undefined) {
      this.#hold(partOf, bytes.subarray(start, end));
      return PARTIAL;
    }
    const held = this.#held.get(stream);
    if (held === undefined) return letter;
    this.#held.delete(stream);
    const size = held.reduce((sum, piece) => sum + piece.length, 0);
    this.#heldBytes -= size;
    if (held.length === 0) return quarantined('line-too-long');
    const whole = Buffer.concat([...held, bytes.subarray(start, end)]);
    return { bytes: whole, start: 0, end: whole.length };
  }

  /** Too long a line is not kept: an empty list stands for it until it ends. */
  #hold(stream: string, piece: Buffer): void {
    const held = this.#held.get(stream);
    if (held?.length === 0) return;
    if (this.#heldBytes + piece.length > LARGE_RECORD_BYTES) {
      this.#heldBytes -= (held ?? []).reduce((sum, { length }) => sum + length, 0);
      this.#held.set(stream, []);
      return;
    }
    this.#heldBytes += piece.length;
    this.#held.set(stream, [...(held ?? []), Buffer.from(piece)]);
  }
}
