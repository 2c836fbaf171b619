import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { planReading } from '../../src/ingest/reading-plan.ts';
import { expectedFile, type FixtureFolder, fixtureFolders, sampleFile } from '../formats/fixture-folders.ts';
import { readFast } from '../ingest/kernel-oracle.ts';
import { HOW } from '../ingest/reading.ts';
import type { Bench, BenchOptions } from './bench.ts';
import { lastcall } from './contenders.ts';
import { runProcess } from './process-run.ts';
import { megabytes, seconds, type Table } from './table.ts';

/** How fast each format is read, from its samples over and over, and which of them the kernel counts. */
export const FORMATS_BENCH: Bench = { name: 'formats', run };

const MOST_BYTES = 50_000_000;

function run(options: BenchOptions): Table {
  const samples = fixtureFolders().flatMap((folder) => folder.samples.flatMap((name) => repeatable(folder, name)));
  return {
    title: `Throughput by format: samples of fixtures/formats, repeated to ${megabytes(Math.min(options.bytes, MOST_BYTES))} MB`,
    columns: ['', 'syntax', 'records', 'read by the kernel', 'seconds', 'MB/s', 'CPU us a record'],
    rows: samples.map((sample) => measure(sample, options)),
    notes: [
      'One run each. Every copy of a sample has event ids of its own, and is read without repeats',
      'The kernel reads what is not left to the plain reader, record by record; the share is of the sample itself',
      'Samples are full of traps on purpose: an ordinary log has fewer records for the plain reader',
    ],
  };
}

interface Repeatable {
  readonly name: string;
  readonly folder: FixtureFolder;
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
      folder,
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

function measure(sample: Repeatable, { bytes, tell }: BenchOptions): string[] {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-bench-run-'));
  try {
    const log = path.join(home, 'sample.log');
    const copies = writeCopies(log, sample, Math.min(bytes, MOST_BYTES));
    const { seconds: took, cpuSeconds } = runProcess(
      lastcall(['ingest', '--quiet', '--db', path.join(home, 'lastcall.db'), ...flags(sample.folder), log]),
      [0, 3],
    );
    tell(`${sample.name}: ${seconds(took)} s`);
    const records = copies * sample.records;
    return [
      sample.name,
      sample.syntax,
      String(records),
      sample.counted === 0 ? 'no' : `${Math.round((100 * sample.counted) / sample.records)} %`,
      seconds(took),
      megabytes(fs.statSync(log).size / took),
      cpuSeconds === undefined ? '' : ((cpuSeconds * 1e6) / records).toFixed(1),
    ];
  } finally {
    fs.rmSync(home, { recursive: true });
  }
}

/** Returns their number. */
function writeCopies(file: string, { text, eventIds }: Repeatable, bytes: number): number {
  const copies = Math.max(1, Math.floor(bytes / text.length));
  const source = text.toString('latin1');
  const out = fs.openSync(file, 'w');
  for (let copy = 0; copy < copies; copy++) {
    const mark = copy.toString(36).padStart(5, '0');
    const own = eventIds.reduce((whole, id) => whole.replaceAll(id, id.slice(0, -5) + mark), source);
    fs.writeSync(out, Buffer.from(own, 'latin1'));
  }
  fs.closeSync(out);
  return copies;
}

function flags({ choice }: FixtureFolder): string[] {
  const fields = Object.entries(choice.fields).flatMap(([field, at]) => ['--field', `${field}=${at}`]);
  const text = choice.logFormatString;
  return text === undefined ? fields : [...fields, '--log-format-string', text];
}
