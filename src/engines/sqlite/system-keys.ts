import type { Statement } from 'better-sqlite3';
import type { DayNumber } from '../../model.ts';
import { joinDays } from '../../verdicts/use-days.ts';
import { decodeSumOfHex, sumUp } from './caller-sum.ts';
import type { Connection } from './database.ts';
import { decodeBlock, isUsed } from './day-block.ts';
import { rowsByNumber } from './sqlite.ts';

const NAMED = `
  SELECT name, systems.id AS id FROM json_each(?) JOIN systems ON name = value AND attribution IN ('rule', 'field')`;

/** A rule and a field may give two systems one name. Where only one of them gives names, no name has to be looked up. */
const HAS_TWINS = `
  SELECT EXISTS (SELECT 1 FROM systems WHERE attribution = 'rule')
    AND EXISTS (SELECT 1 FROM systems WHERE attribution = 'field')`;

/**
 * Whether each has more than so many keys is asked first; one that has comes without a key. Session credentials come and
 * go: they would make every role a system with too many keys. Where there are none, the index of callers alone knows the
 * answer.
 */
function keysOfSystems(hasSessions: boolean): string {
  const isKey = isKeyIf(hasSessions);
  const isCrowded = `EXISTS (SELECT 1 FROM callers WHERE system_id = value ${isKey} LIMIT 1 OFFSET :most)`;
  return `
    SELECT value AS system, NULL AS key, 0 AS day FROM json_each(:systems) WHERE ${isCrowded}
    UNION ALL
    SELECT value, key_id, first_used_day FROM json_each(:systems) CROSS JOIN callers INDEXED BY callers_system
      ON system_id = value
    WHERE first_used_day IS NOT NULL ${isKey} AND NOT ${isCrowded}`;
}

/** Of a stretch of all systems: the index lies in this order. */
function keysOfAllSystems(hasSessions: boolean): string {
  return `
    SELECT system_id AS system, key_id AS key, first_used_day AS day FROM callers INDEXED BY callers_system
    WHERE system_id BETWEEN ? AND ? ${isKeyIf(hasSessions)} ORDER BY system_id, key_id, first_used_day`;
}

function isKeyIf(hasSessions: boolean): string {
  return hasSessions ? "AND EXISTS (SELECT 1 FROM keys WHERE keys.id = key_id AND kind <> 'aws_sts_session_key')" : '';
}

/** As hex: see seen-keys.ts. */
const USE_DAYS =
  'SELECT hex(summary) AS summary FROM callers WHERE key_id = ? AND system_id = ? AND summary IS NOT NULL';

const TAIL_DAYS = `
  SELECT block, counts FROM callers JOIN tails ON caller_id = callers.id WHERE key_id = +? AND system_id = +?`;

const PENDING = `
  SELECT name, key_id AS key, block, counts FROM tails
    JOIN callers ON callers.id = caller_id JOIN keys ON keys.id = key_id JOIN systems ON systems.id = system_id
  WHERE attribution IN ('rule', 'field') AND kind <> 'aws_sts_session_key'`;

/** Of how many systems the keys are held in memory; beyond that they are looked up again. */
const MAX_CACHED = 50_000;

const MOST_HELD = 8_000_000;

interface KeyRow {
  readonly system: number;
  /** Null: the system has too many. */
  readonly key: number | null;
  /** Of first use. */
  readonly day: DayNumber | null;
}

interface TailRow {
  readonly block: number;
  readonly counts: Buffer;
}

/** A key that a system calls with, by number. */
export interface SystemKey {
  readonly key: number;
  readonly firstUsedDay: DayNumber;
  readonly useDays: () => readonly DayNumber[];
}

export interface SystemKeysOptions {
  /** Of a system that calls with more keys, they are not told. */
  readonly mostKeys: number;
  readonly sources: number;
  readonly hasSessions: boolean;
  /** Up to how many callers their keys are held, for an audit: eight bytes each. */
  readonly mostHeld?: number;
}

/** Which keys named systems call with. To be used within one transaction. */
export class SystemKeys {
  readonly #db: Connection;
  readonly #mostKeys: number;
  /** A key may stand there once for each source, and a name be given by a rule and by a field. */
  readonly #mostRows: number;
  readonly #named: Statement<unknown[], { name: string; id: number }>;
  readonly #keysOf: Statement<unknown[], KeyRow>;
  readonly #useDays: Statement<unknown[], { summary: string }>;
  readonly #tailDays: Statement<unknown[], TailRow>;
  readonly #pending: ReadonlyMap<string, ReadonlyMap<number, DayNumber>>;
  #hasTwins: boolean | undefined;
  /** Undefined: not made yet; null: there are too many callers. */
  #all: KeysOfAll | null | undefined;
  readonly #hasSessions: boolean;
  readonly #mostHeld: number;
  readonly #byName = new Map<string, NumberedKeys>();

