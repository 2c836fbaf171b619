import { newTally } from '../tally/rollup.ts';
import { DamagedInput } from '../sources/decompress.ts';
import { type LogHandle, nextLine } from '../sources/log-file.ts';
import { weightOf } from './packed-tally.ts';
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

let logs = 0;

/**
 * Has threads read what is new in a log, in parts that begin at lines: who is free takes the next one. What they count in
 * groups does not tell the parts apart, so parts are added a stretch at a time, when all of it was read. Returns what kept
 * the log from being read whole. `isOver` is asked after each part.
 */
export async function readSections(log: SharedLog, readers: ReaderPool, isOver: () => boolean): Promise<unknown> {
  const number = ++logs;
  readers.prepare({ log: number, handle: log.handle });
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
  #weight = 0;

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
        while (!this.#isEnough && !isLast && this.#underWay.size < this.#most) {
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

  /** The first part is read alone: who reads the others need not attribute its callers again. */
  get #most(): number {
    return this.#sections.length === 0 ? 1 : 3 * this.#readers.size;
  }

  get #isEnough(): boolean {
    const isMuch = this.#bytes >= this.#readers.stretchBytes || this.#weight >= this.#readers.mostWeight;
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
    this.#weight += weightOf(section.settled);
    this.#log.stream.bytesElsewhere = this.#bytes;
    this.isStopped ||= this.#isOver();
  }
}

function* jobsOf(log: number, { handle, stream }: SharedLog, readers: ReaderPool): Generator<SectionJob, undefined> {
  const { mostWeight } = readers;
  const { size } = handle.stat;
  const sectionBytes = readers.sectionBytes(size - stream.position);
  const hashFrom = stream.hashedTo;
  const isOver = new Int32Array(new SharedArrayBuffer(4));
  for (let from = stream.position; from < size;) {
    const isLast = size - from < 1.5 * sectionBytes;
    const to = isLast ? size : nextLine(handle, from + sectionBytes - 1);
    yield { log, handle, from, to, hashFrom, mostWeight, isOver };
    from = to;
  }
}
