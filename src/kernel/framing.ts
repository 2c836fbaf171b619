import type { SkipReason } from '../model.ts';

/**
 * What a framer tells of a stream of bytes. Offsets count from the stream's first (decompressed) byte. Every byte of the
 * stream belongs to exactly one of: a record, a defect, or structure (line ends, commas, the shell of a document).
 */
export interface FrameSink {
  /** A complete record. The buffer is only lent: copy what must stay. */
  record(bytes: Buffer, start: number, end: number, offset: number): void;
  /** Bytes that hold no readable record. `doubt`: what was given their text, piece by piece. */
  defect(reason: SkipReason, offset: number, length: number, doubt?: Doubt): void;
  /** Where text goes of which it is not known yet whether a record should have been in it. */
  doubt?(): Doubt;
  /** A record too large to hold: its bytes come in pieces. */
  largeRecord(offset: number): LargeRecord;
  /** Everything before `offset` is whole: reading may resume there. */
  safePoint(offset: number): void;
}

export interface LargeRecord {
  piece(bytes: Buffer, start: number, end: number): void;
  end(length: number): void;
}

export interface Doubt {
  piece(bytes: Buffer, start: number, end: number): void;
}

export interface Framer {
  /** Takes the next bytes of the stream. The buffer may be reused by the caller afterwards. */
  push(bytes: Buffer): void;
  /** The stream ends here. Records after the last safe point were not closed (no line end, open document). */
  end(): void;
  /** Of documents: bytes of the shell so far, i.e. of neither records nor defects. */
  readonly structureBytes?: number | undefined;
}

/** Records longer than this are not held in memory but read in pieces. */
export const LARGE_RECORD_BYTES: number = 8 * 1024 * 1024;
