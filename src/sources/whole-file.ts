import fs from 'node:fs';
import zlib from 'node:zlib';
import type { LogHandle } from './log-file.ts';

/** On disk. Larger files are read as they are decompressed, or in parts. */
const MOST_STORED: Readonly<Record<string, number>> = { none: 8 * 1024 * 1024, gzip: 1024 * 1024 };
const MOST_BYTES = 16 * 1024 * 1024;
const LEAST_OUTPUT = 64 * 1024;

/** Whether the file is short, so that all of it may be held in memory at once. */
export function isShort({ compression, stat }: LogHandle): boolean {
  return stat.size > 0 && stat.size <= (MOST_STORED[compression] ?? 0);
}

/**
 * All of a short file, decompressed, at once and in this thread. Undefined where anything is not as it should be: what it
 * is, is seen by those who read it piece by piece.
 */
export function wholeBytes({ fd, compression, stat }: LogHandle): Buffer | undefined {
  // Of its own, so that its memory can be given back.
  const stored = Buffer.from(new ArrayBuffer(stat.size));
  if (!isFilled(stored, fd)) return undefined;
  if (compression === 'none') return stored;
  const bytes = gunzipped(stored);
  freeBytes(stored);
  return bytes;
}

/** The disk may fail; the file may be shorter than it was. */
function isFilled(stored: Buffer, fd: number): boolean {
  try {
    for (let at = 0, length = 0; at < stored.length; at += length) {
      length = fs.readSync(fd, stored, at, stored.length - at, at);
      if (length === 0) return false;
    }
    return true;
  } catch {
    return false;
  }
}

/** Frees the memory of a whole file at once: collecting it would wait until there is much of it. */
export function freeBytes({ buffer }: Buffer): void {
  // Short buffers share their memory.
  if (buffer instanceof ArrayBuffer && buffer.byteLength > Buffer.poolSize) buffer.transfer(0);
}

function gunzipped(stored: Buffer): Buffer | undefined {
  // RFC 1952: the last member ends with its length, mostly that of the whole.
  const length = stored.length < 4 ? 0 : stored.readUInt32LE(stored.length - 4);
  const chunkSize = Math.max(LEAST_OUTPUT, Math.min(length + 1, MOST_BYTES));
  try {
    const found: unknown = zlib.gunzipSync(stored, { info: true, chunkSize, maxOutputLength: MOST_BYTES });
    const { buffer, engine } = found as { buffer: Buffer; engine: { bytesWritten: number } };
    return engine.bytesWritten === stored.length ? buffer : undefined;
  } catch {
    return undefined;
  }
}
