import { scanCalls } from '../../src/ingest/call-scan.ts';
import { planReading } from '../../src/ingest/reading-plan.ts';
import { AUTO } from '../ingest/reading.ts';
import { countLog, type Scan, scanPlainly } from './count-log.ts';
import { combinedLines } from './made-access-log.ts';
import { gatewayLines } from './made-log.ts';
import { trailDocuments } from './made-trail.ts';

/**
 * `node test/bench/kernel.ts [records]`: bytes in memory to a tally, on one thread, through the kernel and plainly, in turn.
 * In bytes per second of CPU, which says what the code can do on a busy machine too.
 */
const RUNS = 7;
const records = Number(process.argv[2] ?? 100_000);

compare('lines of a gateway', Buffer.from([...gatewayLines(records)].join('')));
compare('CloudTrail documents', Buffer.from([...trailDocuments(records)].join('\n')));
compare('combined log', Buffer.from([...combinedLines(records)].join('')));

function compare(what: string, log: Buffer): void {
  print(`${what}: ${records} records, ${(log.length / 1e6).toFixed(1)} MB`);
  const [fast, plain]: [number[], number[]] = [[], []];
  for (let run = 0; run < RUNS; run++) {
    fast.push(cpuSeconds(() => count(log, scanCalls)));
    plain.push(cpuSeconds(() => count(log, scanPlainly)));
  }
  const ratios = fast.map((seconds, run) => (plain[run] ?? 0) / seconds);
  print(`  through the kernel ${speeds(log, fast)}`);
  print(`  plainly            ${speeds(log, plain)}`);
  print(`  ratio ${median(ratios).toFixed(1)}`);
}

function count(log: Buffer, begin: Scan): void {
  const { counts, rollups } = countLog(log, planReading(log.subarray(0, 64 * 1024), AUTO), begin);
  if (counts.quarantined > 0 || rollups.size === 0) throw new Error('the log was not read');
}

function cpuSeconds(act: () => void): number {
  const before = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** The best run says what the code can do, the median what this machine gave. */
function speeds(log: Buffer, seconds: readonly number[]): string {
  const speed = (time: number): string => `${(log.length / 1e6 / time).toFixed(0).padStart(4)} MB/s`;
  return `best ${speed(Math.min(...seconds))}, median ${speed(median(seconds))}`;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
