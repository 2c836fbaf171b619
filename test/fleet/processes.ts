import type { DayNumber } from '../../src/model.ts';
import { isWeekend } from '../../src/verdicts/calendar.ts';
import type { CallerClass, Profile } from './profiles.ts';
import type { Random } from './random.ts';

/** The days on which a caller of a class calls from `from` to the day before `to`, without anything that disturbs it. */
export function daysOfClass(
  kind: CallerClass,
  from: DayNumber,
  to: DayNumber,
  random: Random,
  profile: Profile,
): DayNumber[] {
  switch (kind) {
    case 'continuous':
      return daysWhere(from, to, () => random.chance(0.997));
    case 'business-hours':
      return daysWhere(from, to, (day) => !isWeekend(day) && random.chance(isHoliday(day) ? 0.1 : 0.96));
    case 'daily':
      return job(1, from, to, random, profile);
    case 'weekly':
      return job(random.pick([7, 7, 7, 14]), from, to, random, profile);
    case 'monthly':
      return job(random.pick([30.4, 30.4, 30.4, 60.9]), from, to, random, profile);
    case 'quarterly':
      return job(91.3, from, to, random, profile);
    case 'half-yearly':
      return job(182.6, from, to, random, profile);
    case 'yearly':
      return job(365.25, from, to, random, profile);
    case 'human':
      return human(from, to, random, profile);
    case 'seasonal':
      return seasonal(from, to, random);
    case 'drill':
      return drill(from, to, random);
    case 'break-glass':
      return breakGlass(from, to, random, profile);
    case 'one-shot':
      return run(from, random.between(1, 5), to);
    case 'refused-only':
      return job(random.pick([1, 7]), from, to, random, profile);
    default:
      return kind satisfies never;
  }
}

/** A cadence that the class may change to. */
export function nextCadence(kind: CallerClass, random: Random): CallerClass {
  const at = CADENCES.indexOf(kind);
  if (at < 0) return kind;
  const step = random.chance(0.6) ? 1 : -1;
  return CADENCES[at + step] ?? CADENCES[at - step] ?? kind;
}

const CADENCES: readonly CallerClass[] = ['continuous', 'business-hours', 'weekly', 'monthly', 'quarterly'];

function daysWhere(from: DayNumber, to: DayNumber, isUsed: (day: DayNumber) => boolean): DayNumber[] {
  const days: DayNumber[] = [];
  for (let day = from; day < to; day++) if (isUsed(day)) days.push(day);
  return days;
}

/** The last week of December. */
function isHoliday(day: DayNumber): boolean {
  const date = new Date(day * 86_400_000);
  return date.getUTCMonth() === 11 && date.getUTCDate() > 23;
}

function run(from: DayNumber, length: number, to: DayNumber): DayNumber[] {
  return daysWhere(from, Math.min(from + length, to), () => true);
}

/** Runs at a fixed period: jitter does not add up, a missed run is not made up for. */
function job(period: number, from: DayNumber, to: DayNumber, random: Random, profile: Profile): DayNumber[] {
  const days: DayNumber[] = [];
  for (let due = from + random.next() * Math.min(period, 40); due < to; due += period) {
    const day = Math.round(due + random.normal() * profile.jitter * period);
    if (!random.chance(profile.missedRuns) && day >= from && day < to) days.push(day);
  }
  return sortedOnce(days);
}

function human(from: DayNumber, to: DayNumber, random: Random, profile: Profile): DayNumber[] {
  const days: DayNumber[] = [];
  const median = random.lognormal(profile.humanPauseDays, 0.5);
  let day = from;
  while (day < to) {
    const length = random.between(1, 4);
    days.push(...run(day, length, to));
    day += length + Math.max(1, Math.round(random.lognormal(median, profile.humanSigma)));
  }
  return days;
}

/** Steady use for some weeks of each year. */
function seasonal(from: DayNumber, to: DayNumber, random: Random): DayNumber[] {
  const length = random.between(25, 100);
  const days: DayNumber[] = [];
  for (let start = from + random.between(0, 60); start < to; start += 365) {
    const begin = start + random.between(-10, 10);
    days.push(...daysWhere(begin, Math.min(begin + length, to), () => random.chance(0.7)));
  }
  return days.filter((day) => day >= from);
}

function drill(from: DayNumber, to: DayNumber, random: Random): DayNumber[] {
  const period = random.pick([182, 365]);
  const days: DayNumber[] = [];
  for (let due = from + random.between(0, 60); due < to; due += period) {
    days.push(...run(due + random.between(-25, 25), random.between(1, 2), to));
  }
  return days.filter((day) => day >= from);
}

function breakGlass(from: DayNumber, to: DayNumber, random: Random, profile: Profile): DayNumber[] {
  const days: DayNumber[] = [];
  for (let day = from; day < to;) {
    day += Math.ceil(random.exponential(profile.breakGlassDays)) + 3;
    days.push(...run(day, random.between(1, 3), to));
  }
  return days;
}

export function sortedOnce(days: readonly DayNumber[]): DayNumber[] {
  return [...new Set(days)].toSorted((a, b) => a - b);
}
