import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LogFile } from './log-file.ts';

/** Of the decompressed bytes; no more are held of a log that nobody reads yet. */
const MOST_BYTES = 4 * 1024 * 1024;
/** On disk. They are read at once, so that nothing reads from the file any more when it is closed. */
const MOST_STORED = 512 * 1024;

/** Begins to decompress a short log before it is read, in the threads of Node; a log of another kind stays as it is. */
export function withHeadStart(log: LogFile): LogFile {
  const isShort = log.compression !== 'none' && log.stat.size <= MOST_STORED;
  return isShort && log.handle !== undefined ? new StartedLog(log) : log;
}

class StartedLog implements LogFile {
  readonly #log: LogFile;
  readonly #chunks: AsyncGenerator<Buffer>;
  readonly #ready: Buffer[] = [];
  readonly #started: Promise<void>;
  #damage: { readonly error: unknown } | undefined;
  #isTaken = false;

  constructor(log: LogFile) {
    this.#log = log;
    this.#chunks = log.bytes(0);
    this.#started = this.#start();
  }

  get path(): string {
    return this.#log.path;
  }

  get place(): string {
    return this.#log.place;
  }

  get compression(): LogFile['compression'] {
    return this.#log.compression;
  }

  get stat(): LogFile['stat'] {
    return this.#log.stat;
  }

  get isFinal(): boolean {
    return this.#log.isFinal;
  }

  get handle(): LogFile['handle'] {
    return this.#log.handle;
  }

  get bytesRead(): () => number {
    return this.#log.bytesRead;
  }

  bytes(from: number, to?: number): AsyncGenerator<Buffer> {
    if (from > 0 || to !== undefined || this.#isTaken) return this.#log.bytes(from, to);
    this.#isTaken = true;
    return this.#all();
  }

  async peek(count: number): Promise<Buffer> {
    if (this.#isTaken) return this.#log.peek(count);
    await this.#started;
    const first: Buffer[] = [];
    for (let at = 0, length = 0; at < this.#ready.length && length < count; at++) {
      const chunk = this.#ready[at] as Buffer;
      first.push(chunk);
      length += chunk.length;
    }
    if (first.length === 0 && this.#damage !== undefined) throw this.#damage.error;
    return Buffer.concat(first).subarray(0, count);
  }

  close(): void {
    if (!this.#isTaken) void this.#chunks.return(undefined);
    this.#log.close();
  }

  async *#all(): AsyncGenerator<Buffer> {
    try {
      await this.#started;
      for (let next = this.#ready.shift(); next !== undefined; next = this.#ready.shift()) {
        yield next;
        // The next log is being decompressed: each piece of it comes in a turn of its own.
        await nextTurn();
      }
      if (this.#damage !== undefined) throw this.#damage.error;
      yield* this.#chunks;
    } finally {
      await this.#chunks.return(undefined);
    }
  }

  async #start(): Promise<void> {
    try {
      for (let held = 0; held < MOST_BYTES;) {
        const { value, done } = await this.#chunks.next();
        if (done === true) return;
        this.#ready.push(value);
        held += value.length;
      }
    } catch (error) {
      this.#damage = { error };
    }
  }
}
