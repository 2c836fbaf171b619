import { newTally } from '../rollup.ts';
import { DamagedInput } from '../sources/decompress.ts';
import { type LogHandle, nextLine } from '../sources/log-file.ts';
import { rollupsIn } from './packed-tally.ts';
import type { ReaderPool } from './reader-pool.ts';
import type { Section, SectionJob } from './section.ts';
import type { StreamIngest } from './stream-ingest.ts';

/** What is read of a plain log by threads. */
export interface SharedLog {
  readonly handle: LogHandle;
  /** Its first bytes. */
  readonly head: Buffer;
  readonly stream: StreamIngest;
  /** Reads on in one thread from where the stream stands. Returns what kept the log from being read whole. */
  readonly readAlone: () => Promise<unknown>;
}

/** So much is read before it is added, or as many rollups as make a part full come back so often; then it can be committed. */
const STRETCH_BYTES = 2 * 1024 * 1024 * 1024;
const FULL_PARTS = 2;

let logs = 0;

/**
 * Has threads read what is new in a log, in parts that begin at lines: who is free takes the next one. What they count in
 * groups does not tell the parts apart, so parts are added a stretch at a time, when all of it was read. Returns what kept
 * the log from being read whole. `isOver` is asked after each part.
 */
export async function readSections(log: SharedLog, readers: ReaderPool, isOver: () => boolean): Promise<unknown> {
  const number = ++logs;
  const jobs = jobsOf(number, log, readers);
  for (;;) {
    const stretch = new Stretch(log, readers, isOver);
    const isLast = await stretch.read(jobs);
    const groups = newTally();
    await readers.take(number, groups);
    // Parts behind the damage were read, too: what is to be kept is seen where one thread meets it.
    if (stretch.isDamaged) return log.readAlone();
    log.stream.add(stretch.sections(), groups, log.head);
    if (stretch.isStopped || (isOver() && !isLast)) return interrupted(log.stream.position);
    if (isLast) return undefined;
  }
}

function interrupted(at: number): DamagedInput {
  return new DamagedInput('truncated', 'the run was interrupted', at);
}

class Stretch {
  isStopped = false;
  readonly #log: SharedLog;
  readonly #readers: ReaderPool;
  readonly #isOver: () => boolean;
  readonly #sections: Section[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #bytes = 0;
  #rollups = 0;

  constructor(log: SharedLog, readers: ReaderPool, isOver: () => boolean) {
    this.#log = log;
    this.#readers = readers;
    this.#isOver = isOver;
  }

  /** Returns whether there are no more jobs. */
  async read(jobs: Iterator<SectionJob>): Promise<boolean> {
    let isLast = false;
    try {
      for (;;) {
        while (!this.#isEnough && !isLast && this.#underWay.size < 3 * this.#readers.size) {
          const { value, done } = jobs.next();
          if (done === true) isLast = true;
          else this.#begin(value);
        }
        if (this.#underWay.size === 0) return isLast;
        await Promise.race(this.#underWay);
      }
    } finally {
      // They read from a file that is about to be closed.
      await Promise.allSettled(this.#underWay);
    }
  }

  get isDamaged(): boolean {
    return this.#sections.some(({ isDamaged }) => isDamaged);
  }

  /** In the order of the log. */
  sections(): readonly Section[] {
    return this.#sections.toSorted((a, b) => a.from - b.from);
  }

  get #isEnough(): boolean {
    const isMuch = this.#bytes >= STRETCH_BYTES || this.#rollups >= FULL_PARTS * this.#readers.mostRollups;
    return isMuch || this.isStopped || this.isDamaged;
  }

  #begin(job: SectionJob): void {
    const part: Promise<void> = this.#read(job).finally(() => this.#underWay.delete(part));
    this.#underWay.add(part);
  }

  async #read(job: SectionJob): Promise<void> {
    const section = await this.#readers.read(job);
    this.#sections.push(section);
    this.#bytes += section.bytes;
    this.#rollups += rollupsIn(section.settled);
    this.#log.stream.bytesElsewhere = this.#bytes;
    // Also where it is enough: parts behind this one were read.
    if (section.isCut) this.#begin(restOf(job, section));
    this.isStopped ||= this.#isOver();
  }
}

/** What lies behind the last safe point was read, and is in the hash, but counts in the next part only. */
function restOf(job: SectionJob, { position, hashed }: Section): SectionJob {
  return { ...job, from: position, hashFrom: Math.max(job.from, job.hashFrom) + hashed };
}

function* jobsOf(log: number, { handle, stream }: SharedLog, readers: ReaderPool): Generator<SectionJob, undefined> {
  const { mostRollups } = readers;
  const { size } = handle.stat;
  const sectionBytes = readers.sectionBytes(size - stream.position);
  const hashFrom = stream.hashedTo;
  for (let from = stream.position; from < size;) {
    const isLast = size - from < 1.5 * sectionBytes;
    const to = isLast ? size : nextLine(handle, from + sectionBytes - 1);
    yield { log, handle, from, to, hashFrom, mostRollups };
    from = to;
  }
}
