import type { Caller, DayNumber } from '../model.ts';

/** The last day on which a caller was refused. */
export function lastRefusedDayOf(caller: Caller): DayNumber | undefined {
  return caller.refusedDays.at(-1);
}

/** Several lists of days as one: sorted, each day once. */
export function joinDays(lists: readonly (readonly DayNumber[])[]): readonly DayNumber[] {
  if (lists.length === 1) return lists[0]!;
  const all = lists.flat();
  // Mostly one list goes on where the other ends: then nothing is to be sorted.
  const isInOrder = all.every((day, index) => index === 0 || all[index - 1]! < day);
  return isInOrder ? all : [...new Set(all)].toSorted((a, b) => a - b);
}

/** A system that the user's rules or the log itself name. A derived name may stand for several systems. */
export function isNamed(caller: Pick<Caller, 'system'>): boolean {
  return caller.system.attribution === 'rule' || caller.system.attribution === 'field';
}
