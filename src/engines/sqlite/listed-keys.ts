import type { Statement } from 'better-sqlite3';
import { endingsOf, fitsMasked, tailOf } from '../../attribution/masked.ts';
import { isSameKey, type Progress, progressOf } from '../../handoff/steps.ts';
import type { EpochMs, InventoryEntry, KeyMatch } from '../../model.ts';
import { type HandedOff, exactKeysOf, type Listed, type ListedKeys, type Stretch } from '../../verdicts/evidence.ts';
import { compareText } from '../../verdicts/facts.ts';
import type { Connection } from './database.ts';
import { readHandoffs } from './handoff-ledger.ts';
import { within } from './stretches.ts';

/*
 * `+?`: of a statement that joins tables, SQLite may let the plan depend on a bare parameter, and then makes the plan anew
 * for each value: 15 of 20 us (its ENABLE_STAT4, https://sqlite.org/c3ref/prepare.html).
 */

/** The entries of one id together, that of the inventory which was read last at the end. */
const ENTRIES = `
  SELECT inventory_keys.id, entry, listed_since, disabled_since, file FROM inventory_keys
    JOIN inventories ON inventories.id = inventory_id`;

const BY_AGE = 'inventory_keys.id, imported_at, file, row';

const NEXT_PAGE = 'SELECT id FROM inventory_keys WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?';
const PAGE_LENGTH = 500;

const NAMING = 'SELECT id FROM inventory_matches JOIN inventory_keys USING (inventory_id, row) WHERE key = +?';

const NAMING_FORMS = `
  SELECT DISTINCT inventory_keys.id FROM keys JOIN key_forms ON key_id = keys.id
    JOIN inventory_matches ON inventory_matches.key = form JOIN inventory_keys USING (inventory_id, row)
  WHERE keys.key = +?`;

const IS_NAMED_IN = `
  SELECT 1 FROM inventory_matches JOIN inventories ON inventories.id = inventory_id WHERE key = +? AND file = +? LIMIT 1`;

const IS_ANY_SEEN = `
  SELECT 1 FROM inventory_keys JOIN inventories ON inventories.id = inventory_id
    JOIN inventory_matches USING (inventory_id, row)
  WHERE file = ? AND way = ? AND (
    EXISTS (SELECT 1 FROM keys WHERE keys.key = inventory_matches.key)
    OR EXISTS (SELECT 1 FROM key_forms WHERE form = inventory_matches.key)
  ) LIMIT 1`;

interface EntryRow {
  readonly id: string;
  readonly entry: string;
  readonly listed_since: EpochMs | null;
  readonly disabled_since: EpochMs | null;
  readonly file: string;
}

/** Reads what inventories list. To be used within one transaction. */
export class SqliteListedKeys implements ListedKeys {
  readonly #db: Connection;
  readonly #byId: Statement<unknown[], EntryRow>;
  readonly #naming: Statement<unknown[], { id: string }>;
  readonly #namingForms: Statement<unknown[], { id: string }>;
  readonly #isNamedIn: Statement<unknown[]>;
  readonly #masked: Statement<unknown[], { id: string }>;
  readonly #isEmpty: boolean;
  readonly #handedOff: ReadonlyMap<string, Progress>;
  readonly #shownAs: ReadonlyMap<string, HandedOff>;

  constructor(db: Connection) {
    this.#db = db;
    this.#byId = db.prepare(`${ENTRIES} WHERE inventory_keys.id = +? ORDER BY ${BY_AGE}`);
    this.#naming = db.prepare(NAMING);
    this.#namingForms = db.prepare(NAMING_FORMS);
    this.#isNamedIn = db.prepare(IS_NAMED_IN);
    this.#masked = db.prepare('SELECT DISTINCT id FROM inventory_keys WHERE masked_tail = ?');
    this.#isEmpty = db.prepare('SELECT 1 FROM inventories LIMIT 1').get() === undefined;
    this.#handedOff = progressOf(readHandoffs(db));
    this.#shownAs = new Map([...this.#handedOff.values()].flatMap(shownEntries));
  }

