import type { Statement } from 'better-sqlite3';
import { endingsOf, fitsMasked, type Masked, tailOf } from '../../attribution/masked.ts';
import type { Caller, DayCalls, DayNumber, KeyKind, KeyRef } from '../../model.ts';
import type { KeyOfSystem, SeenKeys, Stretch } from '../../verdicts/evidence.ts';
import { addTotals } from '../../verdicts/totals.ts';
import { isNamed, joinDays } from '../../verdicts/use-days.ts';
import { BLOCK, IS_BLOCK_OF } from './caller-blocks.ts';
import { type CallerSum, decodeSumOfHex, sumUp } from './caller-sum.ts';
import type { Connection } from './database.ts';
import { decodeBlock } from './day-block.ts';
import { within } from './stretches.ts';
import { SystemNames } from './system-names.ts';
import { SystemKeys } from './system-keys.ts';

const REFS = 'SELECT key, kind, display FROM keys WHERE';

const IS_LISTED = 'EXISTS (SELECT 1 FROM inventory_matches WHERE inventory_matches.key = keys.key)';
const IS_FORM_OF_LISTED = `
  EXISTS (SELECT 1 FROM key_forms JOIN inventory_matches ON inventory_matches.key = form WHERE key_id = keys.id)`;

function unnamedIn(stretch: Stretch, hasForms: boolean): string {
  const isNone = hasForms ? `NOT ${IS_LISTED} AND NOT ${IS_FORM_OF_LISTED}` : `NOT ${IS_LISTED}`;
  return `${REFS} ${isNone} ${within(stretch, 'key')} ORDER BY key`;
}

/** `+`: by the forms, of which there are few. */
const WRITTEN_FOR = `
  SELECT DISTINCT keys.key, kind, display FROM key_forms JOIN keys ON keys.id = +key_id
  WHERE form IN (SELECT value FROM json_each(?)) AND NOT ${IS_LISTED} ORDER BY keys.key`;

const FOUND = 'SELECT id, key, kind, display FROM keys WHERE';
/** As hex: to make a buffer of each takes longer than all else that is done for a row. */
const SUMMARIES = `
  SELECT key_id AS key, system_id AS system, source_id AS source, hex(summary) AS summary FROM callers
  WHERE summary IS NOT NULL AND`;
const TAILS = `
  SELECT key_id AS key, system_id AS system, source_id AS source, block, counts
  FROM callers JOIN tails ON caller_id = callers.id WHERE`;

/** Many at once: a look-up costs more than what it finds. */
const AMONG = 'IN (SELECT value FROM json_each(?))';

const IS_CALLER = `
  key_id = (SELECT id FROM keys WHERE key = :key)
  AND system_id = (SELECT id FROM systems WHERE name = :name AND attribution = :attribution)`;

const COUNTS = `
  SELECT ${BLOCK} AS block, counts FROM callers JOIN rollups ON ${IS_BLOCK_OF} WHERE ${IS_CALLER}
  UNION ALL SELECT block, counts FROM callers JOIN tails ON caller_id = callers.id WHERE ${IS_CALLER}`;

/** By steps through the index: a plain DISTINCT would walk over all keys. */
const KINDS = `
  WITH RECURSIVE kinds (kind) AS (
    SELECT min(kind) FROM keys
    UNION ALL SELECT (SELECT min(kind) FROM keys WHERE kind > kinds.kind) FROM kinds WHERE kinds.kind IS NOT NULL
  )
  SELECT kind FROM kinds WHERE kind IS NOT NULL`;

/** A key that was seen, with its number. */
interface FoundKey extends KeyRef {
  readonly id: number;
}

interface CallerRow {
  readonly key: number;
  readonly system: number;
  readonly source: number;
}

interface SummaryRow extends CallerRow {
  readonly summary: string;
}

interface TailRow extends CallerRow {
  readonly block: number;
  readonly counts: Buffer;
}

