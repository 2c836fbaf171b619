import fs from 'node:fs';
import path from 'node:path';
import { createFingerprinter } from '../../src/attribution/fingerprint.ts';
import { type Inventory, readInventory } from '../../src/inventories/index.ts';
import { joinInventories } from '../../src/inventories/joined.ts';
import { ROOT } from '../house/source-files.ts';

/**
 * `fixtures/inventories/<format>/`: inventories of one format, given together, and `expected.jsonl` with what is read of
 * them: a line for each file and each entry. A folder `<format>-<more>` is of the same.
 */
export interface InventoryFolder {
  readonly name: string;
  readonly files: readonly string[];
}

const FIXTURES = path.join(ROOT, 'fixtures', 'inventories');
const EXPECTED = 'expected.jsonl';

export function inventoryFolders(): InventoryFolder[] {
  return fs
    .readdirSync(FIXTURES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({
      name,
      files: fs
        .readdirSync(path.join(FIXTURES, name))
        .filter((file) => file !== EXPECTED)
        .toSorted(),
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

export function inventoryFile(folder: InventoryFolder, file: string): string {
  return path.join(FIXTURES, folder.name, file);
}

export function expectedEntriesFile(folder: InventoryFolder): string {
  return path.join(FIXTURES, folder.name, EXPECTED);
}

export function readTogether(folder: InventoryFolder, columns: Readonly<Record<string, string>> = {}): Inventory[] {
  const options = { columns, source: undefined, fingerprinter: createFingerprinter('f1'.repeat(32)) };
  const read = (file: string): Inventory => readInventory(fs.readFileSync(inventoryFile(folder, file)), file, options);
  return joinInventories(folder.files.map(read));
}

/** What is read of a folder, a line each. Dates are written out; what is absent is absent. */
export function entriesAsText(folder: InventoryFolder): string {
  return readTogether(folder)
    .flatMap(({ format, partial, entries }, index) => [
      { file: folder.files[index], format, partial },
      ...entries.map((entry) => ({ ...entry, file: undefined })),
    ])
    .map((line) => `${JSON.stringify(line, (name, value: unknown) => (isDate(name, value) ? isoOf(value) : value))}\n`)
    .join('');
}

function isDate(name: string, value: unknown): value is number {
  return name.endsWith('At') && typeof value === 'number';
}

function isoOf(at: number): string {
  return new Date(at).toISOString();
}
