import type { Statement } from 'better-sqlite3';
import type { EpochMs, Fault, Rollup } from '../../model.ts';
import { DAY_MS, type Tally } from '../../rollup.ts';
import { collapseCrowdedKeys } from './collapse.ts';
import { type Connection, withStorageErrors } from './database.ts';
import { EventIds } from './event-ids.ts';
import { MERGE_ROLLUP } from './merge-rollup.ts';
import { Names } from './names.ts';

/** What is remembered of a log to find it again by its bytes and to go on where reading stopped. */
export interface StreamRecord {
  readonly id: number;
  readonly source: string;
  readonly format: string;
  readonly headLength: number;
  readonly headHash: Buffer;
  /** Reading goes on here; everything before is counted. */
  readonly position: number;
  /** Bytes that `crc` and `tailHash` vouch for; from `position` to here is the tail that may be read again. */
  readonly readLength: number;
  readonly crc: number;
  readonly tailHash: Buffer;
  readonly path: string;
  readonly device: string;
  readonly inode: string;
  readonly size: number;
  readonly modifiedNs: string;
  readonly changedNs: string;
  readonly records: number;
  readonly keyed: number;
  readonly firstAt: EpochMs | undefined;
  readonly lastAt: EpochMs | undefined;
}

export type StreamIdentity = Omit<StreamRecord, 'id' | 'records' | 'keyed' | 'firstAt' | 'lastAt'>;

/** The write side of the database. One transaction holds rollups, hours, positions, quarantine and counters together. */
export interface Ledger {
  begin(): void;
  /** Nothing of the transaction is kept. */
  rollback(): void;
  commit(): void;
  readonly inTransaction: boolean;

  streamsByHead(headLength: number, headHash: Buffer): readonly StreamRecord[];
  streamByHint(path: string, device: string, inode: string): StreamRecord | undefined;
  streamsAtPath(path: string): readonly StreamRecord[];
  /** The log is no longer at its path, and nobody found it elsewhere. */
  forgetPath(id: number): void;
  addStream(identity: StreamIdentity, scan: number): number;
  moveStream(id: number, identity: StreamIdentity, scan: number): void;
  markSeen(id: number, scan: number): void;
  wasSeen(id: number, scan: number): boolean;

  /** Adds what is settled; replaces what this stream's tail said before by `tail`. */
  addTally(streamId: number, settled: Tally, tail: Tally): void;
  hasEvent(id: string, at: EpochMs): boolean;

  addFault(place: FaultPlace, fault: Fault, scan: number): void;
  /** The log has been found and read whole after all; so has the file, if `stream` is 0. */
  clearFaults(path: string, stream: number): void;
  /** Some input of this or an earlier run was not fully read and still is not. */
  hasOpenFaults(): boolean;

  startScan(at: EpochMs, pid: number, version: string): number;
  finishScan(scan: number, at: EpochMs, totals: ScanTotals): void;
}

export interface FaultPlace {
  readonly path: string;
  /** 0: the file never became a stream. */
  readonly stream: number;
  /** Undefined: it may hide calls of any source. */
  readonly source: string | undefined;
}

export interface ScanTotals {
  readonly files: number;
  readonly records: number;
  readonly quarantined: number;
  readonly skipped: number;
  readonly bytes: number;
}

export function openLedger(db: Connection, file: string): Ledger {
  return new SqliteLedger(db, file);
}

interface StreamRow {
  id: number;
  source: string;
  format: string;
  head_length: number;
  head_hash: Buffer;
  position: number;
  read_length: number;
  crc: number;
  tail_hash: Buffer;
  path: string;
  device: string;
  inode: string;
  size: number;
  modified_ns: string;
  changed_ns: string;
  records: number;
  keyed: number;
  first_at: number | null;
  last_at: number | null;
}

const STREAMS = `
  SELECT streams.*, sources.name AS source FROM streams JOIN sources ON sources.id = streams.source_id`;

const IDENTITY_COLUMNS = [
  'format', 'head_length', 'head_hash', 'position', 'read_length', 'crc', 'tail_hash',
  'path', 'device', 'inode', 'size', 'modified_ns', 'changed_ns',
] as const; // prettier-ignore

const INSERT_STREAM = `
  INSERT INTO streams (source_id, seen_scan, ${IDENTITY_COLUMNS.join(', ')})
  VALUES (:source_id, :seen_scan, ${IDENTITY_COLUMNS.map((name) => `:${name}`).join(', ')})`;

const UPDATE_STREAM = `
  UPDATE streams SET seen_scan = :seen_scan, ${IDENTITY_COLUMNS.map((name) => `${name} = :${name}`).join(', ')}
  WHERE id = :id`;

const COUNT_STREAM = `
  UPDATE streams SET
    records = records + :records, keyed = keyed + :keyed, quarantined = quarantined + :quarantined,
    skipped = skipped + :skipped, pending_records = :pending,
    first_at = min(coalesce(first_at, :first_at), coalesce(:first_at, first_at)),
    last_at = max(coalesce(last_at, :last_at), coalesce(:last_at, last_at))
  WHERE id = :id`;

