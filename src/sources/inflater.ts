import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { noteCrc32 } from './crc32.ts';
import { DamagedInput } from './decompress.ts';
import { type CountRead, turn } from './file-bytes.ts';
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
  /** As `decompressedBytes` gives them. Rejects when the thread ends early. The file is to stay open until this has ended. */
  bytes(handle: LogHandle, from: number, count: CountRead): AsyncGenerator<Buffer>;
  close(): Promise<void>;
}

export interface InflateJob {
  readonly handle: LogHandle;
  readonly from: number;
}

/** What the thread says when it has done with a file. */
export interface InflateEnd {
  readonly bytesRead: number;
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
  #isBusy = false;
  #end: InflateEnd | undefined;
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

  async *bytes(handle: LogHandle, from: number, count: CountRead): AsyncGenerator<Buffer> {
    this.#begin({ handle, from });
    let counted = 0;
    const countTo = (bytesRead: number): void => {
      count(bytesRead - counted);
      counted = bytesRead;
    };
    try {
      for (let given = 1; ; given++) {
        // Asked before the ring is: what it holds then is the last of the file.
        const end = this.#end;
        const piece = this.#ring.take();
        if (piece !== undefined) {
          countTo(piece.bytesRead);
          noteCrc32(piece.bytes, piece.crc);
          yield piece.bytes;
          if (given % PIECES_A_TURN === 0) await turn();
        } else if (this.#failure !== undefined) throw this.#failure;
        else if (end === undefined) await this.#more();
        else {
          countTo(end.bytesRead);
          if (end.failure !== undefined) throw errorOf(end.failure);
          return;
        }
      }
    } finally {
      await this.#letGo();
    }
  }

  async close(): Promise<void> {
    this.#failure ??= new Error('no more is decompressed');
    await this.#thread?.terminate();
  }

  #begin(job: InflateJob): void {
    if (this.#isBusy) throw new Error('the thread is busy with another file');
    const thread = this.start();
    this.#isBusy = true;
    this.#end = undefined;
    this.#ring.restart();
    thread.postMessage(job, []);
  }

  #started(): Worker {
    const thread = new Worker(threadFile(), { workerData: this.#memory, resourceLimits: HEAP_LIMITS });
    thread.on('message', (message: InflateEnd | 'more') => {
      if (message !== 'more') this.#end = message;
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
  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (!this.#ring.sleep() || this.#failure !== undefined) resolve();
    });
  }

  /** The thread reads from the file until it says that it has done. */
  async #letGo(): Promise<void> {
    this.#ring.stop();
    while (this.#end === undefined && this.#failure === undefined) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    this.#isBusy = false;
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
