import { parentPort, workerData } from 'node:worker_threads';
import { crc32Of } from './crc32.ts';
import { DamagedInput } from './decompress.ts';
import { decompressedBytes } from './file-bytes.ts';
import type { InflateEnd, InflateJob } from './inflater.ts';
import { type PieceRing, RingWriter } from './piece-ring.ts';

// A thread that decompresses logs, one after the other, into a ring of pieces. It loads nothing else: it starts at once.

const ring = new RingWriter(workerData as PieceRing, () => parentPort?.postMessage('more', []));
/** Files are decompressed in the order in which they are asked for. */
let before: Promise<unknown> = Promise.resolve();
parentPort?.on('message', (job: InflateJob) => {
  before = before.then(async () => parentPort?.postMessage(await inflate(job), []));
});

async function inflate({ file, handle, from }: InflateJob): Promise<InflateEnd> {
  let [bytesRead, length] = [0, 0];
  try {
    for await (const bytes of decompressedBytes(handle, from, (count) => (bytesRead += count))) {
      const isWanted = ring.put(bytes, crc32Of, { bytesRead, file });
      length += bytes.length;
      giveBack(bytes);
      if (!isWanted) return { file, bytesRead, length: Infinity, failure: undefined };
    }
    return { file, bytesRead, length, failure: undefined };
  } catch (error) {
    return { file, bytesRead, length, failure: failureOf(error) };
  }
}

/**
 * Memory that is not given back at once waits for a collection, which comes late in a thread that makes little else: 40 MB.
 * A decompressor does not come back to a buffer that is used to its end.
 */
function giveBack({ buffer, byteOffset, length }: Buffer): void {
  if (buffer instanceof ArrayBuffer && byteOffset + length === buffer.byteLength) buffer.transfer(0);
}

/** An error is no longer what it was when it comes from another thread. What is no trouble with the file ends this one. */
function failureOf(error: unknown): InflateEnd['failure'] {
  if (error instanceof DamagedInput) return { kind: error.kind, message: error.message, offset: error.offset };
  if (!(error instanceof Error) || !('syscall' in error)) throw error;
  const { message, code, errno, syscall } = error as NodeJS.ErrnoException;
  return { kind: 'file', message, facts: { code, errno, syscall } };
}
