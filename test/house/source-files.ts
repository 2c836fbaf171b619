import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT: string = fileURLToPath(new URL('../../', import.meta.url));

export interface SourceFile {
  /** From `src/`, with slashes: `verdicts/judge.ts`. */
  readonly name: string;
  /** `verdicts`, `engines/sqlite`, or the name itself for a file that lies in `src/`. */
  readonly part: string;
  /** As written. */
  readonly text: string;
  /** Without comments and the contents of strings: what the code does, not what it says. */
  readonly code: string;
  readonly imports: readonly Import[];
}

export interface Import {
  /** From `src/` for our own files, else the name of the package or the built-in. */
  readonly target: string;
  readonly isOurs: boolean;
  /** It is gone when the program runs. */
  readonly isTypeOnly: boolean;
}

/** What other things are made from, and no part of what runs: the kernel in another language, the page for browsers. */
const SOURCES_OF_OTHERS = ['kernel/assembly/', 'reporters/page/'];

/** Every file of the program. */
export function readSourceFiles(): readonly SourceFile[] {
  const folder = path.join(ROOT, 'src');
  return fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => name.split(path.sep).join('/'))
    .filter((name) => name.endsWith('.ts') && !SOURCES_OF_OTHERS.some((start) => name.startsWith(start)))
    .toSorted()
    .map((name) => readSourceFile(name, fs.readFileSync(path.join(folder, name), 'utf8')));
}

export function partOf(name: string): string {
  return name.includes('/') ? path.posix.dirname(name) : name;
}

function readSourceFile(name: string, text: string): SourceFile {
  return { name, part: partOf(name), text, code: codeOf(text), imports: importsOf(name, text) };
}

// Declarations start a line; `import('x')` may stand anywhere, and is a type when it follows a colon or an equals sign.
const DECLARATION =
  /^(?:import|export)\s+(?:(?<type>type)\s)?\s*(?:(?<names>[\w\s{},*]+?)\s*from\s*)?'(?<from>[^'\n]+)';/gm;
const DYNAMIC = /(?<before>await\s+)?\bimport\('(?<from>[^']+)'\)/g;

function importsOf(name: string, text: string): Import[] {
  const code = text.replaceAll(/^\s*(?:\/\/|\*|\/\*).*$/gm, '');
  const declared = [...code.matchAll(DECLARATION)].map(({ groups }) =>
    toImport(name, groups?.['from'] ?? '', groups?.['type'] !== undefined || areAllTypes(groups?.['names'] ?? '')),
  );
  const dynamic = [...code.matchAll(DYNAMIC)].map(({ groups }) =>
    toImport(name, groups?.['from'] ?? '', groups?.['before'] === undefined),
  );
  return [...declared, ...dynamic];
}

function areAllTypes(names: string): boolean {
  const listed = /^\{(?<list>[^}]*)\}$/.exec(names.trim())?.groups?.['list'];
  const each = listed?.split(',').filter((one) => one.trim() !== '') ?? [];
  return each.length > 0 && each.every((one) => one.trim().startsWith('type '));
}

function toImport(name: string, from: string, isTypeOnly: boolean): Import {
  const isOurs = from.startsWith('.');
  const target = isOurs ? path.posix.join(path.posix.dirname(name), from) : packageOf(from);
  return { target, isOurs, isTypeOnly };
}

function packageOf(from: string): string {
  const parts = from.split('/');
  return from.startsWith('node:') ? from : parts.slice(0, from.startsWith('@') ? 2 : 1).join('/');
}

function codeOf(text: string): string {
  return text
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/(?<=^|\s)\/\/.*$/gm, '')
    .replaceAll(/'(?:[^'\\\n]|\\.)*'/g, "''");
}
