import { type DocumentFramer, frameDocuments } from './frame-documents.ts';
import type { Framer } from './framing.ts';
import type { GroupHost } from './group-map.ts';
import type { ScanKernel } from './scan-kernel.ts';

/** A record whose end is to come is kept for the kernel up to this length: each time, it is looked at from its beginning. */
const MOST_KEPT = 64 * 1024;

/** Where so many records of a chunk are damaged in a way that spoils the index, the rest of it is read plainly. */
const MOST_INDEXED = 8;

/** Gives the records of documents to the kernel where they follow each other; all else is framed by `frameDocuments`. */
export class DocumentScanner implements Framer {
  readonly #kernel: ScanKernel;
  readonly #host: GroupHost;
  readonly #framer: DocumentFramer;
  /** Offset in the stream of the first byte that the kernel holds, and how many it holds. */
  #offset: number;
  #held = 0;
  /** Of the bytes at hand: whether there is an index, how many more there may be, and whether their last record may be kept. */
  #isIndexed = false;
  #indexesLeft = 0;
  /** Records of a document are counted whose end was not seen. */
  isOpen = false;
  /** Bytes between records that the kernel took. */
  #between = 0;

  constructor(kernel: ScanKernel, host: GroupHost, path: string, from: number) {
    this.#kernel = kernel;
    this.#host = host;
    this.#offset = from;
    const { plain } = host;
    const sink = {
      record: plain.record.bind(plain),
      defect: plain.defect.bind(plain),
      largeRecord: plain.largeRecord.bind(plain),
      ...(plain.doubt === undefined ? {} : { doubt: plain.doubt.bind(plain) }),
      safePoint: (offset: number) => {
        this.isOpen = false;
        plain.safePoint(offset);
      },
    };
    this.#framer = frameDocuments(sink, path, from);
  }

  get structureBytes(): number {
    return this.#framer.structureBytes + this.#between;
  }

  push(bytes: Buffer): void {
    const { input } = this.#kernel;
    for (let at = 0; at < bytes.length;) {
      const end = Math.min(bytes.length, at + input.length - this.#held);
      this.#scan(this.#held + bytes.copy(input, this.#held, at, end));
      at = end;
    }
  }

  end(): void {
    this.#framer.push(this.#kernel.input.subarray(0, this.#held));
    this.#framer.end();
    this.#held = 0;
  }

  #scan(filled: number): void {
    const { input } = this.#kernel;
    this.#isIndexed = false;
    this.#indexesLeft = MOST_INDEXED;
    const taken = this.#framer.pushTo(this.#take, input.subarray(0, filled));
    input.copyWithin(0, taken, filled);
    this.#offset += taken;
    this.#held = filled - taken;
  }

  readonly #take = (bytes: Buffer, at: number, isOpen: boolean): number | 'cut' => {
    if (!this.#index(at, bytes.length)) return at;
    if (isOpen && !this.isOpen) this.#kernel.beginOpen();
    this.isOpen ||= isOpen;
    const before = this.#kernel.bytesOfRecords;
    const { end, isCut } = this.#kernel.scanRecords(at, bytes.length, this.#offset, this.#host.plain);
    this.#between += end - at - (this.#kernel.bytesOfRecords - before);
    return end === at && isCut && bytes.length - at <= MOST_KEPT ? 'cut' : end;
  };

  /** Sees to it that there is an index from here on. */
  #index(at: number, length: number): boolean {
    if (this.#isIndexed && !this.#kernel.isInString(at)) return true;
    if (this.#indexesLeft === 0) return false;
    this.#indexesLeft--;
    this.#isIndexed = true;
    this.#kernel.indexDocument(at, length);
    return true;
  }
}
