import fs from 'node:fs';
import zlib from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { type LogHandle, openLog } from '../../src/sources/log-file.ts';
import { freeBytes, isShort, wholeBytes } from '../../src/sources/whole-file.ts';
import os from 'node:os';
import path from 'node:path';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function handleOf(content: Buffer): Promise<LogHandle> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-whole-'));
  fs.writeFileSync(`${folder}/a.log`, content);
  const log = await openLog(`${folder}/a.log`, process.stdin);
  closers.push(() => {
    log.close();
    fs.rmSync(folder, { recursive: true });
  });
  return log.handle as LogHandle;
}

const TEXT = Buffer.from('{"a":1}\n'.repeat(20_000));
const packed = zlib.gzipSync(TEXT);

describe('a short file, read at once', () => {
  it.each([
    ['plain', TEXT, TEXT],
    ['gzip', packed, TEXT],
    [
      'gzip of several members',
      Buffer.concat([packed, zlib.gzipSync('the end')]),
      Buffer.concat([TEXT, Buffer.from('the end')]),
    ],
    [
      'gzip whose last member is the longest',
      Buffer.concat([zlib.gzipSync('x'), packed]),
      Buffer.concat([Buffer.from('x'), TEXT]),
    ],
    ['gzip of nothing', zlib.gzipSync(''), Buffer.alloc(0)],
  ])('is what it holds: %s', async (_, stored, content) => {
    const handle = await handleOf(stored);
    expect(isShort(handle)).toBe(true);
    expect(wholeBytes(handle)?.equals(content)).toBe(true);
  });

  it.each([
    ['cut', packed.subarray(0, -9)],
    ['of which the check sum is wrong', Buffer.concat([packed.subarray(0, -8), Buffer.alloc(8, 1)])],
    ['with something behind it', Buffer.concat([packed, Buffer.from('something')])],
    ['padded with zeros', Buffer.concat([packed, Buffer.alloc(64)])],
    ['that unpacks to more than fits', zlib.gzipSync(Buffer.alloc(17 * 1024 * 1024))],
  ])('is left to others where it is gzip %s', async (_, stored) => {
    expect(wholeBytes(await handleOf(stored))).toBeUndefined();
  });

  it('is left to others where it became shorter', async () => {
    const handle = await handleOf(TEXT);
    fs.truncateSync(handle.path, 100);
    expect(wholeBytes(handle)).toBeUndefined();
  });

  it('is left to others where reading fails', async () => {
    const directory = fs.openSync(os.tmpdir(), 'r');
    closers.push(() => fs.closeSync(directory));
    expect(wholeBytes({ ...(await handleOf(TEXT)), fd: directory })).toBeUndefined();
  });

  it.each([
    ['empty', Buffer.alloc(0)],
    ['zstd', zlib.zstdCompressSync(TEXT)],
    ['large', Buffer.alloc(9 * 1024 * 1024, 10)],
  ])('is none that is %s', async (_, stored) => {
    expect(isShort(await handleOf(stored))).toBe(false);
  });

  it('gives its memory back', async () => {
    const bytes = wholeBytes(await handleOf(TEXT)) as Buffer;
    freeBytes(bytes);
    expect(bytes.buffer.byteLength).toBe(0);
    const small = Buffer.from('shared');
    freeBytes(small);
    expect(small.toString()).toBe('shared');
  });
});
