import { hash, randomInt } from 'node:crypto';

/** What an event is known by: 16 bytes as four words. */
export type EventDigest = Uint32Array;

const DIGEST_BYTES = 16;
const UUID_LENGTH = 36;

/** The digest that was made last, as words and as bytes. */
const WORDS = new Uint32Array(4);
const BYTES = Buffer.from(WORDS.buffer);
const TEXT = Buffer.alloc(UUID_LENGTH * 3);

/** A UUID as it is, anything else by SHA-256. Overwritten by the next one that is made. */
export function digestOf(id: string): EventDigest {
  const length = id.length === UUID_LENGTH ? TEXT.write(id) : 0;
  if (!readUuid(TEXT, 0, length)) BYTES.set(hash('sha256', id, 'buffer').subarray(0, DIGEST_BYTES));
  return WORDS;
}

/** The digest of an id, if a UUID stands there. Overwritten by the next one that is made. */
export function uuidAt(bytes: Buffer, start: number, length: number): EventDigest | undefined {
  return readUuid(bytes, start, length) ? WORDS : undefined;
}

/** The id whose digest is that of a UUID. */
export function uuidOf(digest: EventDigest): string {
  const hex = bytesOf(digest).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

export function bytesOf(digest: EventDigest): Buffer {
  return Buffer.from(digest.buffer, digest.byteOffset, DIGEST_BYTES);
}

/** Lower case alone: another spelling is another id. */
function readUuid(bytes: Buffer, start: number, length: number): boolean {
  if (length !== UUID_LENGTH) return false;
  let at = start;
  for (let byte = 0; byte < DIGEST_BYTES; byte++) {
    if (byte === 4 || byte === 6 || byte === 8 || byte === 10) {
      if (bytes[at] !== DASH) return false;
      at++;
    }
    const value = (HEX[bytes[at] as number] as number) * 16 + (HEX[bytes[at + 1] as number] as number);
    if (value > 255) return false;
    BYTES[byte] = value;
    at += 2;
  }
  return true;
}

const DASH = 0x2d;
const HEX = new Uint16Array(256).fill(256);
for (const [value, digit] of [...'0123456789abcdef'].entries()) HEX[digit.charCodeAt(0)] = value;

/** Events, each with the UTC day that it is of: some 30 bytes each, where a Map takes ten times as much. */
export class EventDays {
  size = 0;
  #words = NO_WORDS;
  /** Of each place, twice the day and one; 0 where it is free. */
  #days = NO_DAYS;

  has(digest: EventDigest): boolean {
    return this.size > 0 && this.#days[this.#place(digest)] !== 0;
  }

  set(digest: EventDigest, day: number): void {
    if (this.size * 4 >= this.#days.length * 3) this.#grow();
    this.#put(digest, day);
  }

  forEach(each: (digest: EventDigest, day: number) => void): void {
    const digest = new Uint32Array(4);
    const last = this.#days.length - 1;
    // In the order of their places they would gather in one part of the table that they are put in.
    for (let i = 0; i <= last; i++) {
      const place = Math.imul(i, SCATTER) & last;
      const day = this.#days[place] as number;
      if (day === 0) continue;
      for (let word = 0; word < 4; word++) digest[word] = this.#words[place * 4 + word] as number;
      each(digest, day >> 1);
    }
  }

  /** Takes over those of others, which are not used again. */
  merge(others: EventDays): void {
    if (this.size > 0) others.forEach((digest, day) => this.set(digest, day));
    else {
      this.#words = others.#words;
      this.#days = others.#days;
      this.size = others.size;
    }
  }

  #put(digest: EventDigest, day: number): void {
    const place = this.#place(digest);
    if (this.#days[place] === 0) {
      this.size++;
      for (let i = 0; i < 4; i++) this.#words[place * 4 + i] = digest[i] as number;
    }
    this.#days[place] = day * 2 + 1;
  }

  /** Where it is, or would be. */
  #place(digest: EventDigest): number {
    const words = this.#words;
    const last = this.#days.length - 1;
    const [a, b, c, d] = [digest[0] as number, digest[1] as number, digest[2] as number, digest[3] as number];
    for (let place = spread(a, b, c, d) & last; ; place = (place + 1) & last) {
      const at = place * 4;
      if (this.#days[place] === 0) return place;
      if (words[at] === a && words[at + 1] === b && words[at + 2] === c && words[at + 3] === d) return place;
    }
  }

  #grow(): void {
    const old = new EventDays();
    old.merge(this);
    const places = Math.max(FIRST_PLACES, this.#days.length * 2);
    this.size = 0;
    this.#words = new Uint32Array(places * 4);
    this.#days = new Int32Array(places);
    old.forEach((digest, day) => this.#put(digest, day));
  }
}

const FIRST_PLACES = 8;
/** Odd, so that each place has its turn. */
const SCATTER = 0x9e37_79b1;
const NO_WORDS = new Uint32Array(0);
const NO_DAYS = new Int32Array(0);

/** Whoever can choose the ids of his calls must not know where they go. Nothing depends on it but time. */
const SEED = randomInt(2 ** 32);

/** Ids may be numbers that follow each other, so each bit of them counts. */
function spread(a: number, b: number, c: number, d: number): number {
  let mixed = Math.imul(a ^ SEED, 0x9e37_79b1) ^ Math.imul(b, 0x85eb_ca6b) ^ Math.imul(c, 0xc2b2_ae35);
  mixed = Math.imul((mixed ^ (mixed >>> 15) ^ d) + SEED, 0x27d4_eb2f);
  return mixed ^ (mixed >>> 13);
}
