import { createHash } from 'node:crypto';
import zlib from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DamagedInput } from '../../src/sources/decompress.ts';
import {
  confirmMark,
  ContentHash,
  type ContentMark,
  HEAD_BYTES,
  MarkChecker,
  possibleHeads,
} from '../../src/sources/identity.ts';

const LOG = Buffer.from(Array.from({ length: 20_000 }, (_, n) => `line ${n}\n`).join(''));
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('the mark of a log', () => {
  it('is the same however its bytes come', () => {
    fc.assert(
      fc.property(fc.nat(LOG.length), fc.array(fc.nat(LOG.length), { maxLength: 6 }), (length, cuts) => {
        expect(hashed(LOG.subarray(0, length), cuts).mark()).toEqual(hashed(LOG.subarray(0, length), []).mark());
      }),
      { seed: 9, numRuns: 50 },
    );
  });

  it.each([0, 1, 2, 255, 256, 4095, 4096, 4097, HEAD_BYTES - 1, HEAD_BYTES, HEAD_BYTES + 1, LOG.length])(
    'holds hashes of the whole, of the beginning and of the end (%i bytes)',
    (length) => {
      const bytes = LOG.subarray(0, length);
      const mark = hashed(bytes, [7, 5000]).mark();
      expect([mark.readLength, mark.crc]).toEqual([length, zlib.crc32(bytes)]);
      expect(mark.headHash.toString('hex')).toBe(sha256(bytes.subarray(0, mark.headLength)));
      expect(mark.tailHash.toString('hex')).toBe(sha256(bytes.subarray(Math.max(0, length - 4096))));
      expect(mark.headLength).toBe(length === 0 ? 0 : Math.min(HEAD_BYTES, 2 ** Math.floor(Math.log2(length))));
    },
  );

  it('of a copy goes its own way', () => {
    const hash = hashed(LOG.subarray(0, 1000), []);
    const copy = hash.clone();
    copy.update(LOG.subarray(1000, 2000));
    expect(hash.mark()).toEqual(hashed(LOG.subarray(0, 1000), []).mark());
    expect(copy.mark()).toEqual(hashed(LOG.subarray(0, 2000), []).mark());
  });

  it('is found again under a head of the log as it grew', () => {
    for (const [length, grown] of [
      [1, 3],
      [700, 701],
      [700, 90_000],
      [HEAD_BYTES, LOG.length],
    ] as const) {
      const { headLength, headHash } = hashed(LOG.subarray(0, length), []).mark();
      const heads = possibleHeads(LOG.subarray(0, Math.min(grown, HEAD_BYTES)));
      expect(heads.some((head) => head.length === headLength && head.hash.equals(headHash))).toBe(true);
    }
  });
});

describe('a log that is compared with marks', () => {
  const marks = [300, 5000, 70_000, 100_000].map((length) => hashed(LOG.subarray(0, length), []).mark());

  it('bears out the longest that it reaches, whatever the cut of its bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(LOG.length), fc.array(fc.nat(LOG.length), { maxLength: 5 }), async (length, cuts) => {
        const confirmed = await confirmMark(chunks(LOG.subarray(0, length), cuts), marks.toReversed());
        const longest = marks.findLast((mark) => mark.readLength <= length);
        expect(confirmed?.mark).toBe(longest);
        if (longest !== undefined) expect(confirmed?.hash.mark()).toEqual(longest);
      }),
      { seed: 10, numRuns: 30 },
    );
  });

  it.each([0, 299, 4999, 60_000, 69_999])('bears none out behind a byte that differs (%i)', async (at) => {
    const edited = Buffer.from(LOG);
    edited.writeUInt8(edited.readUInt8(at) ^ 1, at);
    const confirmed = await confirmMark(chunks(edited, [1000]), marks);
    expect(confirmed?.mark).toBe(marks.findLast((mark) => mark.readLength <= at));
  });

  it('and is damaged bears out what comes before the damage', async () => {
    async function* damaged(): AsyncGenerator<Buffer> {
      yield LOG.subarray(0, 6000);
      throw new DamagedInput('truncated', 'cut', 6000);
    }
    expect((await confirmMark(damaged(), marks))?.mark.readLength).toBe(5000);
  });

  it('is not read when there is nothing to compare, nor beyond the longest mark', async () => {
    let read = 0;
    async function* counted(): AsyncGenerator<Buffer> {
      for (let at = 0; at < LOG.length; at += 1000) {
        read++;
        yield LOG.subarray(at, at + 1000);
      }
    }
    expect([await confirmMark(counted(), []), read]).toEqual([undefined, 0]);
    await confirmMark(counted(), marks.slice(0, 2));
    expect(read).toBe(5);
  });

  it('tells how far it is to the next mark', () => {
    const checker = new MarkChecker<ContentMark>(marks.slice(0, 2), () => undefined);
    expect([checker.untilNext, checker.next]).toEqual([300, marks[0]]);
    checker.update(LOG.subarray(0, 100));
    expect(checker.untilNext).toBe(200);
    checker.update(LOG.subarray(100, 5000));
    expect([checker.isDone, checker.untilNext, checker.next]).toEqual([true, Infinity, undefined]);
  });
});

function hashed(bytes: Buffer, cuts: readonly number[]): ContentHash {
  const hash = new ContentHash();
  for (const piece of pieces(bytes, cuts)) {
    const lent = Buffer.from(piece);
    hash.update(lent);
    lent.fill(0);
  }
  return hash;
}

async function* chunks(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  yield* pieces(bytes, cuts);
}

function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, i) => bytes.subarray(places[i], end));
}