/** Reads the keys that the logs show and who called with them. To be used within one transaction. */
export class SqliteSeenKeys implements SeenKeys {
  readonly #db: Connection;
  readonly #byKey: Statement<unknown[], FoundKey>;
  readonly #refsOf: Statement<unknown[], FoundKey>;
  readonly #summaries: Statement<unknown[], SummaryRow>;
  readonly #tails: Statement<unknown[], TailRow>;
  readonly #hasTails: boolean;
  readonly #byId: Statement<unknown[], FoundKey>;
  readonly #callersOf: Statement<unknown[], SummaryRow>;
  readonly #tailsOf: Statement<unknown[], TailRow>;
  readonly #ofTail: Statement<unknown[], KeyRef>;
  /** Undefined: there are none. */
  readonly #writtenFor: Statement<unknown[], KeyRef> | undefined;
  readonly #sources: ReadonlyMap<number, readonly string[]>;
  readonly #kinds: ReadonlySet<KeyKind>;
  readonly #systems: SystemNames;
  readonly #systemKeys: SystemKeys;
  /** The keys that were loaded last, and who called with them. */
  #loaded: ReadonlyMap<string, SeenKey> = new Map();
  /** Others that were looked up since. */
  readonly #lookedUp = new Map<string, FoundKey>();

  /** Of a system that calls with more than `mostKeys` keys, they are not told. */
  constructor(db: Connection, mostKeys: number) {
    this.#db = db;
    this.#byKey = db.prepare(`${FOUND} key = ?`);
    this.#byId = db.prepare(`${FOUND} id = ?`);
    this.#refsOf = db.prepare(`${FOUND} key ${AMONG}`);
    this.#summaries = db.prepare(`${SUMMARIES} key_id ${AMONG}`);
    this.#tails = db.prepare(`${TAILS} key_id ${AMONG}`);
    this.#callersOf = db.prepare(`${SUMMARIES} key_id = ?`);
    this.#tailsOf = db.prepare(`${TAILS} key_id = ?`);
    this.#systems = new SystemNames(db);
    this.#hasTails = db.prepare('SELECT 1 FROM tails LIMIT 1').get() !== undefined;
    const hasForms = db.prepare('SELECT 1 FROM key_forms LIMIT 1').get() !== undefined;
    this.#writtenFor = hasForms ? db.prepare(WRITTEN_FOR) : undefined;
    this.#ofTail = db.prepare(`${REFS} kind = ? AND tail = ?`);
    const sources = db.prepare<[], { id: number; name: string }>('SELECT id, name FROM sources').all();
    this.#sources = new Map(sources.map(({ id, name }) => [id, [name]]));
    const kinds = db.prepare<[], { kind: KeyKind }>(KINDS).all();
    this.#kinds = new Set(kinds.map(({ kind }) => kind));
    const hasSessions = this.#kinds.has('aws_sts_session_key');
    this.#systemKeys = new SystemKeys(db, { mostKeys, sources: sources.length, hasSessions });
  }

