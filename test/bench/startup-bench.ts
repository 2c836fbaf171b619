import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { environment } from '../run-cli.ts';
import type { Bench, BenchOptions } from './bench.ts';
import { lastcall } from './contenders.ts';
import { makeLogFiles } from './log-files.ts';
import { gatewayLines } from './made-log.ts';
import { type ProcessRun, runProcess } from './process-run.ts';
import { median, megabytes, seconds, type Table } from './table.ts';

/** What a run costs that has nothing to do, or next to nothing. */
export const STARTUP_BENCH: Bench = { name: 'startup', run };

const KNOWN_FILES = 1000;
const RECORDS_PER_FILE = 20;

async function run(options: BenchOptions): Promise<Table> {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-bench-run-'));
  try {
    const known = makeKnownFiles(home);
    const db = path.join(home, 'known.db');
    runProcess(lastcall(['ingest', '--quiet', '--db', db, known]));
    const one = path.join(home, 'one.jsonl');
    fs.writeFileSync(one, gatewayLines(1).next().value as string);
    const fresh = path.join(home, 'fresh');
    const ingest = (): ProcessRun => {
      fs.rmSync(fresh, { recursive: true, force: true });
      fs.mkdirSync(fresh);
      return runProcess(lastcall(['ingest', '--quiet', '--db', path.join(fresh, 'lastcall.db'), one]));
    };
    const again = (): ProcessRun => runProcess(lastcall(['ingest', '--quiet', '--db', db, known]));
    const bare = (): ProcessRun => runProcess({ argv: [process.execPath, '--eval', '0'] });
    return {
      title: 'Start-up, whole processes',
      columns: ['', 'seconds', 'from - to', 'target', 'CPU s', 'peak MB'],
      rows: [
        rowOf('Node itself, doing nothing', times(options, bare)),
        await firstRecord(options),
        rowOf('one record into a new database', times(options, ingest)),
        rowOf(`${KNOWN_FILES} known files, nothing new`, times(options, again), 'under 0.5'),
      ],
      notes: [],
    };
  } finally {
    fs.rmSync(home, { recursive: true });
  }
}

/** From the start of the process to the first record that `parse` prints. */
async function firstRecord(options: BenchOptions): Promise<string[]> {
  const [log = ''] = makeLogFiles(options.folder, 'plain', 10_000_000).files;
  const all: number[] = [];
  for (let round = 0; round <= options.runs; round++) {
    const took = await untilFirstOutput(['parse', log]);
    if (round > 0) all.push(took);
  }
  return rowOf(
    'start-up to the first record',
    all.map((took) => ({ seconds: took })),
    'under 0.15',
  );
}

function untilFirstOutput(args: readonly string[]): Promise<number> {
  const { argv, env } = lastcall(args);
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const child = spawn(argv[0] as string, argv.slice(1), {
      env: environment(env),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let took = Number.NaN;
    child.stdout.once('data', () => {
      took = (performance.now() - startedAt) / 1000;
      child.stdout.destroy();
    });
    child.once('error', reject);
    child.once('close', () => resolve(took));
  });
}

function makeKnownFiles(home: string): string {
  const folder = path.join(home, 'known');
  fs.mkdirSync(folder);
  for (let file = 0; file < KNOWN_FILES; file++) {
    const name = `${String(file).padStart(4, '0')}.jsonl`;
    fs.writeFileSync(path.join(folder, name), [...gatewayLines(RECORDS_PER_FILE, file + 1)].join(''));
  }
  return folder;
}

function times<T>({ runs }: BenchOptions, act: () => T): T[] {
  act();
  return Array.from({ length: runs }, act);
}

function rowOf(what: string, runs: readonly Partial<ProcessRun>[], target = ''): string[] {
  const all = runs.flatMap((one) => one.seconds ?? []);
  const middle = (of: 'cpuSeconds' | 'peakBytes'): number | undefined => {
    const known = runs.flatMap((one) => one[of] ?? []);
    return known.length === 0 ? undefined : median(known);
  };
  return [
    what,
    seconds(median(all)),
    `${seconds(Math.min(...all))} - ${seconds(Math.max(...all))}`,
    target,
    seconds(middle('cpuSeconds')),
    megabytes(middle('peakBytes')),
  ];
}
