import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { Fingerprinter } from '../attribution/fingerprint.ts';
import { newestFile } from '../dated-files.ts';
import { LastcallError } from '../errors.ts';
import { type Inventory, readInventory } from '../inventories/index.ts';
import { joinInventories } from '../inventories/joined.ts';
import type { Options } from '../options.ts';

/** An inventory as it was read from its file. */
export interface LoadedInventory extends Inventory {
  /** As it was named: dated exports are one inventory. */
  readonly file: string;
  readonly sha256: string;
}

/** Reads all inventories that were asked for, or throws. */
export function loadInventories(options: Options, fingerprinter: Fingerprinter): LoadedInventory[] {
  const inventories = options.inventories.map(({ path: named, columns, source }) => {
    const file = newestFile(named);
    const bytes = readInventoryFile(file);
    const inventory = readInventory(bytes, file, { columns, source, fingerprinter });
    return { ...inventory, file: path.resolve(named), sha256: createHash('sha256').update(bytes).digest('hex') };
  });
  return joinInventories(inventories);
}

function readInventoryFile(file: string): Buffer {
  try {
    return fs.readFileSync(file);
  } catch (error) {
    const code = (error as { code?: string }).code ?? 'error';
    const hint =
      code === 'ENOENT'
        ? 'Name a file that is there. Exports with a date in their names are named with ? or *: keys-????-??-??.csv.'
        : 'Is it a file, and may this user read it?';
    throw new LastcallError('inventory', `Inventory "${file}" cannot be read (${code})`, { hint, cause: error });
  }
}