  /** No inventory was ever read. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  *all(stretch: Stretch = {}): Iterable<Listed> {
    for (const page of this.#pagesOf(stretch)) {
      const sql = `${ENTRIES} WHERE TRUE ${within(page, 'inventory_keys.id')} ORDER BY ${BY_AGE}`;
      let rows: EntryRow[] = [];
      for (const row of this.#db.prepare<unknown[], EntryRow>(sql).all(page)) {
        if (rows.length > 0 && rows[0]?.id !== row.id) {
          yield this.#joined(rows);
          rows = [];
        }
        rows.push(row);
      }
      if (rows.length > 0) yield this.#joined(rows);
    }
  }

  /** To step from row to row takes longer than to read some hundreds at once. */
  *#pagesOf({ from, before }: Stretch): Iterable<Stretch> {
    const next = this.#db.prepare<unknown[], string>(NEXT_PAGE).pluck();
    for (let start = from; ;) {
      const end = next.get(start ?? '', PAGE_LENGTH - 1);
      if (end === undefined || (before !== undefined && compareText(end, before) >= 0)) {
        yield { from: start, before };
        return;
      }
      yield { from: start, before: end };
      start = end;
    }
  }

  get(id: string): Listed | undefined {
    const rows = this.#byId.all(id);
    return rows.length === 0 ? undefined : this.#joined(rows);
  }

  naming(key: string): readonly string[] {
    const exact = this.#naming.all(key);
    const rows = exact.length > 0 ? exact : this.#namingForms.all(key);
    return [...new Set(rows.map(({ id }) => id))].toSorted(compareText);
  }

  isNamedIn(inventory: string, key: string): boolean {
    return this.#isNamedIn.get(key, inventory) !== undefined;
  }

  fitting(display: string): readonly Listed[] {
    const tail = tailOf(display);
    const ids = endingsOf(tail).flatMap((one) => this.#masked.all(one));
    if (tail.length < 4) ids.push(...this.#withLongerTail(tail));
    const listed = [...new Set(ids.map(({ id }) => id))].flatMap((id) => this.get(id) ?? []);
    return listed.filter(({ entry: { match } }) => match.by === 'masked' && fitsMasked(match, display));
  }

  #withLongerTail(tail: string): { id: string }[] {
    const statement = this.#db.prepare<unknown[], { id: string }>(
      `SELECT DISTINCT id FROM inventory_keys
       WHERE length(masked_tail) > ? AND substr(masked_tail, length(masked_tail) - ? + 1) = ?`,
    );
    return statement.all(tail.length, tail.length, tail);
  }

  called(name: string): readonly string[] {
    const statement = this.#db.prepare<unknown[], { id: string }>(
      'SELECT id FROM inventory_keys WHERE label = ? UNION SELECT id FROM inventory_keys WHERE display = ? ORDER BY id',
    );
    return statement
      .all(name, name)
      .map(({ id }) => id)
      .filter((id) => this.#isCalled(id, name));
  }

  startingWith(start: string): readonly string[] {
    const statement = this.#db.prepare<unknown[], { id: string }>(
      'SELECT DISTINCT id FROM inventory_keys WHERE id >= ? AND id < ? ORDER BY id LIMIT 10',
    );
    return statement.all(start, `${start}\u{10ffff}`).map(({ id }) => id);
  }

  /** An older inventory may have called it so. */
  #isCalled(id: string, name: string): boolean {
    const entry = this.get(id)?.entry;
    return entry?.label === name || entry?.display === name;
  }

  *describedAs(inventory: string, way: string): Iterable<InventoryEntry> {
    const statement = this.#db.prepare<unknown[], EntryRow>(`${ENTRIES} WHERE file = ? AND way = ? ORDER BY row`);
    for (const { entry } of statement.iterate(inventory, way)) yield JSON.parse(entry) as InventoryEntry;
  }

  handedOff(key: string): HandedOff | undefined {
    return this.#shownAs.get(key);
  }

  /** What we did to a key counts until its inventory has caught up. */
  #joined(rows: readonly EntryRow[]): Listed {
    const listed = joined(rows);
    const progress = this.#handedOff.get(listed.entry.id);
    if (progress?.since === undefined || !isSameKey(progress.entry, listed.entry)) return listed;
    const status = listed.entry.status === 'deleted' ? 'deleted' : (progress.status ?? listed.entry.status);
    const disabledAt = progress.status === undefined ? listed.disabledAt : progress.since;
    return { ...listed, entry: { ...listed.entry, status }, handedOffAt: progress.since, disabledAt };
  }

  isAnySeen(inventory: string, way: string): boolean {
    return this.#db.prepare(IS_ANY_SEEN).get(inventory, way) !== undefined;
  }
}

