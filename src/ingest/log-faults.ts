import type { FaultPlace } from '../engines/sqlite/faults.ts';
import type { StreamRecord } from '../engines/sqlite/stream-record.ts';
import { LastcallError } from '../errors.ts';
import type { EpochMs, Fault } from '../model.ts';
import type { Defect } from '../tally/rollup.ts';
import { DamagedInput, UnreachableInput } from '../sources/decompress.ts';
import type { LogFile } from '../sources/log-file.ts';
import type { Problem } from './problem.ts';
import { keyPathsSetting } from './keys-in-paths.ts';
import type { StreamIngest } from './stream-ingest.ts';
import type { UnreadPlaces } from './unread-keys.ts';

export function faultPlace({ place, stat }: LogFile, stream: number, source?: string): FaultPlace {
  const file = stat.bornNs === '' ? '' : `${stat.device} ${stat.inode} ${stat.bornNs}`;
  return { path: place, stream, source, file };
}

export function replaced(file: string): Problem {
  return {
    file,
    message: 'this log was replaced since it was last read, and its predecessor is not among the logs',
    hint: 'Include rotated files, e.g. with a glob: what was written between the two is not covered.',
    isIncomplete: true,
  };
}

export function unreadable(
  file: string,
  { quarantined, records }: { readonly quarantined: number; readonly records: number },
  { offset, reason }: Defect,
): Problem {
  const message = `${quarantined} of ${quarantined + records} records could not be read, the first at byte ${offset} (${reason})`;
  return { file, message, hint: undefined, isIncomplete: false };
}

export function openDocument({ openDocumentAt }: StreamIngest): string | undefined {
  return openDocumentAt === undefined
    ? undefined
    : `its JSON document is not closed: it ends at byte ${openDocumentAt}`;
}

/** It is neither the log that it was nor the next one at its path. */
export function rewritten({ readLength }: StreamRecord): Unread {
  return {
    message: `its content is not what was read before (up to byte ${readLength}): it was edited or cut`,
    hint: 'Nothing of it was counted. Restore the log, or read it under another database.',
  };
}

/** The beginning of a log that is known in full. */
export const CUT_COPY: Unread = {
  message: 'it is not complete, and begins like a log that was read before',
  hint: 'It is read when it is complete.',
};

/**
 * Calls were counted as if they had no key. What was read is not read again, so their keys stay unseen, and the faults stay
 * when the log is read on.
 */
export function keysNotRead(
  { place }: LogFile,
  source: string,
  { paths, fields }: UnreadPlaces,
  toAt: EpochMs | undefined,
): readonly (readonly [FaultPlace, Unread])[] {
  const at = (where: string): FaultPlace => ({ path: `${place} (${where})`, stream: 0, source, file: '' });
  return [
    ...(paths.length === 0 ? [] : [[at('paths'), inPaths(paths, toAt)] as const]),
    ...(fields.length === 0 ? [] : [[at('fields'), inFields(fields, toAt)] as const]),
  ];
}

/** Told by the blocker alone: what is declared takes the place of the fault. */
export function sampled(
  { place }: LogFile,
  source: string,
  { sampledBy }: UnreadPlaces,
  toAt: EpochMs | undefined,
): readonly (readonly [FaultPlace, Fault])[] {
  if (sampledBy === undefined) return [];
  const detail = `only a sample of the requests is logged (${sampledBy}); if all are, declare its source with sampling: 1`;
  const fault: Fault = { reason: 'sampled', detail, fromAt: undefined, toAt };
  return [[{ path: `${place} (sampling)`, stream: 0, source, file: '' }, fault]];
}

const UNSEEN = 'What was read before then has no such keys: read the logs again under another database.';

function inPaths(templates: readonly string[], toAt: EpochMs | undefined): Unread {
  return {
    toAt,
    message: `keys of the inventories stand in the paths of its addresses, where they are not read (${templates.join(', ')})`,
    hint: `Add to its source in lastcall.yaml: ${keyPathsSetting(templates)}. ${UNSEEN}`,
  };
}

/** A field that is no call, such as a note on a key, is mapped to something of the identity. */
function inFields(fields: readonly string[], toAt: EpochMs | undefined): Unread {
  return {
    toAt,
    message: `keys of the inventories stand in fields where they are not read (${fields.join(', ')})`,
    hint: `Map them in its source in lastcall.yaml, beside those that are read: fields: {key: '... || ${fields.join(' || ')}'}; or as identity.<name> if they are not sent there. ${UNSEEN}`,
  };
}

/** What keeps a log from being read, in words, and what to do about it. */
export interface Unread {
  readonly message: string;
  readonly hint?: string | undefined;
  /** The time of what is missing; undefined: it has no end on this side. */
  readonly fromAt?: EpochMs | undefined;
  readonly toAt?: EpochMs | undefined;
}

/** Says why a log cannot be read whole. Throws what is no fault of the log. */
export function whyUnread(error: unknown): Unread {
  if (error instanceof UnreachableInput) return { message: error.message };
  if (error instanceof DamagedInput) return { message: error.text };
  if (isFileError(error)) return { message: `it cannot be read (${error.code ?? 'error'})` };
  if (error instanceof LastcallError && error.code !== 'storage') return { message: error.message, hint: error.hint };
  throw error;
}

/** An error of the file system, as Node throws it. */
export function isFileError(error: unknown): error is Error & { readonly code: string | undefined } {
  return error instanceof Error && 'syscall' in error;
}
