import { EventDays } from './event-digests.ts';
import { joinPlaces } from './place-set.ts';
import type { EpochMs, Outcome, Rollup, SkipReason, SystemRef, Usage } from './model.ts';

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
  const { source, keys, places } = callers;
  tally.counts.records++;
  tally.counts.countedBytes += bytes;
  const calls = { calls: 1, firstAt: at, lastAt: at };
  addHour(tally, { source, hour: Math.floor(at / HOUR_MS), records: 1, firstAt: at, lastAt: at });
  if (keys.length === 0) return;
  tally.counts.keyed++;
  const day = Math.floor(at / DAY_MS);
  for (const [i, key] of keys.entries()) addToCalls(rollupOf(tally, callers, key, places?.[i], day), outcome, calls);
}

/** Calls of one kind on one UTC day. */
export interface Calls {
  readonly calls: number;
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
}

/** Adds calls that say the same but for their instants. */
export function addCalls(tally: Tally, usage: Callers & Pick<Usage, 'outcome'>, calls: Calls): void {
  if (usage.keys.length === 0) return;
  tally.counts.keyed += calls.calls;
  addPossibleCalls(tally, usage, calls);
}

/** Who called with a key that an unreadable record holds. That a log can show such keys is not proven by it. */
export const UNREADABLE: SystemRef = { name: 'unreadable record', attribution: 'derived' };

/** Adds calls that no record was counted for: what an unreadable one may have said. */
export function addPossibleCalls(tally: Tally, usage: Callers & Pick<Usage, 'outcome'>, calls: Calls): void {
  const day = Math.floor(calls.firstAt / DAY_MS);
  for (const [i, key] of usage.keys.entries()) {
    addToCalls(rollupOf(tally, usage, key, usage.places?.[i], day), usage.outcome, calls);
  }
}

/** Calls of one UTC day, whatever their outcome. */
export type DayCalls = Omit<Rollup, keyof Caller>;

export function noCalls(day: number): DayCalls {
  return {
    day,
    accepted: 0,
    failed: 0,
    refused: 0,
    firstUsedAt: undefined,
    lastUsedAt: undefined,
    firstRefusedAt: undefined,
    lastRefusedAt: undefined,
  };
}

export function addToCalls(day: DayCalls, outcome: Outcome, { calls, firstAt, lastAt }: Calls): void {
  day[outcome] += calls;
  if (outcome === 'refused') {
    day.firstRefusedAt = least(day.firstRefusedAt, firstAt);
    day.lastRefusedAt = greatest(day.lastRefusedAt, lastAt);
  } else {
    day.firstUsedAt = least(day.firstUsedAt, firstAt);
    day.lastUsedAt = greatest(day.lastUsedAt, lastAt);
  }
}

/** Adds calls of a day that say the same but for instant and outcome. */
export function addDay(tally: Tally, usage: Callers, calls: DayCalls): void {
  if (usage.keys.length === 0) return;
  tally.counts.keyed += calls.accepted + calls.failed + calls.refused;
  for (const [i, key] of usage.keys.entries()) {
    mergeCalls(rollupOf(tally, usage, key, usage.places?.[i], calls.day), calls);
  }
}

/** Adds calls of a day by a caller. Records with a key are not counted by it. */
export function addCallerDay(tally: Tally, caller: Caller, calls: DayCalls): void {
  mergeCalls(rollupOf(tally, caller, caller.key, caller.places, calls.day), calls);
}

/** Who called, with which key, and where that was sent. */
export type Caller = Pick<Rollup, 'source' | 'key' | 'system' | 'issuer' | 'places'>;

function rollupOf(tally: Tally, usage: Who, key: Rollup['key'], places: Rollup['places'], day: number): Rollup {
  const rollup = tally.rollups.at(usage, key, day);
  rollup.issuer = leastText(rollup.issuer, usage.issuer);
  if (rollup.places !== places) rollup.places = joinPlaces(rollup.places, places);
  return rollup;
}

type Who = Pick<Callers, 'source' | 'system' | 'issuer' | 'name'>;

/** By what rollups of a caller are told apart. */
export function nameOfCaller({ source, system }: Pick<Who, 'source' | 'system'>, key: Rollup['key']): string {
  return `${source}\0${key.key}\0${system.attribution}\0${system.name}`;
}

/** Rollups by caller, and of each by day. */
export class RollupTable {
  readonly #callers = new Map<string, Map<number, Rollup>>();
  #size = 0;
  /** Of whom a rollup was asked for last: mostly it is one of the same caller again. */
  #last: { readonly usage: object; readonly key: Rollup['key']; readonly days: Map<number, Rollup> } | undefined;

  get size(): number {
    return this.#size;
  }

  /** The rollup of a caller's day, a new one if need be. */
  at(usage: Who, key: Rollup['key'], day: number): Rollup {
    const days = this.#daysOf(usage, key);
    let rollup = days.get(day);
    if (rollup === undefined) {
      const { source, system, issuer } = usage;
      rollup = { source, key, system, issuer, places: undefined, ...noCalls(day) };
      days.set(day, rollup);
      this.#size++;
    }
    return rollup;
  }

  *values(): Generator<Rollup> {
    for (const days of this.#callers.values()) yield* days.values();
  }

  /** Takes over what the other has; it must not be used afterwards. */
  merge(other: RollupTable): void {
    for (const [name, days] of other.#callers) {
      const known = this.#callers.get(name);
      if (known === undefined) {
        this.#callers.set(name, days);
        this.#size += days.size;
      } else this.#mergeDays(known, days);
    }
  }

  clear(): void {
    this.#callers.clear();
    this.#size = 0;
    this.#last = undefined;
  }

  #mergeDays(into: Map<number, Rollup>, from: Map<number, Rollup>): void {
    for (const [day, rollup] of from) {
      const known = into.get(day);
      if (known !== undefined) mergeRollup(known, rollup);
      else {
        into.set(day, rollup);
        this.#size++;
      }
    }
  }

  #daysOf(usage: Who, key: Rollup['key']): Map<number, Rollup> {
    if (this.#last?.usage === usage && this.#last.key === key) return this.#last.days;
    const name = usage.name ?? nameOfCaller(usage, key);
    let days = this.#callers.get(name);
    if (days === undefined) {
      days = new Map();
      this.#callers.set(name, days);
    }
    this.#last = { usage, key, days };
    return days;
  }
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

/** Associative and commutative. */
export function mergeRollup(into: Rollup, from: Rollup): void {
  into.issuer = leastText(into.issuer, from.issuer);
  into.places = joinPlaces(into.places, from.places);
  mergeCalls(into, from);
}

function mergeCalls(into: DayCalls, from: DayCalls): void {
  into.accepted += from.accepted;
  into.failed += from.failed;
  into.refused += from.refused;
  into.firstUsedAt = least(into.firstUsedAt, from.firstUsedAt);
  into.lastUsedAt = greatest(into.lastUsedAt, from.lastUsedAt);
  into.firstRefusedAt = least(into.firstRefusedAt, from.firstRefusedAt);
  into.lastRefusedAt = greatest(into.lastRefusedAt, from.lastRefusedAt);
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

export function leastText(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a <= b ? a : b;
}

/** The lesser of two, or the one that there is. */
export function least(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.min(a, b);
}

/** The greater of two, or the one that there is. */
export function greatest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.max(a, b);
}
