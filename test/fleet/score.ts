import type { DayNumber } from '../../src/model.ts';
import { STEADY } from './fleet.ts';
import type { Fleet, FleetKey } from './fleet.ts';
import { randomOf } from './random.ts';
import { lastUse, nextUse } from './truth.ts';

/** What came of calling keys safe, in one fleet. */
export interface Score {
  readonly safe: number;
  readonly wrong: number;
  readonly dead: number;
}

/** Compares the keys called safe with the truth. */
export function score(safe: ReadonlySet<string>, fleet: Fleet, today: DayNumber): Score {
  const keys = fleet.keys.filter(({ createdDay }) => createdDay < today);
  const dead = new Set(keys.filter((key) => nextUse(key, today, fleet) === undefined).map(({ id }) => id));
  return { safe: safe.size, wrong: [...safe].filter((id) => !dead.has(id)).length, dead: dead.size };
}

export function add(scores: readonly Score[]): Score {
  const sum = (of: (one: Score) => number): number => scores.reduce((total, one) => total + of(one), 0);
  return { safe: sum((one) => one.safe), wrong: sum((one) => one.wrong), dead: sum((one) => one.dead) };
}

/** Wrong among safe, in percent. */
export function wrongShare({ safe, wrong }: Score): number {
  return safe === 0 ? 0 : (100 * wrong) / safe;
}

/** Dead keys found, in percent. */
export function foundShare({ safe, wrong, dead }: Score): number {
  return dead === 0 ? 0 : (100 * (safe - wrong)) / dead;
}

/** Middle 95 % of the wrong shares of fleets drawn again with replacement: keys of one fleet share their outages. */
export function interval(perFleet: readonly Score[]): readonly [low: number, high: number] {
  const random = randomOf('bootstrap');
  const shares = Array.from({ length: DRAWS }, () => wrongShare(add(perFleet.map(() => random.pick(perFleet)))));
  shares.sort((a, b) => a - b);
  return [shares[Math.floor(0.025 * DRAWS)]!, shares[Math.floor(0.975 * DRAWS)]!];
}

const DRAWS = 2000;

/** Days from the last use to the first audit that calls the key safe, of steady keys that died while there were logs. */
export function daysToSafe(fleet: Fleet, firstSafe: ReadonlyMap<string, DayNumber>): readonly number[] {
  return fleet.keys
    .filter((key) => isSteadyDeath(key, fleet))
    .map((key) => {
      const safeOn = firstSafe.get(key.id);
      const last = lastUse(key, fleet.end)!;
      return safeOn === undefined || safeOn <= last ? Number.POSITIVE_INFINITY : safeOn - last;
    });
}

/** All its systems called on most days for half a year, and a year of logs is left to find out that they are gone. */
function isSteadyDeath(key: FleetKey, fleet: Fleet): boolean {
  const last = lastUse(key, fleet.end);
  if (last === undefined || last > fleet.end - 200 || nextUse(key, last + 1, fleet) !== undefined) return false;
  const callers = key.callers.filter(({ trueDays }) => trueDays.length > 0);
  return callers.every(
    ({ kind, trueDays }) => STEADY.has(kind) && trueDays.at(-1)! - Math.max(trueDays[0]!, fleet.start) >= 180,
  );
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
