import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Bench, BenchOptions } from './bench.ts';
import { LASTCALL } from './contenders.ts';
import { type LogKind, makeLogFiles } from './log-files.ts';
import { type Command, type ProcessRun, runProcess } from './process-run.ts';
import { formatSize, median, megabytes, seconds, type Table } from './table.ts';

/** Whether memory and throughput stay what they are as logs grow: up to the size that is asked for. */
export const MEMORY_BENCH: Bench = { name: 'memory', run };

const SIZES = [10e6, 100e6, 1e9, 10e9];
const KINDS: readonly LogKind[] = ['plain', 'gzip', 'cloudtrail'];

function run(options: BenchOptions): Table {
  const rows = KINDS.flatMap((kind) => {
    let before: Measured | undefined;
    return SIZES.filter((size) => size <= options.bytes).map((size) => {
      const now = measure(kind, size, options);
      const row = rowOf(kind, now, before);
      before = now;
      return row;
    });
  });
  return {
    title: 'Memory and throughput as logs grow',
    columns: ['', 'size', 'seconds', 'MB/s', 'MB/s of what it has more', 'peak MB', 'target'],
    rows,
    notes: ['"Of what it has more" than the size above: what start-up and the commit cost is not in it'],
  };
}

interface Measured {
  readonly bytes: number;
  readonly seconds: number;
  readonly peakBytes: number | undefined;
}

function measure(kind: LogKind, size: number, { folder, runs, tell }: BenchOptions): Measured {
  const log = makeLogFiles(folder, kind, size);
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-bench-run-'));
  try {
    const all: ProcessRun[] = [];
    for (let round = 0; round < Math.max(1, size >= 1e9 ? Math.min(runs, 3) : runs); round++) {
      all.push(runProcess(LASTCALL.command(log, home) as Command));
      tell(`${kind}, ${formatSize(log.bytes)}: ${seconds(all.at(-1)?.seconds)} s`);
    }
    const peaks = all.flatMap(({ peakBytes }) => peakBytes ?? []);
    return {
      bytes: log.bytes,
      seconds: median(all.map((one) => one.seconds)),
      peakBytes: peaks.length === 0 ? undefined : Math.max(...peaks),
    };
  } finally {
    fs.rmSync(home, { recursive: true });
  }
}

function rowOf(kind: LogKind, now: Measured, before: Measured | undefined): string[] {
  const more = before === undefined ? undefined : (now.bytes - before.bytes) / (now.seconds - before.seconds);
  return [
    kind,
    formatSize(now.bytes),
    seconds(now.seconds),
    megabytes(now.bytes / now.seconds),
    more === undefined || more < 0 ? '' : megabytes(more),
    megabytes(now.peakBytes),
    'under 256',
  ];
}
