import { createHash } from 'node:crypto';
import { LastcallError } from '../errors.ts';
import { ContentHash, type ContentMark, type Head, HEAD_BYTES } from '../sources/identity.ts';
import type { LogHandle } from '../sources/log-file.ts';
import { freeBytes, wholeBytes } from '../sources/whole-file.ts';
import { scanCalls } from './call-scan.ts';
import { dropsRepeats, eventsOf } from './events.ts';
import { type LogSettings, planReading, type ReadingPlan } from './reading-plan.ts';
import { CallPacker, type PackedCalls } from './packed-calls.ts';
import { type PackedTally, packTally } from './packed-tally.ts';
import { type CountedSection, RecordCount, type RecordTotals } from './record-count.ts';
import { interpretationFor } from './interpret.ts';
import { type UnreadKeys, unreadKeys } from './unread-keys.ts';

/** A short log that nothing is known of yet, to be read whole by whoever is free. */
export interface WholeJob {
  readonly handle: LogHandle;
  /** Digests of CloudTrail may vouch for it. */
  readonly hasDigests: boolean;
}

/** What a short log amounts to that has no defect. Here are fingerprints and hashes, no raw key, and no text but names in paths and of fields. */
export interface WholeLog extends Pick<CountedSection, 'position' | 'lastAt' | 'resumeAt'> {
  /** What its reading plan was made of: equal ones read in the same way. */
  readonly kind: string;
  /** By what it is known. */
  readonly mark: ContentMark;
  readonly heads: readonly Head[];
  /** Of all of it, where digests may list it. */
  readonly sha256: Buffer | undefined;
  /** Bytes of the shell of documents. */
  readonly structureBytes: number;
  readonly header: string | undefined;
  readonly totals: RecordTotals;
  readonly settled: PackedTally;
  readonly open: PackedTally;
  readonly calls: PackedCalls;
  readonly unread: UnreadKeys;
}

/** Reads short logs, each at once. */
export class WholeLogReader {
  readonly #settingsOf: (path: string) => LogSettings;
  readonly #calls = new CallPacker();

  constructor(settingsOf: (path: string) => LogSettings) {
    this.#settingsOf = settingsOf;
  }

  /** Undefined where it cannot be read whole, or anything in it is not as it should be: why, is seen in the usual way. */
  read({ handle, hasDigests }: WholeJob): WholeLog | undefined {
    const bytes = wholeBytes(handle);
    if (bytes === undefined || bytes.length === 0) return undefined;
    try {
      return this.#read(bytes, handle.path, hasDigests);
    } finally {
      freeBytes(bytes);
    }
  }

  #read(bytes: Buffer, path: string, hasDigests: boolean): WholeLog | undefined {
    const settings = this.#settingsOf(path);
    const head = bytes.subarray(0, HEAD_BYTES);
    const plan = planned(head, settings.choice);
    if (plan === undefined || (hasDigests && plan.format.name === DIGEST)) return undefined;
    const how = interpretationFor(plan.format, settings);
    const count = new RecordCount(
      {
        path,
        source: how.source,
        eventOf: eventsOf(plan),
        isKnown: () => false,
        header: () => plan.reader.table?.header,
        findKeys: () => [],
        later: this.#calls,
      },
      { position: 0, resumeAt: undefined, header: undefined },
    );
    const scan = scanCalls(plan, how, 0, count, dropsRepeats(plan));
    count.scan = scan;
    try {
      for (let at = 0; at < bytes.length; at += CHUNK_BYTES) scan.push(bytes.subarray(at, at + CHUNK_BYTES));
      scan.end();
      count.drain();
    } finally {
      scan.close();
    }
    const { totals, settled, open, position, lastAt, resumeAt, header } = count;
    // Which record came before a defect, and which was the last, is known only where all are counted in one place.
    if (totals.quarantined > 0 || (this.#calls.count > 0 && totals.records > 0)) {
      this.#calls.drop();
      return undefined;
    }
    const hash = new ContentHash();
    hash.update(bytes);
    return {
      kind: kindOf(plan, how.source),
      mark: hash.mark(),
      heads: hash.heads(),
      sha256: hasDigests && plan.format.isDelivered === true ? createHash('sha256').update(bytes).digest() : undefined,
      structureBytes: scan.structureBytes ?? 0,
      header,
      totals,
      settled: packTally(settled),
      open: packTally(open),
      calls: this.#calls.take(),
      unread: unreadKeys(plan, how, bytes),
      position,
      lastAt,
      resumeAt,
    };
  }
}

/** So much is at hand at once: what the scan knows of it fits in the cache of a core. */
const CHUNK_BYTES = 256 * 1024;
/** What digest files say is read where they are stored. */
const DIGEST = 'aws-cloudtrail-digest';

/** Undefined: what is wrong is said by whoever reads it in the usual way. */
export function planned(head: Buffer, choice: LogSettings['choice']): ReadingPlan | undefined {
  try {
    return planReading(head, choice);
  } catch (error) {
    if (error instanceof LastcallError) return undefined;
    throw error;
  }
}

/** By what the main thread can tell that a plan which it has is that of the log, too. */
export function kindOf({ format, fields, recordsPath, envelopes, byteOrderMark }: ReadingPlan, source: string): string {
  return JSON.stringify([source, format.name, fields, recordsPath, envelopes.map(({ name }) => name), byteOrderMark]);
}

/** The same, as it came from another thread, where buffers lose their kind. */
export function received(log: WholeLog): WholeLog {
  const { mark, heads, sha256 } = log;
  return {
    ...log,
    mark: { ...mark, headHash: Buffer.from(mark.headHash), tailHash: Buffer.from(mark.tailHash) },
    heads: heads.map(({ length, hash }) => ({ length, hash: Buffer.from(hash) })),
    sha256: sha256 === undefined ? undefined : Buffer.from(sha256),
  };
}
