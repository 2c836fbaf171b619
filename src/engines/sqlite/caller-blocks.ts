import type { Statement } from 'better-sqlite3';
import type { DayNumber } from '../../model.ts';
import type { DayCounts } from '../../tally/day-row.ts';
import { joinPlaces, type PlaceSet } from '../../tally/place-set.ts';
import { UNREADABLE } from '../../tally/rollup.ts';
import { type CallerDays, leastText } from '../../tally/rollup-table.ts';
import { activeDays, type CallerSum, decodeSum, encodeSum, mergeSums, sumUp } from './caller-sum.ts';
import type { Connection } from './database.ts';
import { blockOf, decodeBlock, encodeBlock, mergeDays } from './day-block.ts';
import type { KeyRow, Names, SystemRow } from './names.ts';

/** Blocks of one caller: the days of 300,000 years and more to both sides of 1970. */
const BLOCKS_PER_CALLER = 2 ** 20;
const FIRST_BLOCK = -(2 ** 19);

/** The row of `rollups` in which a block of a caller stands. */
export function blockRow(caller: number, block: number): number {
  return caller * BLOCKS_PER_CALLER + (block - FIRST_BLOCK);
}

/** The first and the last row in which a block of a caller may stand. */
export function blockRows(caller: number): readonly [first: number, last: number] {
  return [caller * BLOCKS_PER_CALLER, (caller + 1) * BLOCKS_PER_CALLER - 1];
}

/** In SQL: the rows of `rollups` that belong to a row of `callers`, and the block that a row is. */
export const IS_BLOCK_OF: string = `rollups.id >= callers.id * ${BLOCKS_PER_CALLER} AND rollups.id < (callers.id + 1) * ${BLOCKS_PER_CALLER}`;
export const BLOCK: string = `rollups.id % ${BLOCKS_PER_CALLER} + ${FIRST_BLOCK}`;

const CALLER = `
  SELECT id, summary, place_set_id AS placeSet FROM callers WHERE key_id = ? AND system_id = ? AND source_id = ?`;

