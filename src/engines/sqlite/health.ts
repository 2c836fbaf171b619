import fs from 'node:fs';
import type { EpochMs } from '../../model.ts';
import { type Connection, withStorageErrors } from './database.ts';
import { type Exclusion, readExclusions } from './exclusions.ts';
import { lockRuns } from './lock.ts';

/** What a database is, apart from what it says. */
export interface Health {
  readonly sqliteVersion: string;
  readonly schema: number;
  readonly bytes: number;
  /** What SQLite finds wrong with its pages and references; empty: nothing. */
  readonly damage: readonly string[];
  /** Undefined: no run was ever started. */
  readonly lastRun: LastRun | undefined;
  /** When the newest inventory was read; undefined: none is stored. */
  readonly inventoryAt: EpochMs | undefined;
  readonly faults: readonly OpenFault[];
  readonly exclusions: readonly Exclusion[];
}

export interface LastRun {
  readonly number: number;
  readonly startedAt: EpochMs;
  readonly version: string;
  readonly state: 'ended' | 'running' | 'died';
}

/** Input that was not read whole, or not the log that it was. */
export interface OpenFault {
  readonly path: string;
  readonly detail: string;
}

/** A nightly job that has not run for so long is broken. */
export const LATE_RUN_DAYS = 3;

const MOST_DAMAGE = 10;

export function readHealth(db: Connection, file: string): Health {
  return withStorageErrors(file, () => ({
    sqliteVersion: db.prepare<[], { v: string }>('SELECT sqlite_version() AS v').get()?.v ?? '',
    schema: db.pragma('user_version', { simple: true }) as number,
    bytes: fs.statSync(file).size,
    damage: findDamage(db),
    lastRun: readLastRun(db, file),
    inventoryAt:
      db.prepare<[], { at: number | null }>('SELECT max(imported_at) AS at FROM inventories').get()?.at ?? undefined,
    faults: readFaults(db, -1),
    exclusions: readExclusions(db),
  }));
}

function findDamage(db: Connection): string[] {
  const pages = db.pragma(`integrity_check(${MOST_DAMAGE})`) as { integrity_check: string }[];
  const references = db.pragma('foreign_key_check') as { table: string; parent: string }[];
  return [
    ...pages.map((row) => row.integrity_check).filter((text) => text !== 'ok'),
    ...references.slice(0, MOST_DAMAGE).map(({ table, parent }) => `a row of ${table} has lost its ${parent}`),
  ];
}

/** In the order of their paths; `most` under 0: all. */
export function readFaults(db: Connection, most: number): readonly OpenFault[] {
  return db
    .prepare<[number], OpenFault>('SELECT path, detail FROM faults ORDER BY path, reason, stream_id LIMIT ?')
    .all(most);
}

export function countFaults(db: Connection): number {
  return db.prepare<[], number>('SELECT count(*) FROM faults').pluck().get() ?? 0;
}

/** The newest run that was started. */
export function readLastRun(db: Connection, file: string): LastRun | undefined {
  const row = db
    .prepare<[], RunRow>('SELECT id, started_at, finished_at, version FROM scans ORDER BY id DESC LIMIT 1')
    .get();
  if (row === undefined) return undefined;
  const state = row.finished_at !== null ? 'ended' : isHeld(file) ? 'running' : 'died';
  return { number: row.id, startedAt: row.started_at, version: row.version, state };
}

/** Whether a run after this one has found a new record. */
export function hasReadSince(db: Connection, scan: number): boolean {
  const sql = 'SELECT 1 FROM scans WHERE id > ? AND finished_at IS NOT NULL AND records + quarantined > 0 LIMIT 1';
  return db.prepare<[number]>(sql).get(scan) !== undefined;
}

/** The lists of keys that are in force: what their files held when they were taken. */
export function listsInForce(db: Connection): readonly { readonly file: string; readonly sha256: string }[] {
  return db.prepare<[], { file: string; sha256: string }>('SELECT file, sha256 FROM inventories ORDER BY file').all();
}

/** When logs with anything new in them were last read; now, if that is going on. */
export function lastReadAt(db: Connection, file: string, now: EpochMs): EpochMs | undefined {
  if (readLastRun(db, file)?.state === 'running') return now;
  const sql = 'SELECT max(finished_at) FROM scans WHERE records + quarantined + skipped > 0';
  return db.prepare<[], EpochMs | null>(sql).pluck().get() ?? undefined;
}

interface RunRow {
  readonly id: number;
  readonly started_at: EpochMs;
  readonly finished_at: EpochMs | null;
  readonly version: string;
}

function isHeld(file: string): boolean {
  try {
    lockRuns(file).release();
    return false;
  } catch {
    return true;
  }
}
