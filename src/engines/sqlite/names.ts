import type { Statement } from 'better-sqlite3';
import { crc32 } from 'node:zlib';
import { tailOf } from '../../attribution/masked.ts';
import type { KeyKind, KeyRef, SystemRef } from '../../model.ts';
import type { Connection } from './database.ts';

/** Row of a key. */
export interface KeyRow {
  readonly id: number;
  readonly kind: KeyKind;
  readonly lot: number;
  /** How far its derived callers are folded together (see collapse.ts). */
  readonly collapse: number;
  /** It was made just now, so nobody called with it yet. */
  readonly isNew: boolean;
}

export interface SystemRow {
  readonly id: number;
  readonly name: string;
  readonly lot: number;
}

/** Rows held in memory per kind; beyond that they are looked up again. */
const MAX_CACHED = 50_000;

const KEY = 'SELECT id, kind, lot, collapse, issuer FROM keys WHERE key = ?';

const INSERT_KEY = 'INSERT INTO keys (key, kind, display, tail, lot, issuer) VALUES (?, ?, ?, ?, ?, ?)';

const SET_ISSUER = 'UPDATE keys SET issuer = :issuer WHERE id = :id AND coalesce(issuer > :issuer, TRUE)';

const UPSERT_SOURCE = `
  INSERT INTO sources (name, format) VALUES (?, ?)
  ON CONFLICT DO UPDATE SET format = CASE
    WHEN format = '' OR (excluded.format <> '' AND excluded.format < format) THEN excluded.format ELSE format END
  RETURNING id`;

/**
 * Rows of keys, systems and sources, made when new. To look first and insert then takes half the time of an upsert that
 * returns the row.
 */
export class Names {
  readonly #key: Statement<unknown[], Omit<KeyRow, 'isNew'> & { issuer: string | null }>;
  readonly #insertKey: Statement<unknown[]>;
  readonly #setIssuer: Statement<unknown[]>;
  readonly #system: Statement<unknown[], { id: number }>;
  readonly #insertSystem: Statement<unknown[]>;
  readonly #upsertSource: Statement<unknown[], { id: number }>;
  readonly #systems = new Map<string, SystemRow>();
  readonly #sources = new Map<string, number>();

  constructor(db: Connection) {
    this.#key = db.prepare(KEY);
    this.#insertKey = db.prepare(INSERT_KEY);
    this.#setIssuer = db.prepare(SET_ISSUER);
    this.#system = db.prepare('SELECT id FROM systems WHERE name = ? AND attribution = ?');
    this.#insertSystem = db.prepare('INSERT INTO systems (name, attribution, lot) VALUES (?, ?, ?)');
    this.#upsertSource = db.prepare(UPSERT_SOURCE);
  }

  key({ key, kind, display }: KeyRef, issuer: string | undefined): KeyRow {
    const known = this.#key.get(key);
    if (known !== undefined) {
      if (issuer !== undefined && issuer !== known.issuer) this.#setIssuer.run({ issuer, id: known.id });
      return { ...known, isNew: false };
    }
    const lot = crc32(key);
    const { lastInsertRowid } = this.#insertKey.run(key, kind, display, tailOf(display), lot, issuer ?? null);
    return { id: Number(lastInsertRowid), kind, lot, collapse: 0, isNew: true };
  }

  system(system: SystemRef, collapse: number): SystemRow {
    const { name, attribution } = collapsedSystem(system, collapse);
    const cached = this.#systems.get(`${attribution}\0${name}`);
    if (cached !== undefined) return cached;
    const lot = crc32(name);
    const known = this.#system.get(name, attribution)?.id;
    const id = known ?? Number(this.#insertSystem.run(name, attribution, lot).lastInsertRowid);
    return remember(this.#systems, `${attribution}\0${name}`, { id, name, lot });
  }

  source(name: string, format: string): number {
    const cached = this.#sources.get(`${name}\0${format}`);
    if (cached !== undefined) return cached;
    return remember(this.#sources, `${name}\0${format}`, (this.#upsertSource.get(name, format) as { id: number }).id);
  }

  /** After a rollback, ids that were made in it do not exist. */
  forget(): void {
    for (const cache of [this.#systems, this.#sources]) cache.clear();
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
