import type { Rollup, SkipReason } from '../model.ts';
import { type Counts, type Defect, type HourCount, rollupName, type SkipCount, type Tally } from '../rollup.ts';

/**
 * A tally as it goes from thread to thread. Copying its rollups one by one would take as long as counting them: here
 * what they say of their caller stands once, and the rest as numbers in a row.
 */
export interface PackedTally {
  readonly callers: readonly Caller[];
  /** `WIDTH` numbers for each rollup: its caller, its day, its counts and instants. NaN stands for no instant. */
  readonly numbers: Float64Array<ArrayBuffer>;
  readonly hours: readonly HourCount[];
  readonly skips: readonly (readonly [SkipReason, SkipCount])[];
  readonly quarantine: readonly Defect[];
  readonly counts: Counts;
  readonly firstAt: number | undefined;
  readonly lastAt: number | undefined;
}

type Caller = Pick<Rollup, 'source' | 'key' | 'system' | 'issuer'>;

const WIDTH = 9;

/** Ids of events do not cross: a log that has them is read where the others are known. */
export function packTally(tally: Tally): PackedTally {
  if (tally.eventIds.size > 0) throw new Error('ids of events cannot be packed');
  const callers: Caller[] = [];
  const places = new Map<string, number>();
  const numbers = new Float64Array(tally.rollups.size * WIDTH);
  let at = 0;
  for (const [name, rollup] of tally.rollups) {
    const caller = `${name.slice(0, name.lastIndexOf('\0'))}\0${rollup.issuer ?? ''}`;
    let place = places.get(caller);
    if (place === undefined) {
      place = callers.length;
      places.set(caller, place);
      callers.push({ source: rollup.source, key: rollup.key, system: rollup.system, issuer: rollup.issuer });
    }
    numbers[at] = place;
    numbers[at + 1] = rollup.day;
    numbers[at + 2] = rollup.accepted;
    numbers[at + 3] = rollup.failed;
    numbers[at + 4] = rollup.refused;
    numbers[at + 5] = rollup.firstUsedAt ?? Number.NaN;
    numbers[at + 6] = rollup.lastUsedAt ?? Number.NaN;
    numbers[at + 7] = rollup.firstRefusedAt ?? Number.NaN;
    numbers[at + 8] = rollup.lastRefusedAt ?? Number.NaN;
    at += WIDTH;
  }
  const { counts, quarantine, firstAt, lastAt } = tally;
  return {
    callers,
    numbers,
    hours: [...tally.hours.values()],
    skips: [...tally.skips],
    quarantine,
    counts,
    firstAt,
    lastAt,
  };
}

export function rollupsIn(packed: PackedTally | undefined): number {
  return packed === undefined ? 0 : packed.numbers.length / WIDTH;
}

export function unpackTally(packed: PackedTally): Tally {
  const { callers, numbers, hours, skips, quarantine, counts, firstAt, lastAt } = packed;
  const rollups: Tally['rollups'] = new Map();
  for (let at = 0; at < numbers.length; at += WIDTH) {
    const caller = callers[numbers[at] as number] as Caller;
    const rollup: Rollup = {
      source: caller.source,
      key: caller.key,
      system: caller.system,
      issuer: caller.issuer,
      day: numbers[at + 1] as number,
      accepted: numbers[at + 2] as number,
      failed: numbers[at + 3] as number,
      refused: numbers[at + 4] as number,
      firstUsedAt: instant(numbers[at + 5] as number),
      lastUsedAt: instant(numbers[at + 6] as number),
      firstRefusedAt: instant(numbers[at + 7] as number),
      lastRefusedAt: instant(numbers[at + 8] as number),
    };
    rollups.set(rollupName(caller, caller.key, rollup.day), rollup);
  }
  return {
    rollups,
    hours: new Map(hours.map((hour) => [`${hour.source}\0${hour.hour}`, hour])),
    skips: new Map(skips),
    quarantine: [...quarantine],
    eventIds: new Map(),
    counts,
    firstAt,
    lastAt,
  };
}

function instant(at: number): number | undefined {
  return Number.isNaN(at) ? undefined : at;
}
