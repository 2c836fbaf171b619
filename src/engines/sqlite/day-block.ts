import type { DayCounts } from '../../tally/day-row.ts';
import type { DayNumber } from '../../model.ts';
import { greatest, least } from '../../tally/rollup.ts';
import { ByteReader, ByteWriter } from './leb128.ts';

/**
 * The days of one caller in one source are stored in blocks of 256, as numbers in LEB128. Per day: the day within the
 * block; accepted, failed, refused; first and last use and first and last refusal, each as 0 or milliseconds after the
 * beginning of the day, plus one.
 */
export const BLOCK_DAYS = 256;

export function blockOf(day: DayNumber): number {
  return Math.floor(day / BLOCK_DAYS);
}

/** `days`: of this block, sorted, each once. */
export function encodeBlock(block: number, days: readonly DayCounts[]): Uint8Array {
  const bytes = new ByteWriter();
  for (const { day, accepted, failed, refused, firstUsedAt, lastUsedAt, firstRefusedAt, lastRefusedAt } of days) {
    bytes.number(day - block * BLOCK_DAYS);
    bytes.number(accepted);
    bytes.number(failed);
    bytes.number(refused);
    bytes.instant(firstUsedAt, day);
    bytes.instant(lastUsedAt, day);
    bytes.instant(firstRefusedAt, day);
    bytes.instant(lastRefusedAt, day);
  }
  return bytes.taken();
}

/** Sorted by day. */
export function decodeBlock(block: number, counts: Uint8Array): DayCounts[] {
  const bytes = new ByteReader(counts);
  const days: DayCounts[] = [];
  while (bytes.hasMore()) {
    const day = block * BLOCK_DAYS + bytes.number();
    days.push({
      day,
      accepted: bytes.number(),
      failed: bytes.number(),
      refused: bytes.number(),
      firstUsedAt: bytes.instant(day),
      lastUsedAt: bytes.instant(day),
      firstRefusedAt: bytes.instant(day),
      lastRefusedAt: bytes.instant(day),
    });
  }
  return days;
}

/** Adds the calls of each day, refused or not. Sorted by day. */
export function addCalls(block: number, counts: Uint8Array, to: { days: DayNumber[]; calls: number[] }): void {
  const bytes = new ByteReader(counts);
  while (bytes.hasMore()) {
    to.days.push(block * BLOCK_DAYS + bytes.number());
    to.calls.push(bytes.number() + bytes.number() + bytes.number());
    bytes.skip(INSTANTS);
  }
}

const INSTANTS = 4;

/** The order-free merge of two lists of days, both sorted and each day once. */
export function mergeDays(a: readonly DayCounts[], b: readonly DayCounts[]): DayCounts[] {
  const merged: DayCounts[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]];
    if (right === undefined || (left !== undefined && left.day < right.day)) merged.push(a[i++]!);
    else if (left === undefined || right.day < left.day) merged.push(b[j++]!);
    else merged.push(mergeDay(a[i++]!, b[j++]!));
  }
  return merged;
}

function mergeDay(a: DayCounts, b: DayCounts): DayCounts {
  return {
    day: a.day,
    accepted: a.accepted + b.accepted,
    failed: a.failed + b.failed,
    refused: a.refused + b.refused,
    firstUsedAt: least(a.firstUsedAt, b.firstUsedAt),
    lastUsedAt: greatest(a.lastUsedAt, b.lastUsedAt),
    firstRefusedAt: least(a.firstRefusedAt, b.firstRefusedAt),
    lastRefusedAt: greatest(a.lastRefusedAt, b.lastRefusedAt),
  };
}

/** An accepted or failed call. */
export function isUsed({ accepted, failed }: DayCounts): boolean {
  return accepted + failed > 0;
}
