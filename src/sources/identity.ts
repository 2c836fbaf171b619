import { createHash } from 'node:crypto';
import { combineCrc32, continueCrc32 } from './crc32.ts';
import { DamagedInput } from './decompress.ts';

/** What vouches for the first `readLength` bytes of a (decompressed) log. Path and inode are only hints. */
export interface ContentMark {
  /** The largest power of two that the content reaches, 64 KiB at most, and SHA-256 of so many first bytes. */
  readonly headLength: number;
  readonly headHash: Buffer;
  readonly readLength: number;
  /** CRC-32 of all `readLength` bytes, and SHA-256 of the last of them (4 KiB at most). */
  readonly crc: number;
  readonly tailHash: Buffer;
}

/** Hash of so many first bytes. */
export interface Head {
  readonly length: number;
  readonly hash: Buffer;
}

/** A stretch of a log: the CRC-32 of its bytes, and the last bytes of the log up to its end. */
export interface ReadBytes {
  readonly length: number;
  readonly crc: number;
  readonly tail: Buffer;
}

export const HEAD_BYTES: number = 64 * 1024;
export const TAIL_BYTES: number = 4096;

/** Runs along the bytes of a log, as they are read, and can tell its mark at any place. */
export class ContentHash {
  length = 0;
  #crc = 0;
  #head: Buffer = Buffer.alloc(0);
  #tail: Buffer = Buffer.alloc(0);

  update(bytes: Buffer): void {
    this.#crc = continueCrc32(this.#crc, bytes);
    if (this.#head.length < HEAD_BYTES) {
      this.#head = Buffer.concat([this.#head, bytes.subarray(0, HEAD_BYTES - this.#head.length)]);
    }
    const tail = bytes.length >= TAIL_BYTES ? bytes : Buffer.concat([this.#tail, bytes]);
    this.#tail = Buffer.from(tail.subarray(Math.max(0, tail.length - TAIL_BYTES)));
    this.length += bytes.length;
  }

  /** Goes on behind bytes that were read elsewhere. `head`: the first bytes of the log, as far as `HEAD_BYTES`. */
  extend({ crc, length, tail }: ReadBytes, head: Buffer): void {
    this.#crc = combineCrc32(this.#crc, crc, length);
    this.length += length;
    this.#head = head.subarray(0, this.length);
    this.#tail = tail;
  }

  clone(): ContentHash {
    const copy = new ContentHash();
    copy.length = this.length;
    copy.#crc = this.#crc;
    copy.#head = this.#head;
    copy.#tail = this.#tail;
    return copy;
  }

  /** All heads by which these bytes, or a first part of them, may be found. */
  heads(): readonly Head[] {
    return possibleHeads(this.#head);
  }

  mark(): ContentMark {
    const headLength = headLengthOf(this.length);
    return {
      headLength,
      headHash: sha256(this.#head.subarray(0, headLength)),
      readLength: this.length,
      crc: this.#crc,
      tailHash: sha256(this.#tail),
    };
  }
}

/** The heads under which a log that begins like this may be known: one for each power of two, the longest first. */
export function possibleHeads(head: Buffer): Head[] {
  const heads: Head[] = [];
  for (let length = headLengthOf(head.length); length >= 1; length /= 2) {
    heads.push({ length, hash: sha256(head.subarray(0, length)) });
  }
  return heads;
}

/**
 * Reads the log up to the longest mark and returns the longest that its bytes bear out, with the hash as it stood there.
 * Damage only ends the comparison. Reads nothing when there are none to check.
 */
export async function confirmMark<M extends ContentMark>(
  chunks: AsyncIterable<Buffer>,
  marks: readonly M[],
): Promise<{ readonly mark: M; readonly hash: ContentHash } | undefined> {
  if (marks.length === 0) return undefined;
  let confirmed: { mark: M; hash: ContentHash } | undefined;
  const checker = new MarkChecker(marks, (mark, hash) => (confirmed = { mark, hash: hash.clone() }));
  try {
    for await (const bytes of chunks) {
      checker.update(bytes);
      if (checker.isDone) break;
    }
  } catch (error) {
    if (!(error instanceof DamagedInput)) throw error;
  }
  return confirmed;
}

/** Compares the bytes of a log with marks as they pass by. */
export class MarkChecker<M extends ContentMark> {
  readonly hash: ContentHash = new ContentHash();
  readonly #open: M[];
  readonly #onMatch: (mark: M, hash: ContentHash) => void;

  constructor(marks: readonly M[], onMatch: (mark: M, hash: ContentHash) => void) {
    this.#open = marks.toSorted((a, b) => a.readLength - b.readLength);
    this.#onMatch = onMatch;
  }

  get isDone(): boolean {
    return this.#open.length === 0;
  }

  /** The next mark that has not been reached. */
  get next(): M | undefined {
    return this.#open[0];
  }

  /** How many bytes may pass before the next mark is reached. */
  get untilNext(): number {
    return this.#open.length === 0 ? Infinity : (this.#open[0] as M).readLength - this.hash.length;
  }

  update(bytes: Buffer): void {
    let rest = bytes;
    while (rest.length >= this.untilNext) {
      const upTo = this.untilNext;
      this.hash.update(rest.subarray(0, upTo));
      rest = rest.subarray(upTo);
      const mark = this.#open.shift() as M;
      if (isSame(this.hash.mark(), mark)) this.#onMatch(mark, this.hash);
    }
    this.hash.update(rest);
  }
}

function isSame(a: ContentMark, b: ContentMark): boolean {
  return a.readLength === b.readLength && a.crc === b.crc && a.tailHash.equals(b.tailHash);
}

function headLengthOf(length: number): number {
  return length === 0 ? 0 : Math.min(HEAD_BYTES, 2 ** Math.floor(Math.log2(length)));
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
