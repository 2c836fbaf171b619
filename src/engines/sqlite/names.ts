import type { Statement } from 'better-sqlite3';
import { crc32 } from 'node:zlib';
import { tailOf } from '../../attribution/masked.ts';
import type { KeyRef, SystemRef } from '../../model.ts';
import type { Connection } from './database.ts';

/** Row of a key: its id, and how far its derived callers are folded together (see collapse.ts). */
export interface KeyRow {
  readonly id: number;
  readonly collapse: number;
}

/** Rows held in memory per kind; beyond that they are looked up again. */
const MAX_CACHED = 200_000;

const UPSERT_KEY = `
  INSERT INTO keys (key, kind, display, tail, lot, issuer) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET issuer = min(coalesce(issuer, excluded.issuer), coalesce(excluded.issuer, issuer))
  RETURNING id, collapse`;

const UPSERT_SYSTEM = `
  INSERT INTO systems (name, attribution, lot) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET name = name RETURNING id`;

const UPSERT_SOURCE = `
  INSERT INTO sources (name, format) VALUES (?, ?)
  ON CONFLICT DO UPDATE SET format = CASE
    WHEN format = '' OR (excluded.format <> '' AND excluded.format < format) THEN excluded.format ELSE format END
  RETURNING id`;

/** The order of callers among equals must not depend on ids, which depend on the order of the logs. */
const INSERT_CALLER = `
  INSERT INTO callers (key_id, system_id, source_id, lot)
    SELECT keys.id, systems.id, :source, (keys.lot * 31 + systems.lot) % 4294967296
    FROM keys, systems WHERE keys.id = :key AND systems.id = :system`;

const CALLER = 'SELECT id FROM callers WHERE key_id = :key AND system_id = :system AND source_id = :source';

/** Ids of keys, systems, sources and callers, made when new. */
export class Names {
  readonly #upsertKey: Statement<unknown[], KeyRow>;
  readonly #upsertSystem: Statement<unknown[], { id: number }>;
  readonly #upsertSource: Statement<unknown[], { id: number }>;
  readonly #caller: Statement<unknown[], { id: number }>;
  readonly #insertCaller: Statement<unknown[]>;
  readonly #keys = new Map<string, KeyRow>();
  readonly #systems = new Map<string, number>();
  readonly #sources = new Map<string, number>();
  readonly #callers = new Map<string, number>();
  /** Keys that got a new caller since the last look at crowds. */
  readonly #crowding = new Set<number>();

  constructor(db: Connection) {
    this.#upsertKey = db.prepare(UPSERT_KEY);
    this.#upsertSystem = db.prepare(UPSERT_SYSTEM);
    this.#upsertSource = db.prepare(UPSERT_SOURCE);
    this.#caller = db.prepare(CALLER);
    this.#insertCaller = db.prepare(INSERT_CALLER);
  }

  key(key: KeyRef, issuer: string | undefined): KeyRow {
    const name = `${key.key}\0${issuer ?? ''}`;
    const cached = this.#keys.get(name);
    if (cached !== undefined) return cached;
    const { display } = key;
    const texts = [key.key, key.kind, display, tailOf(display), crc32(key.key), issuer ?? null];
    const row = this.#upsertKey.get(...texts) as KeyRow;
    return remember(this.#keys, name, row);
  }

  system(system: SystemRef, collapse: number): number {
    const { name, attribution } = collapsedSystem(system, collapse);
    const cached = this.#systems.get(`${attribution}\0${name}`);
    if (cached !== undefined) return cached;
    const row = this.#upsertSystem.get(name, attribution, crc32(name)) as { id: number };
    return remember(this.#systems, `${attribution}\0${name}`, row.id);
  }

  source(name: string, format: string): number {
    const cached = this.#sources.get(`${name}\0${format}`);
    if (cached !== undefined) return cached;
    return remember(this.#sources, `${name}\0${format}`, (this.#upsertSource.get(name, format) as { id: number }).id);
  }

  caller(key: number, system: number, source: number): number {
    const name = `${key} ${system} ${source}`;
    const cached = this.#callers.get(name);
    if (cached !== undefined) return cached;
    const known = this.#caller.get({ key, system, source });
    if (known !== undefined) return remember(this.#callers, name, known.id);
    this.#crowding.add(key);
    return remember(this.#callers, name, Number(this.#insertCaller.run({ key, system, source }).lastInsertRowid));
  }

  /** Keys whose set of callers grew since the last call. */
  takeCrowding(): number[] {
    const keys = [...this.#crowding];
    this.#crowding.clear();
    return keys;
  }

  /** After a rollback, ids that were made in it do not exist, nor are their keys crowded. */
  forget(): void {
    this.forgetRows();
    this.#crowding.clear();
  }

  /** Some callers or keys are gone. */
  forgetRows(): void {
    for (const cache of [this.#keys, this.#systems, this.#sources, this.#callers]) cache.clear();
  }
}

export const MANY_NAMED: SystemRef = { name: 'many named callers', attribution: 'overflow' };

/** Added to how far the derived callers of a key are folded when those are folded, too, that a field of the log names. */
export const NAMED_FOLDED = 4;

/** The system as it is told apart for a key whose callers were folded (see collapse.ts). */
function collapsedSystem(system: SystemRef, collapse: number): SystemRef {
  if (collapse === 0 || system.attribution === 'rule') return system;
  if (system.attribution === 'field') {
    return collapse < NAMED_FOLDED ? system : MANY_NAMED;
  }
  const derived = collapse % NAMED_FOLDED;
  if (derived === 0) return system;
  const product = system.name.split(' @ ')[0] as string;
  return { name: derived === 1 ? `${product} @ many networks` : 'many callers', attribution: 'overflow' };
}

function remember<T>(cache: Map<string, T>, name: string, value: T): T {
  if (cache.size >= MAX_CACHED) cache.clear();
  cache.set(name, value);
  return value;
}
