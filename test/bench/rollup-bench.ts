import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Bench, BenchOptions } from './bench.ts';
import { type Contender, findRivals, LASTCALL } from './contenders.ts';
import { callsIn, differences, type KeyDays } from './key-days.ts';
import { LOG_KINDS, type LogFiles, type LogKind, makeLogFiles } from './log-files.ts';
import { HAS_GNU_TIME, type ProcessRun, runProcess } from './process-run.ts';
import { formatSize, median, megabytes, seconds, type Table } from './table.ts';

/** lastcall beside its rivals on the same logs: one bench for each kind of log. */
export const ROLLUP_BENCHES: readonly Bench[] = LOG_KINDS.map((kind) => ({
  name: kind,
  run: (options) => compare(kind, options),
}));

const TITLES: Readonly<Record<LogKind, string>> = {
  plain: 'Gateway log, JSON lines, one plain file',
  gzip: 'The same log, one gzip file',
  many: 'The same log, eight gzip files',
  cloudtrail: 'CloudTrail, `{"Records":[...]}` documents, gzip, one event in five delivered twice',
  combined: 'Access log in the combined format, one plain file',
};

/** What lastcall is to reach: so many times the speed. */
const TARGETS: Readonly<Partial<Record<LogKind, Readonly<Record<string, number>>>>> = {
  plain: { duckdb: 3, clickhouse: 6 },
  gzip: { duckdb: 1.3 },
  many: { duckdb: 2 },
  cloudtrail: { duckdb: 3 },
};

/** One contender, the log that it gets, and what became of it. */
interface Entry {
  readonly contender: Contender;
  readonly log: LogFiles;
  readonly folder: string;
  readonly runs: ProcessRun[];
}

function compare(kind: LogKind, options: BenchOptions): Table {
  const { rivals, absent } = findRivals(options.only);
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-bench-run-'));
  try {
    const chosen = [LASTCALL, ...rivals.filter(({ isVariant }) => isVariant !== true || options.variants)];
    const entries = chosen.flatMap((contender, number) =>
      enter(contender, kind, options, path.join(home, `${number}`)),
    );
    for (const line of absent) options.tell(line);
    measure(entries, options);
    const checks = entries.map((entry) => check(entry, entries[0] as Entry));
    return tableOf(kind, entries, checks, absent);
  } finally {
    fs.rmSync(home, { recursive: true });
  }
}

function enter(contender: Contender, kind: LogKind, options: BenchOptions, folder: string): Entry[] {
  fs.mkdirSync(folder);
  const log = makeLogFiles(options.folder, kind, Math.min(options.bytes, contender.atMostBytes ?? options.bytes));
  return contender.command(log, folder) === undefined ? [] : [{ contender, log, folder, runs: [] }];
}

/** In turn, so that what slows the machine down slows all of them down. The first round fills the caches. */
function measure(entries: readonly Entry[], { runs, tell }: BenchOptions): void {
  for (let round = 0; round <= runs; round++) {
    for (const { contender, log, folder, runs: done } of entries) {
      const run = runProcess(contender.command(log, folder) as NonNullable<ReturnType<Contender['command']>>);
      if (round > 0) done.push(run);
      tell(`${round === 0 ? 'warm-up' : `run ${round}`}: ${contender.name} ${seconds(run.seconds)} s`);
    }
  }
}

/** Whether a rival counted what lastcall counted: per key and day, calls by outcome, first and last. */
function check({ contender, log, folder }: Entry, first: Entry): string {
  if (contender === LASTCALL || contender.keyDays === undefined) return '';
  const found = differences(oursOf(log, first), contender.keyDays(folder));
  if (found.length > 0) throw new Error(`${contender.name} counts otherwise than lastcall:\n${found.join('\n')}`);
  return 'yes';
}

function oursOf(log: LogFiles, { log: measured, folder }: Entry): KeyDays {
  if (log.bytes === measured.bytes) return LASTCALL.keyDays?.(folder) as KeyDays;
  const other = `${folder}-small`;
  fs.mkdirSync(other, { recursive: true });
  runProcess(LASTCALL.command(log, other) as NonNullable<ReturnType<Contender['command']>>);
  return LASTCALL.keyDays?.(other) as KeyDays;
}

function tableOf(
  kind: LogKind,
  entries: readonly Entry[],
  checks: readonly string[],
  absent: readonly string[],
): Table {
  const [first] = entries as readonly [Entry];
  const { log } = first;
  const calls = callsIn(LASTCALL.keyDays?.(first.folder) as KeyDays);
  const packed = log.packedBytes === log.bytes ? '' : ` (${formatSize(log.packedBytes)} packed)`;
  const files = log.files.length === 1 ? '' : ` in ${log.files.length} files`;
  return {
    title: `${TITLES[kind]}: ${formatSize(log.bytes)}${packed}${files}, ${calls} calls`,
    columns: [
      '',
      'seconds',
      'from - to',
      'MB/s',
      'CPU s',
      'peak MB',
      'lastcall is faster by',
      'target',
      'by CPU',
      'same counts',
    ],
    rows: entries.map((entry, i) => rowOf(entry, first, checks[i] ?? '', TARGETS[kind]?.[entry.contender.name])),
    notes: [
      ...entries.flatMap(({ contender, log: own }) => notesOf(contender, own, log)),
      ...absent,
      ...(HAS_GNU_TIME ? [] : ['CPU and memory are not measured: apt-get install time']),
    ],
  };
}

function rowOf({ contender, log, runs }: Entry, first: Entry, same: string, target: number | undefined): string[] {
  const all = runs.map((run) => run.seconds);
  const perByte = (entry: Pick<Entry, 'runs' | 'log'>, i: number, of: 'seconds' | 'cpuSeconds'): number =>
    (entry.runs[i]?.[of] ?? Number.NaN) / entry.log.bytes;
  const ratio = median(runs.map((_, i) => perByte({ runs, log }, i, 'seconds') / perByte(first, i, 'seconds')));
  const cpu = median(runs.map((_, i) => perByte({ runs, log }, i, 'cpuSeconds') / perByte(first, i, 'cpuSeconds')));
  return [
    `${contender.name} ${contender.version}`,
    seconds(median(all)),
    `${seconds(Math.min(...all))} - ${seconds(Math.max(...all))}`,
    megabytes(log.bytes / median(all)),
    seconds(median(runs.flatMap(({ cpuSeconds }) => cpuSeconds ?? []))),
    megabytes(median(runs.flatMap(({ peakBytes }) => peakBytes ?? []))),
    contender === LASTCALL ? '' : times(ratio),
    target === undefined ? '' : `${target}x`,
    contender === LASTCALL ? '' : times(cpu),
    same,
  ];
}

function times(ratio: number): string {
  return Number.isNaN(ratio) ? '' : `${ratio.toFixed(2)}x`;
}

function notesOf({ name, note, atMostBytes }: Contender, own: LogFiles, log: LogFiles): string[] {
  const isSmaller = atMostBytes !== undefined && own.bytes < log.bytes;
  const smaller = isSmaller ? [`read ${formatSize(own.bytes)} only, and is compared by MB/s`] : [];
  const said = [...(note === undefined ? [] : [note]), ...smaller];
  return said.length === 0 ? [] : [`${name}: ${said.join('; ')}`];
}
