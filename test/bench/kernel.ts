import { digestOf, EventDays } from '../../src/event-digests.ts';
import { planReading } from '../../src/ingest/reading-plan.ts';
import { type CallHandler, type CallScan, scanCalls } from '../../src/ingest/call-scan.ts';
import type { Interpretation } from '../../src/ingest/interpret.ts';
import { scanRecords } from '../../src/ingest/record-scan.ts';
import type { Framer } from '../../src/kernel/framing.ts';
import { addSkip, addUsage, mergeTally, newTally } from '../../src/rollup.ts';
import { AUTO, HOW } from '../ingest/reading.ts';
import { combinedLines } from './made-access-log.ts';
import { gatewayLines } from './made-log.ts';
import { trailDocuments } from './made-trail.ts';

/**
 * `node test/bench/kernel.ts [records]`: bytes in memory to a tally, on one thread, through the kernel and plainly, in turn.
 * In bytes per second of CPU, which says what the code can do on a busy machine too.
 */
const RUNS = 7;
const CHUNK = 256 * 1024;
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

type Scan = (...args: Parameters<typeof scanCalls>) => Framer & Partial<CallScan>;

function scanPlainly(...[plan, how, from, handler]: Parameters<typeof scanCalls>): Framer {
  return scanRecords(plan, how, from, handler);
}

/** As an ingest counts, without a database. */
function count(log: Buffer, begin: Scan): void {
  const plan = planReading(log.subarray(0, 64 * 1024), AUTO);
  const how: Interpretation = { ...HOW, source: 'bench' };
  const [settled, events] = [newTally(), new EventDays()];
  let open = newTally();
  const handler: CallHandler = {
    lastAt: undefined,
    isRepeated({ eventId }) {
      if (eventId === undefined) return false;
      const before = events.size;
      events.set(typeof eventId === 'string' ? digestOf(eventId) : eventId, 0);
      return events.size === before;
    },
    usage(usage, offset, length) {
      const { at, outcome, eventId } = usage;
      if (handler.isRepeated({ callers: usage, at, outcome, eventId }, offset, length)) return;
      handler.lastAt = usage.at;
      addUsage(open, usage, length);
    },
    skip: ({ skip, quarantined }, offset, length) =>
      addSkip(open, { reason: skip, offset, length }, quarantined, how.source, handler.lastAt),
    safePoint() {
      mergeTally(settled, open);
      open = newTally();
    },
    makeRoom: () => scan.drain?.(settled, open),
  };
  const scan = begin(plan, how, 0, handler, plan.format.redelivers === true);
  for (let at = 0; at < log.length; at += CHUNK) scan.push(log.subarray(at, at + CHUNK));
  scan.end();
  handler.makeRoom();
  scan.close?.();
  handler.safePoint(log.length);
  if (settled.counts.quarantined > 0 || settled.rollups.size === 0) throw new Error('the log was not read');
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
