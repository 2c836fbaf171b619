import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { gzip, zstd } from '../ingest/made-logs.ts';

const START_AT = Date.UTC(2026, 8, 1);
const MINUTE_MS = 60_000;
/** Rotated logs that are kept beside the one that is written to. */
const KEPT = 3;

/** A line that was written, and the key that only it has: so the database can be asked for every single line. */
export interface Line {
  readonly number: number;
  readonly at: number;
}

/**
 * A log that is written to and rotated in all the ways that there are, and the truth about it: which lines were ever
 * written.
 */
export class Rotation {
  readonly dir: string;
  readonly written: Line[] = [];
  /** Lines that are in files now and were in none when a run last looked. */
  #unseen = new Set<number>();
  /** By name: the lines in it. */
  #files = new Map<string, number[]>();
  #folder = 'logs';
  #partial = '';
  #isMoved = false;
  /** Deleted before a run met any line of this log: no reader can tell that they ever were. */
  #untraceable = new Set<number>();
  /** The last run met lines: what comes next is missed by them. */
  #hasMetLines = false;
  /** Lines are gone that no run has read, and no run has looked since. */
  #hasLost = false;
  /** The lines of the log that a hard link keeps. */
  #linked: readonly number[] | undefined;

  constructor(dir: string) {
    this.dir = dir;
    fs.mkdirSync(path.join(dir, this.#folder), { recursive: true });
  }

  get place(): string {
    return path.join(this.dir, this.#folder);
  }

  /** The lines that a reader can know of. */
  get knowable(): readonly Line[] {
    return this.written.filter(({ number }) => !this.#untraceable.has(number));
  }

  /** Appends lines to the log, or to the newest rotated one if the writer has not noticed the rotation. */
  append(count: number, toRotated: boolean): void {
    const rotated = this.#files.has('app.log.1') ? 'app.log.1' : undefined;
    const name = toRotated && rotated !== undefined && this.#partial === '' ? rotated : 'app.log';
    let text = name === 'app.log' ? this.#partial : '';
    if (name === 'app.log') this.#partial = '';
    for (let n = 0; n < count; n++) {
      const line = lineNumber(this.written.length);
      this.written.push(line);
      text += textOfLine(line);
      this.#linesIn(name).push(line.number);
      this.#unseen.add(line.number);
    }
    fs.appendFileSync(this.#at(name), text);
  }

  /** The first half of a line; the rest comes with the next lines. */
  appendPart(): void {
    if (this.#partial !== '') return;
    const line = lineNumber(this.written.length);
    this.written.push(line);
    const text = textOfLine(line);
    this.#linesIn('app.log').push(line.number);
    this.#unseen.add(line.number);
    fs.appendFileSync(this.#at('app.log'), text.slice(0, 40));
    this.#partial = text.slice(40);
  }

  rename(): void {
    if (!this.#canShift) return;
    this.finishLine();
    this.#shift();
    this.#move('app.log', 'app.log.1');
    // A new file may get the number of the old one that was deleted.
    fs.writeFileSync(this.#at('app.log'), '');
    this.#files.set('app.log', []);
  }

  copytruncate(): void {
    if (!this.#canShift) return;
    this.finishLine();
    this.#shift();
    fs.copyFileSync(this.#at('app.log'), this.#at('app.log.1'));
    this.#files.set('app.log.1', [...this.#linesIn('app.log')]);
    fs.truncateSync(this.#at('app.log'));
    this.#files.set('app.log', []);
  }

  compress(by: 'gzip' | 'zstd'): void {
    const name = [...this.#files.keys()]
      .filter((one) => /^app\.log\.\d+$/.test(one))
      .toSorted()
      .at(-1);
    if (name === undefined) return;
    const bytes = fs.readFileSync(this.#at(name));
    const to = `${name}.${by === 'gzip' ? 'gz' : 'zst'}`;
    fs.writeFileSync(this.#at(to), by === 'gzip' ? gzip(bytes) : zstd(bytes));
    fs.rmSync(this.#at(name));
    this.#files.set(to, this.#linesIn(name));
    this.#files.delete(name);
  }

  link(): void {
    if (this.#files.has('app.log.1') && !fs.existsSync(this.#at('hard.log'))) {
      fs.linkSync(this.#at('app.log.1'), this.#at('hard.log'));
      this.#linked = this.#linesIn('app.log.1');
    }
  }

  /** What is deleted before a run has met the logs in their new place leaves no trace: no reader can tell. */
  move(): void {
    if (this.#hasLost) return;
    this.#isMoved = true;
    const to = this.#folder === 'logs' ? 'moved' : 'logs';
    fs.renameSync(this.place, path.join(this.dir, to));
    this.#folder = to;
  }

  /** The log is deleted although there is more in it than a run has read (if none ever met it, no reader can tell), and a new one begins, maybe under the same inode. */
  replace(): void {
    const isKnown = this.#linesIn('app.log').some((line) => !this.#unseen.has(line));
    if (!isKnown || this.#isMoved) return;
    if (this.#partial !== '') this.#hasLost = true;
    this.#partial = '';
    fs.rmSync(this.#at('app.log'));
    for (const line of this.#linesIn('app.log')) if (this.#unseen.has(line)) this.#lose(line);
    fs.writeFileSync(this.#at('app.log'), '');
    this.#files.set('app.log', []);
  }

  /** Real logrotate, with one of its ways. */
  logrotate(program: string, way: string): void {
    if (!this.#files.has('app.log')) return;
    this.finishLine();
    const config = path.join(this.dir, 'logrotate.conf');
    fs.writeFileSync(config, `"${this.#at('app.log')}" {\n  rotate ${KEPT}\n  size 1\n  ${way}\n}\n`, { mode: 0o600 });
    fs.chmodSync(this.place, 0o755);
    const before = new Map(this.#contents());
    const run = spawnSync(program, ['-s', path.join(this.dir, 'logrotate.state'), '-f', config], { encoding: 'utf8' });
    if (run.status !== 0) throw new Error(`logrotate: ${run.stderr}`);
    this.#relist(before);
  }

  /** A run has looked at all that is there. */
  seen(): void {
    this.#hasMetLines = [...this.#files.values(), this.#linked ?? []].some((lines) => lines.length > 0);
    this.#isMoved = false;
    this.#hasLost = false;
    this.#unseen.clear();
  }

  get #canShift(): boolean {
    const isOldestGone = [...this.#files.keys()].some((name) => name.startsWith(`app.log.${KEPT}`));
    return this.#files.has('app.log') && !(this.#isMoved && isOldestGone);
  }

  #linesIn(name: string): number[] {
    const known = this.#files.get(name) ?? [];
    this.#files.set(name, known);
    return known;
  }

  #at(name: string): string {
    return path.join(this.place, name);
  }

  #lose(line: number, isTraceable = this.#hasMetLines): void {
    this.#unseen.delete(line);
    if (!isTraceable) this.#untraceable.add(line);
    this.#hasLost = true;
  }

  finishLine(): void {
    if (this.#partial === '') return;
    fs.appendFileSync(this.#at('app.log'), this.#partial);
    this.#partial = '';
  }

  #move(from: string, to: string): void {
    fs.renameSync(this.#at(from), this.#at(to));
    this.#files.set(to, this.#linesIn(from));
    this.#files.delete(from);
  }

  /** app.log.1 becomes app.log.2 and so on; the oldest goes. */
  #shift(): void {
    for (let n = KEPT; n >= 1; n--) {
      for (const end of ['', '.gz', '.zst']) {
        const name = `app.log.${n}${end}`;
        if (!this.#files.has(name)) continue;
        if (n === KEPT) this.#drop(name);
        else this.#move(name, `app.log.${n + 1}${end}`);
      }
    }
  }

  #drop(name: string): void {
    fs.rmSync(this.#at(name));
    const lines = this.#linesIn(name);
    this.#files.delete(name);
    const left = new Set([...this.#files.values(), this.#linked ?? []].flat());
    // What no run met is missed by the logs before it, which go first: not so if a link keeps one of them.
    const isTraceable =
      this.#hasMetLines && (this.#linked === undefined || lines.some((line) => !this.#unseen.has(line)));
    for (const line of lines) if (this.#unseen.has(line) && !left.has(line)) this.#lose(line, isTraceable);
  }

  *#contents(): Iterable<[string, number[]]> {
    for (const name of fs.readdirSync(this.place)) yield [name, this.#files.get(name) ?? []];
  }

  /** What is in which file now, going by what is written there. */
  #relist(before: ReadonlyMap<string, readonly number[]>): void {
    this.#files = new Map(
      fs.readdirSync(this.place).map((name) => [name, name.endsWith('.gz') ? [] : linesOf(this.#at(name))]),
    );
    const there = new Set([...this.#files.values()].flat());
    const packed = [...this.#files.keys()].filter((name) => name.endsWith('.gz'));
    const rest = [...new Set([...before.values()].flat())].filter((line) => !there.has(line));
    for (const name of packed) this.#files.set(name, rest);
    if (packed.length === 0) for (const line of rest) if (this.#unseen.has(line)) this.#lose(line);
  }
}

export function keyOfLine(number: number): string {
  return `example-line-key-${String(number).padStart(6, '0')}`;
}

export function lineNumber(number: number): Line {
  return { number, at: START_AT + number * MINUTE_MS };
}

export function textOfLine({ number, at }: Line): string {
  return `${JSON.stringify({ time: new Date(at).toISOString(), api_key: keyOfLine(number), status: 200 })}\n`;
}

function linesOf(file: string): number[] {
  const text = fs.readFileSync(file, 'utf8');
  return [...text.matchAll(/example-line-key-(\d{6})/g)].map(([, digits]) => Number(digits));
}
