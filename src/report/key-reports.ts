import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { KeyReport, KeyReports, Verdict } from '../model.ts';
import { ORDER_OF_VERDICTS } from '../verdicts/audit.ts';

/** Reports held in memory; beyond that they lie in temporary files, which vanish with the process. */
const MAX_HELD = 5000;

/** A text that is made of each report: the report itself, or what a reporter says of it. */
export interface Form {
  readonly name: string;
  readonly text: (report: KeyReport) => string;
}

/** From which a report can be read again: a line of JSON. */
export const WHOLE: Form = { name: '', text: (report) => `${JSON.stringify(report)}\n` };

/** A stretch of a file with the texts of one form, of one verdict, in the order of keys. */
export interface Extent extends Span {
  readonly form: string;
  readonly verdict: Verdict;
}

interface Span {
  readonly file: number;
  readonly from: number;
  readonly to: number;
}

/** Collects what was judged, in the order of keys, and gives it back by verdict, then key. */
export class JudgedKeys implements KeyReports {
  readonly #maxHeld: number;
  #held: KeyReport[] = [];
  #writer: KeyWriter | undefined;
  #length = 0;

  constructor(maxHeld: number = MAX_HELD) {
    this.#maxHeld = maxHeld;
  }

  get length(): number {
    return this.#length;
  }

