import {
  inventoryError,
  type InventoryFormat,
  type InventoryRow,
  type InventoryTable,
  type Page,
} from './inventory.ts';
import { flatten, isList, isObject, parseJson, type JsonObject, type JsonValue } from './json-values.ts';
import { KEY_LISTS, missingPages, pagesOf } from './pages.ts';
import { plainName } from './columns.ts';

/** A list of objects: the document itself, under a usual member, or one object a line. Several documents may follow. */
export const json: InventoryFormat = {
  name: 'json',
  title: 'any JSON list, document or lines, whose members have usual names or are mapped with `--key-field`',
  json: { recognise: () => true },
};

/** Whether a text is JSON rather than rows. */
export function isJson(text: string): boolean {
  return /^\s*[[{]/.test(text);
}

export function readPages(text: string, file: string): Page[] {
  const documents = parseJson(text, (line, what) => {
    throw inventoryError(file, `line ${line}`, what);
  });
  return pagesOf(documents, (what, hint) => {
    throw inventoryError(file, undefined, what, hint);
  });
}

/** The table that the pages are in a format. */
export function tableOfPages(pages: readonly Page[], { json: how }: InventoryFormat, file: string): InventoryTable {
  const missing = missingPages(pages, how?.isNextPage);
  if (how?.reshape === undefined) {
    // One by one: a list may be longer than a call may have arguments.
    const items: JsonValue[] = [];
    for (const page of pages) for (const item of page.items) items.push(item);
    return { ...tableOf(items, file, 'item'), partial: missing };
  }
  const { items, partial } = how.reshape(pages, (what, hint) => {
    throw inventoryError(file, undefined, what, hint);
  });
  return { ...tableOf(items, file, 'key'), partial: missing ?? partial };
}

/** One row an item; `rowWord` is what an item is called in errors. */
export function tableOf(
  items: readonly JsonValue[],
  file: string,
  rowWord: InventoryTable['rowWord'],
): Omit<InventoryTable, 'partial'> {
  const columns = new Map<string, number>();
  const rows: InventoryRow[] = [];
  for (const [index, item] of items.entries()) {
    const place = `${rowWord} ${index + 1}`;
    if (!isObject(item)) throw inventoryError(file, place, 'is not an object');
    const cells: (string | undefined)[] = [];
    for (const [path, value] of flatten(item)) {
      const column = columns.get(path) ?? columns.size;
      columns.set(path, column);
      if (cells[column] !== undefined) throw inventoryError(file, place, 'has two members of the same path');
      cells[column] = value;
    }
    refuseNestedKeys(item, file, place);
    rows.push({ row: index + 1, cells });
  }
  return { columns: [...columns.keys()], rows, rowWord };
}

/** A list of keys within an item would be lost silently. */
function refuseNestedKeys(item: JsonObject, file: string, place: string): void {
  for (const [name, value] of item) {
    if (!KEY_LISTS.includes(plainName(name)) || !isList(value) || value.length === 0 || !value.every(isObject))
      continue;
    throw inventoryError(file, place, 'holds a list of keys of its own', 'Give a list with one object for each key.');
  }
}
