import { memo } from '../memo.ts';
import type {
  Caller,
  DayCalls,
  DayNumber,
  EpochMs,
  Evidence,
  InventoryEntry,
  SourceActivity,
  Totals,
} from '../model.ts';
import { DAY_MS, dayOf } from './calendar.ts';
import { coverageOf } from './coverage.ts';
import { holesUntil } from './holes.ts';
import type { InferredDays } from './holes.ts';
import type { KeyUse, OtherKey, World } from './world.ts';

// What could be known at the end of a past day. The policy, what is declared and the inventories are those of now.

/** The last instant of a day: what `--as-of <day>` means. */
export function endOf(day: DayNumber): EpochMs {
  return (day + 1) * DAY_MS - 1;
}

/**
 * The worlds at the end of these days, sorted. Exemptions are left out, since they tell nothing of a rule, and so are
 * verdicts of earlier scans.
 */
export function worldsOn(
  days: readonly DayNumber[],
  activity: readonly SourceActivity[],
  now: World,
): readonly World[] {
  const last = days.at(-1) ?? 0;
  const sources = activity.map((one) => ({ activity: one, holesOn: holesUntil(one, last, now.policy) }));
  const kept = keepingKeys(now);
  return days.map((day) => worldOn(day, sources, kept));
}

/** A key is judged on many days in a row: what it is compared with is read once. */
function keepingKeys(now: World): World {
  const keysOf = memo(
    (system) =>
      now.keysOf(system).map((other) => {
        let use: KeyUse | undefined;
        return { ...other, use: () => (use ??= other.use()) };
      }),
    MOST_KEPT,
  );
  return { ...now, keysOf, others: memo((key) => now.others(key), MOST_KEPT) };
}

/** The systems of a few keys. */
const MOST_KEPT = 100;

interface Source {
  readonly activity: SourceActivity;
  readonly holesOn: (today: DayNumber) => InferredDays | undefined;
}

function worldOn(day: DayNumber, sources: readonly Source[], now: World): World {
  const asOf = endOf(day);
  const known = sources.filter(({ activity }) => hasBegun(activity, day));
  const world: World = {
    ...now,
    asOf,
    coverage: new Map(
      known.map(({ activity, holesOn }) => [
        activity.source,
        coverageOf(activityOn(activity, day), holesOn(day), asOf, now.policy),
      ]),
    ),
    others: (key) => {
      const evidence = now.others(key);
      return evidence === undefined ? undefined : evidenceOn(evidence, world);
    },
    keysOf: (system) => now.keysOf(system).flatMap((other) => otherKeyOn(other, day)),
    withdrawnAt: () => undefined,
    exemptions: new Map(),
  };
  return world;
}

/** Nobody knew of a source before its first record. One without any is declared, and awaited from the start. */
function hasBegun({ days }: SourceActivity, day: DayNumber): boolean {
  const first = days.find(({ records }) => records > 0);
  return first === undefined || first.day <= day;
}

/** What had arrived by the end of a day. Unreadable records without a date are shared out over all records. */
function activityOn(activity: SourceActivity, day: DayNumber): SourceActivity {
  const days = daysUpTo(activity.days, day);
  const records = sumOf(days, (one) => one.records);
  const undated = activity.quarantined - sumOf(activity.days, (one) => one.quarantined);
  const share = activity.records === 0 ? 1 : records / activity.records;
  const quarantined = sumOf(days, (one) => one.quarantined) + undated * share;
  // What a fault hides of later days was no fault yet.
  const faults = activity.faults
    .filter(({ fromAt }) => fromAt === undefined || fromAt <= endOf(day))
    .map((fault) => (fault.toAt === undefined ? fault : { ...fault, toAt: Math.min(fault.toAt, endOf(day)) }));
  return { ...activity, days, records, quarantined, faults };
}

function daysUpTo<One extends { readonly day: DayNumber }>(sorted: readonly One[], day: DayNumber): readonly One[] {
  return sorted.slice(0, sorted.findLastIndex((one) => one.day <= day) + 1);
}

