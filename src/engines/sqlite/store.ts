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
}

/** For reports: sees the last commit, beside a run that writes. `canary` as in openDatabase. */
export function openForReading(file: string, canary: string | undefined): Store {
  const db = openDatabase(file, { mayCreate: false, canary });
  // In KiB: an audit looks up keys all over the file.
  db.pragma('cache_size = -65536');
  const id = withStorageErrors(file, () => databaseId(db));
  return { db, file, id, close: () => db.close() };
}

/** For reading logs and inventories into it. Made when it does not exist; throws `locked` when another run holds it. */
export function openForWriting(file: string, canary: string): WritableStore {
  const lock: RunLock = lockRuns(file);
  try {
    const db = openDatabase(file, { mayCreate: true, canary });
    const close = (): void => {
      db.close();
      lock.release();
    };
    return { db, file, id: databaseId(db), ledger: openLedger(db, file), close };
  } catch (error) {
    lock.release();
    throw error;
  }
}
