import { createFingerprinter, type Fingerprinter } from '../../src/attribution/fingerprint.ts';
import { LastcallError } from '../../src/errors.ts';
import { readInventory, type Inventory } from '../../src/inventories/index.ts';
import type { InventoryEntry } from '../../src/model.ts';

export const fingerprinter: Fingerprinter = createFingerprinter('a secret that is for tests only');

export interface Given {
  readonly columns?: Readonly<Record<string, string>>;
  readonly source?: string;
}

/** Reads an inventory under the name `keys`. */
export function read(content: string | Uint8Array, { columns = {}, source }: Given = {}): Inventory {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
  return readInventory(bytes, 'keys', { columns, source, fingerprinter });
}

/** The only entry of an inventory. */
export function readOne(content: string, given: Given = {}): InventoryEntry {
  const { entries } = read(content, given);
  const [entry] = entries;
  if (entry === undefined || entries.length !== 1) throw new Error(`${entries.length} entries instead of one`);
  return entry;
}

/** Message and hint of the error that the inventory is refused with. */
export function refusal(content: string | Uint8Array, given: Given = {}): string {
  try {
    read(content, given);
  } catch (error) {
    if (!(error instanceof LastcallError) || error.code !== 'inventory') throw error;
    if (error.cause !== undefined) throw new Error('The cause may quote a key', { cause: error });
    return `${error.message}\n${error.hint ?? ''}`;
  }
  throw new Error('The inventory was not refused');
}

/** What the traffic would show of a raw key. */
export function keyOf(text: string): string {
  return fingerprinter.ofKey(text).key;
}
