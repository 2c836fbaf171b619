import { availableParallelism } from 'node:os';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { beginReading, watchCommits } from './engines/sqlite/snapshot.ts';
import type { Store } from './engines/sqlite/store.ts';
import { countKeys, stretchesOf } from './engines/sqlite/stretches.ts';
import { type Extent, JudgedKeys, KeysInParts, openFiles } from './key-reports.ts';
import type { Report } from './model.ts';
import { type Counts, type Extras, finishReport, judgeKeys, readEarlier, type Stock, type StockOptions, takeStock } from './report.ts'; // prettier-ignore
import type { Stretch } from './verdicts/evidence.ts';

/** One stretch of keys, judged. */
export interface JudgedPart {
  readonly index: number;
  readonly extents: readonly Extent[];
  readonly counts: Counts;
}

/** What a thread must know to judge as the main one does. */
export interface JudgingTask {
  readonly file: string;
  readonly options: StockOptions;
  readonly extras: Extras;
  readonly stretches: readonly Stretch[];
  readonly files: readonly number[];
  /** The number of the next stretch that nobody has taken yet. */
  readonly next: Int32Array<SharedArrayBuffer>;
}

/** `ready`: it has its snapshot, and waits to be told to go on. */
export type JudgingAnswer = 'ready' | JudgedPart | 'done';

/** From when on threads judge, and how many keys at a time: so often one looks whether the other has begun. */
export interface JudgingSizes {
  readonly leastKeys: number;
  readonly keysAtOnce: number;
}

const USUAL_SIZES: JudgingSizes = { leastKeys: 50_000, keysAtOnce: 5000 };

/** Whether so many keys are stored that a second thread takes less time than it takes to start. */
export function isWorthThreads({ db }: Store, { leastKeys }: JudgingSizes = USUAL_SIZES): boolean {
  return availableParallelism() > 1 && countKeys(db) >= leastKeys;
}

/**
 * Judges every key in two threads, stretch by stretch of ids. Both read the same commit, or one of them judges alone.
 * `begin` is told what verdicts are made from before any is made.
 */
export async function judgeInThreads(
  store: Store,
  options: StockOptions,
  version: string,
  extras: Extras,
  begin: (stock: Stock) => void,
  { keysAtOnce }: JudgingSizes = USUAL_SIZES,
): Promise<Report> {
  const watch = watchCommits(store.file);
  const reading = beginReading(store);
  try {
    const stock = takeStock(store, options);
    begin(stock);
    const stretches = stretchesOf(store.db, keysAtOnce);
    const next = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const task: JudgingTask = { file: store.file, options: judgingOptions(options), extras, stretches, next, files: openFiles() }; // prettier-ignore
    const other = new OtherThread(task, watch.isUnchanged);
    const files = openFiles();
    const keys = new JudgedKeys(undefined, files);
    const earlier = readEarlier(store, stock, extras);
    const parts: JudgedPart[] = [];
    for (let index; (index = takeNext(task)) !== undefined;) {
      const counts = judgeKeys(stock, earlier, extras, keys, stretches[index]);
      parts.push({ index, extents: keys.cut(), counts });
      await nextTurn();
    }
    const all = [...parts, ...(await other.end())].toSorted((a, b) => a.index - b.index);
    const judged = new KeysInParts(lengthOf(all), all.map(({ extents }) => extents), [...files, ...task.files]); // prettier-ignore
    return finishReport(store, stock, options, version, extras, {
      keys: judged,
      counts: all.map(({ counts }) => counts),
    });
  } finally {
    reading.end();
    watch.close();
  }
}

/** The number of a stretch that is to be judged; undefined: all are taken. */
export function takeNext({ next, stretches }: JudgingTask): number | undefined {
  const index = Atomics.add(next, 0, 1);
  return index < stretches.length ? index : undefined;
}

function lengthOf(parts: readonly JudgedPart[]): number {
  return parts.flatMap(({ counts }) => Object.values(counts.sums.verdicts)).reduce((sum, count) => sum + count, 0);
}

/** Nothing else of the options concerns a thread. */
function judgingOptions(options: StockOptions): StockOptions {
  const { asOf, now, policy, stricter, sources, exemptions, successors, includeSessions } = options;
  return { asOf, now, policy, stricter, sources, exemptions, successors, includeSessions };
}

/** In MB. What is new is soon gone; without a limit V8 lets it pile up. */
const HEAP_LIMITS = { maxYoungGenerationSizeMb: 16 };

class OtherThread {
  readonly #worker: Worker;
  readonly #parts: JudgedPart[] = [];
  readonly #isOver: Promise<void>;
  #hasBegun = false;

  constructor(task: JudgingTask, isSameCommit: () => boolean) {
    this.#worker = new Worker(threadFile(), {
      workerData: task,
      trackUnmanagedFds: false,
      resourceLimits: HEAP_LIMITS,
    });
    this.#isOver = new Promise((resolve, reject) => {
      this.#worker.on('error', reject);
      this.#worker.on('exit', (code) => {
        if (code === 0) resolve();
        else reject(new Error(`a thread that judged keys ended with ${code}`));
      });
      this.#worker.on('message', (answer: JudgingAnswer) => {
        if (answer === 'done') resolve();
        else if (answer !== 'ready') this.#parts.push(answer);
        else if (isSameCommit()) this.#begin();
        else resolve();
      });
    });
    // Told when the parts are asked for.
    this.#isOver.catch(() => {});
  }

  /** What it has judged. One that has not begun by now is not waited for. */
  async end(): Promise<readonly JudgedPart[]> {
    try {
      if (this.#hasBegun) await this.#isOver;
      return this.#parts;
    } finally {
      await this.#worker.terminate();
    }
  }

  #begin(): void {
    this.#hasBegun = true;
    this.#worker.postMessage('go');
  }
}

/** Beside this file: `.ts` from the repository, `.js` as it is installed. */
function threadFile(): URL {
  return new URL(`./judging-thread${path.extname(fileURLToPath(import.meta.url))}`, import.meta.url);
}
