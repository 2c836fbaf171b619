import { type Framer, type FrameSink, LARGE_RECORD_BYTES, type LargeRecord } from './framing.ts';

const LF = 0x0a;
const CR = 0x0d;

/**
 * Cuts a stream into lines. LF ends a line, a CR before it belongs to the line end; nothing else does (no lone CR, no
 * U+2028). A run of NULs at the start of a line, as copytruncate leaves it, is a defect of its own.
 */
export function frameLines(sink: FrameSink, from = 0, largeBytes: number = LARGE_RECORD_BYTES): Framer {
  return new LineFramer(sink, from, largeBytes);
}

class LineFramer implements Framer {
  readonly #sink: FrameSink;
  readonly #largeBytes: number;
  /** Pieces of a line that is not complete yet, and the offset of its first byte. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  #lineOffset: number;
  #large: LargeRecord | undefined;

  constructor(sink: FrameSink, from: number, largeBytes: number) {
    this.#sink = sink;
    this.#lineOffset = from;
    this.#largeBytes = largeBytes;
  }

  push(bytes: Buffer): void {
    let start = 0;
    for (;;) {
      const lf = bytes.indexOf(LF, start);
      if (lf < 0) break;
      this.#endLine(bytes, start, lf);
      start = lf + 1;
    }
    if (start < bytes.length) this.#hold(bytes, start);
    this.#sink.safePoint(this.#lineOffset);
  }

  end(): void {
    if (this.#large !== undefined) {
      this.#large.end(this.#heldBytes);
      this.#large = undefined;
    } else if (this.#heldBytes > 0) {
      const line = Buffer.concat(this.#held, this.#heldBytes);
      this.#emit(line, 0, line.length);
    }
    this.#lineOffset += this.#heldBytes;
    this.#held = [];
    this.#heldBytes = 0;
  }

  #endLine(bytes: Buffer, start: number, lf: number): void {
    if (this.#large !== undefined) {
      this.#large.piece(bytes, start, lf);
      this.#large.end(this.#heldBytes + lf - start);
      this.#large = undefined;
    } else if (this.#heldBytes > 0) {
      this.#held.push(bytes.subarray(start, lf));
      const line = Buffer.concat(this.#held);
      this.#emit(line, 0, line.length);
    } else this.#emit(bytes, start, lf);
    this.#lineOffset += this.#heldBytes + lf - start + 1;
    this.#held = [];
    this.#heldBytes = 0;
  }

  #emit(bytes: Buffer, start: number, end: number): void {
    let from = start;
    while (from < end && bytes[from] === 0) from++;
    if (from > start) this.#sink.defect('nul-run', this.#lineOffset, from - start);
    const to = end > from && bytes[end - 1] === CR ? end - 1 : end;
    if (to === from && from > start) return;
    this.#sink.record(bytes, from, to, this.#lineOffset + from - start);
  }

  #hold(bytes: Buffer, start: number): void {
    const length = bytes.length - start;
    if (this.#large === undefined && this.#heldBytes + length <= this.#largeBytes) {
      this.#held.push(Buffer.from(bytes.subarray(start)));
      this.#heldBytes += length;
      return;
    }
    if (this.#large === undefined) {
      this.#large = this.#sink.largeRecord(this.#lineOffset);
      for (const piece of this.#held) this.#large.piece(piece, 0, piece.length);
      this.#held = [];
    }
    this.#large.piece(bytes, start, bytes.length);
    this.#heldBytes += length;
  }
}