const UPSERT_ROLLUP = `
  INSERT INTO rollups VALUES (:key, :system, :day, :source, :stream, :accepted, :failed, :refused,
    :first_used, :last_used, :first_refused, :last_refused)
  ON CONFLICT DO UPDATE SET ${MERGE_ROLLUP}`;

const UPSERT_HOUR = `
  INSERT INTO hours VALUES (:source, :hour, :stream, :records, :quarantined, :firstAt, :lastAt)
  ON CONFLICT DO UPDATE SET
    records = records + excluded.records, quarantined = quarantined + excluded.quarantined,
    first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at)`;

const UPSERT_SKIP = `
  INSERT INTO skips VALUES (:stream, :reason, :records, :bytes)
  ON CONFLICT DO UPDATE SET records = records + excluded.records, bytes = bytes + excluded.bytes`;

const REPLACE_FAULT = `
  INSERT OR REPLACE INTO faults (path, reason, stream_id, source_id, detail, from_at, to_at, scan_id)
  VALUES (:path, :reason, :stream, :source, :detail, :from_at, :to_at, :scan)`;

/** Defects kept per stream with their place: a flood of bad lines must not fill the disk. */
const MAX_QUARANTINE_ROWS = 1000;

class SqliteLedger implements Ledger {
  readonly #db: Connection;
  readonly #file: string;
  readonly #names: Names;
  readonly #events: EventIds;
  readonly #statements = new Map<string, Statement<unknown[]>>();

  constructor(db: Connection, file: string) {
    this.#db = db;
    this.#file = file;
    this.#names = new Names(db);
    this.#events = new EventIds(db);
  }

