import type { DayNumber, EpochMs } from '../../model.ts';
import { DAY_MS } from '../../rollup.ts';

/** Whole numbers as bytes of seven bits, the lowest first; all but the last byte of a number have the eighth bit set. */
export class ByteWriter {
  readonly #bytes: number[] = [];

  /** From 0 to 2^53. Not by shifts: instants need more than 32 bits. */
  number(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.#bytes.push((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    this.#bytes.push(rest);
  }

  signed(value: number): void {
    this.number(value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** 0 for none, else the milliseconds after the beginning of a day, plus one. */
  instant(at: EpochMs | undefined, since: DayNumber): void {
    this.number(at === undefined ? 0 : at - since * DAY_MS + 1);
  }

  taken(): Uint8Array {
    return Buffer.from(this.#bytes);
  }
}

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
