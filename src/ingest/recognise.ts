import type { Readable } from 'node:stream';
import type { Ledger } from '../engines/sqlite/ledger.ts';
import type { StreamRecord } from '../engines/sqlite/stream-record.ts';
import { DamagedInput } from '../sources/decompress.ts';
import { confirmMark, type ContentHash, possibleHeads } from '../sources/identity.ts';
import { ByteCursor, type LogFile, openLog } from '../sources/log-file.ts';
import type { ObjectStore } from '../sources/object-store.ts';

/** What a log is, going by its bytes. */
export type Recognition =
  | { readonly is: 'new' }
  /** Read before, up to the mark; what follows is new. */
  | { readonly is: 'known'; readonly stream: StreamRecord; readonly hash: ContentHash }
  /** It begins like the log that was at its path before, and goes on otherwise: somebody edited or cut it. */
  | { readonly is: 'rewritten'; readonly stream: StreamRecord }
  /** The first part of a known log: a copy, or a compression under way when it is not complete. */
  | { readonly is: 'copy'; readonly stream: StreamRecord; readonly isComplete: boolean };

/** Known logs that begin like this one. */
export function candidatesFor(head: Buffer, path: string, ledger: Ledger): readonly StreamRecord[] {
  return ledger.streamsByHeads(possibleHeads(head), path);
}

/** As far as both go: one may be a part of the other. */
export function startAlike(a: Buffer, b: Buffer): boolean {
  const length = Math.min(a.length, b.length);
  return a.subarray(0, length).equals(b.subarray(0, length));
}

/** Compares a file with the known logs that begin like it. Reads it as far as the longest of them was read. */
export async function recognise(
  log: LogFile,
  candidates: readonly StreamRecord[],
  stdin: Readable,
  objects: ObjectStore | undefined,
): Promise<Recognition> {
  const confirmed = await confirmMark(log.bytes(0), candidates);
  if (confirmed !== undefined) return { is: 'known', stream: confirmed.mark, hash: confirmed.hash };
  for (const stream of candidates) {
    if (stream.path === log.place) return { is: 'rewritten', stream };
    const start = await compareStart(log, stream, stdin, objects);
    if (start !== 'differs') return { is: 'copy', stream, isComplete: start === 'whole' };
  }
  return { is: 'new' };
}

/** Whether all of the log that can be read is the start of the known one, which is still at its place. */
async function compareStart(
  log: LogFile,
  known: StreamRecord,
  stdin: Readable,
  objects: ObjectStore | undefined,
): Promise<'whole' | 'damaged' | 'differs'> {
  let original: LogFile;
  try {
    original = await openLog(known.path, stdin, objects);
  } catch {
    return 'differs';
  }
  try {
    const theirs = new ByteCursor(original.bytes(0));
    for await (const bytes of log.bytes(0)) {
      if (!bytes.equals(await theirs.take(bytes.length))) return 'differs';
    }
    return 'whole';
  } catch (error) {
    if (error instanceof DamagedInput) return 'damaged';
    throw error;
  } finally {
    original.close();
  }
}
