import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { noteCrc32 } from './crc32.ts';
import { DamagedInput } from './decompress.ts';
import type { CountRead } from './file-bytes.ts';
import type { LogHandle } from './log-file.ts';
import { newRing, type PieceRing, RingReader } from './piece-ring.ts';

/** A thread that decompresses large files, one at a time, while this one looks at what came of them. */
export interface Inflater {
  /** Whether the file is compressed, and so large that it pays. */
  isFor(handle: LogHandle): boolean;
  /** Whether it is so, and the thread is free. */
  takes(handle: LogHandle): boolean;
  /** Has the thread ready for a file that is about to be read. */
  start(): void;
  /** Has the thread go on with this file, from its beginning, when it has done with the one that it is at. */
  prepare(handle: LogHandle): void;
  /** The file is not to be read, or not any more. */
  forget(handle: LogHandle): void;
  /** As `decompressedBytes` gives them. Rejects when the thread ends early. The file is to stay open until this has ended. */
  bytes(handle: LogHandle, from: number, count: CountRead): AsyncGenerator<Buffer>;
  close(): Promise<void>;
}

export interface InflateJob {
  /** Its number. */
  readonly file: number;
  readonly handle: LogHandle;
  readonly from: number;
}

/** What the thread says when it has done with a file. */
export interface InflateEnd {
  readonly file: number;
  readonly bytesRead: number;
  /** Bytes that went through the ring; Infinity where no more was wanted before its end. */
  readonly length: number;
  readonly failure:
    | { readonly kind: DamagedInput['kind']; readonly message: string; readonly offset: number }
    | { readonly kind: 'file'; readonly message: string; readonly facts: object }
    | undefined;
}

/** On disk. To decompress less takes no longer than to start a thread. */
const LEAST_BYTES = 1024 * 1024;

/** Starts no thread before there is something for it. */
export function openInflater(leastBytes: number = LEAST_BYTES): Inflater {
  return new InflateThread(leastBytes);
}

/** In MB. What the decompressor leaves behind is soon gone; without a limit V8 lets it pile up. */
const HEAP_LIMITS = { maxYoungGenerationSizeMb: 2 };
/** How many pieces are given out before signals and timers have their turn. */
const PIECES_A_TURN = 4;

class InflateThread implements Inflater {
  readonly #leastBytes: number;
  readonly #memory: PieceRing = newRing();
  readonly #ring = new RingReader(this.#memory);
  #thread: Worker | undefined;
  /** The number of the file that was asked for last. */
  #files = 0;
  #isBusy = false;
  /** The file that is given out. */
  #current: InflateJob | undefined;
  /** The next one, which may wait for that. */
  #ahead: InflateJob | undefined;
  /** It is not wanted any more. */
  #isForgone = false;
  #wanted: LogHandle | undefined;
  /** How files ended whose end nobody has asked for. */
  readonly #ends = new Map<number, InflateEnd>();
  #failure: Error | undefined;
  #wake: () => void = () => undefined;

  constructor(leastBytes: number) {
    this.#leastBytes = leastBytes;
  }

  isFor({ compression, stat }: LogHandle): boolean {
    return (compression === 'gzip' || compression === 'zstd') && stat.size >= this.#leastBytes;
  }

  takes(handle: LogHandle): boolean {
    return !this.#isBusy && this.isFor(handle);
  }

  start(): Worker {
    this.#thread ??= this.#started();
    return this.#thread;
  }

  prepare(handle: LogHandle): void {
    if (!this.isFor(handle)) return;
    this.#wanted = handle;
    this.#goOn();
  }

