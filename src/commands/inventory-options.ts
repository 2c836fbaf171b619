import { posix } from 'node:path';
import type { InventoryConfig } from '../config/config.ts';
import { LastcallError } from '../errors.ts';

/** An inventory to read. */
export interface InventoryOption {
  readonly path: string;
  readonly format: 'auto' | 'csv' | 'json';
  /** Name in the file -> inventory column. */
  readonly columns: Readonly<Record<string, string>>;
  readonly source: string | undefined;
}

/**
 * The named inventories, else the configured ones. What the configuration says of a named one still holds; column names
 * that were typed win over configured ones.
 */
export function readInventories(
  named: readonly string[] | undefined,
  configured: readonly InventoryConfig[],
  typedColumns: Readonly<Record<string, string>>,
): readonly InventoryOption[] {
  const chosen = named?.map((path) => findOrDefault(path, configured)) ?? configured;
  return chosen.map(({ path, format, columns, source }) => ({
    path,
    format,
    columns: invert(path, { ...columns, ...typedColumns }),
    source,
  }));
}

function findOrDefault(path: string, configured: readonly InventoryConfig[]): InventoryConfig {
  const same = configured.find((inventory) => posix.normalize(inventory.path) === posix.normalize(path));
  return same ?? { path, format: 'auto', columns: {}, source: undefined };
}

function invert(path: string, columns: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const inverted = new Map<string, string>();
  for (const [column, name] of Object.entries(columns)) {
    const other = inverted.get(name);
    if (other !== undefined) {
      throw new LastcallError('usage', `${path}: "${name}" cannot be the column ${other} and the column ${column}`);
    }
    inverted.set(name, column);
  }
  return Object.fromEntries(inverted);
}
