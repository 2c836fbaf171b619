import type { Statement } from 'better-sqlite3';
import { crc32 } from 'node:zlib';
import { tailOf } from '../../attribution/masked.ts';
import type { KeyKind, KeyRef, SystemRef } from '../../model.ts';
import type { PlaceSet } from '../../tally/place-set.ts';
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

const KEY = 'SELECT id, kind, lot, collapse, issuer FROM keys WHERE key = ?';

const INSERT_KEY = 'INSERT INTO keys (key, kind, display, tail, lot, issuer) VALUES (?, ?, ?, ?, ?, ?)';

const INSERT_FORM = 'INSERT OR IGNORE INTO key_forms (form, key_id) VALUES (?, ?)';

const SET_ISSUER = 'UPDATE keys SET issuer = :issuer WHERE id = :id AND coalesce(issuer > :issuer, TRUE)';

const UPSERT_SOURCE = `
  INSERT INTO sources (name, format) VALUES (?, ?)
  ON CONFLICT DO UPDATE SET format = CASE
    WHEN format = '' OR (excluded.format <> '' AND excluded.format < format) THEN excluded.format ELSE format END
  RETURNING id`;

const UPSERT_PLACES = `
  INSERT INTO place_sets (places) VALUES (?) ON CONFLICT DO UPDATE SET places = excluded.places RETURNING id`;

/**
 * Rows of keys, systems and sources, made when new. To look first and insert then takes half the time of an upsert that
 * returns the row.
 */
export class Names {
  readonly #key: Statement<unknown[], Omit<KeyRow, 'isNew'> & { issuer: string | null }>;
  readonly #insertKey: Statement<unknown[]>;
  readonly #insertForm: Statement<unknown[]>;
  readonly #setIssuer: Statement<unknown[]>;
  readonly #system: Statement<unknown[], SystemRow>;
  readonly #insertSystem: Statement<unknown[]>;
  readonly #upsertSource: Statement<unknown[], { id: number }>;
  /** By the object that the attribution or a tally has for a system: its name need not be looked at for each rollup. */
  #systems = new WeakMap<SystemRef, SystemRow>();
  readonly #sources = new Map<string, number>();
  readonly #upsertPlaces: Statement<unknown[], { id: number }>;
  readonly #places = new Map<string, number>();

  constructor(db: Connection) {
    this.#key = db.prepare(KEY);
    this.#insertKey = db.prepare(INSERT_KEY);
    this.#insertForm = db.prepare(INSERT_FORM);
    this.#setIssuer = db.prepare(SET_ISSUER);
    this.#system = db.prepare('SELECT id, name, lot FROM systems WHERE name = ? AND attribution = ?');
    this.#insertSystem = db.prepare('INSERT INTO systems (name, attribution, lot) VALUES (?, ?, ?)');
    this.#upsertSource = db.prepare(UPSERT_SOURCE);
    this.#upsertPlaces = db.prepare(UPSERT_PLACES);
  }

  key(ref: KeyRef, issuer: string | undefined): KeyRow {
    const row = this.#keyRow(ref, issuer);
    for (const form of ref.forms ?? []) this.#insertForm.run(form, row.id);
    return row;
  }

  #keyRow({ key, kind, display }: KeyRef, issuer: string | undefined): KeyRow {
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
    if (collapse > 0) return this.#systemRow(collapsedSystem(system, collapse));
    const cached = this.#systems.get(system);
    if (cached !== undefined) return cached;
    const row = this.#systemRow(system);
    this.#systems.set(system, row);
    return row;
  }

  source(name: string, format: string): number {
    const cached = this.#sources.get(`${name}\0${format}`);
    if (cached !== undefined) return cached;
    const { id } = this.#upsertSource.get(name, format) as { id: number };
    if (this.#sources.size >= MAX_CACHED) this.#sources.clear();
    this.#sources.set(`${name}\0${format}`, id);
    return id;
  }

  /** The row of places in which keys are sent: few in a log, whoever calls. */
  placeSet(places: PlaceSet): number {
    const cached = this.#places.get(places);
    if (cached !== undefined) return cached;
    const { id } = this.#upsertPlaces.get(places) as { id: number };
    if (this.#places.size >= MAX_CACHED) this.#places.clear();
    this.#places.set(places, id);
    return id;
  }

  /** After a rollback, ids that were made in it do not exist. */
  forget(): void {
    this.#systems = new WeakMap();
    this.#sources.clear();
    this.#places.clear();
  }

  #systemRow({ name, attribution }: SystemRef): SystemRow {
    const known = this.#system.get(name, attribution);
    if (known !== undefined) return known;
    const lot = crc32(name);
    return { id: Number(this.#insertSystem.run(name, attribution, lot).lastInsertRowid), name, lot };
  }
}

/** Sources and places whose ids are held in memory; beyond that they are looked up again. */
const MAX_CACHED = 50_000;

export const MANY_NAMED: SystemRef = { name: 'many named callers', attribution: 'overflow' };

/** Added to how far the derived callers of a key are folded when those are folded, too, that a field of the log names. */
export const NAMED_FOLDED = 4;

/** The system as it is told apart for a key whose callers were folded (see collapse.ts). */
function collapsedSystem(system: SystemRef, collapse: number): SystemRef {
  if (system.attribution === 'rule') return system;
  if (system.attribution === 'field') {
    return collapse < NAMED_FOLDED ? system : MANY_NAMED;
  }
  const derived = collapse % NAMED_FOLDED;
  if (derived === 0) return system;
  const product = system.name.split(' @ ')[0] as string;
  return { name: derived === 1 ? `${product} @ many networks` : 'many callers', attribution: 'overflow' };
}
