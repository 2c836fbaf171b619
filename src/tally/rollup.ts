import { type Calls, callsIn, type DayRow } from './day-row.ts';
import { EventDays } from './event-digests.ts';
import type { EpochMs, Outcome, SkipReason, SystemRef, Usage } from '../model.ts';
import { RollupTable } from './rollup-table.ts';

export const DAY_MS = 86_400_000;
export const HOUR_MS = 3_600_000;

/**
 * What a stretch of a log amounts to. Folding records into a tally and merging tallies gives the same in any order, so
 * resume, many files and many workers are one operation.
 */
export interface Tally {
  /** By source, key, system and day. */
  readonly rollups: RollupTable;
  /** Records per source and hour, with or without a key: what coverage is inferred from. */
  readonly hours: HourTable;
  readonly skips: Map<SkipReason, SkipCount>;
  /** The first defects, to be looked up later: place and reason, never content. */
  readonly quarantine: Defect[];
  /** Events that must not be counted again, and the day they are of. */
  readonly events: EventDays;
  readonly counts: Counts;
  firstAt: EpochMs | undefined;
  lastAt: EpochMs | undefined;
}

export interface HourCount {
  readonly source: string;
  readonly hour: number;
  records: number;
  quarantined: number;
  firstAt: EpochMs;
  lastAt: EpochMs;
}

/** By source and hour. */
export class HourTable extends Map<string, HourCount> {
  /** What was asked for last: records mostly follow each other. */
  #last: HourCount | undefined;