  /** Compiled once each. */
  #statement(sql: string): Statement<unknown[]> {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#db.prepare<unknown[]>(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  get inTransaction(): boolean {
    return this.#db.inTransaction;
  }

  begin(): void {
    withStorageErrors(this.#file, () => this.#db.exec('BEGIN IMMEDIATE'));
  }

  rollback(): void {
    this.#names.forget();
    if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
  }

  commit(): void {
    withStorageErrors(this.#file, () => {
      collapseCrowdedKeys(this.#db, this.#names);
      this.#db.exec('COMMIT');
    });
  }

  streamsByHead(headLength: number, headHash: Buffer): readonly StreamRecord[] {
    const rows = this.#statement(`${STREAMS} WHERE head_length = ? AND head_hash = ?`).all(headLength, headHash);
    return (rows as StreamRow[]).map(streamOf);
  }

  streamByHint(path: string, device: string, inode: string): StreamRecord | undefined {
    const row = this.#statement(`${STREAMS} WHERE path = ? AND device = ? AND inode = ? ORDER BY streams.id DESC`);
    const found = row.get(path, device, inode) as StreamRow | undefined;
    return found === undefined ? undefined : streamOf(found);
  }

  streamsAtPath(path: string): readonly StreamRecord[] {
    return (this.#statement(`${STREAMS} WHERE path = ?`).all(path) as StreamRow[]).map(streamOf);
  }

  forgetPath(id: number): void {
    this.#statement("UPDATE streams SET path = '', device = '', inode = '' WHERE id = ?").run(id);
  }

  addStream(identity: StreamIdentity, scan: number): number {
    const source_id = this.#names.source(identity.source, identity.format);
    const run = this.#statement(INSERT_STREAM).run({ ...columnsOf(identity), source_id, seen_scan: scan });
    return Number(run.lastInsertRowid);
  }

  moveStream(id: number, identity: StreamIdentity, scan: number): void {
    this.#statement(UPDATE_STREAM).run({ ...columnsOf(identity), id, seen_scan: scan });
  }

  markSeen(id: number, scan: number): void {
    this.#statement('UPDATE streams SET seen_scan = ? WHERE id = ?').run(scan, id);
  }

  wasSeen(id: number, scan: number): boolean {
    return this.#statement('SELECT 1 FROM streams WHERE id = ? AND seen_scan = ?').get(id, scan) !== undefined;
  }

  addTally(streamId: number, settled: Tally, tail: Tally): void {
    withStorageErrors(this.#file, () => {
      this.#statement('DELETE FROM rollups WHERE stream_id = ? AND stream_id <> 0').run(streamId);
      this.#statement('DELETE FROM hours WHERE stream_id = ? AND stream_id <> 0').run(streamId);
      this.#addRows(settled, 0);
      this.#addRows(tail, streamId);
      this.#addSkips(settled, streamId);
      this.#events.add(settled.eventIds);
      this.#statement(COUNT_STREAM).run({
        id: streamId,
        records: settled.counts.records,
        keyed: settled.counts.keyed,
        quarantined: settled.counts.quarantined,
        skipped: settled.counts.skipped,
        pending: tail.counts.records,
        first_at: settled.firstAt ?? tail.firstAt ?? null,
        last_at: settled.lastAt ?? tail.lastAt ?? null,
      });
    });
  }

  hasEvent(id: string, at: EpochMs): boolean {
    return this.#events.has(id, Math.floor(at / DAY_MS));
  }

  addFault(place: FaultPlace, fault: Fault, scan: number): void {
    this.#statement(REPLACE_FAULT).run({
      path: place.path,
      reason: fault.reason,
      stream: place.stream,
      source: place.source === undefined ? null : this.#names.source(place.source, ''),
      detail: fault.detail,
      from_at: fault.fromAt ?? null,
      to_at: fault.toAt ?? null,
      scan,
    });
  }

  clearFaults(path: string, stream: number): void {
    this.#statement(
      "DELETE FROM faults WHERE (path = ? AND reason = 'unread-input') OR (stream_id = ? AND stream_id <> 0)",
    ).run(path, stream);
  }

  hasOpenFaults(): boolean {
    return this.#statement("SELECT 1 FROM faults WHERE reason = 'unread-input' LIMIT 1").get() !== undefined;
  }

  startScan(at: EpochMs, pid: number, version: string): number {
    const run = this.#statement('INSERT INTO scans (started_at, pid, version) VALUES (?, ?, ?)').run(at, pid, version);
    return Number(run.lastInsertRowid);
  }

  finishScan(scan: number, at: EpochMs, totals: ScanTotals): void {
    this.#statement(
      `UPDATE scans SET finished_at = :at, files = :files, records = :records, quarantined = :quarantined,
           skipped = :skipped, bytes = :bytes WHERE id = :scan`,
    ).run({ ...totals, at, scan });
  }

  #addRows(tally: Tally, stream: number): void {
    const upsertRollup = this.#statement(UPSERT_ROLLUP);
    for (const rollup of tally.rollups.values()) upsertRollup.run({ ...this.#rollupRow(rollup), stream });
    const upsertHour = this.#statement(UPSERT_HOUR);
    for (const hour of tally.hours.values()) {
      const quarantined = stream === 0 ? hour.quarantined : 0;
      upsertHour.run({ ...hour, source: this.#names.source(hour.source, ''), stream, quarantined });
    }
  }

  #rollupRow(rollup: Rollup): Record<string, number | null> {
    const key = this.#names.key(rollup.key, rollup.issuer);
    const system = this.#names.system(rollup.system, key.collapse);
    this.#names.caller(key.id, system);
    return {
      key: key.id,
      system,
      day: rollup.day,
      source: this.#names.source(rollup.source, ''),
      accepted: rollup.accepted,
      failed: rollup.failed,
      refused: rollup.refused,
      first_used: rollup.firstUsedAt ?? null,
      last_used: rollup.lastUsedAt ?? null,
      first_refused: rollup.firstRefusedAt ?? null,
      last_refused: rollup.lastRefusedAt ?? null,
    };
  }

  #addSkips(tally: Tally, stream: number): void {
    const upsert = this.#statement(UPSERT_SKIP);
    for (const [reason, { records, bytes }] of tally.skips) upsert.run({ stream, reason, records, bytes });
    if (tally.quarantine.length === 0) return;
    const count = this.#statement('SELECT count(*) AS n FROM quarantine WHERE stream_id = ?').get(stream) as {
      n: number;
    };
    const insert = this.#statement('INSERT OR IGNORE INTO quarantine VALUES (?, ?, ?, ?)');
    for (const { offset, length, reason } of tally.quarantine.slice(0, Math.max(0, MAX_QUARANTINE_ROWS - count.n))) {
      insert.run(stream, offset, length, reason);
    }
  }
}

function streamOf(row: StreamRow): StreamRecord {
  return {
    id: row.id,
    source: row.source,
    format: row.format,
    headLength: row.head_length,
    headHash: row.head_hash,
    position: row.position,
    readLength: row.read_length,
    crc: row.crc,
    tailHash: row.tail_hash,
    path: row.path,
    device: row.device,
    inode: row.inode,
    size: row.size,
    modifiedNs: row.modified_ns,
    changedNs: row.changed_ns,
    records: row.records,
    keyed: row.keyed,
    firstAt: row.first_at ?? undefined,
    lastAt: row.last_at ?? undefined,
  };
}

function columnsOf(identity: StreamIdentity): Record<string, string | number | Buffer> {
  return {
    format: identity.format,
    head_length: identity.headLength,
    head_hash: identity.headHash,
    position: identity.position,
    read_length: identity.readLength,
    crc: identity.crc,
    tail_hash: identity.tailHash,
    path: identity.path,
    device: identity.device,
    inode: identity.inode,
    size: identity.size,
    modified_ns: identity.modifiedNs,
    changed_ns: identity.changedNs,
  };
}
