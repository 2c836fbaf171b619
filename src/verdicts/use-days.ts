import type { Caller, DayNumber } from '../model.ts';

/** The days on which a caller used the key: accepted or failed calls, refused ones apart. Sorted, each day once. */
export function useDaysOf(caller: Caller): readonly DayNumber[] {
  const days: DayNumber[] = [];
  let isSorted = true;
  for (const row of caller.days) {
    if (row.accepted + row.failed === 0 && row.lastUsedAt === undefined) continue;
    const last = days.at(-1);
    if (last === row.day) continue;
    if (last !== undefined && last > row.day) isSorted = false;
    days.push(row.day);
  }
  return isSorted ? days : [...new Set(days)].toSorted((a, b) => a - b);
}

/** The last day on which a caller was refused. */
export function lastRefusedDayOf(caller: Caller): DayNumber | undefined {
  let last: DayNumber | undefined;
  for (const row of caller.days) {
    if (row.refused > 0 && (last === undefined || row.day > last)) last = row.day;
  }
  return last;
}

/** A system that the user's rules or the log itself name. A derived name may stand for several systems. */
export function isNamed(caller: Caller): boolean {
  return caller.system.attribution === 'rule' || caller.system.attribution === 'field';
}
