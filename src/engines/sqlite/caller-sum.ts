import type { DayNumber, EpochMs, Totals } from '../../model.ts';
import { type DayCounts, isUsed } from './day-block.ts';
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

/** `days`: sorted, each once. */
export function sumUp(days: readonly DayCounts[]): CallerSum {
  return {
    useDays: days.filter(isUsed).map(({ day }) => day),
    refusedDays: days.filter(({ refused }) => refused > 0).map(({ day }) => day),
    requests: days.reduce((sum, { accepted, failed, refused }) => sum + accepted + failed + refused, 0),
    refused: days.reduce((sum, { refused }) => sum + refused, 0),
    firstSeenAt: least(days.flatMap(({ firstUsedAt, firstRefusedAt }) => [firstUsedAt, firstRefusedAt])),
    lastUsedAt: greatest(days.map(({ lastUsedAt }) => lastUsedAt)),
    lastRefusedAt: greatest(days.map(({ lastRefusedAt }) => lastRefusedAt)),
  };
}

/** Order-free. */
export function mergeSums(a: CallerSum, b: CallerSum): CallerSum {
  return {
    useDays: joinDays(a.useDays, b.useDays),
    refusedDays: joinDays(a.refusedDays, b.refusedDays),
    requests: a.requests + b.requests,
    refused: a.refused + b.refused,
    firstSeenAt: least([a.firstSeenAt, b.firstSeenAt]),
    lastUsedAt: greatest([a.lastUsedAt, b.lastUsedAt]),
    lastRefusedAt: greatest([a.lastRefusedAt, b.lastRefusedAt]),
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

function readDays(bytes: ByteReader, origin: DayNumber): DayNumber[] {
  const length = bytes.number();
  const days: DayNumber[] = [];
  for (let day = origin; days.length < length; days.push(day)) day += bytes.number();
  return days;
}

/** The order-free union of two lists of days, both sorted and each day once. */
function joinDays(a: readonly DayNumber[], b: readonly DayNumber[]): readonly DayNumber[] {
  if (b.length === 0) return a;
  if (a.length === 0 || a.at(-1)! < b[0]!) return a.concat(b);
  return [...new Set(a.concat(b))].toSorted((x, y) => x - y);
}

function least(instants: readonly (EpochMs | undefined)[]): EpochMs | undefined {
  let first: EpochMs | undefined;
  for (const at of instants) if (at !== undefined && (first === undefined || at < first)) first = at;
  return first;
}

function greatest(instants: readonly (EpochMs | undefined)[]): EpochMs | undefined {
  let last: EpochMs | undefined;
  for (const at of instants) if (at !== undefined && (last === undefined || at > last)) last = at;
  return last;
}
