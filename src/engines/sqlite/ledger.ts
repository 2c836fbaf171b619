import type { Statement } from 'better-sqlite3';
import type { EventDigest } from '../../tally/event-digests.ts';
import type { DayNumber, EpochMs, Fault, KeyRef } from '../../model.ts';
import { HourTable, mergeRollups, newTally, type Rollups, type Tally } from '../../tally/rollup.ts';
import { RollupTable } from '../../tally/rollup-table.ts';
import type { Head } from '../../sources/identity.ts';
import { CallerBlocks } from './caller-blocks.ts';
import { collapseCrowdedKeys } from './collapse.ts';
import { type Connection, withStorageErrors } from './database.ts';
import { type Delivered, noteDelivered } from './digests.ts';
import { EventIds } from './event-ids.ts';
import { type FaultPlace, Faults } from './faults.ts';
import { HeadLengths } from './head-lengths.ts';
import { Names } from './names.ts';
import { Reading, type ReadSince } from './read-since.ts';
import { SourceDays } from './source-days.ts';
import {
  columnsOf, INSERT_STREAM, type Replaced, type StreamIdentity, streamOf, type StreamRecord, type StreamRow, UPDATE_STREAM,
} from './stream-record.ts'; // prettier-ignore
import {
  FORGET_COUNTS, identityOf, isFedByOthers, placeOfDay, type ReadDay, readTableDay, readTableDays, type TableDay, writeTableDay,
} from './table-days.ts'; // prettier-ignore

/** The write side of the database. One transaction holds rollups, hours, positions, quarantine and counters together. */
export interface Ledger {
  begin(): void;
  /** Nothing of the transaction is kept. */
  rollback(): void;
  commit(): void;
  readonly inTransaction: boolean;

  /** Streams that begin like a log at this path with these heads (the longest first), as far as both go. */
  streamsByHeads(heads: readonly Head[], path: string): readonly StreamRecord[];
  streamByHint(path: string, device: string, inode: string): StreamRecord | undefined;
  /** Logs that were not met in this scan although another log was at their path. */
  replacedStreams(scan: number): readonly Replaced[];
  /** Logs that were not met in this scan, and that were at this path, where an empty file is now. */
  streamsLostAt(path: string, scan: number): readonly StreamRecord[];
  /** The log is no longer at its path, and nobody found it elsewhere. */
  forgetPath(id: number): void;
  addStream(identity: StreamIdentity, scan: number): number;
  moveStream(id: number, identity: StreamIdentity, scan: number): void;
  markSeen(id: number, scan: number): void;
  /** The stream is a log of CloudTrail that was read whole. */
  noteDelivered(id: number, delivered: Delivered): void;

  /** Adds what is settled; replaces what this stream's tail said before by `tail`. */
  addTally(streamId: number, settled: Tally, tail: Tally): void;
  /** What is stored of a table, by day. */
  tableDays(place: string): ReadonlyMap<DayNumber, TableDay>;
  isFedByOthers(source: string, place: string): boolean;
  /** Puts a day of a table in the place of what was stored of it, and clears its faults. */
  replaceDay(day: ReadDay, tally: Tally, scan: number): void;

  /** Whether this event was counted. `stream`: the one that is being read, 0 when it is new. */
  hasEvent(event: EventDigest, day: DayNumber, stream: number): boolean;
  /** Notes that an event is counted, of what is settled. False: it was counted before. */
  takeEvent(event: EventDigest, day: DayNumber): boolean;

  /** Whether an inventory lists a key that the logs may show as this, or of which this may be another form. */
  isListed(key: Pick<KeyRef, 'key' | 'forms'>): boolean;

  addFault(place: FaultPlace, fault: Fault, scan: number): void;
  /** The file, or this log wherever it was found, has been read whole after all. */
  clearFaults(place: FaultPlace): void;
  /** Places of faults with this mark in place of a file. */
  placesMarked(mark: string): readonly string[];
  /** Some input of this or an earlier run was not fully read and still is not. */
  hasOpenFaults(): boolean;

