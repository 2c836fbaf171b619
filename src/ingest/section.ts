import zlib from 'node:zlib';
import { DamagedInput } from '../sources/decompress.ts';
import { HEAD_BYTES } from '../sources/identity.ts';
import { type LogFile, type LogHandle, logOf } from '../sources/log-file.ts';
import { scanCalls } from './call-scan.ts';
import type { LogSettings } from './ingest.ts';
import type { Interpretation } from './interpret.ts';
import { keyFinder } from './key-search.ts';
import { isFileError } from './log-faults.ts';
import { planReading, type ReadingPlan } from './reading-plan.ts';
import { type CountedSection, RecordCount } from './record-count.ts';
import { packTally, type PackedTally } from './packed-tally.ts';

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
  /** A part that makes so many is left before its end, so that a flood of keys takes no more memory than other logs. */
  readonly mostRollups: number;
}

/** What a part of a log amounts to. It holds fingerprints and no raw key, so that it may go from thread to thread. */
export interface Section extends CountedSection {
  readonly settled: PackedTally;
  /** Of a last line without line end. */
  readonly open: PackedTally;
  readonly unplaced: { readonly settled: number; readonly open: number };
  readonly bytes: number;
  /** Bytes read from `hashFrom` on, and their CRC-32. */
  readonly hashed: number;
  readonly crc: number;
  /** It makes too many rollups: what lies behind its last safe point is a part of its own. */
  readonly isCut: boolean;
  /** What kept it from being read to its end. */
  readonly damage: Damage | undefined;
}

/** What of an error crosses from thread to thread. */
export type Damage =
  | { readonly kind: DamagedInput['kind']; readonly message: string; readonly offset: number }
  | { readonly kind: 'file'; readonly message: string; readonly code: string | undefined };

/** Reads parts of logs, and keeps how one is read for its next part. */
export class SectionReader {
  readonly #settingsOf: (path: string) => LogSettings;
  #reading: Reading | undefined;

  constructor(settingsOf: (path: string) => LogSettings) {
    this.#settingsOf = settingsOf;
  }

  async read(job: SectionJob): Promise<Section> {
    if (this.#reading?.number !== job.log) this.#reading = await this.#open(job);
    const { log, plan, how } = this.#reading;
    const { handle, from, to, hashFrom, mostRollups } = job;
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
    const scan = scanCalls(plan, how, from, count, false);
    count.scan = scan;
    let damage: Damage | undefined;
    let hashed = 0;
    let crc = 0;
    let at = from;
    let isCut = false;
    try {
      for await (const bytes of log.bytes(from, to)) {
        const fresh = bytes.subarray(Math.max(0, Math.min(bytes.length, hashFrom - at)));
        crc = zlib.crc32(fresh, crc);
        hashed += fresh.length;
        at += bytes.length;
        scan.push(bytes);
        isCut = at < to && count.rollupsInFlight >= mostRollups;
        if (isCut) break;
      }
      if (to === handle.stat.size && !isCut) scan.end();
    } catch (error) {
      damage = damageOf(error);
    }
    count.drain();
    scan.close();
    const { totals, unplaced, position, lastAt, resumeAt, firstDefect, possible } = count;
    const tallies = { settled: packTally(count.settled), open: packTally(count.open) };
    const what = { from, position, totals, firstDefect, lastAt, resumeAt, possible };
    return { ...what, ...tallies, unplaced, bytes: (isCut ? position : at) - from, hashed, crc, isCut, damage };
  }

  async #open({ log: number, handle }: SectionJob): Promise<Reading> {
    const log = logOf(handle);
    const { source, choice, interpretation } = this.#settingsOf(handle.path);
    const plan = planReading(await log.peek(HEAD_BYTES), choice);
    return { number, log, plan, how: { ...interpretation, source: source ?? plan.format.name } };
  }
}

interface Reading {
  readonly number: number;
  readonly log: LogFile;
  readonly plan: ReadingPlan;
  readonly how: Interpretation;
}

function none(): undefined {
  return undefined;
}

function damageOf(error: unknown): Damage {
  if (error instanceof DamagedInput) {
    const { kind, message, offset } = error;
    return { kind, message, offset };
  }
  if (isFileError(error)) return { kind: 'file', message: error.message, code: error.code };
  throw error;
}

/** The error that another thread met. */
export function damageError(damage: Damage): Error {
  if (damage.kind !== 'file') return new DamagedInput(damage.kind, damage.message, damage.offset);
  return Object.assign(new Error(damage.message), { code: damage.code, syscall: 'read' });
}
