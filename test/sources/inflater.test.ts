import { createHash } from 'node:crypto';
import fs from 'node:fs';
import zlib from 'node:zlib';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { crc32Of } from '../../src/sources/crc32.ts';
import { DamagedInput, sniffCompression } from '../../src/sources/decompress.ts';
import { type CountRead, decompressedBytes } from '../../src/sources/file-bytes.ts';
import { openInflater } from '../../src/sources/inflater.ts';
import type { LogHandle } from '../../src/sources/log-file.ts';
import { newLab } from '../ingest/harness.ts';

const inflater = openInflater(0);
afterAll(() => inflater.close());

/** A file with these bytes, opened. */
function handleOf(content: Buffer): LogHandle {
  const lab = newLab();
  lab.write('a.log', content);
  const fd = fs.openSync(lab.path('a.log'), 'r');
  onTestFinished(() => fs.closeSync(fd));
  const stat = { device: '', inode: '', size: content.length, modifiedNs: '', changedNs: '', bornNs: '' };
  return { fd, path: lab.path('a.log'), compression: sniffCompression(content), stat };
}

type Way = (handle: LogHandle, from: number, count: CountRead) => AsyncGenerator<Buffer>;
const HERE: Way = decompressedBytes;
const THERE: Way = (handle, from, count) => inflater.bytes(handle, from, count);

interface Outcome {
  readonly length: number;
  /** Of what was read: to show how long texts differ takes minutes. */
  readonly hash: string;
  readonly error: object | undefined;
  readonly bytesRead: number;
}

async function read(way: Way, handle: LogHandle, from = 0): Promise<Outcome> {
  const parts: Buffer[] = [];
  let bytesRead = 0;
  let error: object | undefined;
  try {
    for await (const bytes of way(handle, from, (count) => (bytesRead += count))) {
      expect(crc32Of(bytes)).toBe(zlib.crc32(bytes));
      parts.push(Buffer.from(bytes));
    }
  } catch (thrown) {
    const { name, message, kind, offset, code, syscall } = thrown as DamagedInput & NodeJS.ErrnoException;
    error = { name, message, kind, offset, code, syscall, isDamage: thrown instanceof DamagedInput };
  }
  return { ...digest(Buffer.concat(parts)), error, bytesRead };
}

function digest(bytes: Buffer): Pick<Outcome, 'length' | 'hash'> {
  return { length: bytes.length, hash: createHash('sha256').update(bytes).digest('hex') };
}

async function readBoth(handle: LogHandle, from = 0): Promise<Outcome> {
  const [here, there] = [await read(HERE, handle, from), await read(THERE, handle, from)];
  expect(there).toEqual(here);
  return there;
}

