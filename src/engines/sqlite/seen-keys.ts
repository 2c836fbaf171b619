import type { Statement } from 'better-sqlite3';
import { fitsMasked, type Masked, tailOf } from '../../attribution/masked.ts';
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

const SUMMARIES = `
  SELECT system_id, source_id, name, attribution, summary FROM keys
    JOIN callers ON key_id = keys.id JOIN systems ON systems.id = system_id
  WHERE key = ? AND summary IS NOT NULL`;

const TAILS = `
  SELECT system_id, source_id, name, attribution, block, counts FROM keys
    JOIN callers ON key_id = keys.id JOIN systems ON systems.id = system_id JOIN tails ON caller_id = callers.id
  WHERE key = ?`;

const IS_CALLER = `
  key_id = (SELECT id FROM keys WHERE key = :key)
  AND system_id = (SELECT id FROM systems WHERE name = :name AND attribution = :attribution)`;

const COUNTS = `
  SELECT ${BLOCK} AS block, counts FROM callers JOIN rollups ON ${IS_BLOCK_OF} WHERE ${IS_CALLER}
  UNION ALL SELECT block, counts FROM callers JOIN tails ON caller_id = callers.id WHERE ${IS_CALLER}`;

/** Session credentials come and go: they would make every role a system with too many keys. */
const KEYS_OF_SYSTEM = `
  SELECT keys.key, min(first_used_day) AS day FROM callers
    JOIN keys ON keys.id = key_id
  WHERE system_id = ? AND first_used_day IS NOT NULL AND kind <> 'aws_sts_session_key'
  GROUP BY key_id LIMIT ?`;

const PENDING = `
  SELECT system_id, keys.key, block, counts FROM tails
    JOIN callers ON callers.id = caller_id JOIN keys ON keys.id = key_id
  WHERE kind <> 'aws_sts_session_key'`;

/** By steps through the index: a plain DISTINCT would walk over all keys. */
const KINDS = `
  WITH RECURSIVE kinds (kind) AS (
    SELECT min(kind) FROM keys
    UNION ALL SELECT (SELECT min(kind) FROM keys WHERE kind > kinds.kind) FROM kinds WHERE kinds.kind IS NOT NULL
  )
  SELECT kind FROM kinds WHERE kind IS NOT NULL`;

/** How many systems and keys of systems are held in memory; beyond that they are looked up again. */
const MAX_CACHED = 200_000;

type Summary = [system: number, source: number, name: string, attribution: Attribution, summary: Buffer];

/** Reads the keys that the logs show and who called with them. To be used within one transaction. */
export class SqliteSeenKeys implements SeenKeys {
  readonly #db: Connection;
  readonly #byKey: Statement<unknown[], KeyRef>;
  readonly #summaries: Statement<unknown[], Summary>;
  readonly #tails: Statement<unknown[], TailRow>;
  readonly #hasTails: boolean;
  readonly #systemsByName: Statement<unknown[], { id: number }>;
  readonly #keysOfSystem: Statement<unknown[], { key: string; day: DayNumber }>;
  readonly #ofTail: Statement<unknown[], KeyRef>;
  readonly #sources: ReadonlyMap<number, readonly string[]>;
  readonly #kinds: ReadonlySet<KeyKind>;
  readonly #keysBySystem = new Map<string, readonly KeyOfSystem[]>();
  readonly #pending: ReadonlyMap<number, ReadonlyMap<string, DayNumber>>;

