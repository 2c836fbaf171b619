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
const PIECES = 8;

/** Counts of pieces; then whether the reader sleeps, and whether it wants no more. */
const [WRITTEN, TAKEN, SLEEPS, STOPPED] = [0, 1, 2, 3];
/** Of each piece: its length, its CRC-32, and the bytes read of the file. */
const FACTS = 3;

export interface Piece {
  readonly bytes: Buffer;
  readonly crc: number;
  /** Of the file, when it was made. */
  readonly bytesRead: number;
}

export function newRing(): PieceRing {
  return {
    control: new Int32Array(new SharedArrayBuffer(4 * Int32Array.BYTES_PER_ELEMENT)),
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

  /** Waits, and lets nothing else in this thread run, until there is room. False: no more is wanted. */
  put(bytes: Buffer, crcOf: (bytes: Buffer) => number, bytesRead: number): boolean {
    if (bytes.length <= PIECE_BYTES) return this.#put({ bytes, crc: crcOf(bytes), bytesRead });
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      if (!this.put(bytes.subarray(at, at + PIECE_BYTES), crcOf, bytesRead)) return false;
    }
    return true;
  }

  #put({ bytes, crc, bytesRead }: Piece): boolean {
    const { control, facts } = this.#ring;
    const written = Atomics.load(control, WRITTEN);
    for (;;) {
      const taken = Atomics.load(control, TAKEN);
      if (Atomics.load(control, STOPPED) === 1) return false;
      if (((written - taken) | 0) < PIECES) break;
      Atomics.wait(control, TAKEN, taken);
    }
    const slot = written & (PIECES - 1);
    this.#bytes.fill(bytes, slot * PIECE_BYTES, slot * PIECE_BYTES + bytes.length);
    facts.set([bytes.length, crc, bytesRead], slot * FACTS);
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

  /** The next piece, lent until the next is taken; undefined while there is none. */
  take(): Piece | undefined {
    const { control, facts } = this.#ring;
    const taken = Atomics.load(control, TAKEN);
    if (taken === Atomics.load(control, WRITTEN)) return undefined;
    const slot = taken & (PIECES - 1);
    const [length = 0, crc = 0, bytesRead = 0] = facts.subarray(slot * FACTS, (slot + 1) * FACTS);
    const bytes = this.#piece.subarray(0, length);
    bytes.fill(this.#bytes.subarray(slot * PIECE_BYTES, slot * PIECE_BYTES + length));
    Atomics.add(control, TAKEN, 1);
    Atomics.notify(control, TAKEN);
    return { bytes, crc, bytesRead };
  }

  /** False when there is something by now; else the writer wakes this thread when there is. */
  sleep(): boolean {
    const { control } = this.#ring;
    Atomics.store(control, SLEEPS, 1);
    return Atomics.load(control, TAKEN) === Atomics.load(control, WRITTEN);
  }

  /** Wants no more: what is in the ring is dropped, and who writes is told. */
  stop(): void {
    const { control } = this.#ring;
    Atomics.store(control, STOPPED, 1);
    this.#drop();
  }

  /** Begins anew, when nobody writes. */
  restart(): void {
    this.#drop();
    Atomics.store(this.#ring.control, STOPPED, 0);
  }

  #drop(): void {
    const { control } = this.#ring;
    Atomics.store(control, TAKEN, Atomics.load(control, WRITTEN));
    Atomics.notify(control, TAKEN);
  }
}
