import type { DayNumber, EpochMs, Totals } from '../../model.ts';
import { greatest, least } from '../../tally/rollup.ts';
import { addTotals } from '../../verdicts/totals.ts';
import { joinDays } from '../../verdicts/use-days.ts';
import type { DayCounts } from '../../tally/day-row.ts';
import { isUsed } from './day-block.ts';
import { ByteReader, ByteWriter } from './leb128.ts';

/**
 * All that a verdict needs of one caller in one source. Stored as numbers in LEB128: the days of use and the days of
 * refusals, each as their number and the distances from one to the next; requests, refused; then the instants of the
 * first call, the last use and the last refusal, each as 0 or its milliseconds after the first day of all, plus one.
 */
export interface CallerSum extends Totals {
  /** Days with accepted or failed calls. Sorted, each once, as are those with refused calls. */
  readonly useDays: readonly DayNumber[];
  readonly refusedDays: readonly DayNumber[];
}

/** `days`: sorted, each once. One loop: each rollup that is written passes here. */
export function sumUp(days: readonly DayCounts[]): CallerSum {
  const useDays: DayNumber[] = [];
  const refusedDays: DayNumber[] = [];
  let requests = 0;
  let refused = 0;
  let [firstSeenAt, lastUsedAt, lastRefusedAt]: (EpochMs | undefined)[] = [];
  for (const day of days) {
    if (isUsed(day)) useDays.push(day.day);
    if (day.refused > 0) refusedDays.push(day.day);
    requests += day.accepted + day.failed + day.refused;
    refused += day.refused;
    firstSeenAt = least(firstSeenAt, least(day.firstUsedAt, day.firstRefusedAt));
    lastUsedAt = greatest(lastUsedAt, day.lastUsedAt);
    lastRefusedAt = greatest(lastRefusedAt, day.lastRefusedAt);
  }
  return { useDays, refusedDays, requests, refused, firstSeenAt, lastUsedAt, lastRefusedAt };
}

/** How many days have calls of any outcome. */
export function activeDays({ useDays, refusedDays }: CallerSum): number {
  return refusedDays.length === 0 ? useDays.length : joinDays([useDays, refusedDays]).length;
}

/** Order-free. */
export function mergeSums(a: CallerSum, b: CallerSum): CallerSum {
  return {
    useDays: joinDays([a.useDays, b.useDays]),
    refusedDays: joinDays([a.refusedDays, b.refusedDays]),
    ...addTotals(a, b),
  };
}

export function encodeSum(sum: CallerSum): Uint8Array {
  const bytes = new ByteWriter();
  const start = Math.min(sum.useDays[0] ?? Infinity, sum.refusedDays[0] ?? Infinity);
  const origin = start === Infinity ? 0 : start;
  bytes.signed(origin);
  for (const days of [sum.useDays, sum.refusedDays]) {
    bytes.number(days.length);
    let last = origin;
    for (const day of days) {
      bytes.number(day - last);
      last = day;
    }
  }
  bytes.number(sum.requests);
  bytes.number(sum.refused);
  for (const at of [sum.firstSeenAt, sum.lastUsedAt, sum.lastRefusedAt]) bytes.instant(at, origin);
  return bytes.taken();
}

export function decodeSum(encoded: Uint8Array): CallerSum {
  const bytes = new ByteReader(encoded);
  const origin = bytes.signed();
  return {
    useDays: readDays(bytes, origin),
    refusedDays: readDays(bytes, origin),
    requests: bytes.number(),
    refused: bytes.number(),
    firstSeenAt: bytes.instant(origin),
    lastUsedAt: bytes.instant(origin),
    lastRefusedAt: bytes.instant(origin),
  };
}

/** Of what SQLite's `hex` made of the bytes. */
export function decodeSumOfHex(hex: string): CallerSum {
  if (hex.length > 2 * scratch.length) scratch = Buffer.allocUnsafe(hex.length);
  scratch.write(hex, 'hex');
  return decodeSum(scratch);
}

let scratch = Buffer.allocUnsafe(1 << 12);

function readDays(bytes: ByteReader, origin: DayNumber): DayNumber[] {
  const length = bytes.number();
  const days: DayNumber[] = [];
  for (let day = origin; days.length < length; days.push(day)) day += bytes.number();
  return days;
}
