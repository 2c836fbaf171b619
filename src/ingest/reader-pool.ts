import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { LastcallError } from '../errors.ts';
import type { Options } from '../options.ts';
import type { Section, SectionJob } from './section.ts';
import type { SettingOptions } from './log-settings.ts';

/** Threads that read parts of logs. */
export interface ReaderPool {
  readonly size: number;
  readonly sectionBytes: number;
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
 * Starts no thread before there is something to read. Undefined: the main thread alone reads.
 * `canary`: that of the secret in use.
 */
export function openReaders(
  count: number,
  options: ThreadOptions,
  canary: string,
  sizes: Sizes = USUAL_SIZES,
): ReaderPool | undefined {
  if (count === 1) return undefined;
  return new Threads(count, { options: threadOptions(options), canary }, sizes);
}

/** From when on threads are used, and how much they read at a time. */
export interface Sizes {
  readonly leastBytes: number;
  readonly leastInAll: number;
  readonly sectionBytes: number;
  readonly mostRollups: number;
}

const MIB = 1024 * 1024;
/** Threads take about as long to start as one needs to read 64 MB. */
const USUAL_SIZES: Sizes = { leastBytes: 8 * MIB, leastInAll: 64 * MIB, sectionBytes: 32 * MIB, mostRollups: 25_000 };

/** Nothing else of the options concerns a thread. */
function threadOptions(options: ThreadOptions): ThreadOptions {
  const { sources, source, logFormat, logFormatString, records, fields, timezone, systems } = options;
  const { secret, secretFile } = options;
  return { sources, source, logFormat, logFormatString, records, fields, timezone, systems, secret, secretFile };
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
  readonly #threads: Worker[] = [];
  readonly #idle: Worker[] = [];
  readonly #waiting: Task[] = [];
  readonly #underWay = new Map<Worker, Task>();
  #failure: Error | undefined;
  #isClosed = false;

  constructor(size: number, workerData: unknown, sizes: Sizes) {
    this.size = size;
    this.#sizes = sizes;
    this.#workerData = workerData;
  }

  get sectionBytes(): number {
    return this.#sizes.sectionBytes;
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
      const thread = this.#idle.pop() ?? this.#start();
      if (thread === undefined) return;
      const task = this.#waiting.shift() as Task;
      this.#underWay.set(thread, task);
      thread.postMessage(task.job, []);
    }
  }

  #start(): Worker | undefined {
    if (this.#threads.length >= this.size) return undefined;
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