function sumOf<One>(items: readonly One[], valueOf: (item: One) => number): number {
  return items.reduce((sum, item) => sum + valueOf(item), 0);
}

/** Calls per day of a caller of a key. */
export type DaysOf = (evidence: Evidence, caller: Caller) => readonly DayCalls[];

/**
 * What was known of a key at the end of the day of a world of the past; undefined if there was no such key yet. What the
 * provider says of its last use is left out, since it says that now, and so is how long the key is to be kept, as every
 * exemption is. Without `daysOf`, each day counts as one call.
 */
export function evidenceOn(evidence: Evidence, world: World, daysOf?: DaysOf): Evidence | undefined {
  const day = dayOf(world.asOf);
  const callers = evidence.callers.flatMap((caller) => callerOn(evidence, caller, day, world, daysOf));
  if (callers.length === 0 && !wasListed(evidence, day)) return undefined;
  return { ...evidence, callers, entry: asListed(evidence.entry) };
}

function wasListed({ entry, listedSince }: Evidence, day: DayNumber): boolean {
  const since = entry?.createdAt ?? listedSince;
  return entry !== undefined && (since === undefined || dayOf(since) <= day);
}

function asListed(entry: InventoryEntry | undefined): InventoryEntry | undefined {
  return entry === undefined ? undefined : { ...entry, lastUsedAt: undefined, keepUntilAt: undefined };
}

function callerOn(
  evidence: Evidence,
  caller: Caller,
  day: DayNumber,
  { coverage }: World,
  daysOf: DaysOf | undefined,
): readonly Caller[] {
  const useDays = upTo(caller.useDays, day);
  const refusedDays = upTo(caller.refusedDays, day);
  if (useDays.length + refusedDays.length === 0) return [];
  const isWhole = useDays === caller.useDays && refusedDays === caller.refusedDays;
  const sources = caller.sources.filter((source) => coverage.has(source));
  if (isWhole) return [{ ...caller, sources }];
  const calls = daysOf === undefined ? undefined : daysUpTo(daysOf(evidence, caller), day);
  return [{ ...caller, sources, useDays, refusedDays, totals: totalsOn(caller, useDays, refusedDays, calls) }];
}

/** Of instants only the days are known, which is all that rules look at. */
function totalsOn(
  { totals: { firstSeenAt } }: Caller,
  useDays: readonly DayNumber[],
  refusedDays: readonly DayNumber[],
  calls: readonly DayCalls[] | undefined,
): Totals {
  const [lastUsed, lastRefused] = [useDays.at(-1), refusedDays.at(-1)];
  return {
    requests: calls === undefined ? useDays.length + refusedDays.length : sumOf(calls, (one) => one.requests),
    refused: calls === undefined ? refusedDays.length : sumOf(calls, (one) => one.refused),
    firstSeenAt,
    lastUsedAt: lastUsed === undefined ? undefined : lastUsed * DAY_MS,
    lastRefusedAt: lastRefused === undefined ? undefined : lastRefused * DAY_MS,
  };
}

function otherKeyOn(other: OtherKey, day: DayNumber): readonly OtherKey[] {
  if (other.firstUsedDay > day) return [];
  return [
    {
      firstUsedDay: other.firstUsedDay,
      useDays: () => upTo(other.useDays(), day),
      use: () => {
        const use = other.use();
        return { ...use, useDays: upTo(use.useDays, day) };
      },
    },
  ];
}

/** The days of a sorted list up to one, that included; the list itself when that is all of them. */
export function upTo(sorted: readonly DayNumber[], day: DayNumber): readonly DayNumber[] {
  const count = countUpTo(sorted, day);
  return count === sorted.length ? sorted : sorted.slice(0, count);
}

/** How many days of a sorted list come up to one, that included. */
export function countUpTo(sorted: readonly DayNumber[], day: DayNumber): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (sorted[middle]! <= day) from = middle + 1;
    else to = middle;
  }
  return from;
}
