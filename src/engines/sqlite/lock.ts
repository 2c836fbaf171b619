import fs from 'node:fs';
import path from 'node:path';
import { LastcallError } from '../../errors.ts';
import { storageError } from './database.ts';
import { openSqlite } from './sqlite.ts';

export interface RunLock {
  release(): void;
}

/**
 * Lets one run at a time write to a database. The lock is SQLite's own on an empty side file, so it is gone when the
 * process is gone, however it ends. Throws `locked` at once when another run holds it.
 */
export function lockRuns(file: string): RunLock {
  try {
    const lockFile = `${realPathOf(file)}.lock`;
    fs.closeSync(fs.openSync(lockFile, fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_NOFOLLOW, 0o600));
    const db = openSqlite(lockFile, { timeout: 0 });
    try {
      db.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      db.close();
      throw error;
    }
    return { release: () => db.close() };
  } catch (error) {
    const ours = storageError(error, file);
    if (ours instanceof LastcallError && ours.code === 'locked') {
      throw new LastcallError('locked', `Another run holds the database "${file}"`, {
        hint: 'Wait until it is done, or look which process has the file open.',
        cause: error,
      });
    }
    throw ours;
  }
}

/** One lock for a database, whatever link leads to it. */
function realPathOf(file: string): string {
  if (fs.existsSync(file)) return fs.realpathSync(file);
  return path.join(fs.realpathSync(path.dirname(file)), path.basename(file));
}
