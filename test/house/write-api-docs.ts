/**
 * `npm run docs:api`: writes the reference of the library into `api-docs/`, and fails when something that is exported
 * refers to a type that is not. TypeDoc reads the types of the built package with a TypeScript of its own: it knows
 * TypeScript 6, and we compile with 7. npm fetches both, since nothing else needs them.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ROOT } from './source-files.ts';

const PACKAGES = ['typedoc@0.28.20', 'typescript@6.0.3'];

const types = path.join(ROOT, 'dist/index.d.ts');
if (!fs.existsSync(types)) throw new Error('there is nothing to describe yet: npm run build');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-api-docs-'));
const tsconfig = path.join(folder, 'tsconfig.json');
const compilerOptions = { module: 'nodenext', target: 'es2024', lib: ['es2024', 'dom'], types: [], skipLibCheck: true };
fs.writeFileSync(tsconfig, JSON.stringify({ compilerOptions, files: [types] }));
const settings = ['--entryPoints', types, '--tsconfig', tsconfig, '--out', path.join(ROOT, 'api-docs')];
const style = ['--name', 'lastcall', '--readme', path.join(ROOT, 'fixtures/library/README.md'), '--disableSources'];
execFileSync(
  'npm',
  [
    'exec',
    '--yes',
    ...PACKAGES.map((one) => `--package=${one}`),
    '--',
    'typedoc',
    ...settings,
    ...style,
    '--treatWarningsAsErrors',
  ],
  { cwd: folder, stdio: 'inherit' },
);
fs.rmSync(folder, { recursive: true });
