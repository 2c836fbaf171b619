import fs from 'node:fs';
import zlib from 'node:zlib';
import { newTally, type Tally } from '../rollup.ts';
import { DamagedInput } from '../sources/decompress.ts';
import { HEAD_BYTES } from '../sources/identity.ts';
import { type LogHandle, logOf } from '../sources/log-file.ts';
import { type CallScan, scanCalls } from './call-scan.ts';
import type { LogSettings } from './ingest.ts';
import { collectSooner } from './heap.ts';
import { type Interpretation, interpretationFor } from './interpret.ts';
import { keyFinder } from './key-search.ts';
import { isFileError } from './log-faults.ts';
import { planReading, type ReadingPlan } from './reading-plan.ts';
import { type CountedSection, RecordCount } from './record-count.ts';
import { addPacked, packTally, type PackedTally } from './packed-tally.ts';

/** A part of a plain log that begins at a line, to be read by whoever is free. */
export interface SectionJob {
  /** Tells logs apart. */
  readonly log: number;
  readonly handle: LogHandle;
  readonly from: number;
  /** The beginning of a line, or the end of the log. */
  readonly to: number;
  /** Bytes before it are in the hash of the log already. */
  readonly hashFrom: number;
  /** In rollups: one thread alone reads what makes so much, since it can save it at once. */
  readonly mostWeight: number;
  /** Its number is not 0 when a part was damaged: the others are not wanted then. */
  readonly isOver: Int32Array<SharedArrayBuffer>;
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
  readonly #aside = new Map<number, PackedTally[]>();

  /** `turn` is waited for after each chunk. */
  constructor(settingsOf: (path: string) => LogSettings, turn: () => Promise<void> | undefined = none) {
    this.#settingsOf = settingsOf;
    this.#turn = turn;
  }

  async read(job: SectionJob): Promise<Section> {
    if (this.#reading?.number !== job.log) {
      this.#putAside();
      this.#reading = await this.#open(job);
    }
    const reading = this.#reading;
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
    reading.scan = scan;
    count.scan = scan;
    const done = { at: from, hashed: 0, crc: 0, isDamaged: false };
    try {
      await this.#scan(job, scan, count, done);
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

  /** Adds what was counted in groups, in all parts of the log that it read since it was last asked. */
  take(log: number, into: Tally): void {
    const reading = this.#reading;
    if (reading?.number === log) {
      this.#reading = undefined;
      reading.scan?.drain(into, into);
      reading.scan?.close();
    }
    for (const aside of this.#takeAside(log)) addPacked(into, aside);
  }

  /** The same, for another thread. */
  takePacked(log: number): PackedTally[] {
    if (this.#reading?.number === log) this.#putAside();
    return this.#takeAside(log);
  }

  async #scan(job: SectionJob, scan: CallScan, count: RecordCount, done: Done): Promise<void> {
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
      const isFlooded = count.settled.rollups.weight >= mostWeight;
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
    this.#aside.set(reading.number, [...(this.#aside.get(reading.number) ?? []), packTally(tally)]);
  }

  #takeAside(log: number): PackedTally[] {
    const aside = this.#aside.get(log) ?? [];
    this.#aside.delete(log);
    return aside;
  }

  async #open({ log: number, handle }: SectionJob): Promise<Reading> {
    const settings = this.#settingsOf(handle.path);
    const plan = planReading(await logOf(handle).peek(HEAD_BYTES), settings.choice);
    return { number, plan, how: interpretationFor(plan.format, settings), scan: undefined };
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
}

function none(): undefined {
  return undefined;
}
