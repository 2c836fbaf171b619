import { type Connection, databaseId, openDatabase, withStorageErrors } from './database.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { lockRuns, type RunLock } from './lock.ts';

/** An open database. Writers hold the lock that keeps other writers out. */
export interface Store {
  readonly db: Connection;
  readonly file: string;
  readonly id: string;
  close(): void;
}

export interface WritableStore extends Store {
  readonly ledger: Ledger;
  /** Lets other runs write until `resume`: nothing may be written meanwhile. */
  pause(): void;
  /** Throws `locked` while another run writes. What it wrote is seen. */
  resume(): void;
}

/** For reports: sees the last commit, beside a run that writes. `canary` as in openDatabase. */
export function openForReading(file: string, canary: string | undefined): Store {
  const db = openDatabase(file, { mayCreate: false, canary });
  // In KiB: an audit looks up keys all over the file.
  db.pragma('cache_size = -98304');
  const id = withStorageErrors(file, () => databaseId(db));
  return { db, file, id, close: () => db.close() };
}

/** For reading logs and inventories into it. Made when it does not exist; throws `locked` when another run holds it. */
export function openForWriting(file: string, canary: string): WritableStore {
  const lock: RunLock = lockRuns(file);
  try {
    const db = openDatabase(file, { mayCreate: true, canary });
    return withStorageErrors(file, () => new LockedStore(db, file, lock));
  } catch (error) {
    lock.release();
    throw error;
  }
}

class LockedStore implements WritableStore {
  readonly db: Connection;
  readonly file: string;
  readonly id: string;
  #lock: RunLock | undefined;
  #ledger: Ledger;

  constructor(db: Connection, file: string, lock: RunLock) {
    this.db = db;
    this.file = file;
    this.id = databaseId(db);
    this.#lock = lock;
    this.#ledger = openLedger(db, file);
  }

  get ledger(): Ledger {
    if (this.#lock === undefined) throw new Error('the database is written to without its lock');
    return this.#ledger;
  }

  pause(): void {
    this.#lock?.release();
    this.#lock = undefined;
  }

  resume(): void {
    this.#lock ??= lockRuns(this.file);
    // It remembers rows that another run may have changed.
    this.#ledger = withStorageErrors(this.file, () => openLedger(this.db, this.file));
  }

  close(): void {
    try {
      this.db.close();
    } finally {
      this.pause();
    }
  }
}
