import { tailOf } from '../../attribution/masked.ts';
import type { EpochMs, InventoryEntry } from '../../model.ts';
import { keysNamedBy, wayOf } from '../../verdicts/evidence.ts';
import type { Connection } from './database.ts';
import { DISABLED_SINCE, INVENTORY_TABLES } from './schema.ts';

export interface StoredInventory {
  readonly file: string;
  readonly importedAt: EpochMs;
  /** Why the file lists only some of the keys, when it says so itself. */
  readonly partial: string | undefined;
  readonly entries: readonly StoredEntry[];
}

export interface StoredEntry {
  readonly entry: InventoryEntry;
  /** When the key first stood in an inventory that had been read before without it. */
  readonly listedSince: EpochMs | undefined;
}

/** An inventory to be stored. */
export interface NewInventory {
  readonly file: string;
  readonly sha256: string;
  readonly partial: string | undefined;
  readonly entries: readonly InventoryEntry[];
}

/**
 * For as long as the database is open, reads see these inventories as if they were stored. Nothing is: temporary tables
 * of the same names come before those of the file.
 */
export function overlayInventories(db: Connection, fresh: readonly NewInventory[], at: EpochMs): void {
  if (fresh.length === 0) return;
  db.exec(INVENTORY_TABLES.replaceAll(/CREATE (TABLE|INDEX) /g, 'CREATE $1 temp.'));
  db.exec(DISABLED_SINCE.replace('inventory_keys', 'temp.inventory_keys'));
  for (const table of ['inventories', 'inventory_keys', 'inventory_matches']) {
    db.exec(`INSERT INTO temp.${table} SELECT * FROM main.${table}`);
  }
  for (const inventory of fresh) storeInventory(db, inventory, at);
}

/** Replaces what is stored of this file. To be called inside a transaction. */
export function storeInventory(db: Connection, inventory: NewInventory, at: EpochMs): void {
  const { file, sha256, partial, entries } = inventory;
  const known = db
    .prepare<[string], { id: number; imported_at: EpochMs }>('SELECT id, imported_at FROM inventories WHERE file = ?')
    .get(file);
  const before = known === undefined ? undefined : listedBefore(db, known.id);
  // A key that was not listed then is no older, whatever the clock says now.
  const newSince = Math.max(at, known?.imported_at ?? at);
  if (known !== undefined) db.prepare('DELETE FROM inventories WHERE id = ?').run(known.id);
  const { lastInsertRowid: id } = db
    .prepare('INSERT INTO inventories (file, sha256, imported_at, partial) VALUES (?, ?, ?, ?)')
    .run(file, sha256, at, partial ?? null);
  const insert = db.prepare(
    `INSERT INTO inventory_keys (inventory_id, row, id, label, display, masked_tail, way, entry, listed_since, disabled_since)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const insertMatch = db.prepare('INSERT OR IGNORE INTO inventory_matches VALUES (?, ?, ?)');
  for (const entry of entries) {
    const { row, match, label = null, display = null } = entry;
    const was = before?.get(entry.id);
    const listedSince = before === undefined ? null : was === undefined ? newSince : was.listed_since;
    const disabledSince =
      entry.status === 'active' || was === undefined ? null : was.isActive ? newSince : was.disabled_since;
    const tail = match.by === 'masked' ? tailOf(match.suffix) : null;
    insert.run(
      id,
      row,
      entry.id,
      label,
      display,
      tail,
      wayOf(entry),
      JSON.stringify(entry),
      listedSince,
      disabledSince,
    );
    for (const key of keysNamedBy(entry)) insertMatch.run(key, id, row);
  }
}

/** What a file listed when it was read last; undefined: it never was. */
export function earlierReading(db: Connection, file: string): EarlierReading | undefined {
  const known = db
    .prepare<[string], { id: number; imported_at: EpochMs; sha256: string; count: number }>(
      `SELECT id, imported_at, sha256, (SELECT count(*) FROM inventory_keys WHERE inventory_id = inventories.id) AS count
       FROM inventories WHERE file = ?`,
    )
    .get(file);
  if (known === undefined) return undefined;
  const { id, imported_at: at, sha256, count } = known;
  const undeleted = db
    .prepare<[number], string>(
      "SELECT id FROM inventory_keys WHERE inventory_id = ? AND entry ->> '$.status' <> 'deleted'",
    )
    .pluck();
  return { at, sha256, count, undeleted: () => undeleted.all(id) };
}

export interface EarlierReading {
  readonly at: EpochMs;
  readonly sha256: string;
  readonly count: number;
  /** Ids of the keys that it did not list as deleted. */
  readonly undeleted: () => readonly string[];
}

/** Which files were read, and what they held. */
export function inventoryFiles(db: Connection): readonly { readonly file: string; readonly sha256: string }[] {
  return db.prepare<[], { file: string; sha256: string }>('SELECT file, sha256 FROM inventories ORDER BY file').all();
}

/** Everything stored, by file. */
export function readInventories(db: Connection): StoredInventory[] {
  const files = db
    .prepare<[], { id: number; file: string; imported_at: EpochMs; partial: string | null }>(
      'SELECT * FROM inventories ORDER BY file',
    )
    .all();
  const entries = db.prepare<[number], { entry: string; listed_since: EpochMs | null }>(
    'SELECT entry, listed_since FROM inventory_keys WHERE inventory_id = ? ORDER BY row',
  );
  return files.map(({ id, file, imported_at, partial }) => ({
    file,
    importedAt: imported_at,
    partial: partial ?? undefined,
    entries: entries.all(id).map((row) => ({
      entry: JSON.parse(row.entry) as InventoryEntry,
      listedSince: row.listed_since ?? undefined,
    })),
  }));
}

interface ListedBefore {
  readonly id: string;
  readonly listed_since: EpochMs | null;
  readonly disabled_since: EpochMs | null;
  readonly isActive: 0 | 1;
}

function listedBefore(db: Connection, inventory: number): Map<string, ListedBefore> {
  const rows = db
    .prepare<[number], ListedBefore>(
      `SELECT id, listed_since, disabled_since, entry ->> '$.status' = 'active' AS isActive
       FROM inventory_keys WHERE inventory_id = ?`,
    )
    .all(inventory);
  return new Map(rows.map((row) => [row.id, row]));
}
