import type { DayNumber } from '../../src/model.ts';
import type { Profile } from './profiles.ts';
import { hashOf, randomOf } from './random.ts';
import type { Random } from './random.ts';

/** A stream of logs with all that keeps it from being complete. */
export interface FleetSource {
  readonly name: string;
  readonly outages: readonly Outage[];
  /** Day -> how many days later the late half of its records arrives. */
  readonly late: ReadonlyMap<DayNumber, number>;
  /** What the user declares; undefined: nothing. */
  readonly deliveryLagDays: number | undefined;
}

interface Outage {
  readonly from: DayNumber;
  /** Inclusive. */
  readonly to: DayNumber;
  readonly kind: 'whole' | 'partial' | 'node';
  /** Share of the records that is lost. */
  readonly share: number;
  readonly isDeclared: boolean;
}

export function makeSources(seed: string, start: DayNumber, profile: Profile): readonly FleetSource[] {
  const end = start + profile.logDays;
  return SOURCE_NAMES.slice(0, profile.sources).map((name) => {
    const random = randomOf(`${seed}/source/${name}`);
    const late = new Map<DayNumber, number>();
    for (let day = start; day < end; day++) {
      if (random.chance(profile.lateDays)) late.set(day, random.between(1, profile.latestDays));
    }
    return {
      name,
      outages: [
        ...outagesOf('whole', profile.outages, start, end, random, profile),
        ...outagesOf('partial', profile.partialOutages, start, end, random, profile),
        ...outagesOf('node', profile.nodeOutages, start, end, random, profile),
      ],
      late,
      deliveryLagDays: random.chance(profile.declaredLags) ? profile.latestDays : undefined,
    };
  });
}

/** Whether record number `index` of a caller's day reaches the logs. */
export function isLogged(source: FleetSource, caller: string, day: DayNumber, index: number): boolean {
  return !source.outages.some(({ kind, share, from, to }) => {
    if (day < from || day > to) return false;
    if (kind === 'whole') return true;
    if (kind === 'node') return hashOf(`${source.name}/${caller}`) % NODES === from % NODES;
    return hashOf(`${source.name}/${caller}/${day}/${index}`) / 0x1_0000_0000 < share;
  });
}

/** The day on which a caller's records of a day are there to be read. */
export function arrivalOf(source: FleetSource, caller: string, day: DayNumber): DayNumber {
  const lag = source.late.get(day);
  return lag === undefined || hashOf(`late/${caller}/${day}`) % 2 === 0 ? day : day + lag;
}

export const SOURCE_NAMES = ['gateway', 'edge', 'mesh'] as const;

const NODES = 3;
const LONGEST_OUTAGE = 90;

function outagesOf(
  kind: Outage['kind'],
  rate: number,
  start: DayNumber,
  end: DayNumber,
  random: Random,
  profile: Profile,
): readonly Outage[] {
  const outages: Outage[] = [];
  if (rate === 0) return outages;
  for (let from = start + next(); from < end; from += next()) {
    const length = Math.ceil(random.lognormal(profile.outageDays, profile.outageSigma));
    const to = from + Math.min(length, LONGEST_OUTAGE) - 1;
    outages.push({
      from,
      to,
      kind,
      share: 0.3 + 0.65 * random.next(),
      isDeclared: random.chance(profile.declaredOutages),
    });
  }
  return outages;

  function next(): number {
    return Math.ceil(random.exponential(365 / rate));
  }
}