  constructor(db: Connection) {
    this.#db = db;
    this.#byKey = db.prepare(`${REFS} key = ?`);
    this.#summaries = db.prepare<unknown[], Summary>(SUMMARIES).raw() as unknown as Statement<unknown[], Summary>;
    this.#tails = db.prepare(TAILS);
    this.#hasTails = db.prepare('SELECT 1 FROM tails LIMIT 1').get() !== undefined;
    this.#systemsByName = db.prepare(
      "SELECT id FROM systems WHERE name = ? AND attribution IN ('rule', 'field') ORDER BY id",
    );
    this.#keysOfSystem = db.prepare(KEYS_OF_SYSTEM);
    this.#ofTail = db.prepare(`${REFS} kind = ? AND tail = ?`);
    const sources = db.prepare<[], { id: number; name: string }>('SELECT id, name FROM sources').all();
    this.#sources = new Map(sources.map(({ id, name }) => [id, [name]]));
    const kinds = db.prepare<[], { kind: KeyKind }>(KINDS).all();
    this.#kinds = new Set(kinds.map(({ kind }) => kind));
    this.#pending = readPending(db);
  }

  *unnamed(): Iterable<KeyRef> {
    for (const row of this.#db.prepare<[], KeyRef>(UNNAMED).iterate()) yield row;
  }

  get(key: string): KeyRef | undefined {
    return this.#byKey.get(key);
  }

  fitting(masked: Masked, kinds: readonly KeyKind[]): readonly KeyRef[] {
    const rows = kinds.flatMap((kind) => this.#withTail(tailOf(masked.suffix), kind));
    return rows.filter(({ display }) => fitsMasked(masked, display));
  }

  /** A display that shows less of the end than the masked form may still mean it, and the other way round. */
  #withTail(tail: string, kind: KeyKind): readonly KeyRef[] {
    if (!this.#kinds.has(kind)) return [];
    const shorter = Array.from({ length: tail.length }, (_, cut) => tail.slice(cut + 1));
    const rows = [tail, ...shorter].flatMap((one) => this.#ofTail.all(kind, one));
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

  callersOf(keys: readonly KeyRef[]): readonly Caller[] {
    const callers = new Map<number, Caller>();
    for (const { key } of keys) {
      for (const [id, source, name, attribution, summary] of this.#summaries.all(key)) {
        addCaller(id, { name, attribution }, this.#sources.get(source) ?? [], decodeSum(summary), callers);
      }
      for (const { system_id, source_id, name, attribution, ...row } of this.#hasTails ? this.#tails.all(key) : []) {
        const sum = sumUp(decodeBlock(row.block, row.counts));
        addCaller(system_id, { name, attribution }, this.#sources.get(source_id) ?? [], sum, callers);
      }
    }
    return [...callers.values()];
  }

  keysOfSystem(system: string, atMost: number): readonly KeyOfSystem[] {
    let keys = this.#keysBySystem.get(system);
    if (keys === undefined) {
      keys = this.#readKeysOf(system, atMost);
      if (this.#keysBySystem.size >= MAX_CACHED) this.#keysBySystem.clear();
      this.#keysBySystem.set(system, keys);
    }
    return keys;
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

  #readKeysOf(system: string, atMost: number): readonly KeyOfSystem[] {
    const days = new Map<string, DayNumber>();
    for (const { id } of this.#systemsByName.all(system)) {
      const settled = this.#keysOfSystem.all(id, atMost + 1).map(({ key, day }) => [key, day] as const);
      for (const [key, day] of [...settled, ...(this.#pending.get(id) ?? [])]) {
        days.set(key, Math.min(day, days.get(key) ?? day));
      }
    }
    if (days.size > atMost) return [];
    return [...days].map(([key, firstUsedDay]) => {
      let useDays: readonly DayNumber[] | undefined;
      return { key, firstUsedDay, useDays: () => (useDays ??= this.#useDaysOf(key, system)) };
    });
  }

  #useDaysOf(key: string, system: string): readonly DayNumber[] {
    const ref = this.get(key);
    const callers = ref === undefined ? [] : this.callersOf([ref]);
    return joinDays(
      callers.filter((caller) => isNamed(caller) && caller.system.name === system).map(({ useDays }) => useDays),
    );
  }
}

interface TailRow extends SystemRef {
  readonly system_id: number;
  readonly source_id: number;
  readonly block: number;
  readonly counts: Buffer;
}

function addCaller(
  id: number,
  system: SystemRef,
  sources: readonly string[],
  { useDays, refusedDays, ...totals }: CallerSum,
  callers: Map<number, Caller>,
): void {
  const known = callers.get(id);
  const caller: Caller = { system, sources, useDays, refusedDays, totals };
  callers.set(id, known === undefined ? caller : joinCallers(known, caller));
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
function readPending(db: Connection): ReadonlyMap<number, ReadonlyMap<string, DayNumber>> {
  const pending = new Map<number, Map<string, DayNumber>>();
  const rows = db.prepare<[], { system_id: number; key: string; block: number; counts: Buffer }>(PENDING).all();
  for (const { system_id, key, block, counts } of rows) {
    const day = decodeBlock(block, counts).find(isUsed)?.day;
    if (day === undefined) continue;
    const keys = pending.get(system_id) ?? new Map<string, DayNumber>();
    keys.set(key, Math.min(day, keys.get(key) ?? day));
    pending.set(system_id, keys);
  }
  return pending;
}
