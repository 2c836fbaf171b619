import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { EpochMs, Fault } from '../../model.ts';
import type { Connection } from './database.ts';
import type { Ledger } from './ledger.ts';
import type { ReadSince } from './read-since.ts';

/**
 * What a file outside of the database remembers of its runs, so that an older copy in its place is noticed. Written after
 * the commit of a run: it may be behind the database, never ahead.
 */
export interface Witness {
  /** The oldest first; those of a day together, but for the newest. */
  readonly runs: readonly WitnessedRun[];
  /** Runs that are missing and whose logs were not all read again yet. */
  readonly lost: readonly LostRuns[];
}

export interface WitnessedRun extends Reading {
  readonly scan: number;
  readonly startedAt: EpochMs;
}

/** What runs have read. */
interface Reading {
  /** The time of the records; null: there were none. */
  readonly fromAt: EpochMs | null;
  readonly toAt: EpochMs | null;
  /** How far which logs were read; null: that they were read again cannot be proven. */
  readonly logs: readonly ReadLog[] | null;
}

/** Length and hash of the head, length and CRC-32 of what was read. */
type ReadLog = readonly [number, string, number, number];

export interface LostRuns extends Reading {
  /** `run 8`, `runs 8 to 10` */
  readonly name: string;
}

const NO_READING: Reading = { fromAt: null, toAt: null, logs: [] };
const NOTHING: Witness = { runs: [], lost: [] };
const MOST_DAYS = 400;
/** The newest runs are remembered one by one, and with their logs: an older backup is rarely put back. */
const RUNS_APART = 32;
const MOST_LOGS = 2000;
const DAY_MS = 86_400_000;

/** Nothing where there is none, or none that can be read. */
export function readWitness(file: string | undefined): Witness {
  if (file === undefined) return NOTHING;
  try {
    const { runs, lost } = JSON.parse(fs.readFileSync(file, 'utf8')) as Witness;
    return Array.isArray(runs) && Array.isArray(lost) ? { runs, lost } : NOTHING;
  } catch {
    return NOTHING;
  }
}

/** Where it cannot be written, nothing is noticed; nothing else fails. */
export function writeWitness(file: string, witness: Witness): void {
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    replace(file, JSON.stringify(witness));
  } catch (error) {
    if (typeof (error as { code?: unknown }).code !== 'string') throw error;
  }
}

