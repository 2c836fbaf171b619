import zlib from 'node:zlib';
import { continueCrc32, noteCrc32 } from './crc32.ts';

export type Compression = 'none' | 'gzip' | 'zstd' | 'bzip2' | 'xz';

/** Recognises the compression by the first bytes (RFC 1952, RFC 8878, bzip2, xz), never by the name. */
export function sniffCompression(head: Buffer): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  const magic = head.length >= 4 ? head.readUInt32LE(0) : 0;
  if (magic === 0xfd2fb528 || (magic & 0xfffffff0) >>> 0 === 0x184d2a50) return 'zstd';
  if (head.toString('latin1', 0, 3) === 'BZh') return 'bzip2';
  if (head.toString('latin1', 0, 6) === '\xfd7zXZ\0') return 'xz';
  return 'none';
}

/** Input that ends early or does not decompress. Thrown after everything that could be decoded was given out. */
export class DamagedInput extends Error {
  override readonly name = 'DamagedInput';
  readonly kind: 'truncated' | 'corrupt' | 'unsupported';
  /** In the compressed file. */
  readonly offset: number;

  constructor(kind: DamagedInput['kind'], message: string, offset: number) {
    super(message);
    this.kind = kind;
    this.offset = offset;
  }

  /** What is wrong, and where; of a compression that is not known, that is the whole file. */
  get text(): string {
    return this.kind === 'unsupported' ? this.message : `${this.message} at byte ${this.offset}`;
  }
}

/** Input that is there, but not to be had now: another time it may be. What was read of it says nothing of the rest. */
export class UnreachableInput extends Error {
  override readonly name = 'UnreachableInput';
}

/** Decompresses all members (gzip) or frames (zstd) one after the other. Memory does not depend on the ratio. */
export async function* decompress(chunks: AsyncIterable<Buffer>, compression: Compression): AsyncGenerator<Buffer> {
  if (compression === 'none') yield* chunks;
  else if (compression === 'gzip') yield* gunzipMembers(new ByteQueue(chunks));
  else if (compression === 'zstd') yield* unzstdFrames(new ByteQueue(chunks));
  else throw new DamagedInput('unsupported', `${compression} compression is not supported: decompress it first`, 0);
}

async function* gunzipMembers(queue: ByteQueue): AsyncGenerator<Buffer> {
  for (;;) {
    await skipZeros(queue);
    if ((await queue.peek()) === undefined) return;
    await skipGzipHeader(queue);
    let crc = 0;
    let length = 0;
    for await (const bytes of inflate(queue, () => zlib.createInflateRaw(INFLATE))) {
      // Needed for the log as well: it is found out once.
      noteCrc32(bytes, zlib.crc32(bytes));
      crc = continueCrc32(crc, bytes);
      length += bytes.length;
      yield bytes;
    }
    const trailer = await queue.take(8);
    if (trailer === undefined) throw truncated(queue);
    const isWhole = trailer.readUInt32LE(0) === crc && trailer.readUInt32LE(4) === length % 2 ** 32;
    if (!isWhole) throw new DamagedInput('corrupt', 'the gzip checksum does not fit the content', queue.offset);
  }
}

async function* unzstdFrames(queue: ByteQueue): AsyncGenerator<Buffer> {
  while ((await queue.peek()) !== undefined) {
    yield* inflate(queue, () => zlib.createZstdDecompress({ chunkSize: OUTPUT_BYTES }));
  }
}

/**
 * Compressed bytes fed at a time, by how far those before them grew: to hand a piece to another thread and back takes as
 * long as decoding some 50 KB. The most bounds what a 1000:1 bomb can put into memory before we look at it.
 */
const LEAST_INPUT_BYTES = 16 * 1024;
const MOST_INPUT_BYTES = 128 * 1024;
const OUTPUT_BYTES = 256 * 1024;
const DECODED_AT_ONCE = 1024 * 1024;
type Engine = zlib.InflateRaw | zlib.ZstdDecompress;

const INFLATE: zlib.ZlibOptions = { chunkSize: OUTPUT_BYTES, finishFlush: zlib.constants.Z_SYNC_FLUSH };

/**
 * Runs one decompressor up to the end of its member or frame and leaves the rest in the queue. Node's own gunzip stream
 * would drop decoded bytes when it meets damage, and does not say where a member ends. While the caller is busy with what
 * was decoded, the next piece is decoded in another thread of Node.
 */
async function* inflate(queue: ByteQueue, create: () => Engine): AsyncGenerator<Buffer> {
  const engine = create();
  const decoded: Buffer[] = [];
  let failure: Error | undefined;
  engine.on('data', (bytes: Buffer) => decoded.push(bytes));
  engine.on('error', (error) => (failure = error));
  let fed = 0;
  let feeds = LEAST_INPUT_BYTES;
  try {
    let input = await queue.next(feeds);
    let writing = input && written(engine, input);
    while (input !== undefined) {
      await writing;
      fed += input.length;
      const ready = decoded.splice(0);
      feeds = nextFeed(input.length, ready);
      const rest = fed - engine.bytesWritten;
      if (failure !== undefined || rest > 0) {
        yield* ready;
        if (failure !== undefined) throw corrupt(queue, failure);
        queue.putBack(input.subarray(input.length - rest));
        return;
      }
      const next = await attempt(queue.next(feeds));
      if (next.value !== undefined) writing = written(engine, next.value);
      yield* ready;
      if ('error' in next) throw next.error;
      input = next.value;
    }
    await ended(engine);
    yield* decoded.splice(0);
    if (engine instanceof zlib.InflateRaw || failure !== undefined) throw truncated(queue);
  } finally {
    engine.destroy();
  }
}

