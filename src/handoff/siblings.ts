import type { InventoryEntry } from '../model.ts';
import { columnOf } from '../verdicts/entry-columns.ts';
import { isSameKey, type Progress } from './steps.ts';

/** Another key in force that has the same value in a column of the inventory, by id; undefined: there is none. */
export type SiblingOf = (entry: InventoryEntry, column: string) => string | undefined;

/** Looks up, in all that is listed, which keys a way to disable one of them would stop as well. */
export function siblingsAmong(
  entries: () => Iterable<InventoryEntry>,
  progress: ReadonlyMap<string, Progress>,
): SiblingOf {
  const columns = new Map<string, ReadonlyMap<string, readonly string[]>>();
  return (entry, column) => {
    const ids = columns.get(column) ?? idsByValue(entries(), column, progress);
    columns.set(column, ids);
    return ids.get(columnOf(entry, column) ?? '')?.find((id) => id !== entry.id);
  };
}

function idsByValue(
  entries: Iterable<InventoryEntry>,
  column: string,
  progress: ReadonlyMap<string, Progress>,
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const entry of entries) {
    const value = columnOf(entry, column);
    if (value === undefined || entry.status !== 'active' || isStopped(entry, progress.get(entry.id))) continue;
    found.set(value, [...(found.get(value) ?? []).slice(0, 1), entry.id]);
  }
  return found;
}

/** By us. A key that was made anew under the id of one that we stopped is in force. */
function isStopped(entry: InventoryEntry, known: Progress | undefined): boolean {
  return known?.status !== undefined && isSameKey(known.entry, entry);
}
