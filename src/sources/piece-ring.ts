/**
 * Pieces of bytes on their way from one thread to another, through memory that both see: nothing of them is left to be
 * collected. Who writes waits for room, so no more than the ring holds is ever ahead of who reads.
 */
export interface PieceRing {
  readonly control: Int32Array<SharedArrayBuffer>;
  readonly facts: Float64Array<SharedArrayBuffer>;
  readonly bytes: Uint8Array<SharedArrayBuffer>;
}

// Bytes go into and out of shared memory by `fill`: `set` and `copy` take four to fifteen times as long there, since
// JavaScript demands that each byte be whole for those who look at it meanwhile.

/** As long as what a decompressor gives out at once. */
const PIECE_BYTES = 256 * 1024;
/** A power of two, so that the count of pieces may overflow. */
const PIECES = 32;

/** Counts of pieces; whether the reader sleeps; of which files it wants no more: those up to one, and one by itself. */
const [WRITTEN, TAKEN, SLEEPS, STOPPED, UNWANTED] = [0, 1, 2, 3, 4];
/** Of each piece: its length, its CRC-32, the bytes read of the file, and the number of the file. */
const FACTS = 4;

export interface Piece {
  readonly bytes: Buffer;
  readonly crc: number;
  /** Of the file, when it was made. */
  readonly bytesRead: number;
  /** Files are numbered in the order in which they go through the ring. */
  readonly file: number;
}

export function newRing(): PieceRing {
  return {
    control: new Int32Array(new SharedArrayBuffer(5 * Int32Array.BYTES_PER_ELEMENT)),
    facts: new Float64Array(new SharedArrayBuffer(PIECES * FACTS * Float64Array.BYTES_PER_ELEMENT)),
    bytes: new Uint8Array(new SharedArrayBuffer(PIECES * PIECE_BYTES)),
  };
}

/** The end of the ring for the thread that fills it. */
export class RingWriter {
  readonly #ring: PieceRing;
  readonly #bytes: Buffer;
  readonly #wake: () => void;

  /** `wake`: called when the reader sleeps and there is something for it. */
  constructor(ring: PieceRing, wake: () => void) {
    this.#ring = ring;
    this.#bytes = Buffer.from(ring.bytes.buffer);
    this.#wake = wake;
  }

  /** Waits, and lets nothing else in this thread run, until there is room. False: no more of the file is wanted. */
  put(
    bytes: Buffer,
    crcOf: (bytes: Buffer) => number,
    { bytesRead, file }: Pick<Piece, 'bytesRead' | 'file'>,
  ): boolean {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      const piece = bytes.subarray(at, at + PIECE_BYTES);
      if (!this.#put({ bytes: piece, crc: crcOf(piece), bytesRead, file })) return false;
    }
    return true;
  }

  #put({ bytes, crc, bytesRead, file }: Piece): boolean {
    const { control, facts } = this.#ring;
    const written = Atomics.load(control, WRITTEN);
    for (;;) {
      const taken = Atomics.load(control, TAKEN);
      if (Atomics.load(control, STOPPED) >= file || Atomics.load(control, UNWANTED) === file) return false;
      if (((written - taken) | 0) < PIECES) break;
      Atomics.wait(control, TAKEN, taken);
    }
    const slot = written & (PIECES - 1);
    this.#bytes.fill(bytes, slot * PIECE_BYTES, slot * PIECE_BYTES + bytes.length);
    facts.set([bytes.length, crc, bytesRead, file], slot * FACTS);
    Atomics.add(control, WRITTEN, 1);
    if (Atomics.exchange(control, SLEEPS, 0) === 1) this.#wake();
    return true;
  }
}

/** The end of the ring for the thread that empties it. */
export class RingReader {
  readonly #ring: PieceRing;
  readonly #bytes: Buffer;
  readonly #piece: Buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);

  constructor(ring: PieceRing) {
    this.#ring = ring;
    this.#bytes = Buffer.from(ring.bytes.buffer);
  }

  /** The next piece of the file, lent until the next is taken; undefined while there is none. */
  take(file: number): Piece | undefined {
    const { control, facts } = this.#ring;
    if (this.#next() !== file) return undefined;
    const slot = Atomics.load(control, TAKEN) & (PIECES - 1);
    const [length = 0, crc = 0, bytesRead = 0] = facts.subarray(slot * FACTS, (slot + 1) * FACTS);
    const bytes = this.#piece.subarray(0, length);
    bytes.fill(this.#bytes.subarray(slot * PIECE_BYTES, slot * PIECE_BYTES + length));
    this.#pass();
    return { bytes, crc, bytesRead, file };
  }

  /** Whether there is something of the file by now; if there is nothing, the writer wakes this thread with the next piece. */
  has(file: number): boolean {
    Atomics.store(this.#ring.control, SLEEPS, 1);
    return this.#next() === file;
  }

  /** Wants no more of the file, nor of those before it: what is in the ring of them is dropped, and who writes is told. */
  stop(file: number): void {
    const { control } = this.#ring;
    Atomics.store(control, STOPPED, file);
    Atomics.notify(control, TAKEN);
    this.drop(file);
  }

  /** Wants no more of a file that others may stand before. What is in the ring of it is dropped when it has its turn. */
  forgo(file: number): void {
    Atomics.store(this.#ring.control, UNWANTED, file);
    Atomics.notify(this.#ring.control, TAKEN);
  }

  /** Drops what is in the ring of the file and of those before it. */
  drop(file: number): void {
    while ((this.#next() ?? Infinity) <= file) this.#pass();
  }

  /** The file that the next piece is of; undefined while there is none. */
  #next(): number | undefined {
    const { control, facts } = this.#ring;
    const taken = Atomics.load(control, TAKEN);
    if (taken === Atomics.load(control, WRITTEN)) return undefined;
    return facts[(taken & (PIECES - 1)) * FACTS + 3];
  }

  #pass(): void {
    const { control } = this.#ring;
    Atomics.add(control, TAKEN, 1);
    Atomics.notify(control, TAKEN);
  }
}
