import { DamagedInput } from '../sources/decompress.ts';
import { type LogHandle, nextLine } from '../sources/log-file.ts';
import type { ReaderPool } from './reader-pool.ts';
import { damageError, type Section, type SectionJob } from './section.ts';
import type { StreamIngest } from './stream-ingest.ts';

/** What is read of a plain log by threads. */
export interface SharedLog {
  readonly handle: LogHandle;
  /** Its first bytes. */
  readonly head: Buffer;
  readonly stream: StreamIngest;
}

/**
 * Has threads read what is new in a log, in parts that begin at lines, and adds what they found in the order of the log.
 * Returns what kept it from being read whole. `isOver` is asked after each part.
 */
export async function readSections(log: SharedLog, readers: ReaderPool, isOver: () => boolean): Promise<unknown> {
  const jobs = jobsOf(log, readers);
  const underWay: Part[] = [];
  const start = (job: SectionJob): Part => ({ job, section: handled(readers.read(job)) });
  const ask = (): void => {
    const { value } = jobs.next();
    if (value !== undefined) underWay.push(start(value));
  };
  for (let i = 0; i <= readers.size; i++) ask();
  try {
    for (let next = underWay.shift(); next !== undefined; next = underWay.shift()) {
      const section = await next.section;
      log.stream.add(section, log.head);
      if (section.damage !== undefined) return damageError(section.damage);
      if (section.isCut) underWay.unshift(start(restOf(next.job, log.stream)));
      else ask();
      if (isOver()) return new DamagedInput('truncated', 'the run was interrupted', section.from + section.bytes);
    }
    return undefined;
  } finally {
    // They read from a file that is about to be closed.
    await Promise.allSettled(underWay.map(({ section }) => section));
  }
}

interface Part {
  readonly job: SectionJob;
  readonly section: Promise<Section>;
}

function restOf(job: SectionJob, { position, hashedTo }: StreamIngest): SectionJob {
  return { ...job, from: position, hashFrom: Math.max(position, hashedTo) };
}

let logs = 0;

function* jobsOf({ handle, stream }: SharedLog, readers: ReaderPool): Generator<SectionJob, undefined> {
  const { mostRollups } = readers;
  const { size } = handle.stat;
  const sectionBytes = readers.sectionBytes(size - stream.position);
  const log = ++logs;
  const hashFrom = stream.hashedTo;
  for (let from = stream.position; from < size;) {
    const isLast = size - from < 1.5 * sectionBytes;
    const to = isLast ? size : nextLine(handle, from + sectionBytes - 1);
    yield { log, handle, from, to, hashFrom: Math.max(from, hashFrom), mostRollups };
    from = to;
  }
}

/** A failure is met when its turn comes. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
