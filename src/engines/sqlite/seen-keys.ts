import type { Statement } from 'better-sqlite3';
import { endingsOf, fitsMasked, type Masked, tailOf } from '../../attribution/masked.ts';
import type { Attribution, Caller, DayCalls, DayNumber, KeyKind, KeyRef, SystemRef } from '../../model.ts';
import type { KeyOfSystem, SeenKeys } from '../../verdicts/evidence.ts';
import { addTotals } from '../../verdicts/totals.ts';
import { isNamed, joinDays } from '../../verdicts/use-days.ts';
import { BLOCK, IS_BLOCK_OF } from './caller-blocks.ts';
import { type CallerSum, decodeSum, sumUp } from './caller-sum.ts';
import type { Connection } from './database.ts';
import { decodeBlock, isUsed } from './day-block.ts';

const REFS = 'SELECT key, kind, display FROM keys WHERE';

const UNNAMED = `
  ${REFS} NOT EXISTS (SELECT 1 FROM inventory_matches WHERE inventory_matches.key = keys.key) ORDER BY key`;

/** Many keys at once: a look-up costs more than what it finds. */
const SUMMARIES = `
  SELECT keys.key, system_id, source_id, name, attribution, summary FROM json_each(?)
    JOIN keys ON keys.key = value JOIN callers ON key_id = keys.id JOIN systems ON systems.id = system_id
  WHERE summary IS NOT NULL`;

const TAILS = `
  SELECT keys.key, system_id, source_id, name, attribution, block, counts FROM json_each(?)
    JOIN keys ON keys.key = value JOIN callers ON key_id = keys.id JOIN systems ON systems.id = system_id
    JOIN tails ON caller_id = callers.id`;

const IS_CALLER = `
  key_id = (SELECT id FROM keys WHERE key = :key)
  AND system_id = (SELECT id FROM systems WHERE name = :name AND attribution = :attribution)`;

const COUNTS = `
  SELECT ${BLOCK} AS block, counts FROM callers JOIN rollups ON ${IS_BLOCK_OF} WHERE ${IS_CALLER}
  UNION ALL SELECT block, counts FROM callers JOIN tails ON caller_id = callers.id WHERE ${IS_CALLER}`;

/**
 * Who calls with how many keys is asked first, up to a limit; a system beyond it comes without a key. Session credentials come and go: they would make every role
 * a system with too many keys. Where there are none, the index of callers alone knows the answer.
 */
function keysOfSystems(hasSessions: boolean): string {
  const isKey = hasSessions
    ? "AND EXISTS (SELECT 1 FROM keys WHERE keys.id = key_id AND kind <> 'aws_sts_session_key')"
    : '';
  return `
    WITH named AS (
      SELECT systems.id, name FROM json_each(:names) JOIN systems ON name = value AND attribution IN ('rule', 'field')
    ), counted AS MATERIALIZED (
      SELECT id, name, (SELECT count(*) FROM (
        SELECT 1 FROM callers WHERE system_id = named.id ${isKey} LIMIT :most + 1)) AS pairs FROM named
    )
    SELECT name, NULL AS key_id, NULL AS day FROM counted WHERE pairs > :most
    UNION ALL
    SELECT name, key_id, min(first_used_day) FROM counted JOIN callers ON system_id = counted.id
    WHERE pairs <= :most AND first_used_day IS NOT NULL ${isKey} GROUP BY counted.id, key_id`;
}

const USE_DAYS = `
  SELECT summary FROM callers WHERE key_id = ? AND summary IS NOT NULL
    AND system_id IN (SELECT id FROM systems WHERE name = ? AND attribution IN ('rule', 'field'))`;

const TAIL_DAYS = `
  SELECT block, counts FROM callers JOIN tails ON caller_id = callers.id WHERE key_id = ?
    AND system_id IN (SELECT id FROM systems WHERE name = ? AND attribution IN ('rule', 'field'))`;

