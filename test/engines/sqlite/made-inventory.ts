import { writeTransaction } from '../../../src/engines/sqlite/database.ts';
import { storeInventory } from '../../../src/engines/sqlite/inventories.ts';
import type { WritableStore } from '../../../src/engines/sqlite/store.ts';
import type { InventoryEntry } from '../../../src/model.ts';

/** Stores an inventory; its entries get its name, and rows in their order. */
export function list(store: WritableStore, file: string, entries: readonly InventoryEntry[], at = 1): void {
  const rows = entries.map((entry, index) => ({ ...entry, file, row: index + 2 }));
  const inventory = { file, sha256: '00', partial: undefined, entries: rows };
  writeTransaction(store.db, store.file, () => storeInventory(store.db, inventory, at));
}

/** An entry that names a key by its id, unless told otherwise. */
export function entryOf(id: string, overrides: Partial<InventoryEntry> = {}): InventoryEntry {
  return {
    id,
    match: { by: 'id', keys: [id] },
    display: undefined,
    label: undefined,
    owner: undefined,
    createdAt: undefined,
    expiresAt: undefined,
    status: 'active',
    successor: undefined,
    source: undefined,
    lastUsedAt: undefined,
    metadata: {},
    file: 'keys.csv',
    row: 2,
    ...overrides,
  };
}
