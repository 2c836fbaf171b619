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
  /** Of the line that is not complete yet: its first byte, the NULs it begins with, and the pieces after them. */
  #lineOffset: number;
  #nuls = 0;
  #held: Buffer[] = [];
  #heldBytes = 0;
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
      this.#take(bytes, start, lf);
      this.#endLine(1);
      start = lf + 1;
    }
    if (start < bytes.length) this.#take(bytes, start, bytes.length, true);
    this.#sink.safePoint(this.#lineOffset);
  }

  end(): void {
    if (this.#nuls + this.#heldBytes > 0) this.#endLine(0);
  }

  /** Adds a piece to the line. It is copied when it must outlive the caller's buffer. */
  #take(bytes: Buffer, start: number, end: number, mustCopy = false): void {
    let from = start;
    if (this.#heldBytes === 0) {
      while (from < end && bytes[from] === 0) from++;
      this.#nuls += from - start;
    }
    if (from === end) return;
    this.#heldBytes += end - from;
    if (this.#large === undefined && this.#heldBytes > this.#largeBytes) this.#beginLarge();
    if (this.#large !== undefined) this.#large.piece(bytes, from, end);
    else this.#held.push(mustCopy ? Buffer.from(bytes.subarray(from, end)) : bytes.subarray(from, end));
  }

  #beginLarge(): void {
    this.#large = this.#sink.largeRecord(this.#lineOffset + this.#nuls);
    for (const piece of this.#held) this.#large.piece(piece, 0, piece.length);
    this.#held = [];
  }

  #endLine(lineEnd: number): void {
    if (this.#nuls > 0) this.#sink.defect('nul-run', this.#lineOffset, this.#nuls);
    if (this.#large !== undefined) this.#large.end(this.#heldBytes);
    else if (this.#heldBytes > 0 || this.#nuls === 0) this.#emit();
    this.#lineOffset += this.#nuls + this.#heldBytes + lineEnd;
    this.#nuls = 0;
    this.#held = [];
    this.#heldBytes = 0;
    this.#large = undefined;
  }

  #emit(): void {
    const [first = EMPTY, ...others] = this.#held;
    const line = others.length === 0 ? first : Buffer.concat(this.#held, this.#heldBytes);
    const end = line[line.length - 1] === CR ? line.length - 1 : line.length;
    if (end === 0 && this.#nuls > 0) return;
    this.#sink.record(line, 0, end, this.#lineOffset + this.#nuls);
  }
}

const EMPTY = Buffer.alloc(0);