const PENDING = `
  SELECT name, key_id, block, counts FROM tails
    JOIN callers ON callers.id = caller_id JOIN keys ON keys.id = key_id JOIN systems ON systems.id = system_id
  WHERE attribution IN ('rule', 'field') AND kind <> 'aws_sts_session_key'`;

/** By steps through the index: a plain DISTINCT would walk over all keys. */
const KINDS = `
  WITH RECURSIVE kinds (kind) AS (
    SELECT min(kind) FROM keys
    UNION ALL SELECT (SELECT min(kind) FROM keys WHERE kind > kinds.kind) FROM kinds WHERE kinds.kind IS NOT NULL
  )
  SELECT kind FROM kinds WHERE kind IS NOT NULL`;

/** Of how many systems the keys are held in memory; beyond that they are looked up again. */
const MAX_CACHED = 20_000;

type Summary = [
  key: string, system: number, source: number, name: string, attribution: Attribution, summary: Buffer,
]; // prettier-ignore

/** Reads the keys that the logs show and who called with them. To be used within one transaction. */
export class SqliteSeenKeys implements SeenKeys {
  readonly #db: Connection;
  readonly #mostKeys: number;
  readonly #byKey: Statement<unknown[], KeyRef>;
  readonly #summaries: Statement<unknown[], Summary>;
  readonly #tails: Statement<unknown[], TailRow>;
  readonly #hasTails: boolean;
  readonly #keysOfSystems: Statement<unknown[], { name: string; key_id: number | null; day: DayNumber }>;
  readonly #keyById: Statement<unknown[], { key: string }>;
  readonly #useDays: Statement<unknown[], { summary: Buffer }>;
  readonly #tailDays: Statement<unknown[], { block: number; counts: Buffer }>;
  readonly #ofTail: Statement<unknown[], KeyRef>;
  readonly #sources: ReadonlyMap<number, readonly string[]>;
  readonly #kinds: ReadonlySet<KeyKind>;
  readonly #keysBySystem = new Map<string, readonly KeyOfSystem[]>();
  readonly #pending: ReadonlyMap<string, ReadonlyMap<number, DayNumber>>;
  /** The keys that were loaded last, and who called with them. */
  #loaded: ReadonlyMap<string, readonly SourcedCaller[]> = new Map();
  #refs: ReadonlyMap<string, KeyRef> = new Map();

  /** Of a system that calls with more than `mostKeys` keys, they are not told. */
  constructor(db: Connection, mostKeys: number) {
    this.#db = db;
    this.#mostKeys = mostKeys;
    this.#byKey = db.prepare(`${REFS} key = ?`);
    this.#summaries = db.prepare<unknown[], Summary>(SUMMARIES).raw() as unknown as Statement<unknown[], Summary>;
    this.#tails = db.prepare(TAILS);
    this.#hasTails = db.prepare('SELECT 1 FROM tails LIMIT 1').get() !== undefined;
    this.#ofTail = db.prepare(`${REFS} kind = ? AND tail = ?`);
    const sources = db.prepare<[], { id: number; name: string }>('SELECT id, name FROM sources').all();
    this.#sources = new Map(sources.map(({ id, name }) => [id, [name]]));
    const kinds = db.prepare<[], { kind: KeyKind }>(KINDS).all();
    this.#kinds = new Set(kinds.map(({ kind }) => kind));
    this.#keysOfSystems = db.prepare(keysOfSystems(this.#kinds.has('aws_sts_session_key')));
    this.#keyById = db.prepare('SELECT key FROM keys WHERE id = ?');
    this.#useDays = db.prepare(USE_DAYS);
    this.#tailDays = db.prepare(TAIL_DAYS);
    this.#pending = readPending(db);
  }

