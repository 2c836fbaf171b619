import type { EventDigest } from '../tally/event-digests.ts';
import type { EpochMs, Outcome } from '../model.ts';
import type { Callers } from '../tally/rollup.ts';
import { nameOfCaller } from '../tally/rollup-table.ts';

/**
 * Calls that one place must count, since only there it is known which events were counted before. They go from thread to
 * thread as numbers; who called is said once.
 */
export interface PackedCalls {
  /** Callers that were not named before, and how many were; 0: numbers of callers begin anew. */
  readonly callers: readonly Callers[];
  readonly named: number;
  /** Four words for each call. */
  readonly digests: Uint32Array<ArrayBuffer>;
  /** `WIDTH` numbers for each: caller, outcome, instant, place in the log, length. */
  readonly numbers: Float64Array<ArrayBuffer>;
}

/** A call as it was packed. The digest is overwritten by the next one. */
export interface PackedCall {
  readonly callers: Callers;
  readonly outcome: Outcome;
  readonly at: EpochMs;
  readonly offset: number;
  readonly length: number;
  readonly event: EventDigest;
}

const WIDTH = 5;
const DIGEST_WORDS = 4;
const FIRST_ROOM = 1024;
const OUTCOMES: readonly Outcome[] = ['accepted', 'failed', 'refused'];

/** Callers that are remembered, so that a flood of keys takes no more memory than other logs. */
const MOST_CALLERS = 50_000;

/** Packs the calls of one log after the other. */
export class CallPacker {
  /** Places of callers by what tells them apart; those of a group are found by themselves. */
  readonly #places = new Map<string, number>();
  #ofGroups = new WeakMap<Callers, number>();
  #named = 0;
  #fresh: Callers[] = [];
  #digests = new Uint32Array(FIRST_ROOM * DIGEST_WORDS);
  #numbers = new Float64Array(FIRST_ROOM * WIDTH);
  count = 0;

  add(callers: Callers, outcome: Outcome, event: EventDigest, at: EpochMs, offset: number, length: number): void {
    if (this.count * WIDTH === this.#numbers.length) this.#grow();
    for (let i = 0, to = this.count * DIGEST_WORDS; i < DIGEST_WORDS; i++) this.#digests[to + i] = event[i] as number;
    const row = this.count++ * WIDTH;
    this.#numbers[row] = this.#placeOf(callers);
    this.#numbers[row + 1] = OUTCOMES.indexOf(outcome);
    this.#numbers[row + 2] = at;
    this.#numbers[row + 3] = offset;
    this.#numbers[row + 4] = length;
  }

  /** The calls of a log, which is over. */
  take(): PackedCalls {
    const packed = {
      callers: this.#fresh,
      named: this.#named - this.#fresh.length,
      digests: this.#digests.slice(0, this.count * DIGEST_WORDS),
      numbers: this.#numbers.slice(0, this.count * WIDTH),
    };
    this.#fresh = [];
    this.drop();
    return packed;
  }

  /** The calls of a log that is not handed over. Callers that it named are named with the next one. */
  drop(): void {
    this.count = 0;
    if (this.#named < MOST_CALLERS) return;
    this.#places.clear();
    this.#ofGroups = new WeakMap();
    this.#named = 0;
    this.#fresh = [];
  }

  #placeOf(callers: Callers): number {
    const known = this.#ofGroups.get(callers);
    if (known !== undefined) return known;
    const { source, keys, places, system, issuer } = callers;
    const texts = [source, keys.map(({ key }) => key), places, system.attribution, system.name, issuer];
    const name = JSON.stringify(texts);
    let place = this.#places.get(name);
    if (place === undefined) {
      place = this.#named++;
      this.#places.set(name, place);
      this.#fresh.push({ source, keys, places, system, issuer });
    }
    this.#ofGroups.set(callers, place);
    return place;
  }

  #grow(): void {
    const [digests, numbers] = [this.#digests, this.#numbers];
    this.#digests = new Uint32Array(digests.length * 2);
    this.#digests.set(digests);
    this.#numbers = new Float64Array(numbers.length * 2);
    this.#numbers.set(numbers);
  }
}

/** Gives each call, in the order of the log. `callers`: all that were named. */
export function unpackCalls(
  { digests, numbers }: PackedCalls,
  callers: readonly Callers[],
  each: (call: PackedCall) => void,
): void {
  const event = new Uint32Array(DIGEST_WORDS);
  for (let at = 0, word = 0; at < numbers.length; at += WIDTH) {
    for (let i = 0; i < DIGEST_WORDS; i++) event[i] = digests[word++] as number;
    each({
      callers: callers[numbers[at] as number] as Callers,
      outcome: OUTCOMES[numbers[at + 1] as number] as Outcome,
      at: numbers[at + 2] as number,
      offset: numbers[at + 3] as number,
      length: numbers[at + 4] as number,
      event,
    });
  }
}

/** All callers that a thread named; those of earlier answers stay as they are when numbers begin anew. */
export class NamedCallers {
  #callers: Callers[] = [];

  add({ callers, named }: PackedCalls): readonly Callers[] {
    if (named === 0) this.#callers = [];
    for (const one of callers) this.#callers.push(withName(one));
    return this.#callers;
  }
}

function withName(callers: Callers): Callers {
  const [key, ...others] = callers.keys;
  return key === undefined || others.length > 0 ? callers : { ...callers, name: nameOfCaller(callers, key) };
}
