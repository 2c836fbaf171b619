import Table from 'cli-table3';
import type { StoredInventory } from '../engines/sqlite/inventories.ts';
import { plural } from './figures.ts';
import { inert, inertJson } from './inert.ts';
import type { View } from './reporter.ts';
import { truncate } from './text-width.ts';

/** For `lastcall keys list`. */
export function* renderInventories(inventories: readonly StoredInventory[], view: View): Iterable<string> {
  if (inventories.length === 0) yield 'No inventory is stored. Import one: lastcall keys import <file>\n';
  for (const { file, partial, entries } of inventories) {
    yield `${inert(file)}: ${plural(entries.length, 'key')}${partial === undefined ? '' : ` (partial: ${inert(partial)})`}\n`;
    yield `${entryTable(entries, view)}\n`;
  }
}

export function* renderInventoriesJson(inventories: readonly StoredInventory[]): Iterable<string> {
  const shown = JSON.stringify(
    inventories.map(({ entries, importedAt, ...rest }) => ({
      ...rest,
      importedAt: new Date(importedAt).toISOString(),
      keys: entries.map(({ entry }) => ({
        id: entry.id,
        label: entry.label ?? null,
        display: entry.display ?? null,
        owner: entry.owner ?? null,
        status: entry.status,
        createdAt: entry.createdAt === undefined ? null : new Date(entry.createdAt).toISOString(),
        successor: entry.successor ?? null,
        source: entry.source ?? null,
        row: entry.row,
      })),
    })),
    null,
    2,
  );
  yield inertJson(`${shown}\n`);
}

function entryTable(entries: StoredInventory['entries'], view: View): string {
  const table = new Table({
    head: ['id', 'label', 'key', 'owner', 'status', 'created'],
    style: { head: [], border: [] },
  });
  const room = Math.max(10, Math.floor((view.columns - 50) / 3));
  for (const { entry } of entries) {
    const created = entry.createdAt === undefined ? '' : new Date(entry.createdAt).toISOString().slice(0, 10);
    const texts = [entry.id, entry.label ?? '', entry.display ?? '', entry.owner ?? ''];
    table.push([...texts.map((text) => truncate(inert(text), room)), entry.status, created]);
  }
  return table.toString();
}
