import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Fingerprinter } from '../attribution/fingerprint.ts';
import { LastcallError } from '../errors.ts';
import type { Format } from '../formats/format.ts';
import { compiledScan } from '../kernel/scan-module.ts';
import type { Options } from '../options.ts';
import { type SettingOptions, settingsByPath } from './log-settings.ts';
import type { Callers, Tally } from '../tally/rollup.ts';
import { NamedCallers } from './packed-calls.ts';
import { type Held, type LogToRead, type Section, type SectionJob, SectionReader } from './section.ts';
import { received, type WholeJob, type WholeLog, WholeLogReader } from './whole-log.ts';

/** Threads that read parts of logs, this one among them. */
export interface ReaderPool {
  readonly size: number;
  /** Of each part, where so much is left of a log. */
  sectionBytes(left: number): number;
  /** Of a part, in rollups. */
  readonly mostWeight: number;
  /** So much is read before it is added, or until as many rollups came back as a part may make; then it can be committed. */
  readonly stretchBytes: number;
  /** Whether a log with so much to be read pays the way to another thread, when there is so much in all. */
  isWorthIt(bytes: number, bytesInAll: number): boolean;
  /** Soon there will be parts to be read: a thread starts meanwhile. */
  expect(): void;
  /** Parts of this log come next: who has nothing to do finds out how it is to be read. */
  prepare(log: LogToRead): void;
  /** Parts are begun in the order in which they are asked for, those of earlier logs first. Rejects when a thread ends early. */
  read(job: SectionJob): Promise<Section>;
  /** Adds what all hold of a log, none of whose parts is being read. */
  take(log: number, into: Tally): Promise<void>;
  /** Reads a short log whole; undefined where it is to be read in the usual way. `bytesInAll`: so much is left to be read. */
  readWhole(job: WholeJob, bytesInAll: number): Promise<ReadWhole | undefined>;
  close(): Promise<void>;
}

export interface ReadWhole {
  readonly log: WholeLog;
  /** Those that its calls name. */
  readonly callers: readonly Callers[];
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
  const settingsOf = settingsByPath(options, fingerprinter, own);
  const reader = {
    sections: new SectionReader(settingsOf, () => nextTurn()),
    wholes: new WholeLogReader(settingsOf),
  };
  return new Threads(count, { options: threadOptions(options), canary }, reader, sizes);
}

/** From when on threads are used, and how much they read at a time. */
export interface Sizes {
  readonly leastBytes: number;
  readonly leastInAll: number;
  /** The same of short logs, as they are decompressed. */
  readonly leastInShort: number;
  /** So small that all end at nearly the same time. */
  readonly sectionBytes: number;
  readonly mostWeight: number;
  readonly stretchBytes: number;
}

const MIB = 1024 * 1024;
/**
 * A thread takes about as long to start as another needs to read 64 MB. Of a log that is read in parts, it meets all callers
 * anew: that takes as long as reading 200 MB more.
 */
const USUAL_SIZES: Sizes = {
  leastBytes: 8 * MIB,
  leastInAll: 256 * MIB,
  leastInShort: 64 * MIB,
  sectionBytes: 8 * MIB,
  mostWeight: 250_000,
  stretchBytes: 2048 * MIB,
};

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

/** What a thread is asked: to get ready for a log, to read a part or a whole log, or for what it holds of a log. */
export type Question =
  | { readonly prepare: LogToRead }
  | { readonly read: SectionJob }
  | { readonly take: number }
  | { readonly whole: WholeJob };
export type Answer = Section | Held[] | WholeLog | undefined;

interface Task<Asked extends Question = Question> {
  readonly question: Asked;
  readonly resolve: (answer: Section | Held[] | ReadWhole | undefined) => void;
  readonly reject: (error: Error) => void;
}
type Part = Task<{ readonly read: SectionJob }>;
type Whole = Task<{ readonly whole: WholeJob }>;

/** A part waits at each thread while it reads another. */
const PARTS_AHEAD = 2;
/** By which logs are mostly packed. */
const USUAL_RATIO = 8;
/** So many short logs wait before a thread is started for them. */
const WHOLES_WAITING = 4;

/** Who reads in this thread. */
interface OwnReader {
  readonly sections: SectionReader;
  readonly wholes: WholeLogReader;
}

class Threads implements ReaderPool {
  readonly size: number;
  readonly #workerData: unknown;
  readonly #sizes: Sizes;
  /** Reads in this thread. */
  readonly #own: OwnReader;
  readonly #ownCallers = new NamedCallers();
  #isReading = false;
  /** With what each was asked, in that order. */
  readonly #threads = new Map<Worker, Task[]>();
  readonly #waiting: Part[] = [];
  /** Logs that are to be read whole. */
  readonly #wholes: Whole[] = [];
  #failure: Error | undefined;
  #isClosed = false;

  constructor(size: number, workerData: object, own: OwnReader, sizes: Sizes) {
    this.size = size;
    this.#sizes = sizes;
    this.#workerData = { ...workerData, kernel: compiledScan() };
    this.#own = own;
  }

