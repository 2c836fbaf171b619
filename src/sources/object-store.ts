import { LastcallError } from '../errors.ts';
import { listSince } from './dated-listing.ts';
import { UnreachableInput } from './decompress.ts';
import { type FileStat, type LogFile, logOfBytes } from './log-file.ts';
import { parseS3, s3Path } from './s3-address.ts';
import { type ListedObject, openS3, type S3Reader, type S3Settings } from './s3-client.ts';

/** Logs in a bucket: listed, then opened one by one, while the next are being fetched. Nothing is kept on disk. */
export interface ObjectStore {
  /**
   * Paths of all objects under an address, or without those in folders of days before `since` (days since 1970). One that
   * cannot be listed stands for itself, and cannot be opened.
   */
  expand(address: string, since?: number): Promise<string[]>;
  /** Addresses that were listed to their end. */
  readonly listed: readonly string[];
  /** Undefined: it was not listed. */
  statOf(path: string): FileStat | undefined;
  /** Throws UnreachableInput. Reads nothing yet. */
  open(path: string): LogFile;
  /** Whether more may be fetched ahead. */
  readonly hasRoom: boolean;
  /** Begins to fetch an object that is to be opened soon. */
  prefetch(path: string): void;
  close(): void;
}

/** Objects are fetched in parts of this size: a connection that breaks costs little, and memory is bounded. */
const PART_BYTES = 4 * 1024 * 1024;
/** Parts of one object that are under way while the one before is read. */
const PARTS_AHEAD = 3;
const MAX_OBJECTS_AHEAD = 16;
const MAX_BYTES_AHEAD = 32 * 1024 * 1024;

export function createObjectStore(settings: S3Settings, open: typeof openS3 = openS3): ObjectStore {
  return new S3Store(() => open(settings));
}

interface Known {
  readonly bucket: string;
  readonly object: ListedObject;
}

class S3Store implements ObjectStore {
  readonly listed: string[] = [];
  readonly #connect: () => Promise<S3Reader>;
  #reader: Promise<S3Reader> | undefined;
  readonly #known = new Map<string, Known>();
  readonly #unlisted = new Map<string, UnreachableInput>();
  readonly #ahead = new Map<string, { readonly size: number; readonly part: Promise<Buffer> }>();

  constructor(connect: () => Promise<S3Reader>) {
    this.#connect = connect;
  }

  async expand(address: string, since?: number): Promise<string[]> {
    const where = parseS3(address);
    const paths: string[] = [];
    const reader = await this.#open();
    const found = (object: ListedObject): void => {
      const path = s3Path(where.bucket, object.key);
      this.#known.set(path, { bucket: where.bucket, object });
      paths.push(path);
    };
    try {
      if (since !== undefined) await listSince(reader, where, since, found);
      else for await (const object of reader.list(where)) found(object);
    } catch (error) {
      if (!(error instanceof UnreachableInput)) throw error;
      this.#unlisted.set(address, error);
      return [...paths, address];
    }
    if (paths.length === 0 && since === undefined) {
      const hint = 'All keys that begin with it are read; it is no pattern.';
      throw new LastcallError('input', `There is no object under "${address}"`, { hint });
    }
    this.listed.push(address);
    return paths;
  }

  statOf(path: string): FileStat | undefined {
    const object = this.#known.get(path)?.object;
    if (object === undefined) return undefined;
    const { size, etag, modifiedMs } = object;
    // The path says which object it is, the others whether it is still the same.
    return { device: 's3', inode: '', size, modifiedNs: String(modifiedMs), changedNs: etag, bornNs: '' };
  }

  open(path: string): LogFile {
    const [known, stat] = [this.#known.get(path), this.statOf(path)];
    if (known === undefined || stat === undefined) {
      throw this.#unlisted.get(path) ?? new UnreachableInput('it is not in the listing of its bucket');
    }
    const { size } = known.object;
    const first = lazy(() => this.#take(path) ?? this.#read(known, 0));
    return logOfBytes({
      path,
      stat,
      raw: (from) => this.#parts(known, from, first),
      head: () => (size === 0 ? NOTHING : first()),
    });
  }

  get hasRoom(): boolean {
    let bytes = 0;
    for (const { size } of this.#ahead.values()) bytes += size;
    return this.#ahead.size < MAX_OBJECTS_AHEAD && bytes < MAX_BYTES_AHEAD;
  }

  prefetch(path: string): void {
    const known = this.#known.get(path);
    if (known === undefined || known.object.size === 0 || this.#ahead.has(path)) return;
    const part = this.#read(known, 0);
    // Whoever opens the object meets the error.
    part.catch(() => undefined);
    this.#ahead.set(path, { size: Math.min(known.object.size, PART_BYTES), part });
  }

  close(): void {
    void this.#reader?.then((reader) => reader.close());
  }

  #open(): Promise<S3Reader> {
    return (this.#reader ??= this.#connect());
  }

  #take(path: string): Promise<Buffer> | undefined {
    const part = this.#ahead.get(path)?.part;
    this.#ahead.delete(path);
    return part;
  }

  async #read({ bucket, object }: Known, from: number): Promise<Buffer> {
    const reader = await this.#open();
    return reader.read(bucket, object, from, Math.min(object.size, from + PART_BYTES));
  }

  /** The bytes from `from` on, part by part; the first part of an object is there already. */
  async *#parts(known: Known, from: number, first: () => Promise<Buffer>): AsyncGenerator<Buffer> {
    const { size } = known.object;
    let at = from;
    if (at < Math.min(size, PART_BYTES)) {
      const part = await first();
      at = part.length;
      yield part.subarray(from);
    }
    const underWay: Promise<Buffer>[] = [];
    let next = at;
    while (at < size) {
      for (; next < size && underWay.length < PARTS_AHEAD; next += PART_BYTES) {
        const part = this.#read(known, next);
        part.catch(() => undefined);
        underWay.push(part);
      }
      const part = (await underWay.shift()) as Buffer;
      at += part.length;
      yield part;
    }
  }
}

const NOTHING = Promise.resolve(Buffer.alloc(0));

function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
