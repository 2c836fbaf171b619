import type { InventoryEntry } from '../model.ts';
import { columnOf } from '../verdicts/entry-columns.ts';

/** Another key in force that has the same value in a column of the inventory, by id; undefined: there is none. */
export type SiblingOf = (entry: InventoryEntry, column: string) => string | undefined;

/** Looks up, in all that is listed, which keys a way to disable one of them would stop as well. */
export function siblingsAmong(entries: () => Iterable<InventoryEntry>, isInForce: (id: string) => boolean): SiblingOf {
  const columns = new Map<string, ReadonlyMap<string, readonly string[]>>();
  return (entry, column) => {
    const ids = columns.get(column) ?? idsByValue(entries(), column, isInForce);
    columns.set(column, ids);
    return ids.get(columnOf(entry, column) ?? '')?.find((id) => id !== entry.id);
  };
}

function idsByValue(
  entries: Iterable<InventoryEntry>,
  column: string,
  isInForce: (id: string) => boolean,
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const entry of entries) {
    const value = columnOf(entry, column);
    if (value === undefined || entry.status !== 'active' || !isInForce(entry.id)) continue;
    found.set(value, [...(found.get(value) ?? []).slice(0, 1), entry.id]);
  }
  return found;
}