  sectionBytes(left: number): number {
    return Math.ceil(Math.min(this.#sizes.sectionBytes, left / (2 * this.size)));
  }

  get mostWeight(): number {
    return this.#sizes.mostWeight;
  }

  get stretchBytes(): number {
    return this.#sizes.stretchBytes;
  }

  isWorthIt(bytes: number, bytesInAll: number): boolean {
    return bytes >= this.#sizes.leastBytes && bytesInAll >= this.#sizes.leastInAll;
  }

  expect(): void {
    this.#start();
  }

  prepare(log: LogToRead): void {
    for (const [thread, tasks] of this.#threads)
      if (tasks.length === 0) this.#ask(thread, { question: { prepare: log }, resolve: ignore, reject: ignore });
  }

  read(job: SectionJob): Promise<Section> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ question: { read: job }, resolve: resolve as Task['resolve'], reject });
      this.#assign();
    });
  }

  async take(log: number, into: Tally): Promise<void> {
    const asked = [...this.#threads.keys()].map((thread) => this.#takeFrom(thread, log));
    // While the others are at it.
    this.#own.sections.take(log, into);
    this.#own.sections.addHeld(log, into, (await Promise.all(asked)).flat());
  }

  readWhole(job: WholeJob, bytesInAll: number): Promise<ReadWhole | undefined> {
    const bytes = job.handle.compression === 'none' ? bytesInAll : bytesInAll * USUAL_RATIO;
    return new Promise((resolve, reject) => {
      this.#wholes.push({ question: { whole: job }, resolve: resolve as Task['resolve'], reject });
      if (this.#wholes.length >= WHOLES_WAITING && bytes >= this.#sizes.leastInShort) this.#start();
      this.#assign();
    });
  }

  #takeFrom(thread: Worker, log: number): Promise<Held[]> {
    return new Promise((resolve, reject) => {
      this.#ask(thread, { question: { take: log }, resolve: resolve as Task['resolve'], reject });
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#threads.keys()].map((thread) => thread.terminate()));
  }

  #assign(): void {
    if (this.#failure !== undefined) this.#fail(this.#failure);
    while (this.#waiting.length > 0) {
      const thread = this.#isReading ? (this.#start() ?? this.#leastBusy()) : undefined;
      if (this.#isReading && thread === undefined) return;
      const task = this.#next();
      if (thread === undefined) this.#readHere(task);
      else this.#ask(thread, task);
    }
    // This thread has to count what the others read.
    while (this.#wholes.length > 0) {
      const thread = this.#leastBusy();
      if (thread === undefined && this.#isReading) return;
      const task = this.#wholes.shift() as Whole;
      if (thread === undefined) this.#readHere(task);
      else this.#ask(thread, task);
    }
  }

  #ask(thread: Worker, task: Task): void {
    if (this.#failure !== undefined) return task.reject(this.#failure);
    this.#threads.get(thread)?.push(task);
    thread.postMessage(this.#withCallers(task.question), []);
  }

  #withCallers(question: Question): Question {
    return 'read' in question
      ? { read: { ...question.read, callers: this.#own.sections.share(question.read.log) } }
      : question;
  }

  /** Who goes on with a log need not hand over what it holds of it. */
  #next(): Part {
    const log = Math.min(...this.#waiting.map(({ question }) => question.read.log));
    const place = this.#waiting.findIndex(({ question }) => question.read.log === log);
    return this.#waiting.splice(place, 1)[0] as Part;
  }

  #readHere({ question, resolve, reject }: Part | Whole): void {
    this.#isReading = true;
    const answer = 'read' in question ? this.#own.sections.read(question.read) : this.#wholeHere(question.whole);
    answer
      .finally(() => (this.#isReading = false))
      .then(resolve, reject)
      .finally(() => this.#assign());
  }

  async #wholeHere(job: WholeJob): Promise<ReadWhole | undefined> {
    await nextTurn();
    return withCallers(this.#own.wholes.read(job), this.#ownCallers);
  }

  #leastBusy(): Worker | undefined {
    const [first] = [...this.#threads].toSorted(([, a], [, b]) => a.length - b.length);
    return first !== undefined && first[1].length < PARTS_AHEAD ? first[0] : undefined;
  }

  #start(): Worker | undefined {
    if (this.#threads.size >= this.size - 1) return undefined;
    const thread = new Worker(threadFile(), { workerData: this.#workerData, resourceLimits: HEAP_LIMITS });
    const tasks: Task[] = [];
    const callers = new NamedCallers();
    this.#threads.set(thread, tasks);
    thread.on('message', (answer: Answer) => {
      const task = tasks.shift();
      if (task !== undefined && 'whole' in task.question)
        task.resolve(withCallers(answer && received(answer as WholeLog), callers));
      else task?.resolve(answer as Section | Held[]);
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
    const tasks = [...this.#threads.values()].flatMap((asked) => asked.splice(0));
    for (const { reject } of [...tasks, ...this.#waiting.splice(0), ...this.#wholes.splice(0)]) reject(this.#failure);
  }
}

function withCallers(log: WholeLog | undefined, callers: NamedCallers): ReadWhole | undefined {
  return log === undefined ? undefined : { log, callers: callers.add(log.calls) };
}

function ignore(): void {
  // Whoever waits for what comes next hears of a failure.
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
