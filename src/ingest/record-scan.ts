import { LONGEST as LONGEST_WORD } from '../attribution/key-texts.ts';
import { isSkip, type RecordReader } from '../formats/reader.ts';
import { frameDocuments } from '../kernel/frame-documents.ts';
import { frameLines } from '../kernel/frame-lines.ts';
import type { Doubt, Framer, FrameSink, LargeRecord } from '../kernel/framing.ts';
import type { KeyRef, RawFields, Skip, SkipReason, Usage } from '../model.ts';
import { interpret, type Interpretation } from './interpret.ts';
import type { ReadingPlan } from './reading-plan.ts';

/** What happens to each record, in the order of the log. */
export interface RecordHandler {
  usage(usage: Usage, offset: number, length: number): void;
  /** `keys`: those that `findKeys` found in a record that was quarantined. */
  skip(skip: Skip, offset: number, length: number, keys?: readonly KeyRef[]): void;
  /** Known keys that the text of an unreadable record holds. */
  findKeys?(text: string): readonly KeyRef[];
  /** Everything before this offset has been handed over and is whole. */
  safePoint(offset: number): void;
}

/** Bytes of one log in, usage and skips out: framing, reading and interpretation wired together. */
export function scanRecords(plan: ReadingPlan, how: Interpretation, from: number, handler: RecordHandler): Framer {
  plan.reader.reset?.();
  const sink = new RecordSink(plan.reader, how, handler);
  const mark = from === 0 ? plan.byteOrderMark : 0;
  const start = from + mark;
  const framer =
    plan.recordsPath === undefined ? frameLines(sink, start) : frameDocuments(sink, plan.recordsPath, start);
  return without(mark, {
    push: (bytes) => framer.push(bytes),
    end: () => sink.end(framer),
    get structureBytes() {
      return framer.structureBytes;
    },
  });
}

/** Reads and interprets each record. */
export class RecordSink implements FrameSink {
  readonly #reader: RecordReader;
  readonly #how: Interpretation;
  readonly #handler: RecordHandler;
  /** Where the last record or defect ends. */
  #end = 0;
  /** What the pieces of a record hold whose rest is still to come. */
  #pieces: KeySearch | undefined;

  constructor(reader: RecordReader, how: Interpretation, handler: RecordHandler) {
    this.#reader = reader;
    this.#how = how;
    this.#handler = handler;
  }

  record(bytes: Buffer, start: number, end: number, offset: number): void {
    const search = (keys: KeySearch): void => keys.piece(bytes, start, end);
    this.#take(this.#reader.read(bytes, start, end), offset, end - start, search);
  }

  defect(reason: SkipReason, offset: number, length: number, doubt?: Doubt): void {
    this.#end = offset + length;
    const keys = doubt instanceof KeySearch ? doubt.found() : undefined;
    this.#handler.skip({ skip: reason, quarantined: true }, offset, length, keys);
  }

  doubt(): Doubt {
    return new KeySearch(this.#handler);
  }

  largeRecord(offset: number): LargeRecord {
    const large = this.#reader.readLarge();
    const keys = new KeySearch(this.#handler);
    return {
      piece(bytes, start, end) {
        large.piece(bytes, start, end);
        if (large.isUnreadable === true) keys.piece(bytes, start, end);
      },
      end: (length) => this.#take(large.end(), offset, length, (all) => all.add(keys)),
    };
  }

  /** A line whose rest is still to come must be read from its beginning again. */
  safePoint(offset: number): void {
    if (!this.#isOpen) this.#handler.safePoint(offset);
  }

  end(framer: Framer): void {
    framer.end();
    if (this.#isOpen) this.defect('malformed-line', this.#end, 0, this.#pieces);
  }

  get #isOpen(): boolean {
    return this.#reader.isOpen === true || this.#reader.table?.isOpen === true;
  }

  #take(read: RawFields | Skip, offset: number, length: number, search: (keys: KeySearch) => void): void {
    this.#end = offset + length;
    const result = isSkip(read) ? read : interpret(read, this.#how);
    if (!isSkip(result)) this.#handler.usage(result, offset, length);
    else this.#handler.skip(result, offset, length, this.#keysIn(result, search));
    if (!this.#isOpen) this.#pieces = undefined;
  }

  /** The known keys that an unreadable record holds, in its pieces too. */
  #keysIn(skip: Skip, search: (keys: KeySearch) => void): readonly KeyRef[] | undefined {
    if (!skip.quarantined && skip.skip !== 'partial') return undefined;
    const keys = this.#pieces ?? new KeySearch(this.#handler);
    search(keys);
    if (skip.quarantined) return keys.found();
    this.#pieces = keys;
    return undefined;
  }
}

/** Searches text for known keys as it passes by. */
class KeySearch implements Doubt {
  readonly #handler: Pick<RecordHandler, 'findKeys'>;
  readonly #keys = new Map<string, KeyRef>();
  #before = '';

  constructor(handler: Pick<RecordHandler, 'findKeys'>) {
    this.#handler = handler;
  }

  piece(bytes: Buffer, start: number, end: number): void {
    const text = bytes.toString('utf8', start, end);
    for (const ref of this.#handler.findKeys?.(this.#before + text) ?? []) this.#keys.set(ref.key, ref);
    this.#before = text.slice(-LONGEST_WORD);
  }

  add(other: KeySearch): void {
    for (const [key, ref] of other.#keys) this.#keys.set(key, ref);
  }

  found(): readonly KeyRef[] {
    return [...this.#keys.values()];
  }
}

/** Drops the first bytes of what is pushed. */
export function without(count: number, framer: Framer): Framer {
  let left = count;
  return {
    push(bytes) {
      const dropped = Math.min(left, bytes.length);
      left -= dropped;
      if (dropped < bytes.length) framer.push(dropped === 0 ? bytes : bytes.subarray(dropped));
    },
    end: () => framer.end(),
    get structureBytes() {
      return framer.structureBytes;
    },
  };
}
