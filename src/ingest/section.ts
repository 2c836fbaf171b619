import fs from 'node:fs';
import zlib from 'node:zlib';
import { type DayRow, DayRows } from '../tally/day-row.ts';
import { newTally, type Tally } from '../tally/rollup.ts';
import { DamagedInput } from '../sources/decompress.ts';
import { HEAD_BYTES } from '../sources/identity.ts';
import { type LogHandle, logOf } from '../sources/log-file.ts';
import { type CallScan, scanCalls, type SharedCallers, type Sharing } from './call-scan.ts';
import { type LogSettings, planReading, type ReadingPlan } from './reading-plan.ts';
import { collectSooner } from './heap.ts';
import { type Interpretation, interpretationFor } from './interpret.ts';
import { keyFinder } from './key-search.ts';
import { isFileError } from './log-faults.ts';
import { type CountedSection, RecordCount } from './record-count.ts';
import { addPacked, packTally, type PackedTally } from './packed-tally.ts';

/** A plain log that is read in parts. */
export interface LogToRead {
  /** Tells logs apart. */
  readonly log: number;
  readonly handle: LogHandle;
}

/** A part of it that begins at a line, to be read by whoever is free. */
export interface SectionJob extends LogToRead {
  readonly from: number;
  /** The beginning of a line, or the end of the log. */
  readonly to: number;
  /** Bytes before it are in the hash of the log already. */
  readonly hashFrom: number;
  /** In rollups: one thread alone reads what makes so much, since it can save it at once. */
  readonly mostWeight: number;
  /** Its number is not 0 when a part was damaged: the others are not wanted then. */
  readonly isOver: Int32Array<SharedArrayBuffer>;
  /** Known to another thread, which attributes them; the raw text of records is in them. */
  readonly callers?: SharedCallers | undefined;
}

/** What a thread holds of a log: fingerprints and numbers, no raw key. */
export interface Held {
  readonly tally: PackedTally;
  /** Calls of the callers that were shared, each with its number. */
  readonly rows: DayRow;
}

/**
 * What a part of a log amounts to, but for what the reader holds of it. Here and there are fingerprints and no raw key, so
 * that it may go from thread to thread.
 */
export interface Section extends CountedSection {
  readonly settled: PackedTally | undefined;
  /** Of a last line without line end. */
  readonly open: PackedTally | undefined;
  readonly unplaced: { readonly settled: number; readonly open: number };
  readonly bytes: number;
  /** Bytes read from `hashFrom` on, and their CRC-32. */
  readonly hashed: number;
  readonly crc: number;
  /**
   * Something kept it from being read to its end, a flood of callers among others: what it was, is seen when the log is
   * read again from before this part.
   */
  readonly isDamaged: boolean;
}

/**
 * Reads parts of logs. What it counts in groups it holds until it is taken: most callers are in all parts, and to hand
 * them over once for each part would take as long as reading it.
 */
export class SectionReader {
  readonly #settingsOf: (path: string) => LogSettings;
  readonly #turn: () => Promise<void> | undefined;
  readonly #buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  #reading: Reading | undefined;
  /** What was counted of logs that are not at hand. */
  readonly #aside = new Map<number, Held[]>();
  /** What other threads know of the callers of logs. */
  readonly #shared = new Map<number, Sharing>();

  /** `turn` is waited for after each chunk. */
  constructor(settingsOf: (path: string) => LogSettings, turn: () => Promise<void> | undefined = none) {
    this.#settingsOf = settingsOf;
    this.#turn = turn;
  }

  /** Finds out how a log is to be read, before there is a part of it to read. */
  async prepare(log: LogToRead): Promise<void> {
    await this.#readingOf(log);
  }

  async read(job: SectionJob): Promise<Section> {
    const reading = await this.#readingOf(job);
    const { plan, how } = reading;
    const { handle, from, to } = job;
    const findKeys = keyFinder(how);
    const counted = {
      path: handle.path,
      source: how.source,
      eventOf: none,
      isKnown: () => false,
      header: none,
      findKeys,
    };
    const count = new RecordCount(counted, { position: from, resumeAt: undefined, header: undefined });
    const scan = reading.scan?.next(from, count) ?? scanCalls(plan, how, from, count, false);
    if (reading.scan === undefined && job.callers !== undefined) scan.adopt(job.callers, reading.rows);
    reading.scan = scan;
    count.scan = scan;
    const done = { at: from, hashed: 0, crc: 0, isDamaged: false };
    try {
      await this.#scan(job, { scan, rows: reading.rows }, count, done);
      if (to === handle.stat.size && !done.isDamaged) scan.end();
    } catch (error) {
      if (!(error instanceof DamagedInput) && !isFileError(error)) throw error;
      done.isDamaged = true;
    }
    if (done.isDamaged) Atomics.store(job.isOver, 0, 1);
    const { totals, unplaced, position, lastAt, resumeAt, firstDefect, possible } = count;
    const tallies = done.isDamaged ? NOTHING : { settled: packed(count.settled), open: packed(count.open) };
    const what = { from, position, totals, firstDefect, lastAt, resumeAt, possible };
    const { at, hashed, crc, isDamaged } = done;
    return { ...what, ...tallies, unplaced, bytes: at - from, hashed, crc, isDamaged };
  }