  *unnamed(): Iterable<KeyRef> {
    for (const row of this.#db.prepare<[], KeyRef>(UNNAMED).iterate()) yield row;
  }

  get(key: string): KeyRef | undefined {
    return this.#loaded.has(key) ? this.#refs.get(key) : this.#byKey.get(key);
  }

  fitting(masked: Masked, kinds: readonly KeyKind[]): readonly KeyRef[] {
    const rows = kinds.flatMap((kind) => this.#withTail(tailOf(masked.suffix), kind));
    return rows.filter(({ display }) => fitsMasked(masked, display));
  }

  /** A display that shows less of the end than the masked form may still mean it, and the other way round. */
  #withTail(tail: string, kind: KeyKind): readonly KeyRef[] {
    if (!this.#kinds.has(kind)) return [];
    const rows = endingsOf(tail).flatMap((one) => this.#ofTail.all(kind, one));
    if (tail.length === 4) return rows;
    const longer = this.#db.prepare<unknown[], KeyRef>(
      `${REFS} kind = ? AND length(tail) > ? AND substr(tail, length(tail) - ? + 1) = ?`,
    );
    return [...rows, ...longer.all(kind, tail.length, tail.length, tail)];
  }

  startingWith(start: string): readonly KeyRef[] {
    const rows = this.#db.prepare<unknown[], KeyRef>(`${REFS} key >= ? AND key < ? ORDER BY key LIMIT 10`);
    return rows.all(start, `${start}\u{10ffff}`);
  }

  shownAs(display: string): readonly KeyRef[] {
    return this.#db.prepare<unknown[], KeyRef>(`${REFS} display = ? LIMIT 10`).all(display);
  }

  load(keys: readonly string[]): void {
    this.#loaded = this.#read(keys);
    const refs = this.#db.prepare<unknown[], KeyRef>(`${REFS} key IN (SELECT value FROM json_each(?))`);
    this.#refs = new Map(refs.all(JSON.stringify(keys)).map((ref) => [ref.key, ref]));
    const named = [...this.#loaded.values()].flat().filter(({ caller }) => isNamed(caller));
    const names = new Set(named.map(({ caller }) => caller.system.name));
    this.#loadSystems([...names].filter((name) => !this.#keysBySystem.has(name)));
  }

  callersOf(keys: readonly KeyRef[]): readonly Caller[] {
    const wanted = [...new Set(keys.map(({ key }) => key))];
    const from = wanted.every((key) => this.#loaded.has(key)) ? this.#loaded : this.#read(wanted);
    const callers = new Map<number, Caller>();
    for (const { id, caller } of wanted.flatMap((key) => from.get(key) ?? [])) {
      const known = callers.get(id);
      callers.set(id, known === undefined ? caller : joinCallers(known, caller));
    }
    return [...callers.values()];
  }

  keysOfSystem(system: string): readonly KeyOfSystem[] {
    if (!this.#keysBySystem.has(system)) this.#loadSystems([system]);
    return this.#keysBySystem.get(system) ?? [];
  }

  #read(keys: readonly string[]): ReadonlyMap<string, readonly SourcedCaller[]> {
    const callers = new Map<string, SourcedCaller[]>(keys.map((key) => [key, []]));
    const wanted = JSON.stringify([...callers.keys()]);
    for (const [key, id, source, name, attribution, summary] of this.#summaries.all(wanted)) {
      callers.get(key)!.push(this.#callerOf(id, source, { name, attribution }, decodeSum(summary)));
    }
    for (const row of this.#hasTails ? this.#tails.all(wanted) : []) {
      const { key, system_id, source_id, name, attribution, block, counts } = row;
      const sum = sumUp(decodeBlock(block, counts));
      callers.get(key)!.push(this.#callerOf(system_id, source_id, { name, attribution }, sum));
    }
    return callers;
  }

  #callerOf(
    id: number,
    source: number,
    system: SystemRef,
    { useDays, refusedDays, ...totals }: CallerSum,
  ): SourcedCaller {
    return { id, caller: { system, sources: this.#sources.get(source) ?? [], useDays, refusedDays, totals } };
  }

  /** Calls per day, sorted. */
  daysOf(keys: readonly string[], { system }: Pick<Caller, 'system'>): readonly DayCalls[] {
    const statement = this.#db.prepare<unknown[], { block: number; counts: Buffer }>(COUNTS);
    const rows = keys.flatMap((key) => statement.all({ key, ...system }));
    const days = new Map<DayNumber, DayCalls>();
    for (const one of rows.flatMap(({ block, counts }) => decodeBlock(block, counts))) {
      const { requests = 0, refused = 0 } = days.get(one.day) ?? {};
      const all = one.accepted + one.failed + one.refused;
      days.set(one.day, { day: one.day, requests: requests + all, refused: refused + one.refused });
    }
    return [...days.values()].toSorted((a, b) => a.day - b.day);
  }

  #loadSystems(names: readonly string[]): void {
    if (names.length === 0) return;
    if (this.#keysBySystem.size + names.length > MAX_CACHED) this.#keysBySystem.clear();
    const days = new Map(names.map((name) => [name, new Map(this.#pending.get(name))]));
    const crowded = new Set<string>();
    // A key may stand there once for each source, and a name be given by a rule and by a field.
    const most = 2 * (this.#mostKeys + 1) * Math.max(1, this.#sources.size);
    for (const { name, key_id, day } of this.#keysOfSystems.all({ names: JSON.stringify(names), most })) {
      const ofName = days.get(name)!;
      if (key_id === null) crowded.add(name);
      else ofName.set(key_id, Math.min(day, ofName.get(key_id) ?? day));
    }
    for (const [name, keys] of days) {
      const isTold = keys.size <= this.#mostKeys && !crowded.has(name);
      this.#keysBySystem.set(name, isTold ? [...keys].map(([key, day]) => this.#keyOf(name, key, day)) : []);
    }
  }

  #keyOf(system: string, id: number, firstUsedDay: DayNumber): KeyOfSystem {
    let useDays: readonly DayNumber[] | undefined;
    return {
      firstUsedDay,
      useDays: () => (useDays ??= this.#useDaysOf(id, system)),
      key: () => (this.#keyById.get(id) as { key: string }).key,
    };
  }

  #useDaysOf(id: number, system: string): readonly DayNumber[] {
    const settled = this.#useDays.all(id, system).map(({ summary }) => decodeSum(summary).useDays);
    const tails = this.#hasTails ? this.#tailDays.all(id, system) : [];
    const pending = tails.map(({ block, counts }) => sumUp(decodeBlock(block, counts)).useDays);
    return joinDays([...settled, ...pending]);
  }
}

interface SourcedCaller {
  /** Of the system. */
  readonly id: number;
  readonly caller: Caller;
}

interface TailRow extends SystemRef {
  readonly key: string;
  readonly system_id: number;
  readonly source_id: number;
  readonly block: number;
  readonly counts: Buffer;
}

/** One system in several sources, or with several keys of one entry. */
function joinCallers(a: Caller, b: Caller): Caller {
  return {
    system: a.system,
    sources: [...new Set([...a.sources, ...b.sources])].toSorted(),
    useDays: joinDays([a.useDays, b.useDays]),
    refusedDays: joinDays([a.refusedDays, b.refusedDays]),
    totals: addTotals(a.totals, b.totals),
  };
}

/** First day of use in the tails of logs, by system and key. */
function readPending(db: Connection): ReadonlyMap<string, ReadonlyMap<number, DayNumber>> {
  const pending = new Map<string, Map<number, DayNumber>>();
  const rows = db.prepare<[], { name: string; key_id: number; block: number; counts: Buffer }>(PENDING).all();
  for (const { name, key_id, block, counts } of rows) {
    const day = decodeBlock(block, counts).find(isUsed)?.day;
    if (day === undefined) continue;
    const keys = pending.get(name) ?? new Map<number, DayNumber>();
    keys.set(key_id, Math.min(day, keys.get(key_id) ?? day));
    pending.set(name, keys);
  }
  return pending;
}
