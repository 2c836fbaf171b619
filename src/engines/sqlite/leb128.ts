import type { DayNumber, EpochMs } from '../../model.ts';
import { DAY_MS } from '../../tally/rollup.ts';

/** Whole numbers as bytes of seven bits, the lowest first; all but the last byte of a number have the eighth bit set. */
export class ByteWriter {
  #bytes = new Uint8Array(64);
  #end = 0;

  /** From 0 to 2^53. Shifts do for 32 bits; instants need more. */
  number(value: number): void {
    if (this.#end + MOST_BYTES > this.#bytes.length) this.#grow();
    const bytes = this.#bytes;
    let rest = value;
    for (; rest > 0xffff_ffff; rest = Math.floor(rest / 128)) bytes[this.#end++] = (rest % 128) + 128;
    for (rest >>>= 0; rest > 127; rest >>>= 7) bytes[this.#end++] = rest | 128;
    bytes[this.#end++] = rest;
  }

  signed(value: number): void {
    this.number(value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** 0 for none, else the milliseconds after the beginning of a day, plus one. */
  instant(at: EpochMs | undefined, since: DayNumber): void {
    this.number(at === undefined ? 0 : at - since * DAY_MS + 1);
  }

  /** Nothing is to be written afterwards. */
  taken(): Uint8Array {
    return Buffer.from(this.#bytes.buffer, 0, this.#end);
  }

  #grow(): void {
    const larger = new Uint8Array(2 * this.#bytes.length);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** Of a number. */
const MOST_BYTES = 8;

/** Reads what a ByteWriter wrote. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  hasMore(): boolean {
    return this.#at < this.#bytes.length;
  }

  number(): number {
    const first = this.#bytes[this.#at++]!;
    if (first < 128) return first;
    let value = first - 128;
    for (let scale = 128; ; scale *= 128) {
      const byte = this.#bytes[this.#at++]!;
      if (byte < 128) return value + byte * scale;
      value += (byte - 128) * scale;
    }
  }

  /** Steps over so many numbers. */
  skip(count: number): void {
    for (let left = count; left > 0;) if (this.#bytes[this.#at++]! < 128) left--;
  }

  signed(): number {
    const value = this.number();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  instant(since: DayNumber): EpochMs | undefined {
    const offset = this.number();
    return offset === 0 ? undefined : since * DAY_MS + offset - 1;
  }
}
