import type { InventoryEntry } from '../model.ts';
import { awsAccessKeys } from './aws-access-keys.ts';
import { awsCredentialReport } from './aws-credential-report.ts';
import type { Inventory } from './index.ts';

/**
 * Inventories that were given together, completed by each other: the keys of an AWS credential report get the ids that
 * `list-access-keys` tells, where user and creation date fit one key and no other.
 */
export function joinInventories<I extends Inventory>(inventories: readonly I[]): I[] {
  const keys = groupByName(entriesIn(inventories, awsAccessKeys.name));
  const places = groupByName(entriesIn(inventories, awsCredentialReport.name));
  return inventories.map((inventory) => {
    if (inventory.format !== awsCredentialReport.name) return inventory;
    const entries = inventory.entries.map((entry) => {
      const [name, found] = [nameOf(entry), keys.get(nameOf(entry))];
      const key = found?.length === 1 && places.get(name)?.length === 1 ? found[0] : undefined;
      return key === undefined ? entry : { ...entry, id: key.id, match: key.match };
    });
    const open = entries.filter(({ match }) => match.by === 'id' && match.keys.length === 0).length;
    const partial =
      open === 0
        ? undefined
        : `it tells no ids, so ${open} of its ${entries.length} access keys cannot be found in logs`;
    return { ...inventory, entries, partial: inventory.partial ?? partial };
  });
}

function entriesIn(inventories: readonly Inventory[], format: string): readonly InventoryEntry[] {
  return inventories.filter((inventory) => inventory.format === format).flatMap(({ entries }) => entries);
}

/** A key without an owner or a date is like no other. */
function nameOf({ owner, createdAt, file, row }: InventoryEntry): string {
  return owner === undefined || createdAt === undefined
    ? `${file} ${row}`
    : `${owner}\0${Math.floor(createdAt / 1000)}`;
}

function groupByName(entries: readonly InventoryEntry[]): Map<string, InventoryEntry[]> {
  return Map.groupBy(entries, nameOf);
}
