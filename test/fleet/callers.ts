import type { Caller, CallerDay, DayNumber, SystemRef } from '../../src/model.ts';
import { DAY_MS } from '../../src/verdicts/calendar.ts';
import type { Call } from './fleet.ts';

// The only file of the fleets that knows what a `Caller` is made of.

/** What the logs show of a caller at the start of a day; undefined: nothing. */
export function callerOf(system: SystemRef, calls: readonly Call[], today: DayNumber): Caller | undefined {
  const arrived = calls.filter(({ day, arrivesOn }) => day < today && arrivesOn < today);
  if (arrived.length === 0) return undefined;
  return { system, days: arrived.map(callerDay) };
}

/** All callers of a key as if nobody could tell them apart. */
export function asOneCaller(callers: readonly Caller[]): readonly Caller[] {
  if (callers.length === 0) return callers;
  const days = callers.flatMap((caller) => caller.days).toSorted((a, b) => a.day - b.day);
  return [{ system: { name: 'anybody', attribution: 'derived' }, days }];
}

/** The last day on which the logs show an accepted or failed call. */
export function lastLoggedUse(callers: readonly Caller[]): DayNumber | undefined {
  let last: DayNumber | undefined;
  for (const row of callers.flatMap((caller) => caller.days)) {
    if (row.lastUsedAt !== undefined && (last === undefined || row.day > last)) last = row.day;
  }
  return last;
}

/** When record number `index` of a day is stamped. */
export function instantOf(day: DayNumber, index: number): number {
  return day * DAY_MS + (9 + 3 * index) * 3_600_000;
}

function callerDay({ source, day, outcome, records }: Call): CallerDay {
  const [first, last] = [instantOf(day, 0), instantOf(day, records - 1)];
  const isRefused = outcome === 'refused';
  return {
    source,
    day,
    accepted: outcome === 'accepted' ? records : 0,
    failed: outcome === 'failed' ? records : 0,
    refused: isRefused ? records : 0,
    firstUsedAt: isRefused ? undefined : first,
    lastUsedAt: isRefused ? undefined : last,
    firstRefusedAt: isRefused ? first : undefined,
    lastRefusedAt: isRefused ? last : undefined,
  };
}