function replace(file: string, text: string): void {
  const draft = `${file}.${randomUUID()}`;
  try {
    const fd = fs.openSync(draft, 'wx', 0o600);
    try {
      fs.writeFileSync(fd, text);
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
    fs.renameSync(draft, file);
  } catch (error) {
    fs.rmSync(draft, { force: true });
    throw error;
  }
}

/** The runs that the witness knows and the database does not, if they had read anything. */
export function findLost(db: Connection, { runs }: Witness): LostRuns | undefined {
  const known = runs.findLastIndex((run) => hasRun(db, run));
  const lost = runs.slice(known + 1);
  const last = lost.at(-1);
  if (last === undefined) return undefined;
  const first = (runs[known]?.scan ?? 0) + 1;
  const reading = lost.reduce<Reading>(join, NO_READING);
  const name = first === last.scan ? `run ${first}` : `runs ${first} to ${last.scan}`;
  return reading.toAt === null ? undefined : { name, ...reading };
}

const MISSING = 'missing from this database, which is an older copy';

/** The gap that they leave while nobody has looked for their logs yet: up to now. */
export function openGap({ name, fromAt }: LostRuns): Fault {
  return { reason: 'older-copy', detail: `${name}: ${MISSING}`, fromAt: fromAt ?? undefined, toAt: undefined };
}

/** Puts down the gap that they leave: the time of what they had read. */
export function noteLost(ledger: Ledger, { name, fromAt, toAt }: LostRuns, scan: number): void {
  const place = { path: name, stream: 0, source: undefined, file: '' };
  const fault: Fault = { reason: 'older-copy', detail: MISSING, fromAt: fromAt ?? undefined, toAt: toAt ?? undefined };
  ledger.addFault(place, fault, scan);
}

export function clearLost(db: Connection, { name }: LostRuns): void {
  db.prepare("DELETE FROM faults WHERE path = ? AND reason = 'older-copy'").run(name);
}

/** Every log was read again, as far as the lost runs had read it. */
export function isReadAgain(db: Connection, { logs }: LostRuns): boolean {
  if (logs === null) return false;
  const isFound = db.prepare<unknown[], number>(FOUND).pluck();
  return logs.every(
    ([headLength, headHash, length, crc]) =>
      isFound.get({ headLength, headHash: Buffer.from(headHash, 'hex'), length, crc }) !== undefined,
  );
}

const FOUND = `
  SELECT 1 FROM streams WHERE head_length = :headLength AND head_hash = :headHash
    AND (read_length > :length OR (read_length = :length AND crc = :crc))
  UNION ALL
  SELECT 1 FROM heads JOIN streams ON streams.id = stream_id
    WHERE heads.length = :headLength AND heads.hash = :headHash AND read_length > :length
  LIMIT 1`;

/** The runs to be remembered once another one has ended. */
export function witnessed(
  db: Connection,
  { runs }: Witness,
  { scan, startedAt, read }: { readonly scan: number; readonly startedAt: EpochMs; readonly read: ReadSince },
): readonly WitnessedRun[] {
  const kept = runs.filter((run) => hasRun(db, run));
  const previous = kept.at(-1);
  const own = readingSince(db, read, previous?.scan ?? 0, startedAt);
  return inBounds([...kept, { scan, startedAt, ...own }]);
}

function inBounds(runs: readonly WitnessedRun[]): readonly WitnessedRun[] {
  const older: WitnessedRun[] = [];
  for (const { scan, startedAt, ...reading } of runs.slice(0, -RUNS_APART)) {
    const isSameDay = dayOf(older.at(-1)?.startedAt ?? 0) === dayOf(startedAt);
    const joined = isSameDay ? join(older.pop()!, reading) : reading;
    older.push({ scan, startedAt, ...joined, logs: null });
  }
  return [...older.slice(-MOST_DAYS), ...runs.slice(-RUNS_APART)];
}

function hasRun(db: Connection, { scan, startedAt }: WitnessedRun): boolean {
  return (
    db.prepare<[number, number]>('SELECT 1 FROM scans WHERE id = ? AND started_at = ?').get(scan, startedAt) !==
    undefined
  );
}

/** What this run has read, with what runs before it have read that did not end, and the time of faults that were found. */
function readingSince(db: Connection, read: ReadSince, lastScan: number, now: EpochMs): Reading {
  const [run, ...died] = db
    .prepare<[number], number>('SELECT id FROM scans WHERE id > ? ORDER BY id DESC')
    .pluck()
    .all(lastScan);
  const faults = db.prepare<[number], FaultTimes>(FAULTS).get(lastScan);
  const own: Reading = { fromAt: read.fromAt ?? null, toAt: read.toAt ?? null, logs: logsOf(db, read) };
  const found: Reading =
    faults === undefined || faults.count === 0
      ? NO_READING
      : { fromAt: faults.from_at, toAt: faults.to_at ?? now, logs: null };
  if (lastScan === 0 || run === undefined || died.length === 0) return join(own, found);
  const all = db.prepare<[number], FaultTimes>(ALL_SEEN).get(lastScan);
  return join(found, { fromAt: all?.from_at ?? null, toAt: all?.to_at ?? null, logs: null });
}

interface FaultTimes {
  readonly count: number;
  readonly from_at: EpochMs | null;
  readonly to_at: EpochMs | null;
}

/** A fault without a beginning or an end may hide any time. */
const FAULTS = `
  SELECT count(*) AS count, min(coalesce(from_at, 0)) AS from_at,
    CASE WHEN count(*) = count(to_at) THEN max(to_at) END AS to_at
  FROM faults WHERE scan_id > ? AND reason <> 'older-copy'`;

const ALL_SEEN = `
  SELECT count(*) AS count, min(first_at) AS from_at, max(last_at) AS to_at FROM streams WHERE seen_scan > ?`;

function logsOf(db: Connection, { streams }: ReadSince): readonly ReadLog[] | null {
  if (streams.size > MOST_LOGS) return null;
  const log = db.prepare<[number], LogRow>(`
    SELECT head_length, hex(head_hash) AS head_hash, read_length, crc FROM streams
    WHERE id = ? AND NOT EXISTS (SELECT 1 FROM table_days WHERE stream_id = streams.id)`);
  const rows = [...streams].map((id) => log.get(id));
  if (rows.includes(undefined)) return null;
  return rows.map((row) => [row!.head_length, row!.head_hash, row!.read_length, row!.crc]);
}

interface LogRow {
  readonly head_length: number;
  readonly head_hash: string;
  readonly read_length: number;
  readonly crc: number;
}

function join(a: Reading, b: Reading): Reading {
  const logs = a.logs === null || b.logs === null ? null : [...a.logs, ...b.logs];
  return {
    fromAt: leastOf(a.fromAt, b.fromAt, Math.min),
    toAt: leastOf(a.toAt, b.toAt, Math.max),
    logs: logs === null || logs.length > MOST_LOGS ? null : logs,
  };
}

function leastOf(a: number | null, b: number | null, choose: (a: number, b: number) => number): number | null {
  if (a === null || b === null) return a ?? b;
  return choose(a, b);
}

function dayOf(at: EpochMs): number {
  return Math.floor(at / DAY_MS);
}
