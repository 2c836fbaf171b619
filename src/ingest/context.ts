import type { Readable } from 'node:stream';
import type { Ledger, ScanTotals } from '../engines/sqlite/ledger.ts';
import type { Inflater } from '../sources/inflater.ts';
import type { ObjectStore } from '../sources/object-store.ts';
import type { Problem } from './problem.ts';
import type { Progress } from './progress.ts';
import type { ReaderPool } from './reader-pool.ts';
import type { LogSettings } from './reading-plan.ts';

/** What a run that reads logs is given. */
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