  /** The callers of a log whose first part was read here, for who reads the others. */
  share(log: number): SharedCallers | undefined {
    const reading = this.#reading;
    if (!this.#shared.has(log) && reading?.number === log) {
      const sharing = reading.scan?.share();
      if (sharing !== undefined) this.#shared.set(log, sharing);
    }
    return this.#shared.get(log)?.callers;
  }

  /** Adds what was counted in groups, in all parts of the log that it read since it was last asked. */
  take(log: number, into: Tally): void {
    const reading = this.#reading;
    if (reading?.number === log) {
      this.#reading = undefined;
      reading.scan?.drain(into, into);
      reading.scan?.close();
    }
    this.#add(log, into, this.#takeAside(log));
  }

  /** Adds what others held of the log, all of them. */
  addHeld(log: number, into: Tally, held: readonly Held[]): void {
    this.#add(log, into, held);
    this.#shared.delete(log);
  }

  /** What it holds, for another thread. */
  takeHeld(log: number): Held[] {
    if (this.#reading?.number === log) this.#putAside();
    return this.#takeAside(log);
  }

  async #scan(
    job: SectionJob,
    { scan, rows }: Pick<Reading, 'rows'> & { scan: CallScan },
    count: RecordCount,
    done: Done,
  ): Promise<void> {
    const { handle, to, hashFrom, mostWeight, isOver } = job;
    while (done.at < to && !done.isDamaged) {
      const length = fs.readSync(handle.fd, this.#buffer, 0, Math.min(CHUNK_BYTES, to - done.at), done.at);
      if (length === 0) throw new DamagedInput('truncated', 'the file became shorter while it was read', done.at);
      const bytes = this.#buffer.subarray(0, length);
      const fresh = bytes.subarray(Math.max(0, Math.min(length, hashFrom - done.at)));
      done.crc = zlib.crc32(fresh, done.crc);
      done.hashed += fresh.length;
      done.at += length;
      scan.push(bytes);
      const isFlooded = count.settled.rollups.weight + rows.count >= mostWeight;
      if (isFlooded) collectSooner();
      done.isDamaged = isFlooded || Atomics.load(isOver, 0) !== 0;
      await this.#turn();
    }
  }

  #putAside(): void {
    const reading = this.#reading;
    this.#reading = undefined;
    if (reading?.scan === undefined) return;
    const tally = newTally();
    reading.scan.drain(tally, tally);
    reading.scan.close();
    const held = { tally: packTally(tally), rows: reading.rows.take() };
    this.#aside.set(reading.number, [...(this.#aside.get(reading.number) ?? []), held]);
  }

  #add(log: number, into: Tally, held: readonly Held[]): void {
    for (const { tally, rows } of held) {
      addPacked(into, tally);
      if (rows.length === 0) continue;
      const sharing = this.#shared.get(log);
      if (sharing === undefined) throw new Error('calls were counted of callers that nobody knows');
      sharing.add(into, rows);
    }
  }

  #takeAside(log: number): Held[] {
    const aside = this.#aside.get(log) ?? [];
    this.#aside.delete(log);
    return aside;
  }

  async #readingOf({ log: number, handle }: LogToRead): Promise<Reading> {
    if (this.#reading?.number === number) return this.#reading;
    this.#putAside();
    const settings = this.#settingsOf(handle.path);
    const plan = planReading(await logOf(handle).peek(HEAD_BYTES), settings.choice);
    const how = interpretationFor(plan.format, settings);
    this.#reading = { number, plan, how, scan: undefined, rows: new DayRows() };
    return this.#reading;
  }
}

const CHUNK_BYTES = 512 * 1024;

/** How far a part was read. */
interface Done {
  at: number;
  hashed: number;
  crc: number;
  isDamaged: boolean;
}

/** Of what is read again. */
const NOTHING = { settled: undefined, open: undefined };

/** Undefined: there is nothing in it. */
function packed(tally: Tally): PackedTally | undefined {
  const { records, quarantined, skipped } = tally.counts;
  return records + quarantined + skipped + tally.hours.size === 0 ? undefined : packTally(tally);
}

interface Reading {
  readonly number: number;
  readonly plan: ReadingPlan;
  readonly how: Interpretation;
  /** Of the part that was read last. */
  scan: CallScan | undefined;
  /** Of callers that were shared. */
  readonly rows: DayRows;
}

function none(): undefined {
  return undefined;
}