  constructor(db: Connection, { mostKeys, sources, hasSessions, mostHeld = MOST_HELD }: SystemKeysOptions) {
    this.#db = db;
    this.#mostKeys = mostKeys;
    this.#mostRows = 2 * (mostKeys + 1) * Math.max(1, sources);
    this.#named = db.prepare(NAMED);
    this.#keysOf = db.prepare(keysOfSystems(hasSessions));
    this.#hasSessions = hasSessions;
    this.#mostHeld = mostHeld;
    this.#useDays = db.prepare(USE_DAYS);
    this.#tailDays = db.prepare(TAIL_DAYS);
    this.#pending = readPending(db);
  }

  /** Reads the keys of many systems at once, given by name and number. */
  load(systems: readonly (readonly [name: string, id: number])[]): void {
    this.#hasTwins ??= this.#db.prepare(HAS_TWINS).pluck().get() === 1;
    if (this.#all === undefined) this.#all = this.#readAll();
    const unknown = systems.filter(([name]) => !this.#byName.has(name));
    this.#read(this.#hasTwins ? this.#idsOf(unknown.map(([name]) => name)) : idsByName(unknown));
  }

  /** Nothing if there are too many. */
  of(name: string): readonly SystemKey[] {
    if (!this.#byName.has(name)) this.#read(this.#idsOf([name]));
    const { systems, keys, firstUsedDays } = this.#byName.get(name)!;
    return keys.map((key, index) => {
      let useDays: readonly DayNumber[] | undefined;
      return {
        key,
        firstUsedDay: firstUsedDays[index]!,
        useDays: () => (useDays ??= joinDays(systems.flatMap((id) => this.#useDaysOf(key, id)))),
      };
    });
  }

  #idsOf(names: readonly string[]): ReadonlyMap<string, readonly number[]> {
    const none = names.map((name): [string, number[]] => [name, []]);
    const systems = new Map(none);
    for (const { name, id } of this.#named.all(JSON.stringify([...systems.keys()]))) systems.get(name)?.push(id);
    return systems;
  }

  #read(systems: ReadonlyMap<string, readonly number[]>): void {
    if (systems.size === 0) return;
    if (this.#byName.size + systems.size > MAX_CACHED) this.#byName.clear();
    const rows = this.#all ?? bySystem(this.#rowsOf([...systems.values()].flat()));
    for (const [name, ids] of systems) {
      const pending = this.#pending.get(name);
      const [first = NO_KEYS, ...others] = ids.map((id) => rows.get(id) ?? NO_KEYS);
      const all = others.length === 0 && pending === undefined ? first : joined([first, ...others], pending);
      const told = all.isCrowded || all.keys.length > this.#mostKeys ? NO_KEYS : all;
      this.#byName.set(name, { systems: ids, keys: told.keys, firstUsedDays: told.firstUsedDays });
    }
  }

  #rowsOf(systems: readonly number[]): readonly KeyRow[] {
    return this.#keysOf.all({ systems: JSON.stringify(systems), most: this.#mostRows });
  }

  #readAll(): KeysOfAll | null {
    const count = (sql: string): number => this.#db.prepare<[], number>(sql).pluck().get() ?? 0;
    const [callers, lastSystem] = [count('SELECT count(*) FROM callers'), count('SELECT max(id) FROM systems')];
    if (Math.max(callers, lastSystem) > this.#mostHeld) return null;
    const statement = this.#db.prepare<[number, number], KeyRow>(keysOfAllSystems(this.#hasSessions));
    return new KeysOfAll(rowsByNumber(statement, lastSystem), callers, lastSystem, this.#mostRows);
  }

  #useDaysOf(key: number, system: number): readonly (readonly DayNumber[])[] {
    const settled = this.#useDays.all(key, system).map(({ summary }) => decodeSumOfHex(summary).useDays);
    if (this.#pending.size === 0) return settled;
    const tails = this.#tailDays.all(key, system);
    return [...settled, ...tails.map(({ block, counts }) => sumUp(decodeBlock(block, counts)).useDays)];
  }
}

/** What systems of one name call with, in numbers: of many systems this is held. */
interface NumberedKeys {
  readonly systems: readonly number[];
  readonly keys: readonly number[];
  readonly firstUsedDays: readonly DayNumber[];
}

/** Of one system: each key once. */
interface KeysOfOne {
  readonly keys: number[];
  readonly firstUsedDays: DayNumber[];
  isCrowded: boolean;
}

const NO_KEYS: Readonly<KeysOfOne> = { keys: [], firstUsedDays: [], isCrowded: false };

function idsByName(systems: readonly (readonly [name: string, id: number])[]): ReadonlyMap<string, readonly number[]> {
  const ids = new Map<string, number[]>();
  for (const [name, id] of systems) {
    const known = ids.get(name);
    if (known === undefined) ids.set(name, [id]);
    else if (!known.includes(id)) known.push(id);
  }
  return ids;
}

/**
 * The keys of all systems as two long lists, system by system: to walk over all callers once takes a tenth of the time that
 * it takes to look the systems up, page by page of an audit.
 */
class KeysOfAll {
  readonly #keys: Int32Array;
  readonly #days: Int32Array;
  /** By number of a system: where its keys begin, which is where those of the one before end. */
  readonly #starts: Int32Array;
  readonly #crowded = new Set<number>();

  constructor(rows: Iterable<KeyRow>, callers: number, lastSystem: number, mostRows: number) {
    this.#keys = new Int32Array(callers);
    this.#days = new Int32Array(callers);
    this.#starts = new Int32Array(lastSystem + 2);
    let [end, current, seen] = [0, 0, 0];
    for (const { system, key, day } of rows) {
      if (system !== current) {
        this.#starts.fill(end, current + 1, system + 1);
        [current, seen] = [system, 0];
      }
      if (++seen > mostRows) this.#crowded.add(system);
      if (day === null || key === null || (end > this.#starts[system]! && this.#keys[end - 1] === key)) continue;
      this.#keys[end] = key;
      this.#days[end++] = day;
    }
    this.#starts.fill(end, current + 1);
  }

  get(system: number): KeysOfOne {
    const [from, to] = [this.#starts[system]!, this.#starts[system + 1]!];
    return {
      keys: numbersIn(this.#keys, from, to),
      firstUsedDays: numbersIn(this.#days, from, to),
      isCrowded: this.#crowded.has(system),
    };
  }
}

/** To spread a view of them takes five times as long. */
function numbersIn(numbers: Int32Array, from: number, to: number): number[] {
  const list: number[] = [];
  for (let index = from; index < to; index++) list.push(numbers[index]!);
  return list;
}

/** Rows of a system lie together, and those of a key too, the earliest day first: so they come from the index. */
function bySystem(rows: readonly KeyRow[]): ReadonlyMap<number, KeysOfOne> {
  const systems = new Map<number, KeysOfOne>();
  for (const { system, key, day } of rows) {
    let one = systems.get(system);
    if (one === undefined) systems.set(system, (one = { keys: [], firstUsedDays: [], isCrowded: false }));
    if (key === null) one.isCrowded = true;
    else if (day !== null && one.keys.at(-1) !== key) {
      one.keys.push(key);
      one.firstUsedDays.push(day);
    }
  }
  return systems;
}

function joined(parts: readonly KeysOfOne[], pending: ReadonlyMap<number, DayNumber> | undefined): KeysOfOne {
  const days = new Map(pending);
  for (const { keys, firstUsedDays } of parts) {
    for (const [index, key] of keys.entries()) {
      const day = firstUsedDays[index]!;
      days.set(key, Math.min(day, days.get(key) ?? day));
    }
  }
  const isCrowded = parts.some((part) => part.isCrowded);
  return { keys: [...days.keys()], firstUsedDays: [...days.values()], isCrowded };
}

/** First day of use in the tails of logs, by system and key. */
function readPending(db: Connection): ReadonlyMap<string, ReadonlyMap<number, DayNumber>> {
  const pending = new Map<string, Map<number, DayNumber>>();
  for (const { name, key, block, counts } of db.prepare<[], { name: string; key: number } & TailRow>(PENDING).all()) {
    const day = decodeBlock(block, counts).find(isUsed)?.day;
    if (day === undefined) continue;
    const keys = pending.get(name) ?? new Map<number, DayNumber>();
    keys.set(key, Math.min(day, keys.get(key) ?? day));
    pending.set(name, keys);
  }
  return pending;
}
