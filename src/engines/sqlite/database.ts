import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { LastcallError } from '../../errors.ts';
import { syncDirectory } from '../../sync-directory.ts';
import { refuseNetworkDisk } from './network-disk.ts';
import { APPLICATION_ID, DRAFT_APPLICATION_ID, MIGRATIONS } from './schema.ts';
import { type Connection, openSqlite } from './sqlite.ts';

export type { Connection };

/** The WAL-reset corruption was fixed in 3.51.3 (sqlite.org/releaselog/3_51_3.html). */
const OLDEST_SQLITE = [3, 51, 3];

/**
 * Opens the database, or makes it (mode 0600) when the file does not exist and `mayCreate` is set.
 * Throws `database` for a file of another program, a newer schema or an empty file, and `storage` when it cannot be read
 * or written; an existing file is never re-initialised. `canary` proves that the secret is the one it was made with.
 */
export function openDatabase(file: string, options: OpenOptions): Connection {
  return withStorageErrors(file, () => {
    refuseNetworkDisk(file);
    prepareFile(file, options.mayCreate);
    const db = openSqlite(file, { fileMustExist: true, timeout: 5000 });
    try {
      checkVersion(db);
      checkOwner(db, file);
      restrict(file);
      db.pragma('journal_mode = WAL');
      db.pragma('synchronous = FULL');
      db.pragma('foreign_keys = ON');
      db.pragma('trusted_schema = OFF');
      migrate(db);
      checkCanary(db, file, options.canary);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

export interface OpenOptions {
  readonly mayCreate: boolean;
  /** Undefined: the secret is not needed, as for reading reports. */
  readonly canary: string | undefined;
}

/** Runs a transaction that takes the write lock at once, so that what it reads is what it changes. */
export function writeTransaction<T>(db: Connection, file: string, act: () => T): T {
  return withStorageErrors(file, () => db.transaction(act).immediate());
}

export function databaseId(db: Connection): string {
  return metaValue(db, 'database_id') ?? '';
}

export function metaValue(db: Connection, name: string): string | undefined {
  return db.prepare<[string], { value: string }>('SELECT value FROM meta WHERE name = ?').get(name)?.value;
}

/** Turns SQLite's errors into ours: what happened to which file, and what to do. */
export function withStorageErrors<T>(file: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw storageError(error, file);
  }
}

export function storageError(error: unknown, file: string): unknown {
  const code = (error as { code?: unknown }).code;
  if (error instanceof LastcallError || typeof code !== 'string') return error;
  if (code.startsWith('SQLITE_BUSY')) {
    return new LastcallError('locked', `Another run holds the database "${file}"`, {
      cause: error,
      hint: 'Wait until it is done.',
    });
  }
  const hint = STORAGE_HINTS.find(([prefix]) => code.startsWith(prefix))?.[1];
  if (hint === undefined && !/^(SQLITE_|E[A-Z0-9]+$)/.test(code)) return error;
  return new LastcallError('storage', `Database "${file}": ${(error as Error).message} (${code})`, {
    cause: error,
    hint: hint ?? 'What was committed before is kept; run again when it is mended.',
  });
}

const STORAGE_HINTS: readonly (readonly [string, string])[] = [
  ['SQLITE_NOTADB', 'It is no SQLite database, or it is damaged. Restore a backup, or name another file with --db.'],
  ['SQLITE_CORRUPT', 'It is damaged, or the disk under it is. Restore a backup; nothing was changed.'],
  ['SQLITE_FULL', 'The disk is full. What was committed is kept; free space and run again.'],
  ['SQLITE_READONLY', 'It cannot be written. Check the permissions of the file and of its directory.'],
  ['SQLITE_CANTOPEN', 'It cannot be opened. Check the permissions of the file and of its directory.'],
  ['ENOENT', 'Its directory does not exist. Make it, or name another file with --db.'],
  ['EACCES', 'Check the permissions of the file and of its directory.'],
];

function prepareFile(file: string, mayCreate: boolean): void {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  if (stat !== undefined) {
    if (stat.size === 0) {
      throw new LastcallError('database', `"${file}" is empty (0 bytes): it is no database`, {
        hint: 'Restore a backup, or remove the file to begin anew.',
      });
    }
    return;
  }
  if (!mayCreate) {
    throw new LastcallError('database', `There is no database "${file}"`, {
      hint: 'Read some logs first: lastcall scan <log...>. If it lies elsewhere, say where: --db <file>',
    });
  }
  createDatabase(file);
}

/** Nobody else may read who called what. A file of another user stays as its owner made it. */
function restrict(file: string): void {
  if ((fs.statSync(file).mode & 0o077) === 0) return;
  try {
    fs.chmodSync(file, 0o600);
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'EPERM') throw error;
  }
}

/** Made under another name and renamed, so that a kill leaves either no database or a whole one. */
function createDatabase(file: string): void {
  const draft = `${file}.${randomUUID()}.new`;
  fs.closeSync(fs.openSync(draft, 'wx', 0o600));
  try {
    const db = openSqlite(draft);
    migrate(db);
    db.close();
    if (!fs.existsSync(file)) fs.renameSync(draft, file);
    syncDirectory(path.dirname(file));
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

function checkVersion(db: Connection): void {
  const version = db.prepare<[], { v: string }>('SELECT sqlite_version() AS v').get()?.v ?? '0';
  const parts = version.split('.').map(Number);
  const isOld = OLDEST_SQLITE.reduce((order, part, i) => order || (parts[i] ?? 0) - part, 0) < 0;
  if (isOld)
    throw new LastcallError('database', `SQLite ${version} is too old: ${OLDEST_SQLITE.join('.')} or newer is needed`);
}

function checkOwner(db: Connection, file: string): void {
  const owner = db.pragma('application_id', { simple: true });
  const version = db.pragma('user_version', { simple: true }) as number;
  const tables = db.prepare<[], { n: number }>('SELECT count(*) AS n FROM sqlite_schema').get()?.n ?? 0;
  if (owner === DRAFT_APPLICATION_ID) {
    throw new LastcallError('database', `"${file}" was made before the first release of lastcall`, {
      hint: 'Its days cannot be taken over: name a new file with --db, and read the logs again.',
    });
  }
  if (owner !== APPLICATION_ID && tables > 0) {
    throw new LastcallError('database', `"${file}" is a database of another program`, {
      hint: 'Name another file with --db.',
    });
  }
  if (version > MIGRATIONS.length) {
    throw new LastcallError(
      'database',
      `"${file}" has schema ${version}; this lastcall knows up to ${MIGRATIONS.length}`,
      { hint: 'Use the newer lastcall that wrote it, or the copy that was made before the upgrade.' },
    );
  }
}

/**
 * Takes the schema to the newest in one transaction: what fails leaves the database as the older program knows it. Asks for
 * the write lock only when there is something to do: a report must not wait for a run that writes.
 */
function migrate(db: Connection): void {
  const versionOf = (): number => db.pragma('user_version', { simple: true }) as number;
  if (versionOf() >= MIGRATIONS.length) return;
  db.transaction(() => {
    for (let version = versionOf(); version < MIGRATIONS.length; version++) {
      db.exec(MIGRATIONS[version] ?? '');
      if (version === 0) identify(db);
    }
    db.pragma(`user_version = ${MIGRATIONS.length}`);
  }).immediate();
}

function identify(db: Connection): void {
  db.pragma(`application_id = ${APPLICATION_ID}`);
  db.prepare("INSERT INTO meta (name, value) VALUES ('database_id', ?)").run(randomUUID());
}

function checkCanary(db: Connection, file: string, canary: string | undefined): void {
  if (canary === undefined) return;
  const known = metaValue(db, 'canary');
  if (known === undefined) db.prepare("INSERT OR IGNORE INTO meta (name, value) VALUES ('canary', ?)").run(canary);
  else if (known !== canary) {
    throw new LastcallError('secret', `The secret is not the one that the database "${file}" was made with`, {
      hint: 'Keys could not be recognised. Set LASTCALL_SECRET, or name the right file with --secret-file.',
    });
  }
}