function nextFeed(fed: number, decoded: readonly Buffer[]): number {
  const bytes = decoded.reduce((sum, { length }) => sum + length, 1);
  return Math.min(MOST_INPUT_BYTES, Math.max(LEAST_INPUT_BYTES, Math.floor((fed * DECODED_AT_ONCE) / bytes)));
}

type Attempt<T> = { readonly value: T } | { readonly value?: undefined; readonly error: unknown };

/** An error that is to be thrown later, after what was decoded before it. */
async function attempt<T>(promise: Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await promise };
  } catch (error) {
    return { error };
  }
}

/** Settles when the input is taken, or refused (the `error` listener of `inflate` keeps the reason). */
function written(engine: Engine, input: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      engine.off('error', settle);
      resolve();
    };
    engine.once('error', settle);
    engine.write(input, settle);
  });
}

/** Settles when all is decoded or damage is known: the callback of `end` comes before that. */
function ended(engine: Engine): Promise<void> {
  return new Promise((resolve) => {
    engine.once('error', () => resolve());
    engine.once('end', () => resolve());
    engine.end();
  });
}

function truncated(queue: ByteQueue): DamagedInput {
  return new DamagedInput('truncated', 'the compressed data end too early', queue.offset);
}

function corrupt(queue: ByteQueue, cause: Error): DamagedInput {
  return new DamagedInput('corrupt', `the compressed data are damaged (${cause.message})`, queue.offset);
}

/** Writers may pad a log with zeros between or after members. */
async function skipZeros(queue: ByteQueue): Promise<void> {
  for (;;) {
    const bytes = await queue.peek();
    if (bytes === undefined) return;
    let zeros = 0;
    while (zeros < bytes.length && bytes[zeros] === 0) zeros++;
    await queue.take(zeros);
    if (zeros < bytes.length || zeros === 0) return;
  }
}

/** RFC 1952 section 2.3. */
async function skipGzipHeader(queue: ByteQueue): Promise<void> {
  const head = await queue.take(10);
  if (head === undefined) throw truncated(queue);
  if (head[0] !== 0x1f || head[1] !== 0x8b || head[2] !== 8) {
    throw new DamagedInput('corrupt', 'something that is not gzip follows the compressed data', queue.offset - 10);
  }
  const flags = head[3] as number;
  if ((flags & 0x04) !== 0) {
    const size = await queue.take(2);
    if (size === undefined || (await queue.take(size.readUInt16LE(0))) === undefined) throw truncated(queue);
  }
  if ((flags & 0x08) !== 0) await skipZeroEnded(queue);
  if ((flags & 0x10) !== 0) await skipZeroEnded(queue);
  if ((flags & 0x02) !== 0 && (await queue.take(2)) === undefined) throw truncated(queue);
}

async function skipZeroEnded(queue: ByteQueue): Promise<void> {
  for (;;) {
    const byte = await queue.take(1);
    if (byte === undefined) throw truncated(queue);
    if (byte[0] === 0) return;
  }
}

/** Bytes to come, of which some can be looked at, taken exactly or put back. */
class ByteQueue {
  /** Of the next byte, in the compressed input. */
  offset = 0;
  readonly #chunks: AsyncIterator<Buffer>;
  #ready: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** What is at hand, at least one byte; undefined at the end. */
  async peek(): Promise<Buffer | undefined> {
    while (this.#ready.length === 0) {
      const { value, done } = await this.#chunks.next();
      if (done === true) return undefined;
      this.#ready = value;
    }
    return this.#ready;
  }

  /** One to `most` bytes; undefined at the end. */
  async next(most: number): Promise<Buffer | undefined> {
    const bytes = await this.peek();
    return bytes === undefined ? undefined : this.#cut(Math.min(most, bytes.length));
  }

  /** Exactly `count` bytes; undefined, and nothing taken in effect, when there are fewer. */
  async take(count: number): Promise<Buffer | undefined> {
    while (this.#ready.length < count) {
      const { value, done } = await this.#chunks.next();
      if (done === true) return undefined;
      this.#ready = Buffer.concat([this.#ready, value]);
    }
    return this.#cut(count);
  }

  putBack(bytes: Buffer): void {
    this.#ready = Buffer.concat([bytes, this.#ready]);
    this.offset -= bytes.length;
  }

  #cut(count: number): Buffer {
    const bytes = this.#ready.subarray(0, count);
    this.#ready = this.#ready.subarray(count);
    this.offset += count;
    return bytes;
  }
}
