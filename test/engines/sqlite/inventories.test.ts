import { describe, expect, it } from 'vitest';
import { type Connection, writeTransaction } from '../../../src/engines/sqlite/database.ts';
import {
  type NewInventory,
  overlayInventories,
  readInventories,
  storeInventory,
} from '../../../src/engines/sqlite/inventories.ts';
import { SqliteListedKeys } from '../../../src/engines/sqlite/listed-keys.ts';
import { openForReading, type WritableStore } from '../../../src/engines/sqlite/store.ts';
import type { InventoryEntry } from '../../../src/model.ts';
import { entryOf } from './made-inventory.ts';
import { newStore } from './made-store.ts';

describe('inventories', () => {
  it('come back as they were stored, by file and in the order of their rows', () => {
    const store = newStore();
    const entries = [inRow('b', 2), { ...inRow('a', 3), metadata: { team: 'x"y' }, createdAt: 5 }];
    put(store, 'z.csv', [], 1, 'first page only');
    put(store, 'a.csv', entries, 2);
    expect(readInventories(store.db)).toEqual([
      { file: 'a.csv', importedAt: 2, partial: undefined, entries: entries.map((entry) => listed(entry)) },
      { file: 'z.csv', importedAt: 1, partial: 'first page only', entries: [] },
    ]);
  });

  it('replace what was stored of the same file, and of no other', () => {
    const store = newStore();
    put(store, 'a.csv', [inRow('a', 1), inRow('b', 2)], 1);
    put(store, 'c.csv', [inRow('c', 1)], 1);
    put(store, 'a.csv', [inRow('b', 1)], 2);
    expect(readInventories(store.db).map(({ entries }) => entries.map(({ entry }) => entry.id))).toEqual([
      ['b'],
      ['c'],
    ]);
  });

  it('say since when a key is listed, unless it was there from the first', () => {
    const store = newStore();
    const since = (): unknown =>
      Object.fromEntries(
        readInventories(store.db).flatMap(({ entries }) => entries.map((one) => [one.entry.id, one.listedSince])),
      );
    put(store, 'a.csv', [inRow('old', 1)], 1);
    put(store, 'a.csv', [inRow('new', 1), inRow('old', 2)], 20);
    expect(since()).toEqual({ old: undefined, new: 20 });
    put(store, 'a.csv', [inRow('old', 1), inRow('new', 2), inRow('newest', 3)], 30);
    expect(since()).toEqual({ old: undefined, new: 20, newest: 30 });
    put(store, 'a.csv', [inRow('old', 1)], 40);
    put(store, 'a.csv', [inRow('old', 1), inRow('new', 2)], 50);
    expect(since()).toEqual({ old: undefined, new: 50 });
  });

  it('say since when a key is disabled that they had listed as active', () => {
    const store = newStore();
    const since = (): unknown =>
      Object.fromEntries([...new SqliteListedKeys(store.db).all()].map((one) => [one.entry.id, one.disabledAt]));
    const disabled = (id: string, row: number): InventoryEntry => ({ ...inRow(id, row), status: 'disabled' });
    put(store, 'a.csv', [inRow('live', 1), disabled('ever', 2), inRow('once', 3), inRow('dated', 4)], 1);
    put(store, 'a.csv', [inRow('live', 1), disabled('ever', 2), disabled('once', 3)], 20);
    expect(since()).toEqual({ live: undefined, ever: undefined, once: 20 });
    put(store, 'a.csv', [disabled('live', 1), disabled('ever', 2), { ...disabled('once', 3), status: 'deleted' }], 30);
    expect(since()).toEqual({ live: 30, ever: undefined, once: 20 });
    put(store, 'a.csv', [{ ...disabled('live', 1), disabledAt: 25 }, inRow('ever', 2), disabled('once', 3)], 40);
    expect(since()).toEqual({ live: 25, ever: undefined, once: 20 });
    overlayInventories(
      store.db,
      [{ file: 'a.csv', sha256: '', partial: undefined, entries: [disabled('ever', 1)] }],
      50,
    );
    expect(since()).toEqual({ ever: 50 });
  });

  it('make no key older than the list in which it was missing, when the clock goes back', () => {
    const store = newStore();
    put(store, 'a.csv', [inRow('old', 1)], 40);
    put(store, 'a.csv', [inRow('old', 1), inRow('new', 2)], 7);
    const [inventory] = readInventories(store.db);
    expect(inventory?.entries.map(({ listedSince }) => listedSince)).toEqual([undefined, 40]);
  });
});

