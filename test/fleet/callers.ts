import type { Caller, DayNumber, SystemRef } from '../../src/model.ts';
import { DAY_MS } from '../../src/verdicts/calendar.ts';
import { addTotals, NO_CALLS } from '../../src/verdicts/totals.ts';
import { joinDays } from '../../src/verdicts/use-days.ts';
import type { Call } from './fleet.ts';

// The only file of the fleets that knows what a `Caller` is made of.

/** What the logs show of a caller at the start of a day; undefined: nothing. */
export function callerOf(system: SystemRef, calls: readonly Call[], today: DayNumber): Caller | undefined {
  const arrived = calls.filter(({ day, arrivesOn }) => day < today && arrivesOn < today);
  if (arrived.length === 0) return undefined;
  const used = arrived.filter(({ outcome }) => outcome !== 'refused');
  const refused = arrived.filter(({ outcome }) => outcome === 'refused');
  return {
    system,
    sources: [...new Set(arrived.map(({ source }) => source))].toSorted(),
    useDays: daysOf(used),
    refusedDays: daysOf(refused),
    totals: {
      requests: sumOf(arrived),
      refused: sumOf(refused),
      firstSeenAt: instantOf(Math.min(...arrived.map(({ day }) => day)), 0),
      lastUsedAt: lastOf(used),
      lastRefusedAt: lastOf(refused),
    },
  };
}

/** All callers of a key as if nobody could tell them apart. */
export function asOneCaller(callers: readonly Caller[]): readonly Caller[] {
  if (callers.length === 0) return callers;
  return [
    {
      system: { name: 'anybody', attribution: 'derived' },
      sources: [...new Set(callers.flatMap(({ sources }) => sources))].toSorted(),
      useDays: joinDays(callers.map(({ useDays }) => useDays)),
      refusedDays: joinDays(callers.map(({ refusedDays }) => refusedDays)),
      totals: callers.map(({ totals }) => totals).reduce(addTotals, NO_CALLS),
    },
  ];
}

/** The last day on which the logs show an accepted or failed call. */
export function lastLoggedUse(callers: readonly Caller[]): DayNumber | undefined {
  return joinDays(callers.map(({ useDays }) => useDays)).at(-1);
}

/** When record number `index` of a day is stamped. */
export function instantOf(day: DayNumber, index: number): number {
  return day * DAY_MS + (9 + 3 * index) * 3_600_000;
}

function daysOf(calls: readonly Call[]): readonly DayNumber[] {
  return [...new Set(calls.map(({ day }) => day))].toSorted((a, b) => a - b);
}

function sumOf(calls: readonly Call[]): number {
  return calls.reduce((sum, { records }) => sum + records, 0);
}

function lastOf(calls: readonly Call[]): number | undefined {
  const instants = calls.map(({ day, records }) => instantOf(day, records - 1));
  return instants.length === 0 ? undefined : instants.reduce((a, b) => Math.max(a, b));
}
