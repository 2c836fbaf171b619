import { LastcallError } from '../errors.ts';
import type { InventoryColumn } from './columns.ts';
import type { JsonObject, JsonValue } from './json-values.ts';

/** One shape of inventory, as a vendor or a person writes it. Pure data but for `recognise` and `reshape`. */
export interface InventoryFormat {
  readonly name: string;
  /** One line for people. */
  readonly title: string;
  /** What it cannot tell; shown in the README. */
  readonly limits?: string;
  /** What its members or columns mean where their names do not say it, the preferred one first. Others go by their names. */
  readonly columns?: Readonly<Record<string, InventoryColumn>>;
  /** Its ids are made up here: no log shows them. */
  readonly hidesIds?: boolean;
  /** As JSON. */
  readonly json?: {
    readonly recognise: (pages: readonly Page[]) => boolean;
    /** One item a key, where the file has them otherwise. */
    readonly reshape?: (pages: readonly Page[], refuse: Refuse) => Reshaped;
    /** Whether a page goes on with what the one before says is to follow. Without it: lists of the same name do. */
    readonly isNextPage?: (page: Page, next: Page) => boolean;
  };
  /** As CSV, recognised by its header. */
  readonly csv?: {
    readonly recognise: (columns: ReadonlySet<string>) => boolean;
    readonly reshape: (rows: Iterable<JsonObject>, refuse: Refuse) => Reshaped;
  };
}

/** A document of a JSON file, or a list of documents: usually one answer of a vendor's API. */
export interface Page {
  /** Undefined: the items stand there without one. */
  readonly document: JsonObject | undefined;
  /** The member of the document that has the items. */
  readonly list: string | undefined;
  readonly items: readonly JsonValue[];
}

/** Throws: the inventory cannot be read. */
export type Refuse = (what: string, hint?: string) => never;

export interface Reshaped {
  readonly items: readonly JsonObject[];
  /** Why it does not list all keys, or not all of them. */
  readonly partial?: string | undefined;
}

export interface InventoryTable {
  /** As the file names them; nested JSON members are joined by dots. Columns without a name are empty. */
  readonly columns: readonly string[];
  readonly rows: readonly InventoryRow[];
  /** What a row number counts. */
  readonly rowWord: 'line' | 'item' | 'key';
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