  forget(handle: LogHandle): void {
    if (this.#wanted === handle) this.#wanted = undefined;
    if (this.#ahead?.handle !== handle) return;
    this.#ring.forgo(this.#ahead.file);
    this.#isForgone = true;
  }

  async *bytes(handle: LogHandle, from: number, count: CountRead): AsyncGenerator<Buffer> {
    const { file } = await this.#begin(handle, from);
    let [counted, taken] = [0, 0];
    const countTo = (bytesRead: number): void => {
      count(bytesRead - counted);
      counted = bytesRead;
    };
    try {
      for (let given = 1; ; given++) {
        // Asked before the ring is: what it holds then is the last of the file.
        const end = this.#ends.get(file);
        const piece = this.#ring.take(file);
        if (piece !== undefined) {
          countTo(piece.bytesRead);
          noteCrc32(piece.bytes, piece.crc);
          taken += piece.bytes.length;
          yield piece.bytes;
          if (given % PIECES_A_TURN === 0) await nextTurn();
        } else if (this.#failure !== undefined) throw this.#failure;
        else if (end === undefined) await this.#more(file);
        else {
          countTo(end.bytesRead);
          if (taken !== end.length)
            throw new Error(`${handle.path}: ${end.length} bytes were decompressed, ${taken} came`);
          if (end.failure !== undefined) throw errorOf(end.failure);
          return;
        }
      }
    } finally {
      await this.#letGo(file);
      this.#current = undefined;
      this.#isBusy = false;
    }
  }

  async close(): Promise<void> {
    this.#failure ??= new Error('no more is decompressed');
    await this.#thread?.terminate();
  }

  /** Jobs are posted in the order of their numbers. */
  async #begin(handle: LogHandle, from: number): Promise<InflateJob> {
    if (this.#isBusy) throw new Error('the thread is busy with another file');
    this.#isBusy = true;
    const ahead = this.#ahead;
    const isForgone = this.#isForgone;
    this.#ahead = undefined;
    this.#isForgone = false;
    if (ahead !== undefined && ahead.handle === handle && from === 0 && !isForgone) this.#current = ahead;
    else {
      if (ahead !== undefined) await this.#letGo(ahead.file);
      this.#current = this.#ask(handle, from);
    }
    this.#goOn();
    return this.#current;
  }

  #ask(handle: LogHandle, from: number): InflateJob {
    const job = { file: ++this.#files, handle, from };
    this.start().postMessage(job, []);
    return job;
  }

  /** Asks for the next file, if there is one before it. */
  #goOn(): void {
    const handle = this.#wanted;
    if (handle === undefined || this.#current === undefined || this.#ahead !== undefined) return;
    this.#wanted = undefined;
    if (this.#current.handle !== handle) this.#ahead = this.#ask(handle, 0);
  }

  #started(): Worker {
    const thread = new Worker(threadFile(), { workerData: this.#memory, resourceLimits: HEAP_LIMITS });
    thread.on('message', (message: InflateEnd | 'more') => {
      if (message !== 'more') this.#ends.set(message.file, message);
      this.#wake();
    });
    thread.on('error', (error) =>
      this.#fail(error instanceof Error ? error : new Error('a thread failed', { cause: error })),
    );
    thread.on('exit', (code) => this.#fail(new Error(`the thread that decompresses ended with code ${code}`)));
    return thread;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#wake();
  }

  /** Settles when there may be more, the end of the file or of the thread among it. */
  #more(file: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      // What is there of the next file is nothing to wake for: that this one ended was said before.
      if (this.#ends.has(file) || this.#failure !== undefined || this.#ring.has(file)) resolve();
    });
  }

  /** The thread reads from the file until it says that it has done. */
  async #letGo(file: number): Promise<void> {
    this.#ring.stop(file);
    while (!this.#ends.has(file) && this.#failure === undefined) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#ring.drop(file);
    }
    this.#ends.delete(file);
  }
}

function errorOf(failure: NonNullable<InflateEnd['failure']>): Error {
  return failure.kind === 'file'
    ? Object.assign(new Error(failure.message), failure.facts)
    : new DamagedInput(failure.kind, failure.message, failure.offset);
}

/** This program runs as it was written or as it was compiled. */
function threadFile(): URL {
  return new URL(`./inflate-thread${path.extname(fileURLToPath(import.meta.url))}`, import.meta.url);
}
