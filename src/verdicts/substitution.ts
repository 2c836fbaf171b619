import type { Caller, DayNumber, Evidence } from '../model.ts';
import { dayOf } from './calendar.ts';
import type { Policy } from './policy.ts';
import { isNamed, joinDays } from './use-days.ts';
import type { KeyUse, World } from './world.ts';

/** How a system stands to another key that it calls with. */
export interface Substitute {
  readonly key: string;
  /** As the successor; else the logs alone show it. */
  readonly isDeclared: boolean;
  /** First day of use of the other key. */
  readonly since: DayNumber;
  /** Rule 6 holds: the system works on with the other key. */
  readonly hasMoved: boolean;
  /** It calls with both keys. */
  readonly isStraddling: boolean;
}

/**
 * The key that a caller took up instead of this one, if any: the declared successor, or for a named system any other of
 * its keys. An unnamed caller can only be compared with the declared successor, and then proves nothing: two systems may
 * share its derived name.
 */
export function substituteOf(evidence: Evidence, caller: Caller, world: World, policy: Policy): Substitute | undefined {
  const { useDays } = caller;
  if (useDays.length === 0) return undefined;
  const today = dayOf(world.asOf);
  const substitutes = candidatesOf(evidence, caller, world, policy).map((candidate) =>
    compare(useDays, candidate, today, policy),
  );
  return (
    substitutes.find((substitute) => substitute?.hasMoved) ?? substitutes.find((substitute) => substitute?.isStraddling)
  );
}

/** The key that is declared to replace this one: by flag or configuration, else by the inventory. */
export function successorOf({ key, entry }: Evidence, world: World): string | undefined {
  const successor = world.successors?.get(key) ?? entry?.successor;
  return successor === key ? undefined : successor;
}

/** Whether the declared successors lead back to this key: then nobody can say which of them is the new one. */
export function isInCircle(evidence: Evidence, world: World): boolean {
  const seen = new Set<string>();
  let next = successorOf(evidence, world);
  while (next !== undefined && next !== evidence.key && !seen.has(next)) {
    seen.add(next);
    const other = world.others(next);
    next = other === undefined ? undefined : successorOf(other, world);
  }
  return next === evidence.key;
}

interface Candidate extends KeyUse {
  readonly isDeclared: boolean;
}

/** The declared successor first, then the others by the day on which they were taken up. */
function candidatesOf(evidence: Evidence, caller: Caller, world: World, policy: Policy): readonly Candidate[] {
  const successor = successorOf(evidence, world);
  const heir = successor === undefined ? undefined : world.others(successor);
  const declared = heir === undefined ? [] : inOrder([keyUseOf(heir, caller)]);
  const discovered = isNamed(caller) ? inOrder(takenUp(caller, world, policy)) : [];
  return [
    ...declared.map((use) => ({ ...use, isDeclared: true })),
    ...discovered.filter(({ key }) => key !== successor).map((use) => ({ ...use, isDeclared: false })),
  ].filter(({ key }) => key !== evidence.key);
}

/** Most keys of a system were taken up at another time, or are not what it works on with: no need to look closer. */
function takenUp(caller: Caller, world: World, policy: Policy): readonly KeyUse[] {
  const keys = world.keysOf(caller.system.name);
  if (keys.length > policy.movedMaxKeys) return [];
  const today = dayOf(world.asOf);
  const others = keys.filter(({ firstUsedDay, useDays }) => {
    if (!isTakenUp(firstUsedDay, caller.useDays, policy)) return false;
    const { hasMoved, isStraddling } = standing(caller.useDays, useDays(), today, policy);
    return hasMoved || isStraddling;
  });
  return [...new Map(others.map((other) => other.use()).map((use) => [use.key, use])).values()];
}

function isTakenUp(since: DayNumber, useDays: readonly DayNumber[], policy: Policy): boolean {
  return since > useDays[0]! && Math.abs(since - useDays.at(-1)!) <= policy.movedWithinDays;
}

function inOrder(uses: readonly KeyUse[]): readonly KeyUse[] {
  return uses
    .filter(({ useDays }) => useDays.length > 0)
    .toSorted((a, b) => a.useDays[0]! - b.useDays[0]! || (a.key < b.key ? -1 : 1));
}

/** How the system of a caller uses another key. */
export function keyUseOf({ key, callers, entry }: Evidence, caller: Pick<Caller, 'system'>): KeyUse {
  const same = callers.filter((other) => isSameSystem(other, caller));
  return { key, useDays: joinDays(same.map(({ useDays }) => useDays)), isActive: isInForce(entry) };
}

/** What is listed nowhere is not known to be disabled. */
export function isInForce(entry: Evidence['entry']): boolean {
  return entry === undefined || entry.status === 'active';
}

function isSameSystem(a: Pick<Caller, 'system'>, b: Pick<Caller, 'system'>): boolean {
  return a.system.name === b.system.name && isNamed(a) === isNamed(b);
}

function compare(
  useDays: readonly DayNumber[],
  { key, useDays: newDays, isDeclared, isActive }: Candidate,
  today: DayNumber,
  policy: Policy,
): Substitute | undefined {
  const since = newDays[0]!;
  if (!isTakenUp(since, useDays, policy) && !isDeclared) return undefined;
  const { hasMoved, isStraddling } = standing(useDays, newDays, today, policy);
  return { key, isDeclared, since, hasMoved: hasMoved && isActive, isStraddling };
}

function standing(
  oldDays: readonly DayNumber[],
  newDays: readonly DayNumber[],
  today: DayNumber,
  policy: Policy,
): Pick<Substitute, 'hasMoved' | 'isStraddling'> {
  return {
    hasMoved: isTakenUp(newDays[0]!, oldDays, policy) && keepsPace(oldDays, newDays, today, policy),
    isStraddling:
      isRecent(oldDays.at(-1)!, today, policy) && newDays.some((day) => day <= today && isRecent(day, today, policy)),
  };
}

/** Only days after the last use of the old key count: until then the two may have served side by side. */
function keepsPace(
  oldDays: readonly DayNumber[],
  newDays: readonly DayNumber[],
  today: DayNumber,
  policy: Policy,
): boolean {
  const [first, last] = [oldDays[0]!, oldDays.at(-1)!];
  const from = Math.max(newDays[0]!, last + 1);
  const uses = newDays.filter((day) => day >= from && day <= today).length;
  const formerPace = oldDays.length / (last - first + 1);
  return uses >= policy.movedUseDays && uses / (today - from + 1) >= policy.movedPace * formerPace;
}

/** Called with within the last month. */
function isRecent(day: DayNumber, today: DayNumber, policy: Policy): boolean {
  return day >= today - policy.refusedWindowDays;
}
