import type { Fingerprinter } from '../attribution/fingerprint.ts';
import type { InventoryEntry } from '../model.ts';
import { csv } from './csv.ts';
import { decodeText } from './decode.ts';
import { entriesOf } from './entries.ts';
import { inventoryError, type InventoryFormat } from './inventory.ts';
import { json } from './json.ts';

/** Specific formats first: the first that recognises a file reads it. `csv` takes whatever is left. */
export const INVENTORY_FORMATS: readonly InventoryFormat[] = [json, csv];

export interface InventoryOptions {
  /** Column of the file -> our name for it (see columns.ts). Wins over what the names suggest. */
  readonly columns: Readonly<Record<string, string>>;
  /** The log source of all keys that do not name their own. */
  readonly source: string | undefined;
  readonly fingerprinter: Fingerprinter;
}

export interface Inventory {
  readonly entries: InventoryEntry[];
  /** Why the inventory lists only some of the keys, when the file says so itself. */
  readonly partial: string | undefined;
}

/** Reads a whole inventory or throws; never returns half of one. */
export function readInventory(bytes: Uint8Array, file: string, options: InventoryOptions): Inventory {
  const text = decodeText(bytes, file);
  const format = INVENTORY_FORMATS.find((candidate) => candidate.recognise(text));
  if (format === undefined) throw inventoryError(file, undefined, 'its format is not known');
  const table = format.read(text, file);
  return { entries: entriesOf(table, file, options), partial: table.partial };
}
