import { type Calls, clearRow, CALLER, countsIn, DAY, type DayCounts, type DayRow, addToRow, mergeRow, newDayRow, ROW_WIDTH } from './day-row.ts'; // prettier-ignore
import type { DayNumber, Outcome, Rollup } from './model.ts';
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
  /** Where the row of each day begins. */
  readonly days: Map<DayNumber, number>;
}

/** Rollups by caller, and of each by day: the days as rows of numbers. */
export class RollupTable {
  #callers = new Map<string, KnownCaller>();
  #numbers: DayRow = new Float64Array(FIRST_ROWS * ROW_WIDTH);
  #end = 0;
  /** Who was asked for last: mostly it is the same one again. */
  #last: { readonly who: object; readonly key: Rollup['key']; readonly caller: KnownCaller } | undefined;

  /** How many rollups there are. */
  get size(): number {
    return this.#end / ROW_WIDTH;
  }

  /** Adds the day that the row at `start` has. */
  addRow(who: Who, key: Rollup['key'], places: Rollup['places'], from: DayRow, start = 0): void {
    const caller = this.#callerOf(who, key);
    caller.issuer = leastText(caller.issuer, who.issuer);
    if (caller.places !== places) caller.places = joinPlaces(caller.places, places);
    this.#addDay(caller, from, start);
  }

  addCalls(
    who: Who,
    key: Rollup['key'],
    places: Rollup['places'],
    day: DayNumber,
    outcome: Outcome,
    calls: Calls,
  ): void {
    clearRow(SCRATCH, day);
    addToRow(SCRATCH, outcome, calls);
    this.addRow(who, key, places, SCRATCH);
  }

  /** Each caller once. */
  *callers(): Generator<CallerDays> {
    for (const { source, key, system, issuer, places, days: rows } of this.#callers.values()) {
      const days = (): DayCounts[] => Array.from(rows.values(), (at) => countsIn(this.#numbers, at));
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
    for (const [name, { days, key, places, ...caller }] of other.#callers) {
      const who = { ...caller, name };
      for (const at of days.values()) this.addRow(who, key, places, other.#numbers, at);
    }
  }

  pack(): PackedRollups {
    const callers = Array.from(this.#callers.values(), ({ number: _number, days: _days, ...caller }) => caller);
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
    this.#numbers = new Float64Array(FIRST_ROWS * ROW_WIDTH);
    this.#end = 0;
    this.#last = undefined;
  }

  #callerOf(who: Who, key: Rollup['key']): KnownCaller {
    if (this.#last?.who === who && this.#last.key === key) return this.#last.caller;
    const name = who.name ?? nameOfCaller(who, key);
    let caller = this.#callers.get(name);
    if (caller === undefined) {
      const { source, system, issuer } = who;
      caller = { number: this.#callers.size, source, key, system, issuer, places: undefined, days: new Map() };
      this.#callers.set(name, caller);
    }
    this.#last = { who, key, caller };
    return caller;
  }

  #addDay({ number, days }: KnownCaller, from: DayRow, start: number): void {
    const day = from[start + DAY]!;
    const known = days.get(day);
    if (known !== undefined) return mergeRow(this.#numbers, known, from, start);
    const at = this.#end;
    if (at === this.#numbers.length) this.#grow();
    const numbers = this.#numbers;
    numbers[at + CALLER] = number;
    for (let i = DAY; i < ROW_WIDTH; i++) numbers[at + i] = from[start + i]!;
    days.set(day, at);
    this.#end += ROW_WIDTH;
  }

  #grow(): void {
    const larger = new Float64Array(2 * this.#numbers.length);
    larger.set(this.#numbers);
    this.#numbers = larger;
  }
}

const FIRST_ROWS = 256;
const SCRATCH = newDayRow();

/** The first by name. */
export function leastText(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a <= b ? a : b;
}
