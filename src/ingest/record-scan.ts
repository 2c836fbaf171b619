import { isSkip, type RecordReader } from '../formats/reader.ts';
import { frameDocuments } from '../kernel/frame-documents.ts';
import { frameLines } from '../kernel/frame-lines.ts';
import type { Framer, FrameSink, LargeRecord } from '../kernel/framing.ts';
import type { RawFields, Skip, SkipReason, Usage } from '../model.ts';
import { interpret, type Interpretation } from './interpret.ts';
import type { ReadingPlan } from './reading-plan.ts';

/** What happens to each record, in the order of the log. */
export interface RecordHandler {
  usage(usage: Usage, offset: number, length: number): void;
  skip(skip: Skip, offset: number, length: number): void;
  /** Everything before this offset has been handed over and is whole. */
  safePoint(offset: number): void;
}

/** Bytes of one log in, usage and skips out: framing, reading and interpretation wired together. */
export function scanRecords(plan: ReadingPlan, how: Interpretation, from: number, handler: RecordHandler): Framer {
  const sink = new RecordSink(plan.reader, how, handler);
  const framer = plan.recordsPath === undefined ? frameLines(sink, from) : frameDocuments(sink, plan.recordsPath, from);
  return from === 0 ? withoutByteOrderMark(framer) : framer;
}

class RecordSink implements FrameSink {
  readonly #reader: RecordReader;
  readonly #how: Interpretation;
  readonly #handler: RecordHandler;

  constructor(reader: RecordReader, how: Interpretation, handler: RecordHandler) {
    this.#reader = reader;
    this.#how = how;
    this.#handler = handler;
  }

  record(bytes: Buffer, start: number, end: number, offset: number): void {
    this.#take(this.#reader.read(bytes, start, end), offset, end - start);
  }

  defect(reason: SkipReason, offset: number, length: number): void {
    this.#handler.skip({ skip: reason, quarantined: true }, offset, length);
  }

  largeRecord(offset: number): LargeRecord {
    const large = this.#reader.readLarge();
    return {
      piece: (bytes, start, end) => large.piece(bytes, start, end),
      end: (length) => this.#take(large.end(), offset, length),
    };
  }

  safePoint(offset: number): void {
    this.#handler.safePoint(offset);
  }

  #take(read: RawFields | Skip, offset: number, length: number): void {
    const result = isSkip(read) ? read : interpret(read, this.#how);
    if (isSkip(result)) this.#handler.skip(result, offset, length);
    else this.#handler.usage(result, offset, length);
  }
}

const BYTE_ORDER_MARK = Buffer.from('\ufeff');

/** Blanks out a UTF-8 byte order mark at the very start, so that offsets stay those of the file. */
function withoutByteOrderMark(framer: Framer): Framer {
  let isFirst = true;
  return {
    push(bytes) {
      const hasMark = isFirst && bytes.subarray(0, 3).equals(BYTE_ORDER_MARK);
      isFirst = false;
      framer.push(hasMark ? Buffer.concat([SPACES, bytes.subarray(3)]) : bytes);
    },
    end: () => framer.end(),
  };
}

const SPACES = Buffer.from('   ');
