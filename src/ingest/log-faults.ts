import type { FaultPlace } from '../engines/sqlite/ledger.ts';
import type { StreamRecord } from '../engines/sqlite/stream-record.ts';
import type { Fault } from '../model.ts';
import { DamagedInput, UnreachableInput } from '../sources/decompress.ts';
import type { LogFile } from '../sources/log-file.ts';
import type { StreamIngest } from './stream-ingest.ts';

export function faultPlace({ place, stat }: LogFile, stream: number, source?: string): FaultPlace {
  const file = stat.bornNs === '' ? '' : `${stat.device} ${stat.inode} ${stat.bornNs}`;
  return { path: place, stream, source, file };
}

export function lostTail(lost: StreamRecord, next: StreamRecord): Fault {
  return {
    reason: 'rewritten-log',
    detail: `${lost.path} was replaced; what its predecessor held beyond byte ${lost.readLength} was not seen`,
    fromAt: lost.lastAt,
    toAt: next.firstAt,
  };
}

export function openDocument({ openDocumentAt }: StreamIngest): string | undefined {
  return openDocumentAt === undefined
    ? undefined
    : `its JSON document is not closed: it ends at byte ${openDocumentAt}`;
}

export function reasonOf(error: unknown): string {
  if (error instanceof UnreachableInput) return error.message;
  if (error instanceof DamagedInput) return `${error.message} at byte ${error.offset}`;
  if (isFileError(error)) return `it cannot be read (${error.code ?? 'error'})`;
  throw error;
}

/** An error of the file system, as Node throws it. */
export function isFileError(error: unknown): error is Error & { readonly code: string | undefined } {
  return error instanceof Error && 'syscall' in error;
}