const INSERT_CALLER = `
  INSERT INTO callers (key_id, system_id, source_id, lot, days, first_used_day, summary, place_set_id)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;

const DROP_IF_GONE = `
  DELETE FROM callers WHERE id = ? AND summary IS NULL AND NOT EXISTS (SELECT 1 FROM tails WHERE caller_id = callers.id)
  RETURNING key_id`;

const DROP_KEY_IF_GONE = 'DELETE FROM keys WHERE id = ? AND NOT EXISTS (SELECT 1 FROM callers WHERE key_id = keys.id)';

const SETTLED_OF_SYSTEM = `
  SELECT callers.id, source_id, ${BLOCK} AS block, 0 AS stream, counts, places
  FROM callers JOIN rollups ON ${IS_BLOCK_OF} LEFT JOIN place_sets ON place_sets.id = place_set_id WHERE key_id = ? AND system_id = ?`;

const TAILS_OF_SYSTEM = `
  SELECT callers.id, source_id, block, stream_id AS stream, counts, places
  FROM callers JOIN tails ON caller_id = callers.id LEFT JOIN place_sets ON place_sets.id = place_set_id WHERE key_id = ? AND system_id = ?`;

/**
 * The write side of the days of callers. To be used inside a transaction. A caller is there as long as somebody called,
 * and a key as long as it has a caller. One without a summary has no settled days. What is new is inserted whole: nothing
 * is looked up of the callers of a key that was not there before.
 */
export class CallerBlocks {
  readonly #db: Connection;
  readonly #names: Names;
  readonly #caller: Statement<unknown[], CallerRow>;
  readonly #insertCaller: Statement<unknown[]>;
  readonly #setSummary: Statement<unknown[]>;
  readonly #setFirstUsed: Statement<unknown[]>;
  readonly #placesOf: Statement<unknown[], string>;
  readonly #setPlaces: Statement<unknown[]>;
  readonly #insertKind: Statement<unknown[]>;
  readonly #block: Statement<unknown[], { counts: Buffer }>;
  readonly #replaceBlock: Statement<unknown[]>;
  readonly #tail: Statement<unknown[], { counts: Buffer }>;
  readonly #replaceTail: Statement<unknown[]>;
  readonly #dropTail: Statement<unknown[], { caller_id: number }>;
  /** Keys that got a new caller since the last look at crowds. */
  readonly #crowding = new Set<number>();
  /** Kinds of keys that were noted with their source in this call. */
  readonly #kinds = new Set<string>();

  constructor(db: Connection, names: Names) {
    this.#db = db;
    this.#names = names;
    this.#caller = db.prepare(CALLER);
    this.#insertCaller = db.prepare(INSERT_CALLER);
    this.#setSummary = db.prepare('UPDATE callers SET summary = ?, days = ? WHERE id = ?');
    this.#setFirstUsed = db.prepare('UPDATE callers SET first_used_day = ? WHERE id = ?');
    this.#placesOf = db.prepare<unknown[], string>('SELECT places FROM place_sets WHERE id = ?').pluck();
    this.#setPlaces = db.prepare('UPDATE callers SET place_set_id = ? WHERE id = ?');
    this.#insertKind = db.prepare('INSERT OR IGNORE INTO source_kinds VALUES (?, ?)');
    this.#block = db.prepare('SELECT counts FROM rollups WHERE id = ?');
    this.#replaceBlock = db.prepare('INSERT OR REPLACE INTO rollups VALUES (?, ?)');
    this.#tail = db.prepare('SELECT counts FROM tails WHERE stream_id = ? AND caller_id = ? AND block = ?');
    this.#replaceTail = db.prepare('INSERT OR REPLACE INTO tails VALUES (?, ?, ?, ?)');
    this.#dropTail = db.prepare('DELETE FROM tails WHERE stream_id = ? RETURNING caller_id');
  }

  /** Each caller once; `stream` is 0 for what is settled. */
  add(callers: Iterable<CallerDays>, stream: number): void {
    this.#kinds.clear();
    for (const ofKey of byKey(callers)) this.#addKey(ofKey, stream);
  }

  /** What the tail of this stream said is forgotten, with callers and keys that nothing else speaks of. */
  dropTail(stream: number): void {
    this.#dropIfGone(new Set(this.#dropTail.all(stream).map(({ caller_id }) => caller_id)));
  }

  /** What is settled of one day of a source is forgotten. */
  dropDay(source: number, day: DayNumber): void {
    const block = blockOf(day);
    const callers = this.#db.prepare<unknown[], { id: number }>('SELECT id FROM callers WHERE source_id = ?');
    const dropBlock = this.#db.prepare('DELETE FROM rollups WHERE id = ?');
    const gone = new Set<number>();
    for (const { id } of callers.all(source)) {
      const known = this.#block.get(blockRow(id, block));
      if (known === undefined) continue;
      const days = decodeBlock(block, known.counts);
      const left = days.filter((one) => one.day !== day);
      if (left.length === days.length) continue;
      if (left.length > 0) this.#replaceBlock.run(blockRow(id, block), encodeBlock(block, left));
      else dropBlock.run(blockRow(id, block));
      if (!this.#sumUpAnew(id)) gone.add(id);
    }
    this.#dropIfGone(gone);
  }

  #dropIfGone(callers: ReadonlySet<number>): void {
    if (callers.size === 0) return;
    const dropCaller = this.#db.prepare<unknown[], { key_id: number }>(DROP_IF_GONE);
    const dropKey = this.#db.prepare(DROP_KEY_IF_GONE);
    for (const { key_id } of [...callers].flatMap((caller) => dropCaller.all(caller))) dropKey.run(key_id);
  }

  /** All that `from` did with this key was done by `to`. */
  move(key: KeyRow, from: number, to: SystemRow): void {
    const rows = [SETTLED_OF_SYSTEM, TAILS_OF_SYSTEM].flatMap((sql) =>
      this.#db.prepare<unknown[], BlockRow>(sql).all(key.id, from),
    );
    for (const { source_id: source, block, stream, counts, places } of rows) {
      this.#addDays({ key, system: to, source, places: places ?? undefined }, stream, decodeBlock(block, counts));
    }
    const drops = ['DELETE FROM tails WHERE caller_id = ?', 'DELETE FROM callers WHERE id = ?'];
    for (const caller of new Set(rows.map(({ id }) => id))) for (const sql of drops) this.#db.prepare(sql).run(caller);
    const dropBlock = this.#db.prepare('DELETE FROM rollups WHERE id = ?');
    for (const { id, block } of rows) dropBlock.run(blockRow(id, block));
  }

  /** Keys whose set of callers grew since the last call. */
  takeCrowding(): number[] {
    const keys = [...this.#crowding];
    this.#crowding.clear();
    return keys;
  }

  #addKey(callers: readonly CallerDays[], stream: number): void {
    const [first] = callers as readonly [CallerDays];
    const issuer = callers.reduce((least, caller) => leastText(least, caller.issuer), first.issuer);
    const key = this.#names.key(first.key, issuer);
    for (const { caller, days } of this.#callersOf(key, callers)) this.#addDays(caller, stream, days);
  }

  /** Callers that are folded together (see collapse.ts) are one. */
  #callersOf(
    key: KeyRow,
    callers: readonly CallerDays[],
  ): Iterable<{ caller: CallerOfKey; days: readonly DayCounts[] }> {
    const known = new Map<string, { caller: CallerOfKey; days: readonly DayCounts[] }>();
    for (const { system: called, source: name, places, days } of callers) {
      const system = this.#names.system(called, key.collapse);
      const source = this.#names.source(name, '');
      const twin = known.get(`${system.id} ${source}`);
      if (twin === undefined)
        known.set(`${system.id} ${source}`, { caller: { key, system, source, places }, days: days() });
      else {
        twin.caller.places = joinPlaces(twin.caller.places, places);
        twin.days = mergeDays(twin.days, days());
      }
    }
    return known.values();
  }

  /** `days`: sorted, each once. Of a key that is new, a caller is given once. */
  #addDays(caller: CallerOfKey, stream: number, days: readonly DayCounts[]): void {
    const { key, system, source } = caller;
    const known = key.isNew ? undefined : this.#caller.get(key.id, system.id, source);
    if (known !== undefined) this.#addPlaces(known, caller.places);
    if (stream === 0) this.#settle(caller, known, days);
    else this.#addTail(known?.id ?? this.#insert(caller, undefined), stream, days);
  }

  #addPlaces({ id, placeSet }: CallerRow, added: PlaceSet | undefined): void {
    if (added === undefined) return;
    const known = placeSet === null ? undefined : this.#placesOf.get(placeSet);
    const places = joinPlaces(known, added);
    if (places !== undefined && places !== known) this.#setPlaces.run(this.#names.placeSet(places), id);
  }

  /** From the blocks that are left; false: there is none. */
  #sumUpAnew(caller: number): boolean {
    const blocks = this.#db.prepare<unknown[], { block: number; counts: Buffer }>(
      `SELECT ${BLOCK} AS block, counts FROM rollups WHERE id BETWEEN ? AND ? ORDER BY id`,
    );
    const days = blocks.all(...blockRows(caller)).flatMap(({ block, counts }) => decodeBlock(block, counts));
    const sum = sumUp(days);
    if (days.length === 0) this.#setSummary.run(null, 0, caller);
    else this.#setSummary.run(encodeSum(sum), activeDays(sum), caller);
    this.#setFirstUsed.run(sum.useDays[0] ?? null, caller);
    return days.length > 0;
  }

  #settle(caller: CallerOfKey, known: CallerRow | undefined, days: readonly DayCounts[]): void {
    const summary = known?.summary ?? undefined;
    const id = known === undefined ? this.#insert(caller, sumUp(days)) : this.#sumUp(known, sumUp(days));
    if (summary === undefined) this.#noteKind(caller);
    for (const [block, ofBlock] of byBlock(days)) {
      const row = blockRow(id, block);
      const stored = summary === undefined ? undefined : this.#block.get(row);
      this.#replaceBlock.run(row, mergedBlock(block, stored, ofBlock));
    }
  }

  #addTail(caller: number, stream: number, days: readonly DayCounts[]): void {
    for (const [block, ofBlock] of byBlock(days)) {
      const stored = this.#tail.get(stream, caller, block);
      this.#replaceTail.run(stream, caller, block, mergedBlock(block, stored, ofBlock));
    }
  }

  /** The order of callers among equals must not depend on ids, which depend on the order of the logs. */
  #insert({ key, system, source, places }: CallerOfKey, sum: CallerSum | undefined): number {
    this.#crowding.add(key.id);
    const lot = (key.lot * 31 + system.lot) % 2 ** 32;
    const summed = sum === undefined ? NOT_SUMMED : [activeDays(sum), sum.useDays[0] ?? null, encodeSum(sum)];
    const placeSet = places === undefined ? null : this.#names.placeSet(places);
    return Number(this.#insertCaller.run(key.id, system.id, source, lot, ...summed, placeSet).lastInsertRowid);
  }

  /** An index has the first day of use, which is mostly the same as before. */
  #sumUp({ id, summary }: CallerRow, added: CallerSum): number {
    const known = summary === null ? undefined : decodeSum(summary);
    const sum = known === undefined ? added : mergeSums(known, added);
    this.#setSummary.run(encodeSum(sum), activeDays(sum), id);
    const [firstUsed] = sum.useDays;
    if (firstUsed !== undefined && firstUsed !== known?.useDays[0]) this.#setFirstUsed.run(firstUsed, id);
    return id;
  }

  /** A key that only an unreadable line may hold does not say which kinds of keys a source shows. */
  #noteKind({ key: { kind }, system, source }: CallerOfKey): void {
    if (system.name === UNREADABLE.name) return;
    const name = `${source} ${kind}`;
    if (this.#kinds.has(name)) return;
    this.#kinds.add(name);
    this.#insertKind.run(source, kind);
  }
}

/** Who calls with a key in a source, and where they send it. */
interface CallerOfKey {
  readonly key: KeyRow;
  readonly system: SystemRow;
  readonly source: number;
  places: PlaceSet | undefined;
}

interface CallerRow {
  readonly id: number;
  readonly summary: Buffer | null;
  readonly placeSet: number | null;
}

interface BlockRow {
  id: number;
  source_id: number;
  block: number;
  stream: number;
  counts: Buffer;
  places: string | null;
}

const NOT_SUMMED = [0, null, null] as const;

/** In the order of the keys, so that rows of an index that lie together are written together. */
function* byKey(callers: Iterable<CallerDays>): Iterable<readonly CallerDays[]> {
  const ofKeys = Map.groupBy(callers, ({ key }) => key.key);
  for (const key of [...ofKeys.keys()].toSorted()) yield ofKeys.get(key)!;
}

/** `days`: sorted. */
function* byBlock(days: readonly DayCounts[]): Iterable<readonly [block: number, days: readonly DayCounts[]]> {
  let from = 0;
  while (from < days.length) {
    const block = blockOf(days[from]!.day);
    let to = from + 1;
    while (to < days.length && blockOf(days[to]!.day) === block) to++;
    yield [block, days.slice(from, to)];
    from = to;
  }
}

function mergedBlock(block: number, known: { counts: Buffer } | undefined, days: readonly DayCounts[]): Uint8Array {
  return encodeBlock(block, known === undefined ? days : mergeDays(decodeBlock(block, known.counts), days));
}
