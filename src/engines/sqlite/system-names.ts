import type { Statement } from 'better-sqlite3';
import type { Attribution, SystemRef } from '../../model.ts';
import type { Connection } from './database.ts';
import { rowsByNumber } from './sqlite.ts';

/** Many at once: a look-up costs more than what it finds. */
const SYSTEMS = 'SELECT id, name, attribution FROM systems WHERE id IN (SELECT value FROM json_each(?))';

const ALL_SYSTEMS = 'SELECT id, name, attribution FROM systems WHERE id BETWEEN ? AND ? ORDER BY id';

const SIZE = 'SELECT max(id) AS last, sum(octet_length(name)) AS bytes FROM systems';

/** Of how many systems the names are held in memory; beyond that they are looked up again. */
const MAX_CACHED = 50_000;

/** Up to which size the names of all systems are held for an audit. */
const MOST_HELD = { systems: 8_000_000, bytes: 64_000_000 };

interface SystemRow extends SystemRef {
  readonly id: number;
}

/** The names of systems by their numbers. To be used within one transaction. */
export class SystemNames {
  readonly #db: Connection;
  readonly #mostHeld: typeof MOST_HELD;
  readonly #systemsOf: Statement<unknown[], SystemRow>;
  readonly #cached = new Map<number, SystemRef>();
  /** Undefined: not read yet; null: they are too many. */
  #all: AllNames | null | undefined;

  constructor(db: Connection, mostHeld: typeof MOST_HELD = MOST_HELD) {
    this.#db = db;
    this.#mostHeld = mostHeld;
    this.#systemsOf = db.prepare(SYSTEMS);
  }

  /** For an audit: reads all of them at once, if they are not too many. To look each up takes five times as long. */
  hold(): void {
    if (this.#all !== undefined) return;
    const size = this.#db.prepare<[], { last: number | null; bytes: number | null }>(SIZE).get();
    const [last, bytes] = [size?.last ?? 0, size?.bytes ?? 0];
    const isMuch = last > this.#mostHeld.systems || bytes > this.#mostHeld.bytes;
    const statement = this.#db.prepare<[number, number], SystemRow>(ALL_SYSTEMS);
    this.#all = isMuch ? null : new AllNames(rowsByNumber(statement, last), last, bytes);
  }

  /** Looks up what is not known of these. */
  load(ids: readonly number[]): void {
    if (this.#all) return;
    const unknown = new Set(ids.filter((id) => !this.#cached.has(id)));
    if (unknown.size === 0) return;
    if (this.#cached.size + unknown.size > MAX_CACHED) this.#cached.clear();
    const wanted = this.#cached.size === 0 ? new Set(ids) : unknown;
    for (const { id, name, attribution } of this.#systemsOf.all(JSON.stringify([...wanted]))) {
      this.#cached.set(id, { name, attribution });
    }
  }

  /** One of those that were loaded last. */
  get(id: number): SystemRef {
    return this.#all?.get(id) ?? this.#cached.get(id)!;
  }
}

/** As bytes: a million of them as texts would take five times the memory. */
class AllNames {
  readonly #bytes: Buffer;
  readonly #ends: Uint32Array;
  readonly #attributions: Uint8Array;
  readonly #known: Attribution[] = [];

  constructor(rows: Iterable<SystemRow>, last: number, bytes: number) {
    this.#bytes = Buffer.allocUnsafe(bytes);
    this.#ends = new Uint32Array(last + 1);
    this.#attributions = new Uint8Array(last + 1);
    let [end, before] = [0, 0];
    for (const { id, name, attribution } of rows) {
      this.#ends.fill(end, before + 1, id);
      end += this.#bytes.write(name, end);
      this.#ends[id] = end;
      this.#attributions[id] = this.#numberOf(attribution);
      before = id;
    }
  }

  #numberOf(attribution: Attribution): number {
    const known = this.#known.indexOf(attribution);
    return known === -1 ? this.#known.push(attribution) - 1 : known;
  }

  get(id: number): SystemRef {
    const name = this.#bytes.toString('utf8', this.#ends[id - 1], this.#ends[id]);
    return { name, attribution: this.#known[this.#attributions[id]!]! };
  }
}
