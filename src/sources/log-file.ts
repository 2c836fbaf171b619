import fs from 'node:fs';
import { resolve as absolute } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Compression, DamagedInput, decompress, sniffCompression, UnreachableInput } from './decompress.ts';
import { decompressedBytes, plainBytes, skip } from './file-bytes.ts';
import { TAIL_BYTES } from './identity.ts';
import type { Inflater } from './inflater.ts';
import { STDIN } from './inputs.ts';
import type { ObjectStore } from './object-store.ts';
import { isAddress } from './s3-address.ts';

/** A log to be read: its bytes, decompressed, as often as needed (standard input: once). */
export interface LogFile {
  /** As it was given. */
  readonly path: string;
  /** The same, whatever directory one stands in; `-` for standard input. */
  readonly place: string;
  readonly compression: Compression;
  /** What the file system says at opening; all zero for standard input. Hints only: bytes decide. */
  readonly stat: FileStat;
  /** No more bytes can follow what is there: compressed files and standard input. */
  readonly isFinal: boolean;
  /** Undefined for standard input. */
  readonly handle: LogHandle | undefined;
  /**
   * Decompressed bytes from `from` on (a plain file: up to `to`), each chunk lent until the next is asked for; an empty
   * one while none come. May end with DamagedInput after the last good byte.
   */
  bytes(from: number, to?: number): AsyncGenerator<Buffer>;
  /** The first decompressed bytes, `count` if there are so many by now. Throws only when not one can be read. */
  peek(count: number): Promise<Buffer>;
  /** Compressed bytes read so far, over all passes. */
  readonly bytesRead: () => number;
  close(): void;
}

/** An open file, by which another thread of this process can read the same log, whatever becomes of its path. */
export interface LogHandle {
  readonly fd: number;
  readonly path: string;
  readonly compression: Compression;
  readonly stat: FileStat;
}

export interface FileStat {
  readonly device: string;
  readonly inode: string;
  /** On disk, i.e. compressed. A file is read up to the size it had when it was opened. */
  readonly size: number;
  readonly modifiedNs: string;
  readonly changedNs: string;
  /** When it was made, empty where the file system does not say: with the inode, tells a file from its successors. */
  readonly bornNs: string;
}

/** As many as the longest magic number. */
const MAGIC_BYTES = 8;

/** The absolute path of a log, or its address. */
export function placeOf(path: string): string {
  return path === STDIN || isAddress(path) ? path : absolute(path);
}

/**
 * Opens a log; `stdin` is what `-` stands for, `objects` has those that are given by address. Throws the file system's
 * error, DamagedInput for what is no file, or UnreachableInput. `inflater` is used for large compressed files.
 */
export async function openLog(
  path: string,
  stdin: Readable,
  objects?: ObjectStore,
  inflater?: Inflater,
): Promise<LogFile> {
  if (path === STDIN) return openStdin(stdin);
  if (!isAddress(path)) return openFile(path, inflater);
  if (objects === undefined) throw new UnreachableInput('no object store is at hand');
  return objects.open(path);
}

function openFile(path: string, inflater: Inflater | undefined): LogFile {
  const fd = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  try {
    const stat = statOf(fd);
    const head = Buffer.alloc(MAGIC_BYTES);
    const compression = sniffCompression(head.subarray(0, fs.readSync(fd, head, 0, head.length, 0)));
    return logOf({ fd, path, compression, stat }, inflater);
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
}

/** A log whose compression shows only when it is read: until then it passes for plain. */
export function logOfBytes(source: {
  readonly path: string;
  readonly stat: FileStat;
  /** As they are stored, from an offset on. */
  readonly raw: (from: number) => AsyncGenerator<Buffer>;
  /** The first bytes as they are stored. */
  readonly head: () => Promise<Buffer>;
}): LogFile {
  const { path, stat, raw, head } = source;
  let compression: Compression = 'none';
  let bytesRead = 0;
  const count = (length: number): number => (bytesRead += length);
  async function* bytes(from: number): AsyncGenerator<Buffer> {
    compression = sniffCompression((await head()).subarray(0, MAGIC_BYTES));
    if (compression === 'none') yield* counted(raw(from), count);
    else yield* skip(decompress(counted(raw(0), count), compression), from);
  }
  return {
    path,
    place: placeOf(path),
    get compression() {
      return compression;
    },
    stat,
    get isFinal() {
      return compression !== 'none';
    },
    handle: undefined,
    bytes,
    peek: (length) => firstOf(bytes(0), length),
    bytesRead: () => bytesRead,
    close: () => undefined,
  };
}

/** The log of an open file. */
export function logOf(handle: LogHandle, inflater?: Inflater): LogFile {
  const { fd, path, compression, stat } = handle;
  let bytesRead = 0;
  const count = (bytes: number): number => (bytesRead += bytes);
  async function* inflated(from: number): AsyncGenerator<Buffer> {
    yield* inflater?.takes(handle) === true
      ? inflater.bytes(handle, from, count)
      : decompressedBytes(handle, from, count);
  }
  return {
    path,
    place: placeOf(path),
    compression,
    stat,
    isFinal: compression !== 'none',
    handle,
    bytes: (from, to = stat.size) => (compression === 'none' ? plainBytes(handle, from, to, count) : inflated(from)),
    async peek(length) {
      if (compression === 'none') return firstOf(plainBytes(handle, 0, stat.size, count), length);
      // Whoever wants to see the first bytes will want more of them.
      if (inflater?.takes(handle) === true) inflater.start();
      return firstOf(decompressedBytes(handle, 0, count), length);
    },
    bytesRead: () => bytesRead,
    close: () => {
      inflater?.forget(handle);
      fs.closeSync(fd);
    },
  };
}

/** The last bytes of a plain file before `end`, as many as its mark needs. */
export function tailBefore({ fd }: LogHandle, end: number): Buffer {
  const tail = Buffer.alloc(Math.min(TAIL_BYTES, end));
  return tail.subarray(0, fs.readSync(fd, tail, 0, tail.length, end - tail.length));
}

const LF = 0x0a;
const PROBE_BYTES = 64 * 1024;

/** Where the first line begins that begins after `offset` in a plain file; its size when there is none. */
export function nextLine({ fd, stat }: LogHandle, offset: number): number {
  const probe = Buffer.allocUnsafe(PROBE_BYTES);
  for (let at = offset; at < stat.size;) {
    const length = fs.readSync(fd, probe, 0, Math.min(probe.length, stat.size - at), at);
    if (length === 0) break;
    const lf = probe.subarray(0, length).indexOf(LF);
    if (lf >= 0) return at + lf + 1;
    at += length;
  }
  return stat.size;
}

async function openStdin(stdin: Readable): Promise<LogFile> {
  let bytesRead = 0;
  const input = counted(untilClosed(stdin), (count) => (bytesRead += count));
  const start = await takeFirst(input, MAGIC_BYTES);
  const compression = sniffCompression(start.first);
  const decompressed = decompress(start.all(), compression);
  let bytes = compression === 'none' ? withPauses(decompressed) : decompressed;
  return {
    path: STDIN,
    place: STDIN,
    compression,
    stat: { device: '', inode: '', size: 0, modifiedNs: '', changedNs: '', bornNs: '' },
    isFinal: true,
    handle: undefined,
    bytes: () => bytes,
    async peek(count) {
      const taken = await takeFirst(bytes, count);
      bytes = taken.all();
      return taken.first.subarray(0, count);
    },
    bytesRead: () => bytesRead,
    close: () => undefined,
  };
}

async function* counted(chunks: AsyncIterable<Buffer>, count: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const bytes of chunks) {
    count(bytes.length);
    yield bytes;
  }
}

