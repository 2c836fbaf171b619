import type { KeyRef, SkipReason, Usage } from '../model.ts';
import {
  addCallerDay,
  type Caller,
  type Counts,
  type DayCalls,
  type Defect,
  type HourCount,
  HourTable,
  mergeTally,
  newTally,
  RollupTable,
  type SkipCount,
  type Tally,
} from '../rollup.ts';

/**
 * A tally as it goes from thread to thread. Copying its rollups one by one would take as long as counting them: here
 * what they say of their caller stands once, and the rest as numbers in a row.
 */
export interface PackedTally {
  readonly callers: readonly Caller[];
  /** `WIDTH` numbers for each day of a caller, which may stand here more than once. NaN stands for no instant. */
  readonly numbers: Float64Array<ArrayBuffer>;
  readonly hours: readonly HourCount[];
  readonly skips: readonly (readonly [SkipReason, SkipCount])[];
  readonly quarantine: readonly Defect[];
  readonly counts: Counts;
  readonly firstAt: number | undefined;
  readonly lastAt: number | undefined;
}

const WIDTH = 9;
const FIRST_ROOM = 1024;

export function packTally(tally: Tally): PackedTally {
  const packer = new TallyPacker({ ...tally, rollups: new RollupTable() });
  for (const rollup of tally.rollups.values()) packer.addCaller(rollup, rollup);
  return packer.packed();
}

/** Packs as it is added to: days go into rows, and no rollup is made of them. */
export class TallyPacker {
  /** What is added to a tally but for days: it has no rollups. */
  readonly tally: Tally;
  readonly #callers: Caller[] = [];
  /** Of the callers with a key; keys are few enough with each to look through. */
  readonly #places = new Map<KeyRef, number[]>();
  #numbers = new Float64Array(FIRST_ROOM * WIDTH);
  #end = 0;

  constructor(tally: Tally = newTally()) {
    this.tally = tally;
  }

  /** As `addDay` of a tally. */
  addDay(usage: Pick<Usage, 'source' | 'keys' | 'places' | 'system' | 'issuer'>, calls: DayCalls): void {
    if (usage.keys.length === 0) return;
    this.tally.counts.keyed += calls.accepted + calls.failed + calls.refused;
    const { source, system, issuer } = usage;
    for (const [i, key] of usage.keys.entries()) {
      this.addCaller({ source, key, system, issuer, places: usage.places?.[i] }, calls);
    }
  }

  addCaller(caller: Caller, calls: DayCalls): void {
    const at = this.#end;
    if (at === this.#numbers.length) {
      const larger = new Float64Array(2 * at);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    const row = this.#numbers;
    row[at] = this.#placeOf(caller);
    row[at + 1] = calls.day;
    row[at + 2] = calls.accepted;
    row[at + 3] = calls.failed;
    row[at + 4] = calls.refused;
    row[at + 5] = calls.firstUsedAt ?? Number.NaN;
    row[at + 6] = calls.lastUsedAt ?? Number.NaN;
    row[at + 7] = calls.firstRefusedAt ?? Number.NaN;
    row[at + 8] = calls.lastRefusedAt ?? Number.NaN;
    this.#end += WIDTH;
  }

  /** Ids of events do not cross: a log that has them is read where the others are known. */
  packed(): PackedTally {
    const { hours, skips, quarantine, counts, firstAt, lastAt, events } = this.tally;
    if (events.size > 0) throw new Error('events cannot be packed');
    return {
      callers: this.#callers,
      numbers: this.#numbers.slice(0, this.#end),
      hours: [...hours.values()],
      skips: [...skips],
      quarantine,
      counts,
      firstAt,
      lastAt,
    };
  }

  #placeOf({ source, key, system, issuer, places: sentIn }: Caller): number {
    const places = this.#places.get(key) ?? [];
    for (const place of places) {
      const known = this.#callers[place] as Caller;
      const isCaller = known.system === system && known.source === source && known.issuer === issuer;
      if (isCaller && known.places === sentIn) return place;
    }
    if (places.length === 0) this.#places.set(key, places);
    places.push(this.#callers.length);
    this.#callers.push({ source, key, system, issuer, places: sentIn });
    return this.#callers.length - 1;
  }
}

export function rollupsIn(packed: PackedTally | undefined): number {
  return packed === undefined ? 0 : packed.numbers.length / WIDTH;
}

/** Adds what was packed. */
export function addPacked(into: Tally, packed: PackedTally): void {
  const { callers, numbers, hours, skips, quarantine, counts, firstAt, lastAt } = packed;
  const rest = {
    hours: new HourTable(hours.map((hour) => [`${hour.source}\0${hour.hour}`, hour])),
    skips: new Map(skips),
  };
  mergeTally(into, { ...newTally(), ...rest, quarantine: [...quarantine], counts, firstAt, lastAt });
  for (let at = 0; at < numbers.length; at += WIDTH) {
    const place = numbers[at] as number;
    const calls = {
      day: numbers[at + 1] as number,
      accepted: numbers[at + 2] as number,
      failed: numbers[at + 3] as number,
      refused: numbers[at + 4] as number,
      firstUsedAt: instant(numbers[at + 5] as number),
      lastUsedAt: instant(numbers[at + 6] as number),
      firstRefusedAt: instant(numbers[at + 7] as number),
      lastRefusedAt: instant(numbers[at + 8] as number),
    };
    addCallerDay(into, callers[place] as Caller, calls);
  }
}

export function unpackTally(packed: PackedTally): Tally {
  const tally = newTally();
  addPacked(tally, packed);
  return tally;
}

function instant(at: number): number | undefined {
  return Number.isNaN(at) ? undefined : at;
}
