import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { KeyReport, KeyReports, Verdict } from './model.ts';
import { ORDER_OF_VERDICTS } from './verdicts/audit.ts';

/** Reports held in memory; beyond that they lie in temporary files, which vanish with the process. */
const MAX_HELD = 5000;

/** A stretch of a file that holds the reports of one verdict, in the order of keys. */
export interface Extent {
  readonly verdict: Verdict;
  readonly file: number;
  readonly from: number;
  readonly to: number;
}

/** Collects what was judged, in the order of keys, and gives it back by verdict, then key. */
export class JudgedKeys implements KeyReports {
  readonly #groups: ReadonlyMap<Verdict, Group>;
  readonly #maxHeld: number;
  #held = 0;
  #length = 0;

  /** `files`: where they are to lie, open, one for each verdict; else files are made when they are needed. */
  constructor(maxHeld: number = MAX_HELD, files?: readonly number[]) {
    this.#maxHeld = maxHeld;
    this.#groups = new Map(ORDER_OF_VERDICTS.map((verdict, index) => [verdict, new Group(files?.[index])]));
  }

  get length(): number {
    return this.#length;
  }

  add(report: KeyReport): void {
    this.#groups.get(report.verdict)!.add(report);
    this.#length++;
    if (++this.#held >= this.#maxHeld) this.#spill();
  }

  /** Where that lies which was added since the last time. */
  cut(): readonly Extent[] {
    this.#spill();
    return [...this.#groups].flatMap(([verdict, group]) => group.cut().map((extent) => ({ verdict, ...extent })));
  }

  #spill(): void {
    for (const group of this.#groups.values()) group.spill();
    this.#held = 0;
  }

  *[Symbol.iterator](): Iterator<KeyReport> {
    for (const group of this.#groups.values()) yield* group;
  }
}

/** Reports that several have judged, part by part in the order of keys. Closes their files when nobody holds it any more. */
export class KeysInParts implements KeyReports {
  readonly length: number;
  readonly #parts: readonly (readonly Extent[])[];

  constructor(length: number, parts: readonly (readonly Extent[])[], files: readonly number[]) {
    this.length = length;
    this.#parts = parts;
    for (const file of files) FORGOTTEN.register(this, file);
  }

  *[Symbol.iterator](): Iterator<KeyReport> {
    for (const verdict of ORDER_OF_VERDICTS) {
      for (const part of this.#parts) {
        for (const extent of part) if (extent.verdict === verdict) yield* readLines(extent);
      }
    }
  }
}

/** For the reports of one thread, one file for each verdict. */
export function openFiles(): readonly number[] {
  return ORDER_OF_VERDICTS.map(openUnnamed);
}

class Group implements Iterable<KeyReport> {
  #held: KeyReport[] = [];
  #file: number | undefined;
  #size = 0;
  #cutAt = 0;

  constructor(file: number | undefined) {
    this.#file = file;
  }

  add(report: KeyReport): void {
    this.#held.push(report);
  }

  spill(): void {
    if (this.#held.length === 0) return;
    this.#file ??= this.#open();
    for (let from = 0; from < this.#held.length; from += LINES_AT_ONCE) {
      const lines = this.#held.slice(from, from + LINES_AT_ONCE).map((report) => `${JSON.stringify(report)}\n`);
      this.#size += writeWhole(this.#file, Buffer.from(lines.join('')), this.#size);
    }
    this.#held = [];
  }

  cut(): readonly Omit<Extent, 'verdict'>[] {
    const from = this.#cutAt;
    this.#cutAt = this.#size;
    return this.#file === undefined || from === this.#size ? [] : [{ file: this.#file, from, to: this.#size }];
  }

  #open(): number {
    const file = openUnnamed();
    FORGOTTEN.register(this, file);
    return file;
  }

  *[Symbol.iterator](): Iterator<KeyReport> {
    if (this.#file !== undefined) yield* readLines({ file: this.#file, from: 0, to: this.#size });
    yield* this.#held;
  }
}

/** A program may make many reports: the files of one that nobody holds any more are closed. */
const FORGOTTEN = new FinalizationRegistry<number>((file) => fs.closeSync(file));

const LINES_AT_ONCE = 1000;
const CHUNK_LENGTH = 1 << 20;

/** A file that nobody else can open and that is gone when it is closed. */
function openUnnamed(): number {
  const file = path.join(os.tmpdir(), `lastcall-${randomUUID()}`);
  const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW } = fs.constants;
  const fd = fs.openSync(file, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  fs.unlinkSync(file);
  return fd;
}

function writeWhole(fd: number, bytes: Buffer, at: number): number {
  let written = 0;
  while (written < bytes.length) {
    written += fs.writeSync(fd, bytes, written, bytes.length - written, at + written);
  }
  return written;
}

function* readLines({ file, from, to }: Omit<Extent, 'verdict'>): Iterable<KeyReport> {
  let rest = Buffer.alloc(0);
  for (let at = from; at < to;) {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_LENGTH, to - at));
    const length = fs.readSync(file, chunk, 0, chunk.length, at);
    if (length === 0) throw new Error('A temporary file was cut');
    at += length;
    const bytes = Buffer.concat([rest, chunk.subarray(0, length)]);
    const end = bytes.lastIndexOf(0x0a) + 1;
    const lines = bytes.toString('utf8', 0, Math.max(0, end - 1));
    if (end > 0) for (const line of lines.split('\n')) yield JSON.parse(line) as KeyReport;
    rest = bytes.subarray(end);
  }
}
