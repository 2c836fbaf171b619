import { LastcallError } from '../errors.ts';

/** One shape of inventory: turns its text into a table of named columns, one row a key. Pure. */
export interface InventoryFormat {
  readonly name: string;
  /** One line for people. */
  readonly title: string;
  /** The first format in the list that says yes reads the file. */
  readonly recognise: (text: string) => boolean;
  readonly read: (text: string, file: string) => InventoryTable;
}

export interface InventoryTable {
  /** As the file names them; nested JSON members are joined by dots. Columns without a name are empty. */
  readonly columns: readonly string[];
  readonly rows: readonly InventoryRow[];
  /** What a row number counts. */
  readonly rowWord: 'line' | 'item';
  /** Why the file does not list all keys, when it says so itself. */
  readonly partial: string | undefined;
}

export interface InventoryRow {
  /** 1-based. */
  readonly row: number;
  /** In the order of `columns`; absent is undefined or empty. */
  readonly cells: readonly (string | undefined)[];
}

/** The only way in which this folder reports trouble. `what` must never quote a cell: it may hold a key. */
export function inventoryError(file: string, place: string | undefined, what: string, hint?: string): LastcallError {
  const where = place === undefined ? file : `${file}, ${place}`;
  return new LastcallError('inventory', `${where}: ${what}`, hint === undefined ? {} : { hint });
}
