import fs from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DamagedInput, decompress } from './decompress.ts';
import type { LogHandle } from './log-file.ts';

const CHUNK_BYTES = 512 * 1024;

/** Told how many bytes more were read, as they are stored. */
export type CountRead = (bytes: number) => void;

/** The bytes of a plain file between two places, each chunk lent until the next is asked for. */
export function plainBytes({ fd }: LogHandle, from: number, to: number, count: CountRead): AsyncGenerator<Buffer> {
  return readFrom(fd, from, to, twoBuffers(), count);
}

/** The decompressed bytes of a file from a place on. */
export function decompressedBytes(
  { fd, stat, compression }: LogHandle,
  from: number,
  count: CountRead,
): AsyncGenerator<Buffer> {
  return skip(decompress(readFrom(fd, 0, stat.size, Buffer.allocUnsafe, count), compression), from);
}

/** All but the first `count` bytes. */
export async function* skip(chunks: AsyncGenerator<Buffer>, count: number): AsyncGenerator<Buffer> {
  let left = count;
  for await (const bytes of chunks) {
    if (left >= bytes.length) left -= bytes.length;
    else {
      yield left === 0 ? bytes : bytes.subarray(left);
      left = 0;
    }
  }
}

/**
 * Reads up to the size known at opening: a file that grows faster than it is read still comes to an end. Beyond the first
 * chunk the next one is read while this one is looked at.
 */
async function* readFrom(
  fd: number,
  from: number,
  size: number,
  makeBuffer: (size: number) => Buffer,
  count: CountRead,
): AsyncGenerator<Buffer> {
  let at = from;
  let ahead: Promise<Buffer> | undefined;
  try {
    while (at < size) {
      const bytes = ahead === undefined ? readNow(fd, makeBuffer(Math.min(CHUNK_BYTES, size - at)), at) : await ahead;
      ahead = undefined;
      if (bytes.length === 0) throw new DamagedInput('truncated', 'the file became shorter while it was read', at);
      if (at > from && at + bytes.length < size) {
        const next = at + bytes.length;
        ahead = readAhead(fd, makeBuffer(Math.min(CHUNK_BYTES, size - next)), next);
      }
      at += bytes.length;
      count(bytes.length);
      yield bytes;
      await nextTurn();
    }
  } finally {
    // Nothing reads from a file that is about to be closed.
    await ahead?.catch(() => undefined);
  }
}

function readNow(fd: number, buffer: Buffer, at: number): Buffer {
  return buffer.subarray(0, fs.readSync(fd, buffer, 0, buffer.length, at));
}

function readAhead(fd: number, buffer: Buffer, at: number): Promise<Buffer> {
  const bytes = new Promise<Buffer>((resolve, reject) => {
    fs.read(fd, buffer, 0, buffer.length, at, (error, length) => {
      if (error === null) resolve(buffer.subarray(0, length));
      else reject(error);
    });
  });
  // It is met where it is waited for.
  bytes.catch(() => undefined);
  return bytes;
}

/** Two buffers in turn for all chunks: new ones for a large log would pile up faster than they are collected. */
function twoBuffers(): (size: number) => Buffer {
  let [buffer, other]: (Buffer | undefined)[] = [];
  return (size) => {
    [buffer, other] = [other ?? Buffer.allocUnsafeSlow(CHUNK_BYTES), buffer];
    return buffer.subarray(0, size);
  };
}
