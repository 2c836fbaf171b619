import Database from 'better-sqlite3';
import { deepStrictEqual } from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openForReading } from '../../src/engines/sqlite/store.ts';
import { dump, type Dump } from '../ingest/dump.ts';
import { gzip, jsonLine, jsonLog, trail, zstd } from '../ingest/made-logs.ts';
import { type Ended, type Fault, listOperations, type Operation, runProgram } from './faulty-run.ts';
import { FIXED_SECRET } from '../run-cli.ts';
import { runInside } from './inside-run.ts';

/** The nights of the reference run: on the second one logs were rotated, have grown, and are new. */
export type Night = 1 | 2;

export const NIGHTS: readonly Night[] = [1, 2];

/** Read to the end; some of the records that are made here cannot be read. */
const DONE: readonly (number | null)[] = [0, 3];

function argumentsFor(dir: string): string[] {
  const at = (name: string): string => path.join(dir, name);
  const report = ['--as-of', '2026-12-01', '--fail-on', 'none', '-o', `json=${at('db/report.json')}`, '-o', 'table'];
  // In a file, so that there is a witness beside it, too.
  return [
    'scan',
    at('logs'),
    '--keys',
    at('keys.csv'),
    '--db',
    at('db/lastcall.db'),
    '--secret-file',
    at('secret'),
    ...report,
  ];
}

/** Logs of both nights, what a whole run makes of them, and a place for the state between the nights. */
export class Reference {
  readonly dir: string;
  readonly shim: string;
  readonly cli: string;
  readonly expected: Record<Night, Dump>;
  readonly operations: Record<Night, readonly Operation[]>;

  private constructor(made: Pick<Reference, 'dir' | 'shim' | 'cli' | 'expected' | 'operations'>) {
    this.dir = made.dir;
    this.shim = made.shim;
    this.cli = made.cli;
    this.expected = made.expected;
    this.operations = made.operations;
  }

  static async make(shim: string, cli: string): Promise<Reference> {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-torture-'));
    const expected: Partial<Record<Night, Dump>> = {};
    const operations: Partial<Record<Night, Operation[]>> = {};
    const made = { dir, shim, cli } as const;
    for (const night of NIGHTS) {
      const start = path.join(dir, `start-${night}`);
      if (night === 1) fs.mkdirSync(path.join(start, 'db'), { recursive: true });
      else fs.cpSync(path.join(dir, 'whole-1'), start, { recursive: true });
      writeLogs(start, night);
      const whole = path.join(dir, `whole-${night}`);
      fs.cpSync(start, whole, { recursive: true, preserveTimestamps: true });
      operations[night] = await listOperations(argumentsFor(whole), {
        cwd: whole,
        shim,
        below: whole,
        cli,
      });
      expected[night] = dumpOf(whole);
    }
    return new Reference({
      ...made,
      expected: expected as Record<Night, Dump>,
      operations: operations as Record<Night, Operation[]>,
    });
  }

  /** A fresh copy of the state before a night. */
  begin(night: Night): string {
    const dir = fs.mkdtempSync(path.join(this.dir, 'run-'));
    fs.cpSync(path.join(this.dir, `start-${night}`), dir, { recursive: true, preserveTimestamps: true });
    return dir;
  }

  run(dir: string, fault?: Fault, shadow?: string): Promise<Ended> {
    const injection =
      fault === undefined
        ? undefined
        : { shim: this.shim, below: dir, fault, ...(shadow === undefined ? {} : { shadow }) };
    return runProgram(argumentsFor(dir), { cwd: dir, injection, cli: this.cli });
  }

  /** Runs again without a fault and compares everything with the run that met none. Throws what differs. */
  async checkRepair(dir: string, night: Night): Promise<void> {
    const { status, stderr } = await runInside(argumentsFor(dir), [], Date.now());
    if (!DONE.includes(status)) throw new Error(`the repairing run ended with ${status}: ${stderr}`);
    deepStrictEqual(dumpOf(dir), this.expected[night]);
    checkIntegrity(dir);
    JSON.parse(fs.readFileSync(path.join(dir, 'db/report.json'), 'utf8'));
  }

  remove(): void {
    fs.rmSync(this.dir, { recursive: true, force: true });
  }
}

export function dumpOf(dir: string): Dump {
  const store = openForReading(path.join(dir, 'db/lastcall.db'), undefined);
  try {
    return dump(store.db);
  } finally {
    store.close();
  }
}

export function checkIntegrity(dir: string): void {
  const db = new Database(path.join(dir, 'db/lastcall.db'));
  try {
    deepStrictEqual(db.pragma('integrity_check'), [{ integrity_check: 'ok' }]);
    deepStrictEqual(db.pragma('foreign_key_check'), []);
  } finally {
    db.close();
  }
}

/** Lines, rows, documents, compressed and not, with defects and with ends that are still to come. */
function writeLogs(dir: string, night: Night): void {
  const at = (name: string): string => path.join(dir, 'logs', name);
  const combined = (from: number, to: number): string => {
    let text = '';
    for (let n = from; n < to; n++) text += combinedLine(n);
    return text;
  };
  if (night === 1) {
    fs.mkdirSync(path.join(dir, 'logs'));
    fs.writeFileSync(path.join(dir, 'secret'), FIXED_SECRET, { mode: 0o600 });
    fs.writeFileSync(path.join(dir, 'keys.csv'), `id,key\none,example-key-number-1\ntwo,example-key-number-2\n`);
    fs.writeFileSync(at('app.log'), `${jsonLog(0, 300)}{"broken\n${jsonLine(300).slice(0, 40)}`);
    fs.writeFileSync(at('web.log.gz'), gzip(combined(0, 200)));
    fs.writeFileSync(at('trail-1.json.gz'), gzip(trail([1, 2, 3, 4, 5, 6])));
    fs.writeFileSync(at('edge.zst'), zstd(jsonLog(5000, 5100)));
    return;
  }
  fs.renameSync(at('app.log'), at('app.log.1'));
  fs.appendFileSync(at('app.log.1'), `${jsonLine(300).slice(40)}${jsonLog(301, 350)}`);
  fs.writeFileSync(at('app.log'), jsonLog(350, 400));
  fs.appendFileSync(at('web.log.gz'), gzip(combined(200, 260)));
  fs.writeFileSync(at('trail-2.json.gz'), gzip(trail([5, 6, 7, 8, 9])));
  fs.writeFileSync(at('new.log'), `${jsonLog(6000, 6100)}{"time":`);
}

function combinedLine(n: number): string {
  const day = String(1 + (n % 28)).padStart(2, '0');
  return `10.0.0.${n % 5} - - [${day}/Sep/2026:10:00:00 +0000] "GET /v1/things?api_key=example-key-number-${n % 3} HTTP/1.1" 200 12 "-" "curl/8.5.0"\n`;
}