  startScan(at: EpochMs, pid: number, version: string): number;
  startedAt(scan: number): EpochMs | undefined;
  /** What was read since the scan was started. */
  readonly readSince: ReadSince;
  finishScan(scan: number, at: EpochMs, totals: ScanTotals): void;
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

/** `+?` for a parameter: SQLite would plan a join anew for each value of a bare one. */
const STREAMS = `
  SELECT streams.*, sources.name AS source FROM streams JOIN sources ON sources.id = streams.source_id`;

const REPLACED_STREAMS = `
  SELECT lost.id AS lost, max(next.id) AS next,
    (SELECT started_at FROM scans WHERE id = :scan) AS noticedAt,
    (SELECT started_at FROM scans WHERE id = lost.seen_scan) AS seenAt
  FROM streams AS next JOIN streams AS lost ON lost.path = next.path
  WHERE next.seen_scan = :scan AND lost.seen_scan <> :scan AND next.path NOT IN ('', '-') GROUP BY lost.id`;

/** Logs that are at least as long as the one in question; many may share a short head, of which the newest are enough. */
const STREAMS_AS_LONG = `
  ${STREAMS} JOIN heads ON heads.stream_id = streams.id WHERE length = +:length AND hash = +:hash
  ORDER BY path = +:path DESC, streams.id DESC LIMIT 8`;

const SHORTEST_SHARED_HEAD = 256;

const COUNT_STREAM = `
  UPDATE streams SET
    records = records + :records, keyed = keyed + :keyed, quarantined = quarantined + :quarantined,
    skipped = skipped + :skipped, counted_bytes = counted_bytes + :counted_bytes, pending_records = :pending, pending_quarantined = :pending_quarantined,
    first_at = min(coalesce(first_at, :first_at), coalesce(:first_at, first_at)),
    last_at = max(coalesce(last_at, :last_at), coalesce(:last_at, last_at))
  WHERE id = :id`;

const UPSERT_SKIP = `
  INSERT INTO skips VALUES (:stream, :reason, :records, :bytes)
  ON CONFLICT DO UPDATE SET records = records + excluded.records, bytes = bytes + excluded.bytes`;

const NAME_SOURCE = `
  INSERT OR IGNORE INTO named_sources SELECT source_id, :source FROM streams WHERE id = :stream`;

/** Defects kept per stream with their place: a flood of bad lines must not fill the disk. */
const MAX_QUARANTINE_ROWS = 1000;

/** Of several logs, in rollups, that is held in memory before it is written. */
const MOST_PENDING = 100_000;

class SqliteLedger implements Ledger {
  readonly #db: Connection;
  readonly #file: string;
  readonly #names: Names;
  readonly #callers: CallerBlocks;
  readonly #days: SourceDays;
  readonly #events: EventIds;
  readonly #statements = new Map<string, Statement<unknown[]>>();
  readonly #headLengths: HeadLengths;
  readonly #faults: Faults;
  /** What is settled and not written yet: the callers of one log are mostly those of the next. */
  readonly #pending: Rollups = { rollups: new RollupTable(), hours: new HourTable() };
  #reading = new Reading();
  /** The log that was written last, and its own source. */
  #written = { id: 0, source: '' };

  constructor(db: Connection, file: string) {
    this.#db = db;
    this.#file = file;
    this.#names = new Names(db);
    this.#callers = new CallerBlocks(db, this.#names);
    this.#days = new SourceDays(db, this.#names);
    this.#events = new EventIds(db);
    this.#headLengths = new HeadLengths(db);
    this.#faults = new Faults(db, this.#names);
  }

  /** Compiled once each. */
  #statement(sql: string): Statement<unknown[]> {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#db.prepare<unknown[]>(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  get readSince(): ReadSince {
    return this.#reading;
  }

  get inTransaction(): boolean {
    return this.#db.inTransaction;
  }