  /** The count of an hour, a new one if need be; `at` is an instant in it. */
  at(source: string, hour: number, at: number): HourCount {
    if (this.#last?.hour === hour && this.#last.source === source) return this.#last;
    const key = `${source}\0${hour}`;
    let count = this.get(key);
    if (count === undefined) {
      count = { source, hour, records: 0, quarantined: 0, firstAt: at, lastAt: at };
      this.set(key, count);
    }
    this.#last = count;
    return count;
  }

  override clear(): void {
    super.clear();
    this.#last = undefined;
  }
}

export interface SkipCount {
  records: number;
  bytes: number;
}

export interface Defect {
  readonly offset: number;
  readonly length: number;
  readonly reason: SkipReason;
}

/** Records and bytes by what became of them. Bytes of line ends and of the shell of documents are `structure`. */
export interface Counts {
  records: number;
  keyed: number;
  quarantined: number;
  skipped: number;
  countedBytes: number;
  quarantinedBytes: number;
  skippedBytes: number;
}

/** Defects kept per tally with their place; beyond that only their number is kept. */
export const MAX_DEFECTS_KEPT = 1000;

export function newTally(): Tally {
  return {
    rollups: new RollupTable(),
    hours: new HourTable(),
    skips: new Map(),
    quarantine: [],
    events: new EventDays(),
    counts: { records: 0, keyed: 0, quarantined: 0, skipped: 0, countedBytes: 0, quarantinedBytes: 0, skippedBytes: 0 },
    firstAt: undefined,
    lastAt: undefined,
  };
}

/** Who called, with which keys, and where these were sent. */
export interface Callers extends Pick<Usage, 'source' | 'keys' | 'places' | 'system' | 'issuer'> {
  /** By which its rollups are known, if it has one key: to be made once where it calls often. */
  readonly name?: string;
}

export function addUsage(tally: Tally, usage: Usage, bytes: number): void {
  addCall(tally, usage, usage, bytes);
}

/** Adds one call. */
export function addCall(
  tally: Tally,
  callers: Callers,
  { at, outcome }: Pick<Usage, 'at' | 'outcome'>,
  bytes: number,
): void {
  tally.counts.records++;
  tally.counts.countedBytes += bytes;
  addHour(tally, { source: callers.source, hour: Math.floor(at / HOUR_MS), records: 1, firstAt: at, lastAt: at });
  if (callers.keys.length === 0) return;
  tally.counts.keyed++;
  addToRollups(tally, callers, outcome, { calls: 1, firstAt: at, lastAt: at });
}

function addToRollups(tally: Tally, callers: Callers, outcome: Outcome, calls: Calls): void {
  const { keys, places } = callers;
  const day = Math.floor(calls.firstAt / DAY_MS);
  for (const [i, key] of keys.entries()) tally.rollups.addCalls(callers, key, places?.[i], day, outcome, calls);
}

/** Adds calls of one UTC day that say the same but for their instants. */
export function addCalls(tally: Tally, usage: Callers & Pick<Usage, 'outcome'>, calls: Calls): void {
  if (usage.keys.length === 0) return;
  tally.counts.keyed += calls.calls;
  addPossibleCalls(tally, usage, calls);
}

/** Who called with a key that an unreadable record holds. That a log can show such keys is not proven by it. */
export const UNREADABLE: SystemRef = { name: 'unreadable record', attribution: 'derived' };

/** Adds calls that no record was counted for: what an unreadable one may have said. */
export function addPossibleCalls(tally: Tally, usage: Callers & Pick<Usage, 'outcome'>, calls: Calls): void {
  addToRollups(tally, usage, usage.outcome, calls);
}

/** Adds calls of a day that say the same but for instant and outcome. */
export function addDay(tally: Tally, callers: Callers, calls: DayRow): void {
  const { keys, places } = callers;
  if (keys.length === 0) return;
  tally.counts.keyed += callsIn(calls);
  for (const [i, key] of keys.entries()) tally.rollups.addRow(callers, key, places?.[i], calls);
}

/** Adds records of one source in one hour, with or without a key. */
export function addHour(
  tally: Tally,
  { source, hour, records, firstAt, lastAt }: Omit<HourCount, 'quarantined'>,
): void {
  tally.firstAt = least(tally.firstAt, firstAt);
  tally.lastAt = greatest(tally.lastAt, lastAt);
  const count = tally.hours.at(source, hour, firstAt);
  count.records += records;
  if (firstAt < count.firstAt) count.firstAt = firstAt;
  if (lastAt > count.lastAt) count.lastAt = lastAt;
}

/** `at` places a defect in time: the instant of the record before it, if any. */
export function addSkip(
  tally: Tally,
  defect: Defect,
  quarantined: boolean,
  source: string,
  at: EpochMs | undefined,
): void {
  const { reason, length } = defect;
  const count = tally.skips.get(reason) ?? { records: 0, bytes: 0 };
  count.records++;
  count.bytes += length;
  tally.skips.set(reason, count);
  if (!quarantined) {
    tally.counts.skipped++;
    tally.counts.skippedBytes += length;
    return;
  }
  tally.counts.quarantined++;
  tally.counts.quarantinedBytes += length;
  if (tally.quarantine.length < MAX_DEFECTS_KEPT) tally.quarantine.push(defect);
  if (at !== undefined) placeDefects(tally, source, at, 1);
}

/** Places so many defects in time, which were counted before it was known where they belong. */
export function placeDefects(tally: Tally, source: string, at: EpochMs, defects: number): void {
  if (defects === 0) return;
  const hour = tally.hours.at(source, Math.floor(at / HOUR_MS), at);
  hour.quarantined += defects;
  hour.firstAt = Math.min(hour.firstAt, at);
  hour.lastAt = Math.max(hour.lastAt, at);
}

/** Adds `from` to `into`; `from` must not be used afterwards. */
export function mergeTally(into: Tally, from: Tally): void {
  mergeRollups(into, from);
  for (const [reason, count] of from.skips) {
    const known = into.skips.get(reason);
    if (known === undefined) into.skips.set(reason, count);
    else addNumbers(known, count, ['records', 'bytes']);
  }
  into.quarantine.push(...from.quarantine.slice(0, Math.max(0, MAX_DEFECTS_KEPT - into.quarantine.length)));
  into.events.merge(from.events);
  addNumbers(into.counts, from.counts, Object.keys(into.counts) as (keyof Counts)[]);
  into.firstAt = least(into.firstAt, from.firstAt);
  into.lastAt = greatest(into.lastAt, from.lastAt);
}

/** What of a tally is of sources and callers, and not of the log that it was made from. */
export type Rollups = Pick<Tally, 'rollups' | 'hours'>;

/** As `mergeTally`. */
export function mergeRollups(into: Rollups, from: Rollups): void {
  into.rollups.merge(from.rollups);
  for (const [at, count] of from.hours) {
    const known = into.hours.get(at);
    if (known === undefined) into.hours.set(at, count);
    else mergeHour(known, count);
  }
}

function mergeHour(into: HourCount, from: HourCount): void {
  addNumbers(into, from, ['records', 'quarantined']);
  into.firstAt = Math.min(into.firstAt, from.firstAt);
  into.lastAt = Math.max(into.lastAt, from.lastAt);
}

function addNumbers<K extends string>(
  into: Record<K, number>,
  from: Readonly<Record<K, number>>,
  names: readonly K[],
): void {
  for (const name of names) into[name] += from[name];
}

/** The lesser of two, or the one that there is. */
export function least(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.min(a, b);
}

/** The greater of two, or the one that there is. */
export function greatest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.max(a, b);
}
