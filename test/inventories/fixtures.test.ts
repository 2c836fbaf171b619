import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeText } from '../../src/inventories/decode.ts';
import { INVENTORY_FORMATS } from '../../src/inventories/index.ts';
import { isJson, readPages } from '../../src/inventories/json.ts';
import { readCsv } from '../../src/inventories/csv.ts';
import { DAY_MS } from '../../src/tally/rollup.ts';
import { judge } from '../../src/verdicts/judge.ts';
import { daily, key, logs, noonOf, system, world } from '../verdicts/history.ts';
import {
  entriesAsText,
  expectedEntriesFile,
  inventoryFile,
  inventoryFolders,
  readTogether,
} from './fixture-folders.ts';

const FOLDERS = inventoryFolders();
const FILES = FOLDERS.flatMap((folder) =>
  folder.files.map((file) => ({ title: `${folder.name}/${file}`, folder, file })),
);
/** They read whatever no other does. */
const GENERAL = new Set(['json', 'csv']);

describe('an inventory', () => {
  it.each(FOLDERS)('of $name is read as expected (npm run goldens, and read the diff)', (folder) => {
    expect(entriesAsText(folder)).toBe(fs.readFileSync(expectedEntriesFile(folder), 'utf8'));
  });

  it.each(FOLDERS)('of $name is taken for what it is', (folder) => {
    const formats = readTogether(folder).map(({ format }) => format);
    expect(formats).toContainEqual(expect.toSatisfy((format: string) => isOf(folder.name, format)));
  });

  it.each(FILES)('$title is claimed by one format', ({ folder, file }) => {
    const text = decodeText(fs.readFileSync(inventoryFile(folder, file)), file);
    const claims = INVENTORY_FORMATS.filter(({ name, json, csv }) => {
      if (GENERAL.has(name)) return false;
      return isJson(text)
        ? json?.recognise(readPages(text, file))
        : csv?.recognise(new Set(readCsv(text, file).columns));
    });
    expect(claims.length).toBe(GENERAL.has(folder.name) ? 0 : 1);
  });

  it.each(FOLDERS)('of $name leaves no raw key behind', (folder) => {
    const raw = folder.files.flatMap((file) => rawKeysIn(fs.readFileSync(inventoryFile(folder, file), 'utf8')));
    const text = entriesAsText(folder);
    expect(raw.filter((secret) => text.includes(secret))).toEqual([]);
  });
});

const WITH_LAST_USE = FOLDERS.flatMap((folder) =>
  readTogether(folder).flatMap(({ entries }) => entries.filter(({ lastUsedAt }) => lastUsedAt !== undefined)),
);

it.each(WITH_LAST_USE)('a use of $id that only the provider saw contradicts the logs', (entry) => {
  const before = Math.ceil((noonOf(0) - (entry.lastUsedAt ?? 0)) / DAY_MS) + 1;
  const seen = system('billing', { used: daily(before + 300, before + 2) });
  const { verdict, findings, blockers } = judge(key([seen], entry), world([logs(before + 400)]));
  expect(verdict).toBe('unknown');
  expect(findings).toContain('provider-disagrees');
  expect(blockers.map(({ code }) => code)).toContain('provider-disagrees');
});

it('keys without an id are found nowhere, and so never safe', () => {
  const entries = inventoryFolders()
    .filter(({ name }) => name.startsWith('aws-credential-report'))
    .flatMap((folder) => readTogether(folder).flatMap((inventory) => inventory.entries))
    .filter(({ match }) => match.by === 'id' && match.keys.length === 0);
  expect(entries.length).toBeGreaterThan(5);
  for (const entry of entries) {
    const evidence = key([], { ...entry, lastUsedAt: undefined, createdAt: noonOf(1200) }, { isMatchProven: true });
    const report = judge(evidence, world([logs(1100)]));
    expect(report).toMatchObject({ verdict: 'unknown', reason: 'uncovered-source' });
    expect(report.sentence).toMatch(/does not tell the id/);
  }
});

it('every format of inventories has samples', () => {
  const missing = INVENTORY_FORMATS.filter(({ name }) => !FOLDERS.some((folder) => isOf(folder.name, name)));
  expect(missing.map(({ name }) => name)).toEqual([]);
});

it('the samples hold raw keys', () => {
  const found = FILES.flatMap(({ folder, file }) => rawKeysIn(fs.readFileSync(inventoryFile(folder, file), 'utf8')));
  expect(found.length).toBeGreaterThan(5);
});

function rawKeysIn(text: string): string[] {
  return [...text.matchAll(/"(?:key|keyString|plaintext|id)": ?"((?:EXAMPLE|AIza|sk_|hvs\.)[^"]{12,})"/g)].map(
    ([, secret]) => secret ?? '',
  );
}

function isOf(folder: string, format: string): boolean {
  return folder === format || folder.startsWith(`${format}-`);
}