/** It is closed when the run is to stop. */
async function* untilClosed(stdin: Readable): AsyncGenerator<Buffer> {
  try {
    yield* stdin as AsyncIterable<Buffer>;
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
    throw new DamagedInput('truncated', 'the run was interrupted', 0);
  }
}

/** How long standard input may be silent before what came is looked at. */
const PAUSE_MS = 1000;

/** An empty chunk stands for a second in which nothing came: who writes a log line by line must not be waited for. */
async function* withPauses(chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  for (let next = chunks.next(); ;) {
    const pause = new AbortController();
    const got = await Promise.race([next, silence(pause.signal)]).finally(() => pause.abort());
    if (got === undefined) yield NOTHING;
    else if (got.done === true) return;
    else {
      yield got.value;
      next = chunks.next();
    }
  }
}

const NOTHING = Buffer.alloc(0);

function silence(signal: AbortSignal): Promise<undefined> {
  return sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined);
}

async function firstOf(chunks: AsyncGenerator<Buffer>, count: number): Promise<Buffer> {
  try {
    return (await takeFirst(chunks, count)).first.subarray(0, count);
  } finally {
    await chunks.return(undefined);
  }
}

/** Reads until `count` bytes are there, or no more for a while; `all` gives these and the rest, or the damage that was met. */
async function takeFirst(
  chunks: AsyncGenerator<Buffer>,
  count: number,
): Promise<{ first: Buffer; all: () => AsyncGenerator<Buffer> }> {
  const parts: Buffer[] = [];
  let length = 0;
  let damage: unknown;
  try {
    while (length < count) {
      const { value, done } = await chunks.next();
      if (done === true || (value.length === 0 && length > 0)) break;
      parts.push(Buffer.from(value));
      length += value.length;
    }
  } catch (error) {
    if (length === 0) throw error;
    damage = error;
  }
  const first = Buffer.concat(parts);
  async function* all(): AsyncGenerator<Buffer> {
    if (first.length > 0) yield first;
    if (damage !== undefined) throw damage;
    yield* chunks;
  }
  return { first, all };
}

/** Takes bytes from chunks of any size, in pieces of a wanted size. */
export class ByteCursor {
  readonly #chunks: AsyncIterator<Buffer>;
  #ready: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** `count` bytes, or fewer at the end. */
  async take(count: number): Promise<Buffer> {
    while (this.#ready.length < count) {
      const { value, done } = await this.#chunks.next();
      if (done === true) break;
      this.#ready = Buffer.concat([this.#ready, value]);
    }
    const taken = this.#ready.subarray(0, count);
    this.#ready = this.#ready.subarray(taken.length);
    return taken;
  }
}

function statOf(fd: number): FileStat {
  const stat = fs.fstatSync(fd, { bigint: true });
  if (stat.isDirectory() || !stat.isFile()) throw new DamagedInput('unsupported', 'it is not a regular file', 0);
  return {
    device: String(stat.dev),
    inode: String(stat.ino),
    size: Number(stat.size),
    modifiedNs: String(stat.mtimeNs),
    changedNs: String(stat.ctimeNs),
    bornNs: stat.birthtimeNs > 0n ? String(stat.birthtimeNs) : '',
  };
}
