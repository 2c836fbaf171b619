import zlib from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Compression, DamagedInput, decompress, sniffCompression } from '../../src/sources/decompress.ts';

interface Outcome {
  readonly text: string;
  readonly damage: DamagedInput | undefined;
}

async function* chunksOf(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function unpack(bytes: Buffer, size = 64 * 1024, as: Compression = sniffCompression(bytes)): Promise<Outcome> {
  const parts: Buffer[] = [];
  let damage: DamagedInput | undefined;
  try {
    for await (const part of decompress(chunksOf(bytes, size), as)) parts.push(Buffer.from(part));
  } catch (error) {
    if (!(error instanceof DamagedInput)) throw error;
    damage = error;
  }
  return { text: Buffer.concat(parts).toString('latin1'), damage };
}

const whole = (text: string): Outcome => ({ text, damage: undefined });

/** Text that does not shrink to nothing. */
function noise(length: number): string {
  let state = 1;
  return Array.from({ length }, () =>
    String.fromCharCode(32 + (((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 20) % 90)),
  ).join('');
}

/** A gzip member with the header fields of RFC 1952 that gzip(1) can write. */
function member(
  text: string,
  fields: { extra?: string; name?: string; comment?: string; isSummed?: boolean } = {},
): Buffer {
  const plain = zlib.gzipSync(text);
  const extra = Buffer.from(fields.extra ?? '');
  const size = Buffer.alloc(2);
  size.writeUInt16LE(extra.length);
  const head = Buffer.concat([
    plain.subarray(0, 3),
    Buffer.from([
      (fields.isSummed ? 2 : 0) |
        (fields.extra === undefined ? 0 : 4) |
        (fields.name === undefined ? 0 : 8) |
        (fields.comment === undefined ? 0 : 16),
    ]),
    plain.subarray(4, 10),
    ...(fields.extra === undefined ? [] : [size, extra]),
    ...(fields.name === undefined ? [] : [Buffer.from(`${fields.name}\0`)]),
    ...(fields.comment === undefined ? [] : [Buffer.from(`${fields.comment}\0`)]),
  ]);
  const sum = Buffer.alloc(2);
  sum.writeUInt16LE(zlib.crc32(head) & 0xffff);
  return Buffer.concat([head, ...(fields.isSummed ? [sum] : []), plain.subarray(10)]);
}

const SKIPPABLE = Buffer.concat([Buffer.from([0x50, 0x2a, 0x4d, 0x18, 5, 0, 0, 0]), Buffer.from('index')]);

describe('sniffCompression', () => {
  it('goes by the first bytes', () => {
    expect(sniffCompression(zlib.gzipSync('x'))).toBe('gzip');
    expect(sniffCompression(zlib.zstdCompressSync('x'))).toBe('zstd');
    expect(sniffCompression(SKIPPABLE)).toBe('zstd');
    expect(sniffCompression(Buffer.from('BZh91AY'))).toBe('bzip2');
    expect(sniffCompression(Buffer.from('fd377a585a0000', 'hex'))).toBe('xz');
    for (const plain of ['', 'B', 'text', '{"a":1}', '\u001f'])
      expect(sniffCompression(Buffer.from(plain))).toBe('none');
  });
});

describe('decompress', () => {
  it('reads all members of a gzip file, empty ones and padded ones too, whatever the size of the chunks', async () => {
    const part = fc.record({
      text: fc.oneof(fc.constant(''), fc.string({ maxLength: 50 }), fc.constant(noise(3000))),
      fields: fc.constantFrom(
        {},
        { name: 'a.log' },
        { extra: 'BC\u0002\0xy' },
        { comment: 'nightly', name: '' },
        { extra: '', name: 'n', comment: 'c', isSummed: true },
      ),
      padding: fc.constantFrom(0, 0, 1, 512),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { minLength: 1, maxLength: 50 }),
        fc.constantFrom(1, 7, 100, 32 * 1024, 1_000_000),
        async (parts, size) => {
          const bytes = Buffer.concat(
            parts.flatMap(({ text, fields, padding }) => [member(text, fields), Buffer.alloc(padding)]),
          );
          const text = Buffer.from(parts.map((one) => one.text).join('')).toString('latin1');
          expect(await unpack(bytes, size)).toEqual(whole(text));
        },
      ),
      { seed: 1, numRuns: 20 },
    );
  });

  it('reads a file of a thousand members', async () => {
    const bytes = Buffer.concat(Array.from({ length: 1000 }, (_, n) => zlib.gzipSync(`${n}\n`)));
    const { text, damage } = await unpack(bytes);
    expect(damage).toBeUndefined();
    expect(text.split('\n')).toHaveLength(1001);
  });

  it('reads all frames of a zstd file and passes over skippable ones', async () => {
    const [a, b] = [noise(5000), noise(300)];
    const options = { params: { [zlib.constants.ZSTD_c_checksumFlag]: 1 } };
    const bytes = Buffer.concat([
      SKIPPABLE,
      zlib.zstdCompressSync(a, options),
      SKIPPABLE,
      zlib.zstdCompressSync(''),
      zlib.zstdCompressSync(b),
      SKIPPABLE,
    ]);
    for (const size of [1, 13, 4096, 1_000_000]) expect(await unpack(bytes, size)).toEqual(whole(a + b));
  });

  it('reads members and frames of every length around the size of its own buffers', async () => {
    for (const compress of [zlib.gzipSync, zlib.zstdCompressSync]) {
      for (const size of [32 * 1024 - 40, 32 * 1024, 32 * 1024 + 1, 262_144]) {
        const text = noise(size);
        const bytes = Buffer.concat([compress(text), compress(text)]);
        for (const chunk of [compress(text).length, 32 * 1024])
          expect(await unpack(bytes, chunk)).toEqual(whole(text + text));
      }
    }
  });

  it('gives out what can be decoded of gzip data that end too early, at every byte of the last 300', async () => {
    const [first, second] = [noise(400), noise(200)];
    const bytes = Buffer.concat([zlib.gzipSync(first), zlib.gzipSync(second)]);
    const boundary = zlib.gzipSync(first).length;
    let longest = 0;
    for (let end = bytes.length - 300; end < bytes.length; end++) {
      const { text, damage } = await unpack(bytes.subarray(0, end), 50);
      expect(`${first}${second}`.startsWith(text)).toBe(true);
      expect(text.length).toBeGreaterThanOrEqual(longest);
      longest = text.length;
      if (end === boundary) expect({ text, damage }).toEqual(whole(first));
      else expect([end, damage?.kind]).toEqual([end, 'truncated']);
      if (end > boundary) expect(text.length).toBeGreaterThanOrEqual(first.length);
    }
    expect(longest).toBe(600);
  });

  it('gives out what can be decoded of zstd data that end too early, at every byte of the last 300', async () => {
    const [first, second] = [noise(400), noise(200)];
    const bytes = Buffer.concat([zlib.zstdCompressSync(first), zlib.zstdCompressSync(second)]);
    const boundary = zlib.zstdCompressSync(first).length;
    for (let end = bytes.length - 300; end < bytes.length; end++) {
      const { text, damage } = await unpack(bytes.subarray(0, end), 50, 'zstd');
      expect(`${first}${second}`.startsWith(text)).toBe(true);
      if (end === boundary) expect({ text, damage }).toEqual(whole(first));
      else expect([end, damage?.kind]).toEqual([end, 'truncated']);
      if (end > boundary) expect(text.length).toBeGreaterThanOrEqual(first.length);
    }
  });

  it('notices a flipped bit in the trailer of a member, after giving out its content', async () => {
    const bytes = zlib.gzipSync('some lines\n'.repeat(50));
    for (let back = 1; back <= 8; back++) {
      const damaged = Buffer.from(bytes);
      damaged[bytes.length - back] = (damaged[bytes.length - back] as number) ^ 1;
      const { text, damage } = await unpack(damaged);
      expect(text).toBe('some lines\n'.repeat(50));
      expect(damage?.kind).toBe('corrupt');
    }
  });

  it('never takes damaged content for whole, wherever a byte is flipped', async () => {
    const text = noise(300);
    const options = { params: { [zlib.constants.ZSTD_c_checksumFlag]: 1 } };
    for (const bytes of [zlib.gzipSync(text), zlib.zstdCompressSync(text, options)]) {
      for (let at = 10; at < bytes.length; at++) {
        const damaged = Buffer.from(bytes);
        damaged[at] = (damaged[at] as number) ^ 0x10;
        const { damage } = await unpack(damaged, 100);
        expect([at, damage instanceof DamagedInput]).toEqual([at, true]);
      }
    }
  });

  it('says what follows the compressed data and where, after giving them out', async () => {
    const bytes = Buffer.concat([zlib.gzipSync('kept'), Buffer.from('this is no gzip member')]);
    const { text, damage } = await unpack(bytes);
    expect(text).toBe('kept');
    expect(damage).toMatchObject({ kind: 'corrupt', offset: zlib.gzipSync('kept').length });
    const after = await unpack(Buffer.concat([zlib.zstdCompressSync('kept'), Buffer.from('this is no zstd frame')]));
    expect(after).toMatchObject({ text: 'kept', damage: { kind: 'corrupt' } });
  });

  it('hands out most of a long member that is damaged near its end', async () => {
    const text = noise(3_000_000);
    const bytes = zlib.gzipSync(text);
    bytes.fill(0xff, bytes.length - 2000, bytes.length - 1900);
    const { text: decoded, damage } = await unpack(bytes);
    expect(damage?.kind).toBe('corrupt');
    expect(decoded.length).toBeGreaterThan(2_500_000);
  });

  it('refuses what it cannot decompress', async () => {
    expect((await unpack(Buffer.from('BZh91AY&SY'))).damage).toMatchObject({ kind: 'unsupported' });
  });

  it('passes uncompressed bytes on as they are', async () => {
    expect(await unpack(Buffer.from('plain'), 2)).toEqual(whole('plain'));
  });

  it.each([
    ['gzip', zlib.gzipSync],
    ['zstd', zlib.zstdCompressSync],
  ] as const)('holds little of a %s bomb at a time', async (_, compress) => {
    const bomb = compress(Buffer.alloc(200 * 1024 * 1024));
    expect(bomb.length).toBeLessThan(220_000);
    const before = process.memoryUsage().rss;
    let [length, largest, peak] = [0, 0, 0];
    for await (const part of decompress(chunksOf(bomb, 1024 * 1024), sniffCompression(bomb))) {
      length += part.length;
      largest = Math.max(largest, part.length);
      peak = Math.max(peak, process.memoryUsage().rss - before);
    }
    expect(length).toBe(200 * 1024 * 1024);
    expect(largest).toBeLessThanOrEqual(1024 * 1024);
    expect(peak).toBeLessThan(150 * 1024 * 1024);
  });

  it('adds no listener per chunk, which Node would warn of', async () => {
    const warnings: string[] = [];
    const listen = (warning: Error): number => warnings.push(warning.name);
    process.on('warning', listen);
    await unpack(zlib.gzipSync(noise(2_000_000)));
    await new Promise((resolve) => setTimeout(resolve, 20));
    process.off('warning', listen);
    expect(warnings).toEqual([]);
  });
});
