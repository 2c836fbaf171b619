import { availableParallelism } from 'node:os';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { beginReading, watchCommits } from '../engines/sqlite/snapshot.ts';
import type { Store } from '../engines/sqlite/store.ts';
import { countKeys, stretchesOf } from '../engines/sqlite/stretches.ts';
import { type Extent, type Form, KeysInParts, KeyWriter, openFiles, WHOLE } from './key-reports.ts';
import type { Report } from '../model.ts';
import { loadReporter } from '../reporters/index.ts';
import { type Counts, type Extras, finishReport, judgeKeys, readEarlier, type Stock, type StockOptions, takeStock } from './report.ts'; // prettier-ignore
import type { Stretch } from '../verdicts/evidence.ts';

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
  /** What is made of each key: see formsOf. */
  readonly forms: readonly string[];
  readonly files: readonly (readonly number[])[];
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

/** Reports as they are and, by name, rows of reporters. */
export function formsOf(names: readonly string[]): Promise<readonly Form[]> {
  return Promise.all(
    names.map(async (name) => {
      const text = name === WHOLE.name ? WHOLE.text : (await loadReporter(name)).row;
      if (text === undefined) throw new Error(`${name} makes no rows`);
      return { name, text };
    }),
  );
}

export interface ManyKeys {
  readonly options: StockOptions;
  readonly version: string;
  readonly extras: Extras;
  /** Reporters of ours whose rows are to be made of each key. */
  readonly rows: readonly string[];
  /** Whether the reports on keys are to be read again. */
  readonly isKept: boolean;
  /** Is told what verdicts are made from, before any is made. */
  readonly begin: (stock: Stock) => void;
}

/** Judges every key in two threads, stretch by stretch of ids. Both read the same commit, or one of them judges alone. */
export async function judgeInThreads(
  store: Store,
  { options, version, extras, rows, isKept, begin }: ManyKeys,
  { keysAtOnce }: JudgingSizes = USUAL_SIZES,
): Promise<Report> {
  const forms = isKept ? [WHOLE.name, ...rows] : rows;
  const watch = watchCommits(store.file);
  const reading = beginReading(store);
  let other: OtherThread | undefined;
  try {
    const stock = takeStock(store, options);
    begin(stock);
    const next = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const stretches = stretchesOf(store.db, keysAtOnce);
    const [files, theirs] = [openFiles(forms.length), openFiles(forms.length)];
    const task = { file: store.file, options: judgingOptions(options), extras, stretches, next, forms };
    other = new OtherThread({ ...task, files: theirs }, watch.isUnchanged);
    await other.isReady;
    const own = await judgeHere(store, stock, { ...task, files });
    const parts = [...own, ...(await other.end())].toSorted((a, b) => a.index - b.index);
    const extents = parts.map((part) => part.extents);
    const keys = new KeysInParts(lengthOf(parts), extents, forms, [files, theirs].flat(2));
    return finishReport(store, stock, options, version, extras, { keys, counts: parts.map(({ counts }) => counts) });
  } finally {
    await other?.stop();
    reading.end();
    watch.close();
  }
}

async function judgeHere(store: Store, stock: Stock, task: JudgingTask): Promise<readonly JudgedPart[]> {
  const parts: JudgedPart[] = [];
  const forms = await formsOf(task.forms);
  for (const part of judgeStretches(store, stock, task, forms)) {
    parts.push(part);
    // The other thread may have something to say.
    await nextTurn();
  }
  return parts;
}

/** Judges one stretch after the other that nobody has taken yet. */
export function* judgeStretches(
  store: Store,
  stock: Stock,
  { extras, files, next, stretches }: JudgingTask,
  forms: readonly Form[],
): Iterable<JudgedPart> {
  const earlier = readEarlier(store, stock, extras);
  const keys = new KeyWriter(forms, files);
  for (let index; (index = Atomics.add(next, 0, 1)) < stretches.length;) {
    const counts = judgeKeys(stock, earlier, extras, keys, stretches[index]);
    yield { index, extents: keys.cut(), counts };
  }
}

function lengthOf(parts: readonly JudgedPart[]): number {
  return parts.flatMap(({ counts }) => Object.values(counts.sums.verdicts)).reduce((sum, count) => sum + count, 0);
}

/** Nothing else of the options concerns a thread. */
function judgingOptions(options: StockOptions): StockOptions {
  const { asOf, now, policy, stricter, sources, exemptions, successors, includeSessions, secret, secretFile } = options;
  return { asOf, now, policy, stricter, sources, exemptions, successors, includeSessions, secret, secretFile };
}

/** In MB. What is new is soon gone; without a limit V8 lets it pile up. With 16, collecting it took twice as long. */
const HEAP_LIMITS = { maxYoungGenerationSizeMb: 48 };

class OtherThread {
  readonly #worker: Worker;
  readonly #parts: JudgedPart[] = [];
  readonly #isOver: Promise<void>;
  /** It has a snapshot of its own, or never will. Not waited for, it would wait for the first stretch to be judged. */
  readonly isReady: Promise<void>;
  #hasBegun = false;

  constructor(task: JudgingTask, isSameCommit: () => boolean) {
    this.#worker = new Worker(threadFile(), {
      workerData: task,
      trackUnmanagedFds: false,
      resourceLimits: HEAP_LIMITS,
    });
    this.isReady = new Promise((resolve) => {
      this.#worker.once('message', () => resolve());
      this.#worker.once('exit', () => resolve());
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
    if (this.#hasBegun) await this.#isOver;
    return this.#parts;
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  #begin(): void {
    this.#hasBegun = true;
    this.#worker.postMessage('go', []);
  }
}

/** Beside this file: `.ts` from the repository, `.js` as it is installed. */
function threadFile(): URL {
  return new URL(`./judging-thread${path.extname(fileURLToPath(import.meta.url))}`, import.meta.url);
}
