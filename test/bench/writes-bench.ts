import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Bench, BenchOptions } from './bench.ts';
import { lastcall } from './contenders.ts';
import { FIRST_DAY } from './made-log.ts';
import { runProcess } from './process-run.ts';
import { median, megabytes, seconds, type Table } from './table.ts';

/** Rollups into SQLite: logs in which each record makes one, beside logs as long that make one in all. */
export const WRITES_BENCH: Bench = { name: 'writes', run };

const NUMBERS = [5000, 100_000, 1_000_000];
/** By which the size that is asked for bounds their number: about what one takes in memory. */
const BYTES_EACH = 1000;

function run(options: BenchOptions): Table {
  return {
    title: 'Writing rollups, whole processes',
    columns: ['', 'rollups', 'seconds', 'of that reading', 'rollups/s', 'database MB', 'peak MB'],
    rows: NUMBERS.filter((number) => number * BYTES_EACH <= options.bytes).flatMap((number) =>
      measure(number, options),
    ),
    notes: [
      '"Of that reading": the time that a log of as many records takes whose calls are all of one key',
      '"The next day": the same keys call again, so that each caller that is known is read and written',
    ],
  };
}

function measure(number: number, { runs, tell }: BenchOptions): string[][] {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-bench-run-'));
  try {
    const [first, next, one] = ['first.jsonl', 'next.jsonl', 'one.jsonl'].map((name) => path.join(home, name)) as [string, string, string]; // prettier-ignore
    writeLog(first, number, 0, (i) => i);
    writeLog(next, number, 1, (i) => i);
    writeLog(one, number, 0, () => 0);
    const found: Record<'first' | 'next' | 'one', { seconds: number[]; peaks: number[] }> = {
      first: { seconds: [], peaks: [] },
      next: { seconds: [], peaks: [] },
      one: { seconds: [], peaks: [] },
    };
    const db = path.join(home, 'db', 'lastcall.db');
    const sizes = { first: 0, next: 0 };
    const ingest = (name: keyof typeof found, log: string): void => {
      const { seconds: took, peakBytes } = runProcess(lastcall(['ingest', '--quiet', '--db', db, log]));
      found[name].seconds.push(took);
      if (peakBytes !== undefined) found[name].peaks.push(peakBytes);
      if (name !== 'one') sizes[name] = fs.statSync(db).size;
      tell(`${number} rollups, ${name}: ${seconds(took)} s`);
    };
    for (let round = 0; round < (number >= 1e6 ? 1 : runs); round++) {
      emptyFolder(path.dirname(db));
      ingest('first', first);
      ingest('next', next);
      emptyFolder(path.dirname(db));
      ingest('one', one);
    }
    const reading = median(found.one.seconds);
    const row = (what: string, name: 'first' | 'next'): string[] => {
      const took = median(found[name].seconds);
      const perSecond = Math.round(number / (took - reading));
      const { peaks } = found[name];
      return [what, String(number), seconds(took), seconds(reading), perSecond > 0 ? String(perSecond) : '', megabytes(sizes[name]), peaks.length === 0 ? '' : megabytes(median(peaks))]; // prettier-ignore
    };
    return [row('all new', 'first'), row('the next day', 'next')];
  } finally {
    fs.rmSync(home, { recursive: true });
  }
}

function emptyFolder(folder: string): void {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder);
}

const DAY_MS = 86_400_000;

function writeLog(file: string, records: number, day: number, key: (record: number) => number): void {
  const out = fs.openSync(file, 'w');
  let lines = '';
  for (let i = 0; i < records; i++) {
    const at = new Date(FIRST_DAY + day * DAY_MS + Math.floor((i / records) * DAY_MS)).toISOString();
    lines += `{"time":"${at}","api_key":"acme_live_EXAMPLE${String(key(i)).padStart(8, '0')}","ip":"10.0.0.7","user_agent":"okhttp/4.12.0","status":200}\n`;
    if (lines.length < 1e6) continue;
    fs.writeSync(out, lines);
    lines = '';
  }
  fs.writeSync(out, lines);
  fs.closeSync(out);
}