/** Text that does not shrink to nothing. */
function noise(length: number, seed = 1): string {
  let state = seed;
  return Array.from({ length }, () =>
    String.fromCharCode(32 + (((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 20) % 90)),
  ).join('');
}

const NOISE = noise(600_000);
const LONG = 'a line of a log, much like all others\n'.repeat(30_000);

const member = fc.record({
  text: fc.oneof(
    fc.constant(''),
    fc.string({ maxLength: 50 }),
    fc.nat(NOISE.length).map((length) => NOISE.slice(0, length)),
    fc.nat(LONG.length).map((length) => LONG.slice(0, length)),
  ),
  padding: fc.constantFrom(0, 0, 1, 512),
});

type Harm = (bytes: Buffer, place: number) => Buffer;
const HARMS: Readonly<Record<string, Harm>> = {
  none: (bytes) => bytes,
  cut: (bytes, place) => bytes.subarray(0, place),
  flipped: (bytes, place) => {
    const damaged = Buffer.from(bytes);
    damaged[place] = (damaged[place] as number) ^ 0x10;
    return damaged;
  },
  'followed by something else': (bytes) => Buffer.concat([bytes, Buffer.from('this is no member')]),
};

describe('decompressing in a thread', () => {
  it.each([
    ['gzip', zlib.gzipSync, true],
    ['zstd', zlib.zstdCompressSync, false],
  ] as const)('gives what decompressing here gives, whatever the file: %s', async (_, compress, isPadded) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(member, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(...Object.keys(HARMS)),
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        fc.oneof(fc.constant(0), fc.nat(1_000_000)),
        async (members, harm, share, from) => {
          const whole = Buffer.concat(
            members.flatMap(({ text, padding }) => [compress(text), Buffer.alloc(isPadded ? padding : 0)]),
          );
          // The first bytes say what it is.
          const place = Math.max(4, Math.floor(share * whole.length));
          const content = (HARMS[harm] as Harm)(whole, place);
          const { length, hash, error } = await readBoth(handleOf(content), from);
          if (harm !== 'none') return;
          const expected = Buffer.from(members.map((one) => one.text).join('')).subarray(from);
          expect({ length, hash, error }).toEqual({ ...digest(expected), error: undefined });
        },
      ),
      { seed: 4, numRuns: 20 },
    );
  });

  it('gives all that can be decoded of a short log that is damaged at any byte', async () => {
    const whole = Buffer.concat([zlib.gzipSync(noise(80)), Buffer.alloc(3), zlib.gzipSync(noise(60, 2))]);
    let damaged = 0;
    for (let place = 2; place < whole.length; place++) {
      for (const harm of ['cut', 'flipped']) {
        const { error } = await readBoth(handleOf((HARMS[harm] as Harm)(whole, place)));
        if (error !== undefined) damaged++;
      }
    }
    expect(damaged).toBeGreaterThan(whole.length);
  });

  it('reads up to the size at opening, and says where a file ends that became shorter', async () => {
    const content = zlib.gzipSync(NOISE);
    const grown = handleOf(content);
    fs.appendFileSync(grown.path, zlib.gzipSync('more'));
    expect((await readBoth(grown)).error).toBeUndefined();
    const cut = handleOf(content);
    fs.truncateSync(cut.path, 100_000);
    expect((await readBoth(cut)).error).toMatchObject({ kind: 'truncated', offset: 100_000, isDamage: true });
  });

  it('says what the file system says', async () => {
    const handle = handleOf(zlib.gzipSync(NOISE));
    const fd = fs.openSync(newLab().dir, 'r');
    expect((await readBoth({ ...handle, fd })).error).toMatchObject({ code: 'EISDIR', syscall: 'read' });
    fs.closeSync(fd);
  });

  it('stops where no more is wanted, and begins anew', async () => {
    const [one, other] = [handleOf(zlib.gzipSync(LONG.repeat(5))), handleOf(zlib.zstdCompressSync(NOISE))];
    for (let pieces = 1; pieces < 8; pieces++) {
      let seen = 0;
      for await (const bytes of inflater.bytes(one, 0, () => undefined)) {
        expect(bytes.length).toBeGreaterThan(0);
        if (++seen === pieces) break;
      }
      expect(inflater.takes(other)).toBe(true);
      expect(await read(THERE, other)).toMatchObject(digest(Buffer.from(NOISE)));
    }
  });

  it('takes one file at a time', async () => {
    const [one, other] = [handleOf(zlib.gzipSync(LONG.repeat(5))), handleOf(zlib.gzipSync(NOISE))];
    const chunks = inflater.bytes(one, 0, () => undefined);
    await chunks.next();
    expect(inflater.takes(other)).toBe(false);
    await expect(inflater.bytes(other, 0, () => undefined).next()).rejects.toThrow('busy');
    await chunks.return(undefined);
    expect(await read(THERE, other)).toMatchObject(digest(Buffer.from(NOISE)));
  });

  it('leaves alone what is plain, cannot be decompressed, or is short', () => {
    const large = openInflater();
    const { stat, ...handle } = handleOf(zlib.gzipSync('short'));
    expect(large.takes({ ...handle, stat })).toBe(false);
    expect(large.takes({ ...handle, stat: { ...stat, size: 2 ** 20 } })).toBe(true);
    for (const compression of ['none', 'bzip2'] as const) {
      expect(large.takes({ ...handle, stat: { ...stat, size: 2 ** 20 }, compression })).toBe(false);
    }
  });

  it.each([
    ['gzip', zlib.gzipSync],
    ['zstd', zlib.zstdCompressSync],
  ] as const)('holds little of a %s bomb at a time, and waits for who reads', async (_, compress) => {
    const size = 100 * 1024 * 1024;
    const bomb = handleOf(compress(Buffer.alloc(size)));
    const before = process.memoryUsage().rss;
    let [length, largest, peak] = [0, 0, 0];
    for await (const bytes of inflater.bytes(bomb, 0, () => undefined)) {
      if (length === 0) await new Promise((resolve) => setTimeout(resolve, 200));
      length += bytes.length;
      largest = Math.max(largest, bytes.length);
      peak = Math.max(peak, process.memoryUsage().rss - before);
    }
    expect(length).toBe(size);
    expect(largest).toBeLessThanOrEqual(256 * 1024);
    expect(peak).toBeLessThan(100 * 1024 * 1024);
  });

  it('lets timers run while there is always something to read', async () => {
    let [turns, pieces] = [0, 0];
    const timer = setInterval(() => turns++, 1);
    for await (const bytes of inflater.bytes(handleOf(zlib.gzipSync(LONG.repeat(10))), 0, () => undefined)) {
      expect(bytes.length).toBeGreaterThan(0);
      const until = performance.now() + 2;
      while (performance.now() < until) pieces++;
    }
    clearInterval(timer);
    expect(pieces).toBeGreaterThan(0);
    expect(turns).toBeGreaterThan(5);
  });

  it('fails for good when the thread ends early', async () => {
    const mortal = openInflater(0);
    const handle = handleOf(zlib.gzipSync(NOISE));
    const first = mortal.bytes({ ...handle, fd: -1 }, 0, () => undefined);
    await expect(first.next()).rejects.toThrow('"fd" is out of range');
    await expect(mortal.bytes(handle, 0, () => undefined).next()).rejects.toThrow('"fd" is out of range');
    await mortal.close();
  });

  it('can be closed while it reads', async () => {
    const closed = openInflater(0);
    const chunks = closed.bytes(handleOf(zlib.gzipSync(LONG.repeat(10))), 0, () => undefined);
    await chunks.next();
    await closed.close();
    await expect(async () => {
      for await (const bytes of chunks) expect(bytes.length).toBeGreaterThan(0);
    }).rejects.toThrow('no more is decompressed');
  });

  it('goes on with the next file, whatever becomes of it and of the one before', async () => {
    const texts = [NOISE, LONG.repeat(3), 'short\n', '', NOISE.slice(0, 300_000)];
    const step = fc.record({
      text: fc.constantFrom(...texts),
      harm: fc.constantFrom('none', 'none', 'cut', 'flipped'),
      /** What is asked for ahead: the file that comes next, another one, one that is given up again, or none. */
      ahead: fc.constantFrom('next', 'next', 'next', 'other', 'given up', 'none'),
      /** After so many pieces, no more of it is wanted. */
      pieces: fc.constantFrom(Infinity, Infinity, 0, 1, 5),
      from: fc.constantFrom(0, 0, 0, 1000),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 6 }), async (steps) => {
        const handles = steps.map(({ text, harm }) => {
          const packed = zlib.gzipSync(text);
          return handleOf((HARMS[harm] as Harm)(packed, Math.max(10, Math.floor(packed.length / 2))));
        });
        for (const [i, { ahead, pieces, from }] of steps.entries()) {
          const [handle, next] = [handles[i] as LogHandle, handles[i + 1] ?? (handles[0] as LogHandle)];
          const prepared = ahead === 'other' ? handleOf(zlib.gzipSync('another')) : next;
          const prepare: Way = async function* prepare(...asked) {
            let given = 0;
            for await (const piece of inflater.bytes(...asked)) {
              if (given === 0 && ahead !== 'none') inflater.prepare(prepared);
              if (given === 1 && ahead === 'given up') inflater.forget(prepared);
              if (given++ === pieces) return;
              yield piece;
            }
          };
          if (pieces !== Infinity) await read(prepare, handle, from);
          else expect(await read(prepare, handle, from)).toEqual(await read(HERE, handle, from));
        }
      }),
      { seed: 3, numRuns: 12 },
    );
  }, 60_000);
});