function shownEntries({ entry, shownAs, status, since }: Progress): readonly (readonly [string, HandedOff])[] {
  if (status === undefined || since === undefined) return [];
  return shownAs.map((key) => [key, { entry: { ...entry, status }, at: since }] as const);
}

function joined(rows: readonly EntryRow[]): Listed {
  const all = rows.map((row): Listed => {
    const entry = JSON.parse(row.entry) as InventoryEntry;
    const disabledAt = entry.disabledAt ?? row.disabled_since ?? undefined;
    return { entry, inventory: row.file, listedSince: row.listed_since ?? undefined, disabledAt };
  });
  const [first] = all;
  if (first !== undefined && all.length === 1) return first;
  return { ...all.reduce(joinEntries), olderEntries: all.slice(0, -1).map(({ entry }) => entry) };
}

/** Two files that use one id for different keys: each key counts as this one, so that no use is overlooked. */
function joinEntries(older: Listed, newer: Listed): Listed {
  const [a, b] = [older.entry.match, newer.entry.match];
  const kept = { ...completed(older.entry, newer.entry), ...keptLongest(older.entry, newer.entry) };
  const known = exactKeysOf(newer.entry);
  const keys = [...new Set([...exactKeysOf(older.entry), ...known])];
  const entry = { ...kept, forms: formsOf([older.entry, newer.entry], keys) };
  if (keys.length === known.length && a.by !== 'masked') return { ...newer, entry };
  const match: KeyMatch = b.by === 'masked' ? { ...b, keys } : a.by === 'masked' ? { ...a, keys } : { by: 'id', keys };
  return { ...newer, entry: { ...entry, match } };
}

function formsOf(entries: readonly InventoryEntry[], known: readonly string[]): readonly string[] | undefined {
  const forms = new Set(entries.flatMap((entry) => entry.forms ?? []));
  for (const key of known) forms.delete(key);
  return forms.size === 0 ? undefined : [...forms];
}

/** What only the older list says still stands, and so does the later of two last uses. */
function completed(older: InventoryEntry, newer: InventoryEntry): InventoryEntry {
  const lastUses = [older.lastUsedAt, newer.lastUsedAt].filter((at) => at !== undefined);
  return {
    ...newer,
    display: newer.display ?? older.display,
    label: newer.label ?? older.label,
    owner: newer.owner ?? older.owner,
    createdAt: newer.createdAt ?? older.createdAt,
    expiresAt: newer.expiresAt ?? older.expiresAt,
    successor: newer.successor ?? older.successor,
    lastUsedAt: lastUses.length === 0 ? undefined : Math.max(...lastUses),
  };
}

/** A list that is read later, and says nothing of it, does not end what another says. */
function keptLongest(a: InventoryEntry, b: InventoryEntry): Pick<InventoryEntry, 'keepUntilAt' | 'keepReason'> {
  const { keepUntilAt, keepReason } = (a.keepUntilAt ?? 0) > (b.keepUntilAt ?? 0) ? a : b;
  return { keepUntilAt, keepReason };
}
