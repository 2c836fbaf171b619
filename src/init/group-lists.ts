import path from 'node:path';
import type { Inventory } from '../inventories/index.ts';

/** A list of keys that was found. */
export interface ListFile {
  readonly file: string;
  readonly inventory: Inventory;
}

/**
 * Dated exports of one list are one list: of those that list mostly the same keys the last by name, with the `pattern` that
 * takes those to come as well.
 */
export function groupLists(
  lists: readonly ListFile[],
): readonly (ListFile & { readonly pattern: string | undefined })[] {
  const byName = Map.groupBy(lists, ({ file, inventory }) =>
    JSON.stringify([inventory.format, patternOf(file) ?? file]),
  );
  return [...byName.values()].flatMap((together) => {
    const files = together.toSorted((a, b) => (a.file < b.file ? -1 : 1));
    const newest = files.at(-1)!;
    const isOne = files.every((older) => listsMostOf(newest, older));
    const pattern = patternOf(newest.file);
    return isOne ? [{ ...newest, pattern }] : files.map((one) => ({ ...one, pattern: undefined }));
  });
}

/** A whole date: a year alone may be that in which the keys were made. */
const DATE = /(?<!\d)(?:(?:19|20)\d\d([-_.]?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01]))(?!\d)/;

/** `keys-2026-11-20.csv` is `keys-????-??-??.csv`. */
function patternOf(file: string): string | undefined {
  const name = path.basename(file);
  const date = DATE.exec(name)?.[0];
  if (date === undefined || /[*?]/.test(name)) return undefined;
  return path.join(path.dirname(file), name.replace(date, date.replaceAll(/\d/g, '?')));
}

function listsMostOf(newer: ListFile, older: ListFile): boolean {
  const ids = new Set(newer.inventory.entries.map(({ id }) => id));
  const kept = older.inventory.entries.filter(({ id }) => ids.has(id)).length;
  return kept >= MOST * older.inventory.entries.length;
}

const MOST = 0.75;
