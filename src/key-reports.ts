import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { KeyReport, KeyReports, Verdict } from './model.ts';
import { ORDER_OF_VERDICTS } from './verdicts/audit.ts';

/** Reports held in memory; beyond that they lie in temporary files, which vanish with the process. */
const MAX_HELD = 5000;

/** Collects what was judged, in the order of keys, and gives it back by verdict, then key. */
export class JudgedKeys implements KeyReports {
  readonly #groups: ReadonlyMap<Verdict, Group>;
  readonly #maxHeld: number;
  #held = 0;
  #length = 0;

  constructor(maxHeld: number = MAX_HELD) {
    this.#maxHeld = maxHeld;
    this.#groups = new Map(ORDER_OF_VERDICTS.map((verdict) => [verdict, new Group()]));
  }

  get length(): number {
    return this.#length;
  }

  add(report: KeyReport): void {
    this.#groups.get(report.verdict)!.add(report);
    this.#length++;
    if (++this.#held < this.#maxHeld) return;
    for (const group of this.#groups.values()) group.spill();
    this.#held = 0;
  }

  *[Symbol.iterator](): Iterator<KeyReport> {
    for (const group of this.#groups.values()) yield* group;
  }
}

class Group implements Iterable<KeyReport> {
  #held: KeyReport[] = [];
  #file: number | undefined;
  #size = 0;

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

  #open(): number {
    const file = openUnnamed();
    FORGOTTEN.register(this, file);
    return file;
  }

  *[Symbol.iterator](): Iterator<KeyReport> {
    if (this.#file !== undefined) yield* readLines(this.#file, this.#size);
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

function* readLines(fd: number, size: number): Iterable<KeyReport> {
  let rest = Buffer.alloc(0);
  for (let at = 0; at < size;) {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_LENGTH, size - at));
    const length = fs.readSync(fd, chunk, 0, chunk.length, at);
    if (length === 0) throw new Error('A temporary file was cut');
    at += length;
    const bytes = Buffer.concat([rest, chunk.subarray(0, length)]);
    const end = bytes.lastIndexOf(0x0a) + 1;
    const lines = bytes.toString('utf8', 0, Math.max(0, end - 1));
    if (end > 0) for (const line of lines.split('\n')) yield JSON.parse(line) as KeyReport;
    rest = bytes.subarray(end);
  }
}
