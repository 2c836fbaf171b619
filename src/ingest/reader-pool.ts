import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Fingerprinter } from '../attribution/fingerprint.ts';
import { LastcallError } from '../errors.ts';
import type { Format } from '../formats/format.ts';
import { compiledScan } from '../kernel/scan-module.ts';
import type { Options } from '../options.ts';
import { type SettingOptions, settingsByPath } from './log-settings.ts';
import { type Section, type SectionJob, SectionReader } from './section.ts';

/** Threads that read parts of logs, this one among them. */
export interface ReaderPool {
  readonly size: number;
  /** Of each part, where so much is left of a log. */
  sectionBytes(left: number): number;
  /** Of a part; one that makes more is cut. */
  readonly mostRollups: number;
  /** Whether a log with so much to be read pays the way to another thread, when there is so much in all. */
  isWorthIt(bytes: number, bytesInAll: number): boolean;
  /** Parts are begun in the order in which they are asked for. Rejects when a thread ends early. */
  read(job: SectionJob): Promise<Section>;
  close(): Promise<void>;
}

/** What a thread must know to read as the main one does. The secret is read from its file again, where it has one. */
export type ThreadOptions = SettingOptions & Pick<Options, 'secret' | 'secretFile'>;

/**
 * Starts no thread before there is something to read. Undefined: there is nothing to share.
 * `canary`: that of the secret with which others must read.
 */
export function openReaders(
  count: number,
  options: ThreadOptions,
  {
    fingerprinter,
    canary = fingerprinter.canary(),
    own = [],
  }: {
    readonly fingerprinter: Fingerprinter;
    readonly canary?: string;
    /** Formats of the user's, loaded. */
    readonly own?: readonly Format[];
  },
  sizes: Sizes = USUAL_SIZES,
): ReaderPool | undefined {
  // A format that a program handed over cannot go to a thread: functions are not sent.
  if (count === 1 || options.formats.some((one) => typeof one !== 'string')) return undefined;
  const reader = new SectionReader(settingsByPath(options, fingerprinter, own));
  return new Threads(count, { options: threadOptions(options), canary }, reader, sizes);
}

/** From when on threads are used, and how much they read at a time. */
export interface Sizes {
  readonly leastBytes: number;
  readonly leastInAll: number;
  /** At most. Each part costs what its rollups cost, and most callers are in all parts. */
  readonly sectionBytes: number;
  readonly mostRollups: number;
}

const MIB = 1024 * 1024;
/** A thread takes about as long to start as another needs to read 64 MB. */
const USUAL_SIZES: Sizes = { leastBytes: 8 * MIB, leastInAll: 64 * MIB, sectionBytes: 128 * MIB, mostRollups: 40_000 };

/** Nothing else of the options concerns a thread. */
function threadOptions(options: ThreadOptions): ThreadOptions {
  const { formats, sources, source, logFormat, logFormatString, records, fields, timezone, systems } = options;
  const { secret, secretFile } = options;
  return {
    formats,
    sources,
    source,
    logFormat,
    logFormatString,
    records,
    fields,
    timezone,
    systems,
    secret,
    secretFile,
  };
}

/** In MB. What is new in a thread is soon gone; without a limit V8 lets it pile up. 20 MB less a thread, no slower. */
const HEAP_LIMITS = { maxYoungGenerationSizeMb: 4 };

interface Task {
  readonly job: SectionJob;
  readonly resolve: (section: Section) => void;
  readonly reject: (error: Error) => void;
}

class Threads implements ReaderPool {
  readonly size: number;
  readonly #workerData: unknown;
  readonly #sizes: Sizes;
  /** Reads in this thread. */
  readonly #own: SectionReader;
  #isReading = false;
  readonly #threads: Worker[] = [];
  readonly #idle: Worker[] = [];
  readonly #waiting: Task[] = [];
  readonly #underWay = new Map<Worker, Task>();
  #failure: Error | undefined;
  #isClosed = false;

  constructor(size: number, workerData: object, own: SectionReader, sizes: Sizes) {
    this.size = size;
    this.#sizes = sizes;
    this.#workerData = { ...workerData, kernel: compiledScan() };
    this.#own = own;
  }

  /** Two for each thread, so that none has to wait long for another. */
  sectionBytes(left: number): number {
    const { sectionBytes } = this.#sizes;
    return Math.ceil(Math.min(sectionBytes, Math.max(sectionBytes / 8, left / (2 * this.size))));
  }

  get mostRollups(): number {
    return this.#sizes.mostRollups;
  }

  isWorthIt(bytes: number, bytesInAll: number): boolean {
    return bytes >= this.#sizes.leastBytes && bytesInAll >= this.#sizes.leastInAll;
  }

  read(job: SectionJob): Promise<Section> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, resolve, reject });
      this.#assign();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }

  #assign(): void {
    if (this.#failure !== undefined) this.#fail(this.#failure);
    while (this.#waiting.length > 0) {
      const thread = this.#isReading ? (this.#idle.pop() ?? this.#start()) : undefined;
      if (this.#isReading && thread === undefined) return;
      const task = this.#waiting.shift() as Task;
      if (thread === undefined) this.#readHere(task);
      else {
        this.#underWay.set(thread, task);
        thread.postMessage(task.job, []);
      }
    }
  }

  #readHere({ job, resolve, reject }: Task): void {
    this.#isReading = true;
    this.#own
      .read(job)
      .finally(() => (this.#isReading = false))
      .then(resolve, reject)
      .finally(() => this.#assign());
  }

  #start(): Worker | undefined {
    if (this.#threads.length >= this.size - 1) return undefined;
    const thread = new Worker(threadFile(), { workerData: this.#workerData, resourceLimits: HEAP_LIMITS });
    this.#threads.push(thread);
    thread.on('message', (section: Section) => {
      this.#underWay.get(thread)?.resolve(section);
      this.#underWay.delete(thread);
      this.#idle.push(thread);
      this.#assign();
    });
    thread.on('error', (error) => this.#fail(error));
    thread.on('exit', (code) => {
      if (!this.#isClosed) this.#fail(new Error(`a thread ended with code ${code}`));
    });
    return thread;
  }

  /** What one of them did not read is lost to this run: it must not go on as if nothing happened. */
  #fail(error: unknown): void {
    this.#failure ??= failureOf(error);
    for (const { reject } of [...this.#underWay.values(), ...this.#waiting.splice(0)]) reject(this.#failure);
    this.#underWay.clear();
  }
}

function failureOf(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('a reading thread failed', { cause: error });
  if ((error as { code?: unknown }).code !== 'ERR_WORKER_OUT_OF_MEMORY') return error;
  return new LastcallError('storage', 'A reading thread ran out of memory; nothing since the last commit was kept', {
    hint: 'Run again with --workers 1.',
    cause: error,
  });
}

/** This program runs as it was written or as it was compiled. */
function threadFile(): URL {
  return new URL(`./reader-thread${path.extname(fileURLToPath(import.meta.url))}`, import.meta.url);
}
