import type { DayNumber, SteadyCaller } from '../model.ts';
import { isWeekend } from './calendar.ts';
import type { Policy } from './policy.ts';
import { Window } from './window.ts';

/**
 * What a source should have sent on a day, learned from its good days before. Weekdays and weekends are learned apart,
 * so that the quiet weekend of an office is no hole and a quiet Wednesday is one.
 */
export class Expectations {
  readonly #policy: Policy;
  readonly #callers: readonly ExpectedCaller[];
  /** Per kind of day: whether something arrived on each of the last good days. */
  readonly #arrivals: Kinds<boolean[]> = { weekday: [], weekend: [] };
  /** The one that the callers' `today` is of. */
  #day: DayNumber | undefined;

  constructor(callers: readonly SteadyCaller[], policy: Policy) {
    this.#policy = policy;
    this.#callers = callers
      .map((caller) => expectationOf(caller, policy.coverageWindowDays))
      .filter((caller) => caller !== undefined);
  }

  /** Nothing arrived on this day. Should something have? */
  expectsRecords(day: DayNumber): boolean {
    if (this.#isShort(day) !== undefined) return true;
    const withRecords = this.#arrivals[kindOf(day)].filter(Boolean).length;
    return withRecords >= this.#policy.coverageRhythmDays;
  }

  /** Something arrived on this day, but too little of what the steady callers make us expect. */
  expectsMoreRecords(day: DayNumber): boolean {
    const isShort = this.#isShort(day) === true;
    for (const caller of this.#callers) if (caller.today > 0) caller.lastDay = day;
    return isShort;
  }

  /** Takes a good day into the expectations. */
  learn(day: DayNumber, hasRecords: boolean): void {
    const kind = kindOf(day);
    keepLast(this.#arrivals[kind], hasRecords, this.#policy.coverageWindowDays);
    this.#lookAt(day);
    for (const caller of this.#callers) if (day >= caller.firstDay) caller.recent[kind].push(caller.today);
  }

  #lookAt(day: DayNumber): void {
    if (day === this.#day) return;
    this.#day = day;
    for (const caller of this.#callers) caller.today = caller.calls.on(day);
  }

  /**
   * Whether the median over the steady callers of their calls against their own median is too small; undefined when there
   * are too few of them. Nothing is sorted or taken apart for it: this is asked for each day of years, by every command.
   */
  #isShort(day: DayNumber): boolean | undefined {
    this.#lookAt(day);
    const { coverageShare: least, coverageRhythmDays, steadyDays } = this.#policy;
    const kind = kindOf(day);
    let below = 0;
    let above = 0;
    let greatestBelow = -Infinity;
    let leastAbove = Infinity;
    for (const caller of this.#callers) {
      const recent = caller.recent[kind];
      // A caller that left long ago says nothing of the source any more. Until then its absence counts against the source:
      // when most callers vanish at once, half a gateway that stopped logging is likelier than that many deaths.
      const isExpected = recent.length >= coverageRhythmDays && day - caller.lastDay <= steadyDays;
      const usual = isExpected ? recent.median : 0;
      if (usual <= 0) continue;
      const share = caller.today / usual;
      if (share < least) {
        below++;
        if (share > greatestBelow) greatestBelow = share;
      } else {
        above++;
        if (share < leastAbove) leastAbove = share;
      }
    }
    if (below + above < this.#policy.coverageCallers) return undefined;
    // As many on both sides: the median lies between the two in the middle.
    return below === above ? (greatestBelow + leastAbove) / 2 < least : below > above;
  }
}

interface Kinds<Value> {
  readonly weekday: Value;
  readonly weekend: Value;
}

interface ExpectedCaller {
  readonly calls: CallsByDay;
  readonly firstDay: DayNumber;
  lastDay: DayNumber;
  /** Calls on the day that is looked at. */
  today: number;
  readonly recent: Kinds<Window>;
}

/** Looks days up that are asked for about in their order: the next one is mostly where the last one was. */
class CallsByDay {
  readonly #days: readonly DayNumber[];
  readonly #callsOfDays: readonly number[];
  #at = 0;

  constructor({ days, calls }: SteadyCaller) {
    this.#days = days;
    this.#callsOfDays = calls;
  }

  on(day: DayNumber): number {
    while (this.#at > 0 && this.#days[this.#at - 1]! >= day) this.#at--;
    while (this.#at < this.#days.length && this.#days[this.#at]! < day) this.#at++;
    return this.#days[this.#at] === day ? this.#callsOfDays[this.#at]! : 0;
  }
}

function expectationOf(caller: SteadyCaller, window: number): ExpectedCaller | undefined {
  const firstDay = caller.days[0];
  if (firstDay === undefined) return undefined;
  const recent = { weekday: new Window(window), weekend: new Window(window) };
  return { calls: new CallsByDay(caller), firstDay, lastDay: firstDay, today: 0, recent };
}

function kindOf(day: DayNumber): keyof Kinds<unknown> {
  return isWeekend(day) ? 'weekend' : 'weekday';
}

function keepLast<Value>(values: Value[], value: Value, count: number): void {
  values.push(value);
  if (values.length > count) values.shift();
}
