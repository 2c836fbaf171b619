import fs from 'node:fs';
import { planReading, type ReadingPlan } from '../../src/ingest/reading-plan.ts';
import { expectedFile, type FixtureFolder, fixtureFolders, sampleFile } from '../formats/fixture-folders.ts';
import { readFast } from '../ingest/kernel-oracle.ts';
import { HOW } from '../ingest/reading.ts';
import type { Bench, BenchOptions } from './bench.ts';
import { countLog } from './count-log.ts';
import { median, megabytes, type Table } from './table.ts';

/**
 * How fast each format is counted, from its samples over and over, and which of them the kernel counts. In one process,
 * without start and database: for a hundred samples these would take longer than what differs from format to format.
 */
export const FORMATS_BENCH: Bench = { name: 'formats', run };

const MOST_BYTES = 2_000_000;

function run(options: BenchOptions): Table {
  const samples = fixtureFolders().flatMap((folder) => folder.samples.flatMap((name) => repeatable(folder, name)));
  return {
    title: `Throughput by format: samples of fixtures/formats, repeated to ${megabytes(Math.min(options.bytes, MOST_BYTES))} MB`,
    columns: ['', 'syntax', 'records', 'read by the kernel', 'MB/s', 'CPU us a record'],
    rows: samples.map((sample) => measure(sample, options)),
    notes: [
      'Bytes in memory to a tally, on one thread: the median of the runs, after one that is not counted',
      'Every copy of a sample has event ids of its own, and is read without repeats',
      'The kernel reads what is not left to the plain reader, record by record; the share is of the sample itself',
      'Samples are full of traps on purpose: an ordinary log has fewer records for the plain reader',
    ],
  };
}

interface Repeatable {
  readonly name: string;
  readonly plan: ReadingPlan;
  readonly syntax: string;
  readonly text: Buffer;
  /** Records in the sample, and how many of them the kernel counts. */
  readonly records: number;
  readonly counted: number;
  /** What must not be there twice. */
  readonly eventIds: readonly string[];
}

/** A sample with columns that are named once, in its first line, cannot be repeated. */
function repeatable(folder: FixtureFolder, sample: string): Repeatable[] {
  const bytes = fs.readFileSync(sampleFile(folder, sample));
  const plan = planReading(bytes, folder.choice);
  const { syntax } = plan.format;
  if (syntax.kind === 'delimited' || (syntax.kind === 'w3c' && syntax.columns === undefined)) return [];
  const { records, plain } = readFast({
    plan,
    how: { ...HOW, source: plan.format.name },
    log: bytes,
    chunk: bytes.length,
  });
  const expected = fs.readFileSync(expectedFile(folder), 'utf8').trimEnd().split('\n').map(parseExpected);
  const shape = syntax.kind !== 'json' ? syntax.kind : plan.recordsPath === undefined ? 'json lines' : 'json documents';
  return [
    {
      name: folder.samples.length === 1 ? folder.name : `${folder.name}/${sample}`,
      plan,
      syntax: plan.envelopes.length === 0 ? shape : `${shape}, wrapped`,
      text: bytes.at(-1) === 0x0a ? bytes : Buffer.concat([bytes, Buffer.from('\n')]),
      records: expected.filter(({ file }) => file === sample).length,
      counted: Math.max(0, records - plain),
      eventIds: [...new Set(expected.flatMap(({ eventId }) => eventId ?? []))],
    },
  ];
}

function parseExpected(line: string): { readonly file: string; readonly eventId?: string } {
  return JSON.parse(line) as { file: string; eventId?: string };
}

function measure(sample: Repeatable, { bytes, runs, tell }: BenchOptions): string[] {
  const { log, copies } = repeat(sample, Math.min(bytes, MOST_BYTES));
  const times = Array.from({ length: runs + 1 }, () => timeOf(() => countLog(log, sample.plan))).slice(1);
  const took = median(times.map(({ seconds }) => seconds));
  const records = copies * sample.records;
  const speed = megabytes(log.length / took);
  tell(`${sample.name}: ${speed} MB/s`);
  return [
    sample.name,
    sample.syntax,
    String(records),
    sample.counted === 0 ? 'no' : `${Math.round((100 * sample.counted) / sample.records)} %`,
    speed,
    ((median(times.map(({ cpu }) => cpu)) * 1e6) / records).toFixed(1),
  ];
}

/** In seconds. */
function timeOf(act: () => void): { readonly seconds: number; readonly cpu: number } {
  const [begun, before] = [performance.now(), process.cpuUsage()];
  act();
  const { user, system } = process.cpuUsage(before);
  return { seconds: (performance.now() - begun) / 1e3, cpu: (user + system) / 1e6 };
}

function repeat({ text, eventIds }: Repeatable, bytes: number): { readonly log: Buffer; readonly copies: number } {
  const copies = Math.max(1, Math.floor(bytes / text.length));
  const source = text.toString('latin1');
  const own = Array.from({ length: copies }, (_, copy) => {
    const mark = copy.toString(36).padStart(5, '0');
    return eventIds.reduce((whole, id) => whole.replaceAll(id, id.slice(0, -5) + mark), source);
  });
  return { log: Buffer.from(own.join(''), 'latin1'), copies };
}
