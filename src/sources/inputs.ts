import fs from 'node:fs';
import path from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { LastcallError } from '../errors.ts';

/** Standard input among the logs. */
export const STDIN = '-';

/** Files in a directory of logs that are never logs: our own. */
const OWN_FILES = /\.db(-wal|-shm|-journal|\.lock|\.[0-9a-f-]{36}\.new)?$/;

/**
 * Expands what was given as logs (files, directories, globs, `-`) to files, sorted by path and each once. FIFOs,
 * sockets, devices and dot files inside directories are passed over. Throws `input` for what does not exist.
 */
export async function expandInputs(given: readonly string[]): Promise<string[]> {
  const files = new Set<string>();
  for (const one of given) {
    if (one === STDIN) files.add(STDIN);
    else for (const file of await expand(one)) files.add(path.normalize(file));
  }
  return [...files].toSorted((a, b) => (a < b ? -1 : 1));
}

async function expand(given: string): Promise<string[]> {
  const stat = fs.statSync(given, { throwIfNoEntry: false });
  if (stat === undefined && isDynamicPattern(given)) return expandGlob(given);
  if (stat === undefined) {
    throw new LastcallError('input', `There is no log "${given}"`, {
      hint: 'Give a file, a directory, a quoted glob, or - for standard input.',
    });
  }
  if (!stat.isDirectory()) return [given];
  const files = listDirectory(given, new Set());
  if (files.length === 0)
    throw new LastcallError('input', `Directory "${given}" holds no files`, {
      hint: 'Are the logs elsewhere, or compressed into an archive?',
    });
  return files;
}

async function expandGlob(pattern: string): Promise<string[]> {
  const found = await glob(pattern.replaceAll('\\', '/'), {
    absolute: path.isAbsolute(pattern),
    onlyFiles: true,
    expandDirectories: false,
  });
  const files = found.filter((file) => !OWN_FILES.test(file));
  if (files.length === 0)
    throw new LastcallError('input', `No file matches "${pattern}"`, {
      hint: 'Check the pattern; ** crosses directories.',
    });
  return files;
}

/** Undefined for links that lead nowhere, or to themselves. */
function statOf(file: string): fs.Stats | undefined {
  try {
    return fs.statSync(file, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ELOOP') return undefined;
    throw error;
  }
}

function namesIn(directory: string): string[] | undefined {
  try {
    return fs.readdirSync(directory);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'EACCES') return undefined;
    throw error;
  }
}

function listDirectory(directory: string, visited: Set<string>): string[] {
  const real = fs.realpathSync(directory);
  if (visited.has(real)) return [];
  visited.add(real);
  // A directory that cannot be read stands for itself: opening it fails, and that is unread input.
  const files: string[] = namesIn(directory) === undefined ? [directory] : [];
  for (const name of namesIn(directory) ?? []) {
    if (name.startsWith('.') || OWN_FILES.test(name)) continue;
    const file = path.join(directory, name);
    const stat = statOf(file);
    if (stat?.isDirectory() === true) files.push(...listDirectory(file, visited));
    else if (stat?.isFile() === true) files.push(file);
  }
  return files;
}
