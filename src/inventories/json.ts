import { plainName } from './columns.ts';
import { inventoryError, type InventoryFormat, type InventoryRow, type InventoryTable } from './inventory.ts';
import { parseJson, type JsonObject, type JsonValue } from './json-values.ts';

/** A list of objects: the document itself, under a usual member, or one object a line. Several documents may follow. */
export const json: InventoryFormat = {
  name: 'json',
  title: 'JSON list, document or lines, such as `aws iam list-access-keys` prints',
  recognise: (text) => /^\s*[[{]/.test(text),
  read: readJson,
};

/** Members that hold the list, as `plainName` writes them. Within an item the first group would hide keys. */
const KEY_LISTS = ['accesskeymetadata', 'accesskeys', 'keys', 'apikeys', 'tokens', 'credentials'];
const LISTS = new Set([...KEY_LISTS, 'data', 'items', 'value', 'values', 'results', 'records', 'entries', 'list']);

/** Members that say that more pages follow: when true, or when they name the next page. */
const MORE = new Set(['istruncated', 'hasmore', 'hasnextpage']);
const NEXT = new Set([
  'next',
  'nextpage',
  'nextpagetoken',
  'nextpageurl',
  'nexttoken',
  'nextcursor',
  'nextmarker',
  'nextlink',
  'nexturl',
  'marker',
  'position',
  '@odata.nextlink',
]);

function readJson(text: string, file: string): InventoryTable {
  const documents = parseJson(text, (line, what) => {
    throw inventoryError(file, `line ${line}`, what);
  });
  const items: JsonValue[] = [];
  let partial: string | undefined;
  for (const document of documents) {
    const list = listOf(document, file);
    // One by one: a list may be longer than a call may have arguments.
    for (const item of list ?? [document]) items.push(item);
    if (list !== undefined && isObject(document)) partial ??= partialReason(document);
  }
  return { ...tableOf(items, file), rowWord: 'item', partial };
}

/** The list that a document is or holds. Undefined: the document is itself an item. */
function listOf(document: JsonValue, file: string): readonly JsonValue[] | undefined {
  if (isList(document)) return document;
  if (!isObject(document)) return undefined;
  if (document.size === 0) return [];
  const lists = [...document].filter(([name, value]) => LISTS.has(plainName(name)) && isListOfObjects(value));
  if (lists.length > 1) {
    throw inventoryError(
      file,
      undefined,
      'has several lists',
      'Give the one that holds the keys in a file of its own.',
    );
  }
  const list = lists[0]?.[1];
  return list !== undefined && isList(list) ? list : undefined;
}

function partialReason(document: JsonObject): string | undefined {
  for (const [path, value] of flatten(document)) {
    const member = path.startsWith('@') ? path : path.slice(path.lastIndexOf('.') + 1);
    const name = plainName(member);
    if (MORE.has(name) && value === 'true') return `it says that more keys follow ("${member}" is true)`;
    if (NEXT.has(name) && value !== '' && value !== 'false')
      return `it says that more keys follow ("${member}" is set)`;
  }
  return undefined;
}

function tableOf(items: readonly JsonValue[], file: string): Pick<InventoryTable, 'columns' | 'rows'> {
  const columns = new Map<string, number>();
  const rows: InventoryRow[] = [];
  for (const [index, item] of items.entries()) {
    const place = `item ${index + 1}`;
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
  return { columns: [...columns.keys()], rows };
}

/** A list of keys within an item would be lost silently. */
function refuseNestedKeys(item: JsonObject, file: string, place: string): void {
  for (const [name, value] of item) {
    if (!KEY_LISTS.includes(plainName(name)) || !isListOfObjects(value) || value.length === 0) continue;
    throw inventoryError(file, place, 'holds a list of keys of its own', 'Give a list with one object for each key.');
  }
}

/** Member paths and their values as text. Lists of plain values are joined, other lists are left out. */
function* flatten(object: JsonObject, path = ''): Generator<[string, string]> {
  for (const [name, value] of object) {
    if (isObject(value)) yield* flatten(value, `${path}${name}.`);
    else if (!isList(value)) yield [path + name, value === null ? '' : String(value)];
    else if (!value.some((element) => isList(element) || isObject(element))) yield [path + name, value.join(', ')];
  }
}

function isObject(value: JsonValue): value is JsonObject {
  return value instanceof Map;
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isListOfObjects(value: JsonValue): value is readonly JsonObject[] {
  return isList(value) && value.every(isObject);
}
