import fs from 'node:fs';
import { LastcallError } from '../../src/errors.ts';
import { planReading, type ReadingPlan } from '../../src/ingest/reading-plan.ts';
import { scanRecords } from '../../src/ingest/record-scan.ts';
import { type FixtureFolder, fixtureFolders, sampleFile } from '../formats/fixture-folders.ts';
import { seeded } from '../ingest/child.ts';
import { HOW } from '../ingest/reading.ts';
import { explain, type OnDone, type Result } from './result.ts';

/** What breaks readers, in the middle of what is otherwise a log. */
const DICTIONARY = [
  [
    '{"',
    '"}',
    '\\',
    '\\u0000',
    '\\ud800',
    '\\x22',
    '"',
    "'",
    ',',
    ';',
    '\t',
    '[',
    ']]',
    '{}',
    ':',
    '%',
    '%zz',
    '%00',
    '\0',
  ],
  [
    '\r',
    '\n',
    '\r\n',
    '\u2028',
    '\ufeff',
    '-',
    '1e400',
    '-0',
    '9007199254740993',
    'NaN',
    'null',
    '__proto__',
    '23:59:60',
  ],
  [
    '2026-02-30T00:00:00Z',
    '99999999999999999999',
    '#Fields: time',
    '::1',
    'Bearer ',
    'Basic ',
    '[REDACTED]',
    '=',
    '&',
    '?',
    '#',
  ],
  ['['.repeat(2000), '{"a":'.repeat(500), '\\'.repeat(999), 'a'.repeat(5000), '\0'.repeat(3000), '%41'.repeat(500)],
]
  .flat()
  .map((text) => Buffer.from(text));

const MAX_BYTES = 1000;
const MAX_MS = 1000;

interface Sample {
  readonly name: string;
  readonly bytes: Buffer;
  readonly choice: FixtureFolder['choice'];
  readonly plan: ReadingPlan;
}

/** Damaged logs of every format: none ends the program or takes long, and no byte of them is unaccounted for. */
export async function fuzz(count: number, seed: number, onDone?: OnDone): Promise<Result> {
  const samples = readSamples();
  const failures: string[] = [];
  let done = 0;
  for (; done < count && failures.length < 20; done++) {
    if (done % 1000 === 0) onDone?.(done, failures.length);
    const random = seeded(seed + done * 7919);
    for (let n = 0; n < 3; n++) random();
    const sample = pick(samples, random);
    const log = damage(sample.bytes, samples, random);
    const how = { isPlanned: random() < 0.03, middle: Math.floor(random() * log.length) };
    const startedAt = performance.now();
    try {
      check(log, sample, how);
    } catch (error) {
      failures.push(
        `${sample.name}, input ${done}: ${explain(error)}\n${JSON.stringify(log.toString('latin1')).slice(0, 600)}`,
      );
    }
    if (performance.now() - startedAt <= MAX_MS) continue;
    const ms = processorTime(() => check(log, sample, how));
    if (ms > MAX_MS) failures.push(`${sample.name}, input ${done}: it took ${ms.toFixed(0)} ms`);
  }
  return { done, failures };
}

/** Another process may have the machine meanwhile. To ask takes a third of the time of all, so only what was slow is asked. */
function processorTime(act: () => void): number {
  const before = process.cpuUsage();
  try {
    act();
  } catch {
    // It was said.
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function readSamples(): Sample[] {
  return fixtureFolders().flatMap((folder) =>
    folder.samples.flatMap((name) => {
      const bytes = fs.readFileSync(sampleFile(folder, name));
      if (bytes[0] === 0x1f || bytes.readUInt32LE(0) === 0xfd2fb528) return [];
      return [
        { name: `${folder.name}/${name}`, bytes, choice: folder.choice, plan: planReading(bytes, folder.choice) },
      ];
    }),
  );
}

type Random = () => number;

function pick<T>(list: readonly T[], random: Random): T {
  return list[Math.floor(random() * list.length)] as T;
}

function cut(bytes: Buffer, random: Random): Buffer {
  const from = Math.floor(random() * bytes.length);
  return bytes.subarray(from, from + Math.floor(random() * 400));
}

function damage(bytes: Buffer, samples: readonly Sample[], random: Random): Buffer {
  const from = random() < 0.5 ? 0 : bytes.indexOf(0x0a, Math.floor(random() * bytes.length)) + 1;
  let log: Buffer = Buffer.from(bytes.subarray(from, from + MAX_BYTES));
  for (let n = 1 + Math.floor(random() * 4); n > 0; n--) log = damageOnce(log, samples, random);
  return log;
}

function damageOnce(log: Buffer, samples: readonly Sample[], random: Random): Buffer {
  const at = Math.floor(random() * (log.length + 1));
  const insert = (what: Buffer): Buffer => Buffer.concat([log.subarray(0, at), what, log.subarray(at)]);
  switch (Math.floor(random() * 6)) {
    case 0: {
      const copy = Buffer.from(log);
      if (at < copy.length) copy[at] = Math.floor(random() * 256);
      return copy;
    }
    case 1:
      return log.subarray(0, at);
    case 2:
      return Buffer.concat([log.subarray(0, at), log.subarray(at + Math.floor(random() * 60))]);
    case 3:
      return insert(cut(log, random));
    case 4:
      return insert(cut(pick(samples, random).bytes, random));
    default:
      return insert(pick(DICTIONARY, random));
  }
}

interface HowToRead {
  /** As if nothing else were known of it. */
  readonly isPlanned: boolean;
  /** Where it is cut in two. */
  readonly middle: number;
}

function check(log: Buffer, sample: Sample, { isPlanned, middle }: HowToRead): void {
  const plan = isPlanned ? replan(log, sample) : sample.plan;
  if (plan === undefined) return;
  const structure: Buffer[] = [];
  let end = 0;
  const take = (offset: number, length: number): void => {
    if (offset < end || offset + length > log.length)
      throw new Error(`bytes ${offset} to ${offset + length} count twice or are not there`);
    if (offset > end) structure.push(log.subarray(end, offset));
    end = offset + length;
  };
  const framer = scanRecords(plan, HOW, 0, {
    usage: (_, offset, length) => take(offset, length),
    skip: (_, offset, length) => take(offset, length),
    safePoint: () => undefined,
  });
  for (const piece of [log.subarray(0, middle), log.subarray(middle)]) framer.push(Buffer.from(piece));
  framer.end();
  structure.push(log.subarray(end));
  const isOf = structure.reduce((sum, { length }) => sum + length, 0) - plan.byteOrderMark;
  const said = framer.structureBytes ?? isOf;
  if (said !== isOf && log.length > plan.byteOrderMark)
    throw new Error(`${isOf - said} bytes are neither record nor shell`);
  if (plan.recordsPath === undefined) checkLineEnds(Buffer.concat(structure), plan.byteOrderMark);
}

function replan(log: Buffer, { choice }: Sample): ReadingPlan | undefined {
  try {
    return planReading(log, choice);
  } catch (error) {
    if (error instanceof LastcallError) return undefined;
    throw error;
  }
}

/** Between lines there is nothing but their ends, and a mark at the start. */
function checkLineEnds(structure: Buffer, mark: number): void {
  const rest = structure
    .subarray(mark)
    .toString('latin1')
    .replaceAll(/[\r\n]/g, '');
  if (rest !== '') throw new Error(`nobody accounts for ${JSON.stringify(rest.slice(0, 100))}`);
}
