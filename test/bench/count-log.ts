import { digestOf, EventDays } from '../../src/tally/event-digests.ts';
import { type CallHandler, type CallScan, scanCalls } from '../../src/ingest/call-scan.ts';
import type { Interpretation } from '../../src/ingest/interpret.ts';
import type { ReadingPlan } from '../../src/ingest/reading-plan.ts';
import { scanRecords } from '../../src/ingest/record-scan.ts';
import type { Framer } from '../../src/kernel/framing.ts';
import { addSkip, addUsage, mergeTally, newTally, type Tally } from '../../src/tally/rollup.ts';
import { HOW } from '../ingest/reading.ts';

const CHUNK = 256 * 1024;

export type Scan = (...args: Parameters<typeof scanCalls>) => Framer & Partial<CallScan>;

/** Without the kernel. */
export function scanPlainly(...[plan, how, from, handler]: Parameters<typeof scanCalls>): Framer {
  return scanRecords(plan, how, from, handler);
}

/** As an ingest counts, without a database. */
export function countLog(log: Buffer, plan: ReadingPlan, begin: Scan = scanCalls): Tally {
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
  return settled;
}
