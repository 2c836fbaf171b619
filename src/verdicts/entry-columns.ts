import type { InventoryEntry } from '../model.ts';

/** What is known of every listed key without columns of the user's own. */
const FIELDS: Readonly<Record<string, (entry: InventoryEntry) => string | undefined>> = {
  id: ({ id }) => id,
  label: ({ label }) => label,
  owner: ({ owner }) => owner,
  source: ({ source }) => source,
  successor: ({ successor }) => successor,
  status: ({ status }) => status,
};

/** The columns that every inventory may have. */
export const USUAL_COLUMNS: readonly string[] = Object.keys(FIELDS);

/** What an entry says in a column, a usual one or one of the user's own. */
export function columnOf(entry: InventoryEntry, name: string): string | undefined {
  if (Object.hasOwn(FIELDS, name)) return FIELDS[name]!(entry);
  return Object.hasOwn(entry.metadata, name) ? entry.metadata[name] : undefined;
}
