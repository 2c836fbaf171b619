import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../../house/source-files.ts';

const FOLDER = path.join(ROOT, 'src/reporters/page');
const ASSETS = path.join(ROOT, 'src/reporters/page-assets.ts');

/** What needs nothing of the others comes first. */
const PARTS = ['elements', 'data', 'strip', 'choice', 'key-details', 'key-row', 'source-list', 'main'];

/** The text of `page-assets.ts` for the page as its source stands. */
export function assemblePage(): string {
  const script = `'use strict';(() => {\n${PARTS.map((part) => scriptOf(readPart(part))).join('')}})();`;
  const style = compact(read('page.css'));
  return [
    '/** The script and the style of the HTML report, put together from `page/` by `npm run page`. */',
    ...constant('PAGE_SCRIPT', script),
    ...constant('PAGE_STYLE', style),
    ...constant('PAGE_SCRIPT_HASH', hashOf(script)),
    ...constant('PAGE_STYLE_HASH', hashOf(style)),
    '',
  ].join('\n');
}

export function readAssets(): string {
  return fs.readFileSync(ASSETS, 'utf8');
}

/** Every file of the page that holds code. */
export function pageParts(): readonly string[] {
  return fs.readdirSync(FOLDER).flatMap((name) => (name.endsWith('.ts') ? [name.replace('.ts', '')] : []));
}

export { PARTS as PAGE_PARTS };

export function readPart(part: string): string {
  return read(`${part}.ts`);
}

/** One scope holds all parts: what they import from each other is there. */
function scriptOf(text: string): string {
  const plain = stripTypeScriptTypes(text)
    .replaceAll(/^import [^;]*;$/gm, '')
    .replaceAll(/^export /gm, '');
  return `${compact(plain.replaceAll(/^\s*(?:\/\/.*|\/\*\*[\s\S]*?\*\/)$/gm, ''))}\n`;
}

function compact(text: string): string {
  const lines = text.split('\n').map((line) => line.trim().replaceAll(/ {2,}/g, ' '));
  return lines.filter((line) => line !== '').join('\n');
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function constant(name: string, text: string): string[] {
  const quoted = `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;
  const line = `export const ${name}: string = ${quoted};`;
  return line.length <= 120 ? [line] : [`export const ${name}: string =`, `  ${quoted};`];
}

function read(name: string): string {
  return fs.readFileSync(path.join(FOLDER, name), 'utf8');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) fs.writeFileSync(ASSETS, assemblePage());
