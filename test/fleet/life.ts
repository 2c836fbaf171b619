import type { DayNumber } from '../../src/model.ts';
import { daysOfClass, nextCadence, sortedOnce } from './processes.ts';
import type { CallerClass, Profile } from './profiles.ts';
import type { Random } from './random.ts';

/** The days on which one caller calls in its life: its class, disturbed as the profile says. */
export function liveDays(
  kind: CallerClass,
  from: DayNumber,
  to: DayNumber,
  random: Random,
  profile: Profile,
): DayNumber[] {
  if (to <= from) return [];
  if (kind === 'one-shot' || kind === 'break-glass') return daysOfClass(kind, from, to, random, profile);
  const days = withCadenceChange(kind, from, to, random, profile);
  const hidden = random.chance(profile.hiddenJobs) ? hiddenJob(from, to, random, profile) : [];
  return sortedOnce([...withoutPauses(days, from, to, random, profile), ...hidden]);
}

/** A slow job that nobody remembers: it may outlive what hides it. */
export function hiddenJob(from: DayNumber, to: DayNumber, random: Random, profile: Profile): DayNumber[] {
  return daysOfClass(random.pick(['monthly', 'quarterly', 'half-yearly', 'yearly']), from, to, random, profile);
}

/** The day of a death that comes at this rate a year. */
export function deathAfter(from: DayNumber, rate: number, random: Random): DayNumber {
  return rate === 0 ? Number.POSITIVE_INFINITY : from + Math.ceil(random.exponential(365 / rate));
}

function withCadenceChange(
  kind: CallerClass,
  from: DayNumber,
  to: DayNumber,
  random: Random,
  profile: Profile,
): DayNumber[] {
  const change = deathAfter(from, profile.cadenceChanges, random);
  if (change >= to) return daysOfClass(kind, from, to, random, profile);
  const later = withCadenceChange(nextCadence(kind, random), change, to, random, profile);
  return [...daysOfClass(kind, from, change, random, profile), ...later];
}

function withoutPauses(
  days: readonly DayNumber[],
  from: DayNumber,
  to: DayNumber,
  random: Random,
  profile: Profile,
): readonly DayNumber[] {
  let left = days;
  for (
    let start = deathAfter(from, profile.pauses, random);
    start < to;
    start = deathAfter(start, profile.pauses, random)
  ) {
    const end = start + Math.round(random.lognormal(profile.pauseDays, profile.pauseSigma));
    left = left.filter((day) => day < start || day >= end);
  }
  return left;
}
