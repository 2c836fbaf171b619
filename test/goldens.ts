/** `npm run goldens`: makes every expected output anew. Read the diff before you commit it. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expectedFile, fixtureFolders, parseSamples } from './formats/fixture-folders.ts';
import { fillTables, readPages } from './house/page-tables.ts';
import { renderSampleReports, SAMPLE_FOLDER } from './house/sample-reports.ts';
import { SCHEMA_FOLDER, schemaFiles } from './house/schemas.ts';
import { ROOT } from './house/source-files.ts';
import { drawTerminal, TERMINAL_PICTURE } from './house/terminal-picture.ts';
import { entriesAsText, expectedEntriesFile, inventoryFolders } from './inventories/fixture-folders.ts';

rmSync(SAMPLE_FOLDER, { recursive: true, force: true });
mkdirSync(SAMPLE_FOLDER, { recursive: true });
for (const [file, text] of renderSampleReports()) writeFileSync(join(SAMPLE_FOLDER, file), text);

rmSync(SCHEMA_FOLDER, { recursive: true, force: true });
mkdirSync(SCHEMA_FOLDER, { recursive: true });
for (const [file, text] of schemaFiles()) writeFileSync(join(SCHEMA_FOLDER, file), text);

for (const folder of fixtureFolders()) writeFileSync(expectedFile(folder), await parseSamples(folder));
for (const folder of inventoryFolders()) writeFileSync(expectedEntriesFile(folder), entriesAsText(folder));

for (const [page, text] of fillTables(readPages())) writeFileSync(join(ROOT, page), text);
mkdirSync(dirname(TERMINAL_PICTURE), { recursive: true });
writeFileSync(TERMINAL_PICTURE, drawTerminal());

const vitest = [
  'node_modules/vitest/vitest.mjs',
  'run',
  'test/reporters',
  'test/verdicts/truth-table.test.ts',
  '--config',
  'test/vitest.config.ts',
  '--update',
];
const { status } = spawnSync(process.execPath, vitest, { cwd: ROOT, stdio: 'inherit' });
process.exitCode = status ?? 1;