  *unnamed(stretch: Stretch = {}): Iterable<KeyRef> {
    for (const row of this.#db
      .prepare<unknown[], KeyRef>(unnamedIn(stretch, this.#writtenFor !== undefined))
      .iterate(stretch))
      yield row;
  }

  get(key: string): KeyRef | undefined {
    const loaded = this.#loaded.get(key);
    if (loaded !== undefined) return loaded.ref;
    const found = this.#lookUp(key);
    return found && refOf(found);
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

  writtenFor(keys: readonly string[]): readonly KeyRef[] {
    return this.#writtenFor?.all(JSON.stringify(keys)) ?? [];
  }

  startingWith(start: string): readonly KeyRef[] {
    const rows = this.#db.prepare<unknown[], KeyRef>(`${REFS} key >= ? AND key < ? ORDER BY key LIMIT 10`);
    return rows.all(start, `${start}\u{10ffff}`);
  }

  shownAs(display: string): readonly KeyRef[] {
    return this.#db.prepare<unknown[], KeyRef>(`${REFS} display = ? LIMIT 10`).all(display);
  }

  load(keys: readonly string[]): void {
    this.#systems.hold();
    this.#lookedUp.clear();
    this.#loaded = this.#read(keys);
    const callers = [...this.#loaded.values()].flatMap((one) => one.callers).filter(({ caller }) => isNamed(caller));
    this.#systemKeys.load(callers.map(({ id, caller }) => [caller.system.name, id]));
  }

  callersOf(keys: readonly KeyRef[]): readonly Caller[] {
    const wanted = [...new Set(keys.map(({ key }) => key))];
    const found = wanted.flatMap((key) => this.#loaded.get(key)?.callers ?? this.#readOne(key));
    const callers = new Map<number, Caller>();
    for (const { id, caller } of found) {
      const known = callers.get(id);
      callers.set(id, known === undefined ? caller : joinCallers(known, caller));
    }
    return [...callers.values()];
  }

  keysOfSystem(system: string): readonly KeyOfSystem[] {
    return this.#systemKeys.of(system).map(({ key, firstUsedDay, useDays }) => ({
      firstUsedDay,
      useDays,
      ref: () => this.#refOf(key),
    }));
  }

  #read(keys: readonly string[]): ReadonlyMap<string, SeenKey> {
    const read = new Map<string, SeenKey>(keys.map((key) => [key, { ref: undefined, callers: [] }]));
    const byId = new Map<number, SeenKey>();
    for (const found of this.#refsOf.all(JSON.stringify([...read.keys()]))) {
      const seen: SeenKey = { ref: refOf(found), callers: [] };
      read.set(found.key, seen);
      byId.set(found.id, seen);
    }
    const ids = JSON.stringify([...byId.keys()]);
    const callers = this.#callersIn(this.#summaries.all(ids), this.#hasTails ? this.#tails.all(ids) : []);
    for (const caller of callers) byId.get(caller.key)!.callers.push(caller);
    return read;
  }

  /** Of a key that was not loaded. */
  #readOne(key: string): readonly SourcedCaller[] {
    const id = this.#lookUp(key)?.id;
    if (id === undefined) return [];
    return this.#callersIn(this.#callersOf.all(id), this.#hasTails ? this.#tailsOf.all(id) : []);
  }

  #callersIn(settled: readonly SummaryRow[], pending: readonly TailRow[]): readonly SourcedCaller[] {
    this.#systems.load([settled, pending].flatMap((rows: readonly CallerRow[]) => rows.map(({ system }) => system)));
    return [
      ...settled.map((row) => this.#callerOf(row, decodeSumOfHex(row.summary))),
      ...pending.map((row) => this.#callerOf(row, sumUp(decodeBlock(row.block, row.counts)))),
    ];
  }

  #lookUp(key: string): FoundKey | undefined {
    let found = this.#lookedUp.get(key);
    if (found === undefined) {
      found = this.#byKey.get(key);
      if (found !== undefined) this.#lookedUp.set(key, found);
    }
    return found;
  }

  /** Of a key that was seen. */
  #refOf(id: number): KeyRef {
    const found = this.#byId.get(id)!;
    this.#lookedUp.set(found.key, found);
    return refOf(found);
  }

  #callerOf({ key, system: id, source }: CallerRow, { useDays, refusedDays, ...totals }: CallerSum): SourcedCaller {
    const system = this.#systems.get(id);
    return { key, id, caller: { system, sources: this.#sources.get(source) ?? [], useDays, refusedDays, totals } };
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
}

function refOf({ key, kind, display }: FoundKey): KeyRef {
  return { key, kind, display };
}

/** A key that was asked for: without a reference, it was never seen. */
interface SeenKey {
  readonly ref: KeyRef | undefined;
  readonly callers: SourcedCaller[];
}

interface SourcedCaller {
  readonly key: number;
  /** Of the system. */
  readonly id: number;
  readonly caller: Caller;
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