describe('inventories for one report', () => {
  const TABLES = ['inventories', 'inventory_keys', 'inventory_matches'];
  const rowsOf = (db: Connection, schema: string): unknown[] =>
    TABLES.map((table) => db.prepare(`SELECT * FROM ${schema}.${table}`).all());
  const fresh = (file: string, entries: readonly InventoryEntry[]): NewInventory => ({
    file,
    sha256: '01',
    partial: undefined,
    entries,
  });

  it('are read as if they were stored, and are not', () => {
    const store = newStore();
    put(store, 'a.csv', [inRow('a', 1), inRow('b', 2)], 1);
    put(store, 'c.csv', [inRow('c', 1)], 1);
    const before = rowsOf(store.db, 'main');
    const other = openForReading(store.file, undefined);
    store.db.transaction(() =>
      overlayInventories(
        store.db,
        [fresh('a.csv', [inRow('b', 1), inRow('d', 2)]), fresh('e.csv', [inRow('e', 1)])],
        9,
      ),
    )();
    const stored = newStore();
    put(stored, 'a.csv', [inRow('a', 1), inRow('b', 2)], 1);
    put(stored, 'c.csv', [inRow('c', 1)], 1);
    put(stored, 'a.csv', [inRow('b', 1), inRow('d', 2)], 9);
    put(stored, 'e.csv', [inRow('e', 1)], 9);
    expect(readInventories(store.db)).toEqual(readInventories(stored.db));
    expect([...new SqliteListedKeys(store.db).all()]).toEqual([...new SqliteListedKeys(stored.db).all()]);
    expect(new SqliteListedKeys(store.db).naming('a')).toEqual([]);
    expect(rowsOf(store.db, 'main')).toEqual(before);
    expect(rowsOf(other.db, 'main')).toEqual(before);
    other.close();
  });

  it('leave nothing behind in the file', () => {
    const store = newStore();
    put(store, 'a.csv', [inRow('a', 1)], 1);
    const names = (): unknown => store.db.prepare('SELECT name FROM main.sqlite_schema ORDER BY name').all();
    const before = names();
    const reader = openForReading(store.file, undefined);
    reader.db.transaction(() => overlayInventories(reader.db, [fresh('a.csv', [])], 9))();
    expect(readInventories(reader.db)).toMatchObject([{ file: 'a.csv', entries: [] }]);
    reader.close();
    expect([names(), readInventories(store.db)]).toMatchObject([before, [{ file: 'a.csv', entries: [{}] }]]);
  });

  it('change nothing when there are none', () => {
    const store = newStore();
    overlayInventories(store.db, [], 9);
    expect(store.db.prepare('SELECT name FROM temp.sqlite_schema').all()).toEqual([]);
  });
});

function put(
  store: WritableStore,
  file: string,
  entries: readonly InventoryEntry[],
  at: number,
  partial?: string,
): void {
  writeTransaction(store.db, store.file, () => storeInventory(store.db, { file, sha256: '00', partial, entries }, at));
}

function listed(entry: InventoryEntry): object {
  // Absent values are absent after JSON, as everywhere.
  return { entry: JSON.parse(JSON.stringify(entry)) as unknown, listedSince: undefined };
}

function inRow(id: string, row: number): InventoryEntry {
  return entryOf(id, { file: 'a.csv', row });
}
