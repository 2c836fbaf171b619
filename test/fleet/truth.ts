import type { DayNumber } from '../../src/model.ts';
import type { Fleet, FleetKey } from './fleet.ts';

/** The first day from `today` on, as far as the truth goes, on which somebody uses the key. */
export function nextUse(key: FleetKey, today: DayNumber, { profile }: Fleet): DayNumber | undefined {
  const days = key.callers.flatMap(({ trueDays }) => trueDays.find((day) => day >= today) ?? []);
  const next = Math.min(...days);
  return next < today + profile.truthDays ? next : undefined;
}

/** The last use before a day, whether or not the logs show it. */
export function lastUse(key: FleetKey, today: DayNumber): DayNumber | undefined {
  const last = Math.max(...key.callers.flatMap(({ trueDays }) => trueDays.findLast((day) => day < today) ?? []));
  return Number.isFinite(last) ? last : undefined;
}
