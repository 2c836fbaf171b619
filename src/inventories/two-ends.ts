import type { InventoryFormat } from './inventory.ts';
import { isObject, type JsonObject, type JsonValue, textAt } from './json-values.ts';
import { everyItem } from './pages.ts';

/** Lists that give the two ends of a key, as the key pages of many vendors do. */
export const twoEnds: InventoryFormat = {
  name: 'two-ends',
  title: 'lists of keys that show the end of a key (`last4`, `last_four`) and perhaps its start (`prefix`)',
  json: {
    recognise: (pages) => everyItem(pages, (item) => endOf(item) !== undefined && !hasKey(item)),
    reshape: (pages) => ({ items: pages.flatMap(({ items }) => items.filter(isObject).map(withMask)) }),
  },
};

const ENDS = [
  'last4',
  'last_4',
  'last_four',
  'lastFour',
  'last_four_chars',
  'lastChars',
  'suffix',
  'key_suffix',
  'keySuffix',
];
const STARTS = ['prefix', 'key_prefix', 'keyPrefix', 'start'];
const WHOLE = ['key', 'token', 'secret', 'masked', 'redacted_value', 'hint', 'sha256', 'hash'];

function endOf(item: JsonValue): string | undefined {
  return firstOf(item, ENDS);
}

function hasKey(item: JsonValue): boolean {
  return firstOf(item, WHOLE) !== undefined;
}

function withMask(item: JsonObject): JsonObject {
  return new Map([...item, ['masked', `${firstOf(item, STARTS) ?? ''}...${endOf(item)}`]]);
}

function firstOf(item: JsonValue, names: readonly string[]): string | undefined {
  return names.map((name) => textAt(item, name)).find((text) => text !== undefined);
}
