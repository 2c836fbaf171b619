import { type Calls, clearRow, CALLER, countsIn, DAY, type DayCounts, type DayRow, addToRow, mergeRow, ROW_WIDTH, withRoom } from './day-row.ts'; // prettier-ignore
import type { DayNumber, Outcome, Rollup } from '../model.ts';
import { joinPlaces } from './place-set.ts';

/** Who called, with which key, and where that was sent. */
export type Caller = Pick<Rollup, 'source' | 'key' | 'system' | 'issuer' | 'places'>;

/** A caller and what it did. */
export interface CallerDays extends Caller {
  /** Sorted, each once. */
  readonly days: () => readonly DayCounts[];
}

/** `name`: by which the caller with that key is known, to be made once where there are many calls. */
export interface Who extends Pick<Caller, 'source' | 'system' | 'issuer'> {
  readonly name?: string;
}

/** By what callers are told apart. */
export function nameOfCaller({ source, system }: Pick<Caller, 'source' | 'system'>, key: Rollup['key']): string {
  return `${source}\0${key.key}\0${system.attribution}\0${system.name}`;
}

/** A table as it goes from thread to thread. */
export interface PackedRollups {
  readonly callers: readonly Caller[];
  /** Rows of days, each with the number of its caller. */
  readonly numbers: DayRow;
}

interface KnownCaller {
  readonly number: number;
  readonly source: string;
  readonly key: Rollup['key'];
  readonly system: Rollup['system'];
  issuer: Rollup['issuer'];
  places: Rollup['places'];
  /** Where the row of each day begins: that of one day by itself, since in a flood of callers they have no other. */
  row: number;
  rows: Map<DayNumber, number> | undefined;
}

/** A caller takes as much memory as so many rollups: some kilobyte, with its key and names. */
const CALLER_WEIGHT = 8;

/** What so many rollups of so many callers take in memory, in rollups. */
export function weigh(rollups: number, callers: number): number {
  return rollups + CALLER_WEIGHT * callers;
}

/** Rollups by caller, and of each by day: the days as rows of numbers. */
export class RollupTable {
  #callers = new Map<string, KnownCaller>();
  #numbers = NO_ROWS;
  #end = 0;
  /** Who was asked for last: mostly it is the same one again. */
  #last: { readonly who: object; readonly key: Rollup['key']; readonly caller: KnownCaller } | undefined;

  /** How many rollups there are. */
  get size(): number {
    return this.#end / ROW_WIDTH;
  }

  /** What it takes in memory, in rollups. */
  get weight(): number {
    return weigh(this.size, this.#callers.size);
  }

  /** Adds the day that the row at `start` has. */
  addRow(who: Who, key: Rollup['key'], places: Rollup['places'], from: DayRow, start = 0): void {
    const at = this.#rowOf(this.#callerOf(who, key, places), from[start + DAY]!);
    mergeRow(this.#numbers, at, from, start);
  }

  addCalls(
    who: Who,
    key: Rollup['key'],
    places: Rollup['places'],
    day: DayNumber,
    outcome: Outcome,
    calls: Calls,
  ): void {
    const at = this.#rowOf(this.#callerOf(who, key, places), day);
    addToRow(this.#numbers, at, outcome, calls);
  }

  /** Each caller once. */
  *callers(): Generator<CallerDays> {
    for (const caller of this.#callers.values()) {
      const { source, key, system, issuer, places } = caller;
      const days = (): DayCounts[] => Array.from(rowsOf(caller), (at) => countsIn(this.#numbers, at));
      yield { source, key, system, issuer, places, days: () => days().toSorted((a, b) => a.day - b.day) };
    }
  }

  *values(): Generator<Rollup> {
    for (const { days, ...caller } of this.callers()) for (const day of days()) yield { ...caller, ...day };
  }

  /** Takes over what the other has; it must not be used afterwards. */
  merge(other: RollupTable): void {
    if (this.#end === 0) {
      this.#callers = other.#callers;
      this.#numbers = other.#numbers;
      this.#end = other.#end;
      this.#last = undefined;
      return;
    }
    for (const [name, caller] of other.#callers) {
      const who = { ...caller, name };
      for (const at of rowsOf(caller)) this.addRow(who, caller.key, caller.places, other.#numbers, at);
    }
  }

  pack(): PackedRollups {
    const callers = Array.from(this.#callers.values(), ({ source, key, system, issuer, places }) => {
      return { source, key, system, issuer, places };
    });
    return { callers, numbers: this.#numbers.slice(0, this.#end) };
  }

  /** Adds what was packed. */
  addPacked({ callers, numbers }: PackedRollups): void {
    for (let at = 0; at < numbers.length; at += ROW_WIDTH) {
      const caller = callers[numbers[at + CALLER]!]!;
      this.addRow(caller, caller.key, caller.places, numbers, at);
    }
  }

  clear(): void {
    this.#callers = new Map();
    this.#numbers = NO_ROWS;
    this.#end = 0;
    this.#last = undefined;
  }

  #callerOf(who: Who, key: Rollup['key'], places: Rollup['places']): KnownCaller {
    if (this.#last?.who !== who || this.#last.key !== key) {
      this.#last = { who, key, caller: this.#named(who.name ?? nameOfCaller(who, key), who, key) };
    }
    const { caller } = this.#last;
    caller.issuer = leastText(caller.issuer, who.issuer);
    if (caller.places !== places) caller.places = joinPlaces(caller.places, places);
    return caller;
  }

  #named(name: string, { source, system, issuer }: Who, key: Rollup['key']): KnownCaller {
    let caller = this.#callers.get(name);
    if (caller === undefined) {
      caller = { number: this.#callers.size, source, key, system, issuer, places: undefined, row: -1, rows: undefined };
      this.#callers.set(name, caller);
    }
    return caller;
  }

  /** Where the row of a day begins; a new one if need be. */
  #rowOf(caller: KnownCaller, day: DayNumber): number {
    if (caller.row >= 0 && this.#numbers[caller.row + DAY] === day) return caller.row;
    const known = caller.rows?.get(day);
    if (known !== undefined) return known;
    const at = this.#end;
    if (at === this.#numbers.length) this.#numbers = withRoom(this.#numbers);
    this.#numbers[at + CALLER] = caller.number;
    clearRow(this.#numbers, at, day);
    if (caller.row < 0) caller.row = at;
    else {
      caller.rows ??= new Map([[this.#numbers[caller.row + DAY]!, caller.row]]);
      caller.rows.set(day, at);
    }
    this.#end += ROW_WIDTH;
    return at;
  }
}

function rowsOf({ row, rows }: KnownCaller): Iterable<number> {
  return rows?.values() ?? [row];
}

const NO_ROWS: DayRow = new Float64Array(0);

/** The first by name. */
export function leastText(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a <= b ? a : b;
}
