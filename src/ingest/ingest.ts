import type { Readable } from 'node:stream';
import type { Ledger, ScanTotals } from '../engines/sqlite/ledger.ts';
import type { Inflater } from '../sources/inflater.ts';
import type { ObjectStore } from '../sources/object-store.ts';
import { hasDigests } from './delivery.ts';
import { IngestRun } from './ingest-run.ts';
import type { Interpretation } from './interpret.ts';
import type { Problem } from './problem.ts';
import type { Progress } from './progress.ts';
import type { ReaderPool } from './reader-pool.ts';
import { ReadAhead, sizeOf } from './read-ahead.ts';
import type { FormatChoice } from './reading-plan.ts';

/** How a log is to be read, by its path. */
export interface LogSettings {
  /** Undefined: named after the format. */
  readonly source: string | undefined;
  readonly choice: FormatChoice;
  readonly interpretation: Omit<Interpretation, 'source'>;
}

export interface IngestContext {
  readonly ledger: Ledger;
  readonly scan: number;
  readonly settingsOf: (path: string) => LogSettings;
  /** The share of unreadable records up to which a source counts as read. */
  readonly quarantineShare: number;
  readonly stdin: Readable;
  readonly objects?: ObjectStore;
  /** Threads that read large logs; without them this one reads all. What comes of it is the same. */
  readonly readers?: ReaderPool | undefined;
  /** A thread that decompresses large logs; without it this one does. */
  readonly inflater?: Inflater | undefined;
  /** Digests of CloudTrail are among the logs. */
  readonly hasDigests?: boolean;
  readonly onProgress: (progress: Progress) => void;
  readonly onFile: (file: FileRead) => void;
  /** Asked between chunks: stop at the next safe point. */
  readonly isInterrupted: () => boolean;
}

export type { Problem, Progress };

/** A log of which something was read. */
export interface FileRead {
  readonly file: string;
  readonly format: string;
  readonly source: string;
  readonly records: number;
  readonly keyed: number;
  readonly bytes: number;
  /** The rest lies between records. Undefined where something kept the log from being read to its end. */
  readonly bytesInRecords: number | undefined;
}

export interface IngestResult extends ScanTotals {
  readonly duplicates: number;
  readonly problems: readonly Problem[];
  /** What was recognised: format by number of files. */
  readonly formats: ReadonlyMap<string, number>;
  readonly isInterrupted: boolean;
}

/**
 * Reads what is new in the logs into the ledger. Every log that cannot be read whole is a problem of its own, a fault
 * in the ledger, and no reason to stop. Throws for trouble with the database only.
 */
export async function ingest(files: readonly string[], context: IngestContext): Promise<IngestResult> {
  const run = new IngestRun({ ...context, hasDigests: hasDigests(files) }, sizeOf(files, context.objects));
  try {
    const ahead = new ReadAhead(files, context.objects, context.ledger);
    for (const [index, file] of files.entries()) {
      if (context.isInterrupted()) break;
      ahead.from(index);
      await run.file(file, files[index + 1]);
    }
    await run.settleAll();
    await run.readDeferred();
    if (!context.isInterrupted()) run.noteLostTails();
    run.noteDoubtfulSources();
    run.commit();
  } catch (error) {
    await run.abandon();
    context.ledger.rollback();
    throw error;
  }
  return run.result();
}