  begin(): void {
    withStorageErrors(this.#file, () => this.#db.exec('BEGIN IMMEDIATE'));
    this.#headLengths.forget();
  }

  rollback(): void {
    this.#clearPending();
    this.#names.forget();
    this.#callers.takeCrowding();
    if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
    this.#events.forget();
  }

  commit(): void {
    withStorageErrors(this.#file, () => {
      this.#writePending();
      collapseCrowdedKeys(this.#db, this.#names, this.#callers);
      this.#db.exec('COMMIT');
    });
  }

  streamsByHeads(heads: readonly Head[], path: string): readonly StreamRecord[] {
    const shorter = this.#statement(`${STREAMS} WHERE head_length = +? AND head_hash = +?`);
    const likely = heads.filter(({ length }) => this.#headLengths.has(length));
    const rows = likely.flatMap(({ length, hash }) => shorter.all(length, hash)) as StreamRow[];
    const [longest] = heads;
    if (longest !== undefined && longest.length >= SHORTEST_SHARED_HEAD) {
      rows.push(...(this.#statement(STREAMS_AS_LONG).all({ ...longest, path }) as StreamRow[]));
    }
    return [...new Map(rows.map((row) => [row.id, streamOf(row)])).values()];
  }

  streamByHint(path: string, device: string, inode: string): StreamRecord | undefined {
    const row = this.#statement(`${STREAMS} WHERE path = +? AND device = +? AND inode = +? ORDER BY streams.id DESC`);
    const found = row.get(path, device, inode) as StreamRow | undefined;
    return found === undefined ? undefined : streamOf(found);
  }

  replacedStreams(scan: number): readonly Replaced[] {
    const pairs = this.#statement(REPLACED_STREAMS).all({ scan }) as Replaced<number>[];
    const stream = (id: number): StreamRecord =>
      streamOf(this.#statement(`${STREAMS} WHERE streams.id = +?`).get(id) as StreamRow);
    return pairs.map((pair) => ({ ...pair, lost: stream(pair.lost), next: stream(pair.next) }));
  }

  startedAt(scan: number): EpochMs | undefined {
    const row = this.#statement('SELECT started_at AS at FROM scans WHERE id = ?').get(scan);
    return (row as { at: EpochMs } | undefined)?.at;
  }

  streamsLostAt(path: string, scan: number): readonly StreamRecord[] {
    const rows = this.#statement(`${STREAMS} WHERE path = +? AND seen_scan <> +?`).all(path, scan) as StreamRow[];
    return rows.map(streamOf);
  }

  forgetPath(id: number): void {
    this.#statement("UPDATE streams SET path = '', device = '', inode = '' WHERE id = ?").run(id);
  }

  addStream(identity: StreamIdentity, scan: number): number {
    const source_id = this.#names.source(identity.source, identity.format);
    const run = this.#statement(INSERT_STREAM).run({ ...columnsOf(identity), source_id, seen_scan: scan });
    const id = Number(run.lastInsertRowid);
    this.#addHeads(id, identity);
    this.#written = { id, source: identity.source };
    return id;
  }

  moveStream(id: number, identity: StreamIdentity, scan: number): void {
    this.#addHeads(id, identity);
    this.#written = { id, source: identity.source };
    this.#statement(UPDATE_STREAM).run({ ...columnsOf(identity), id, seen_scan: scan });
  }

  markSeen(id: number, scan: number): void {
    this.#statement('UPDATE streams SET seen_scan = ? WHERE id = ?').run(scan, id);
  }

  noteDelivered(id: number, delivered: Delivered): void {
    withStorageErrors(this.#file, () => noteDelivered(this.#db, id, delivered));
  }

  addTally(streamId: number, settled: Tally, tail: Tally): void {
    this.#reading.note(streamId, [settled, tail]);
    withStorageErrors(this.#file, () => {
      this.#callers.dropTail(streamId);
      this.#days.dropTail(streamId);
      this.#events.forgetTail(streamId);
      this.#events.add(settled.events, 0);
      mergeRollups(this.#pending, settled);
      if (this.#pending.rollups.weight > MOST_PENDING) this.#writePending();
      this.#events.add(tail.events, streamId);
      this.#addRows(tail, streamId);
      this.#nameSources(streamId, [settled, tail]);
      this.#addSkips(settled, streamId);
      this.#statement(COUNT_STREAM).run({
        id: streamId,
        records: settled.counts.records,
        keyed: settled.counts.keyed,
        quarantined: settled.counts.quarantined,
        skipped: settled.counts.skipped,
        counted_bytes: settled.counts.countedBytes,
        pending: tail.counts.records,
        pending_quarantined: tail.counts.quarantined,
        first_at: settled.firstAt ?? tail.firstAt ?? null,
        last_at: settled.lastAt ?? tail.lastAt ?? null,
      });
    });
  }

  tableDays(place: string): ReadonlyMap<DayNumber, TableDay> {
    return readTableDays(this.#db, place);
  }

  isFedByOthers(source: string, place: string): boolean {
    return isFedByOthers(this.#db, source, place);
  }

  replaceDay(day: ReadDay, tally: Tally, scan: number): void {
    const known = readTableDay(this.#db, day.place, day.day);
    const stream = known?.stream ?? this.addStream(identityOf(day), scan);
    if (known?.isSealed === true) this.#forgetSettled(stream, day);
    this.addTally(stream, day.isSealed ? tally : newTally(), day.isSealed ? newTally() : tally);
    this.markSeen(stream, scan);
    writeTableDay(this.#db, stream, day);
    this.clearFaults({ path: placeOfDay(day.place, day.day), stream, source: day.source, file: '' });
  }

  #forgetSettled(stream: number, { source, day }: ReadDay): void {
    this.#writePending();
    const id = this.#names.source(source, '');
    this.#callers.dropDay(id, day);
    this.#days.dropDay(id, day);
    for (const sql of FORGET_COUNTS) this.#statement(sql).run(stream);
  }

  hasEvent(event: EventDigest, day: DayNumber, stream: number): boolean {
    return this.#events.has(event, day, stream);
  }

  takeEvent(event: EventDigest, day: DayNumber): boolean {
    return this.#events.take(event, day);
  }

  isListed({ key, forms = [] }: Pick<KeyRef, 'key' | 'forms'>): boolean {
    const statement = this.#statement('SELECT 1 FROM inventory_matches WHERE key = ? LIMIT 1');
    return [key, ...forms].some((one) => statement.get(one) !== undefined);
  }

  addFault(place: FaultPlace, fault: Fault, scan: number): void {
    this.#faults.add(place, fault, scan);
  }

  clearFaults(place: FaultPlace): void {
    this.#faults.clear(place);
  }

  placesMarked(mark: string): readonly string[] {
    return this.#faults.placesMarked(mark);
  }

  hasOpenFaults(): boolean {
    return this.#faults.hasOpen();
  }

  startScan(at: EpochMs, pid: number, version: string): number {
    this.#reading = new Reading();
    const run = this.#statement('INSERT INTO scans (started_at, pid, version) VALUES (?, ?, ?)').run(at, pid, version);
    return Number(run.lastInsertRowid);
  }

  finishScan(scan: number, at: EpochMs, totals: ScanTotals): void {
    this.#statement(
      `UPDATE scans SET finished_at = :at, files = :files, records = :records, quarantined = :quarantined,
           skipped = :skipped, bytes = :bytes WHERE id = :scan`,
    ).run({ ...totals, at, scan });
  }

  #addHeads(id: number, { heads, headLength }: StreamIdentity): void {
    this.#headLengths.add(headLength);
    const insert = this.#statement('INSERT OR IGNORE INTO heads VALUES (?, ?, ?)');
    for (const { length, hash } of heads) if (length >= SHORTEST_SHARED_HEAD) insert.run(length, hash, id);
  }

  #addRows({ rollups, hours }: Rollups, stream: number): void {
    this.#callers.add(rollups.callers(), stream);
    this.#days.add(hours.values(), stream);
  }

  #writePending(): void {
    this.#events.write();
    this.#addRows(this.#pending, 0);
    this.#clearPending();
  }

  #clearPending(): void {
    this.#pending.rollups.clear();
    this.#pending.hours.clear();
  }

  /** Which sources the records of a log name instead of the log's own. */
  #nameSources(stream: number, tallies: readonly Tally[]): void {
    const named = new Set<string>();
    for (const { hours } of tallies) for (const { source } of hours.values()) named.add(source);
    if (this.#written.id === stream) named.delete(this.#written.source);
    if (named.size === 0) return;
    const log = this.#statement(`${STREAMS} WHERE streams.id = +?`).get(stream) as StreamRow;
    for (const name of named) {
      if (name === log.source) continue;
      const source = this.#names.source(name, log.format);
      this.#statement(NAME_SOURCE).run({ source, stream });
    }
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