  add(report: KeyReport): void {
    this.#length++;
    if (this.#writer !== undefined) this.#writer.add(report);
    else if (this.#held.push(report) >= this.#maxHeld) this.#spill();
  }

  #spill(): void {
    this.#writer = new KeyWriter([WHOLE]);
    for (const report of this.#held) this.#writer.add(report);
    this.#held = [];
  }

  *[Symbol.iterator](): Iterator<KeyReport> {
    if (this.#writer !== undefined) {
      for (const span of this.#writer.spans()) yield* readReports(span);
      return;
    }
    const byVerdict = Map.groupBy(this.#held, ({ verdict }) => verdict);
    for (const verdict of ORDER_OF_VERDICTS) yield* byVerdict.get(verdict) ?? [];
  }
}

/** Writes what was judged into temporary files, one for each form and verdict. */
export class KeyWriter {
  readonly #forms: readonly Form[];
  readonly #sheets: ReadonlyMap<Verdict, readonly Sheet[]>;

  /** `files`: as openFiles made them; else each is made when it is needed, and closed when nobody holds this any more. */
  constructor(forms: readonly Form[], files?: readonly (readonly number[])[]) {
    this.#forms = forms;
    const sheets = ORDER_OF_VERDICTS.map((_, verdict) =>
      forms.map((_form, index) => new Sheet(files?.[index]?.[verdict])),
    );
    this.#sheets = new Map(ORDER_OF_VERDICTS.map((verdict, index) => [verdict, sheets[index]!]));
  }

  add(report: KeyReport): void {
    const sheets = this.#sheets.get(report.verdict)!;
    for (const [index, { text }] of this.#forms.entries()) sheets[index]!.write(text(report));
  }

  /** Where that lies which was added since the last time. */
  cut(): readonly Extent[] {
    return [...this.#sheets].flatMap(([verdict, sheets]) =>
      sheets.flatMap((sheet, index) =>
        sheet.cut().map((span) => ({ form: this.#forms[index]!.name, verdict, ...span })),
      ),
    );
  }

  /** Where the first form of everything lies, by verdict. */
  spans(): readonly Span[] {
    return [...this.#sheets.values()].flatMap(([sheet]) => sheet!.whole());
  }
}

/** Reports that several have judged, part by part in the order of keys. Closes their files when nobody holds it any more. */
export class KeysInParts implements KeyReports {
  readonly length: number;
  readonly #parts: readonly (readonly Extent[])[];
  readonly #forms: ReadonlySet<string>;

  constructor(
    length: number,
    parts: readonly (readonly Extent[])[],
    forms: readonly string[],
    files: readonly number[],
  ) {
    this.length = length;
    this.#parts = parts;
    this.#forms = new Set(forms);
    for (const file of files) FORGOTTEN.register(this, file);
  }

  rows(form: string): Iterable<string> | undefined {
    return this.#forms.has(form) ? this.#texts(form) : undefined;
  }

  *[Symbol.iterator](): Iterator<KeyReport> {
    if (!this.#forms.has(WHOLE.name)) throw new Error('these reports were not kept');
    for (const span of this.#spans(WHOLE.name)) yield* readReports(span);
  }

  *#texts(form: string): Iterable<string> {
    for (const span of this.#spans(form)) yield* readTexts(span);
  }

  *#spans(form: string): Iterable<Span> {
    for (const verdict of ORDER_OF_VERDICTS) {
      for (const part of this.#parts) {
        yield* part.filter((extent) => extent.verdict === verdict && extent.form === form);
      }
    }
  }
}

/** For what one thread writes in so many forms. */
export function openFiles(forms: number): readonly (readonly number[])[] {
  return Array.from({ length: forms }, () => ORDER_OF_VERDICTS.map(openUnnamed));
}

/** Texts one after the other in a file. They go through a buffer: texts that are held make V8 copy them again and again. */
class Sheet {
  #file: number | undefined;
  #buffer: Buffer | undefined;
  #filled = 0;
  #size = 0;
  #cutAt = 0;

  constructor(file: number | undefined) {
    this.#file = file;
  }

  write(text: string): void {
    // No character of UTF-16 takes more bytes in UTF-8.
    const most = text.length * 3;
    this.#buffer ??= Buffer.allocUnsafe(BUFFER_BYTES);
    if (this.#filled + most > BUFFER_BYTES) this.#flush();
    if (most > BUFFER_BYTES) this.#append(Buffer.from(text));
    else this.#filled += this.#buffer.write(text, this.#filled);
  }

  cut(): readonly Span[] {
    const from = this.#cutAt;
    const spans = this.whole().map((span) => ({ ...span, from }));
    this.#cutAt = this.#size;
    return spans.filter(({ to }) => to > from);
  }

  whole(): readonly Span[] {
    this.#flush();
    return this.#file === undefined ? [] : [{ file: this.#file, from: 0, to: this.#size }];
  }

  #flush(): void {
    if (this.#filled > 0) this.#append(this.#buffer!.subarray(0, this.#filled));
    this.#filled = 0;
  }

  #append(bytes: Buffer): void {
    this.#file ??= this.#open();
    for (let written = 0; written < bytes.length;) {
      written += fs.writeSync(this.#file, bytes, written, bytes.length - written, this.#size + written);
    }
    this.#size += bytes.length;
  }

  #open(): number {
    const file = openUnnamed();
    FORGOTTEN.register(this, file);
    return file;
  }
}

/** A program may make many reports: the files of one that nobody holds any more are closed. */
const FORGOTTEN = new FinalizationRegistry<number>((file) => fs.closeSync(file));

const BUFFER_BYTES = 1 << 16;
const CHUNK_LENGTH = 1 << 20;

/** A file that nobody else can open and that is gone when it is closed. */
function openUnnamed(): number {
  const file = path.join(os.tmpdir(), `lastcall-${randomUUID()}`);
  const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW } = fs.constants;
  const fd = fs.openSync(file, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  fs.unlinkSync(file);
  return fd;
}

function* readReports(span: Span): Iterable<KeyReport> {
  let rest = Buffer.alloc(0);
  for (const chunk of readChunks(span)) {
    const bytes = Buffer.concat([rest, chunk]);
    const end = bytes.lastIndexOf(0x0a) + 1;
    const lines = bytes.toString('utf8', 0, Math.max(0, end - 1));
    if (end > 0) for (const line of lines.split('\n')) yield JSON.parse(line) as KeyReport;
    rest = bytes.subarray(end);
  }
}

function* readTexts(span: Span): Iterable<string> {
  const decoder = new StringDecoder('utf8');
  for (const chunk of readChunks(span)) yield decoder.write(chunk);
  yield decoder.end();
}

function* readChunks({ file, from, to }: Span): Iterable<Buffer> {
  for (let at = from; at < to;) {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_LENGTH, to - at));
    const length = fs.readSync(file, chunk, 0, chunk.length, at);
    if (length === 0) throw new Error('A temporary file was cut');
    at += length;
    yield chunk.subarray(0, length);
  }
}
