import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import zlib from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import { withHeadStart } from '../../src/sources/head-start.ts';
import { type LogFile, openLog } from '../../src/sources/log-file.ts';

const TEXT = Buffer.from(Array.from({ length: 60_000 }, (_, n) => `${n} ${n * n}\n`).join(''));

async function logOf(stored: Buffer): Promise<LogFile> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-test-'));
  onTestFinished(() => fs.rmSync(dir, { recursive: true, force: true }));
  fs.writeFileSync(path.join(dir, 'log'), stored);
  return openLog(path.join(dir, 'log'), Readable.from([]));
}

async function textOf(chunks: AsyncIterable<Buffer>): Promise<{ text: Buffer; failure: unknown }> {
  const parts: Buffer[] = [];
  try {
    for await (const chunk of chunks) parts.push(Buffer.from(chunk));
    return { text: Buffer.concat(parts), failure: undefined };
  } catch (error) {
    return { text: Buffer.concat(parts), failure: (error as Error).message };
  }
}

const packed = zlib.gzipSync(TEXT);

it.each<[string, Buffer]>([
  ['a short gzip file', packed],
  ['several members', Buffer.concat([packed, zlib.gzipSync(Buffer.from('more\n'))])],
  ['zstd', zlib.zstdCompressSync(TEXT)],
  ['far more than is held ahead', zlib.gzipSync(Buffer.alloc(12_000_000, 'a line\n'))],
  ['a file that is cut', packed.subarray(0, packed.length >> 1)],
  ['a file that is damaged in the middle', Buffer.from(packed).fill(0xff, packed.length >> 1, (packed.length >> 1) + 99)],
  ['nothing but a header', packed.subarray(0, 12)],
  ['a plain file', TEXT.subarray(0, 1000)],
])('a log that was begun before its turn is the same: %s', async (_, stored) => {
  const [plain, begun] = [await logOf(stored), withHeadStart(await logOf(stored))];
  onTestFinished(() => [plain, begun].forEach((log) => log.close()));
  const first = (log: LogFile): Promise<unknown> => log.peek(64 * 1024).catch((error: Error) => error.message);
  expect(await first(begun)).toEqual(await first(plain));
  for (let pass = 0; pass < 2; pass++) {
    const [ours, theirs] = [await textOf(begun.bytes(0)), await textOf(plain.bytes(0))];
    expect([ours.failure, ours.text.equals(theirs.text)]).toEqual([theirs.failure, true]);
  }
  const rest = await textOf(begun.bytes(100));
  expect(rest).toEqual(await textOf(plain.bytes(100)));
}); // prettier-ignore

it('a log that nobody reads after all is closed', async () => {
  const log = withHeadStart(await logOf(packed));
  log.close();
  expect(() => fs.fstatSync(log.handle?.fd ?? -1)).toThrow('EBADF');
});
