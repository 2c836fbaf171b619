import { plainName } from './columns.ts';
import type { Page, Refuse } from './inventory.ts';
import { flatten, isList, isObject, type JsonObject, type JsonValue } from './json-values.ts';

/** Members that hold the list, as `plainName` writes them. Within an item the first group would hide keys. */
export const KEY_LISTS: readonly string[] = [
  'accesskeymetadata',
  'accesskeys',
  'keys',
  'apikeys',
  'tokens',
  'credentials',
];
const LISTS = new Set([
  ...KEY_LISTS,
  'data',
  'items',
  'value',
  'values',
  'result',
  'results',
  'records',
  'entries',
  'list',
]);

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
  'nextpageuri',
  'marker',
  'position',
  '@odata.nextlink',
]);
/** Members that say how many items all pages have together. */
const TOTALS = new Set(['total', 'totalcount', 'totalresults', 'totalitems', 'totalfilteredcount']);

/** What else stands beside the list. */
const OTHERS =
  'object url offset cursor count firstid lastid meta pagination page currentpage totalpages requestid resultinfo success errors messages';
const PAGE_MEMBERS = new Set([...MORE, ...NEXT, ...TOTALS, ...OTHERS.split(' ')]);

/** The pages of a file: one a document. Documents in a list are pages too, as `jq -s` writes them. */
export function pagesOf(documents: readonly JsonValue[], refuse: Refuse): Page[] {
  return documents.flatMap((document) => {
    if (!isList(document)) return [pageOf(document, refuse)];
    const pages = document.map((element) => (isList(element) ? bare(element) : pageOf(element, refuse)));
    return pages.length > 0 && document.every(isPage) ? pages : [bare(document)];
  });
}

/**
 * Why the pages are not the whole list, as far as they say it: a page that says that more follow must be followed by its
 * next, and there must be as many items as a page says that there are in all.
 */
export function missingPages(
  pages: readonly Page[],
  isNextPage: (page: Page, next: Page) => boolean = isSameList,
): string | undefined {
  for (const [index, page] of pages.entries()) {
    if (page.document === undefined) continue;
    const more = saysMore(page.document);
    const next = pages[index + 1];
    if (more !== undefined && (next === undefined || !isNextPage(page, next))) return more;
    const { length } = pages.filter(({ list }) => list === page.list).flatMap(({ items }) => items);
    const total = totalOf(page.document);
    if (total !== undefined && total > length) return `it has ${length} of ${total} keys`;
  }
  return undefined;
}

function pageOf(document: JsonValue, refuse: Refuse): Page {
  if (!isObject(document)) return bare([document]);
  if (document.size === 0) return { document, list: undefined, items: [] };
  const lists = [...document].filter(([name, value]) => LISTS.has(plainName(name)) && isListOfItems(name, value));
  if (lists.length > 1) refuse('has several lists', 'Give the one that holds the keys in a file of its own.');
  const [name, list] = lists[0] ?? [];
  return list !== undefined && isList(list) ? { document, list: name, items: list } : bare([document]);
}

function bare(items: readonly JsonValue[]): Page {
  return { document: undefined, list: undefined, items };
}

/** Within a list, an object that has a list may be a user and not a page: a page has nothing else but what pages have. */
function isPage(element: JsonValue): boolean {
  if (!isObject(element)) return isList(element);
  const others = [...element].filter(([name, value]) => !LISTS.has(plainName(name)) || !isListOfItems(name, value));
  return others.length < element.size && others.every(([name]) => PAGE_MEMBERS.has(plainName(name)));
}

/** Keys may be listed by their ids or digests alone. */
function isListOfItems(name: string, value: JsonValue): boolean {
  if (!isList(value)) return false;
  return value.every(isObject) || (plainName(name) === 'keys' && value.every((one) => typeof one === 'string'));
}

function isSameList(page: Page, next: Page): boolean {
  return page.list === next.list;
}

function saysMore(document: JsonObject): string | undefined {
  for (const [path, value] of flatten(document)) {
    const member = lastMember(path);
    const name = plainName(member);
    if (MORE.has(name) && value === 'true') return `it says that more keys follow ("${member}" is true)`;
    if (NEXT.has(name) && value !== '' && value !== 'false')
      return `it says that more keys follow ("${member}" is set)`;
  }
  return undefined;
}

function totalOf(document: JsonObject): number | undefined {
  for (const [path, value] of flatten(document)) {
    if (TOTALS.has(plainName(lastMember(path))) && /^\d{1,9}$/.test(value)) return Number(value);
  }
  return undefined;
}

function lastMember(path: string): string {
  return path.startsWith('@') ? path : path.slice(path.lastIndexOf('.') + 1);
}

/** Whether there are items, and each of them is so. */
export function everyItem(pages: readonly Page[], is: (item: JsonValue) => boolean): boolean {
  return pages.some(({ items }) => items.length > 0) && pages.every(({ items }) => items.every(is));
}
