import fs from 'node:fs';
import path from 'node:path';
import { type FileSystemAdapter, glob, isDynamicPattern } from 'tinyglobby';
import { LastcallError } from '../errors.ts';
import type { ObjectStore } from './object-store.ts';
import { OwnFiles, statOf } from './own-files.ts';
import { isAddress, isS3 } from './s3-address.ts';

/** Standard input among the logs. */
export const STDIN = '-';

/** What the logs that were given stand for. */
export interface Inputs {
  /** Sorted by path, each once. */
  readonly files: readonly string[];
  /** What a directory or a pattern holds beside them, other than files of our own. */
  readonly leftOut: readonly LeftOut[];
}

export interface LeftOut {
  readonly path: string;
  readonly why: 'unreadable-directory' | 'broken-link' | 'not-a-file' | 'dot-file';
}

/** Whether calls may be hidden in what was left out; dot files and devices are no logs. */
export function mayHideCalls({ why }: LeftOut): boolean {
  return why === 'unreadable-directory' || why === 'broken-link';
}

/**
 * Expands what was given as logs (files, directories, globs, `-`). `own`: files of this run, which are logs only when they
 * are named as such. `since`: the first day of which folders of an address are listed. Throws `input` for what does not exist.
 */
export async function expandInputs(
  given: readonly string[],
  own: readonly string[] = [],
  objects?: ObjectStore,
  since: (address: string) => number | undefined = () => undefined,
): Promise<Inputs> {
  const listing = new Listing(new OwnFiles(own));
  for (const one of given) {
    if (one === STDIN) listing.files.add(STDIN);
    else if (isAddress(one))
      for (const object of await expandAddress(one, objects, since(one))) listing.files.add(object);
    else await expand(one, listing);
  }
  return {
    files: [...listing.files].toSorted(),
    leftOut: [...listing.leftOut].map(([file, why]) => ({ path: file, why })).toSorted(byPath),
  };
}

/** The absolute path of a file or directory that was given, or of the directory in which a pattern begins. */
export function rootOf(given: string): string {
  const whole = path.resolve(given);
  if (fs.existsSync(given)) return whole;
  const parts = whole.split(path.sep);
  const dynamic = parts.findIndex((part) => isDynamicPattern(part));
  return parts.slice(0, dynamic < 0 ? undefined : dynamic).join(path.sep);
}

async function expandAddress(
  address: string,
  objects: ObjectStore | undefined,
  since: number | undefined,
): Promise<string[]> {
  if (isS3(address) && objects !== undefined) return objects.expand(address, since);
  throw new LastcallError('input', `Logs cannot be read from ${address.slice(0, address.indexOf(':'))}:`, {
    hint: 'Addresses that can be read begin with s3://.',
  });
}

async function expand(given: string, listing: Listing): Promise<void> {
  const isPattern = !fs.existsSync(given) && isDynamicPattern(given);
  const stat = isPattern ? undefined : fs.statSync(given, { throwIfNoEntry: false });
  if (stat !== undefined && !stat.isDirectory()) {
    listing.files.add(path.normalize(given));
    return;
  }
  const found = new Listing(listing.own);
  if (stat !== undefined) listDirectory(given, found, new Set());
  else if (isPattern) await listPattern(given, found);
  else {
    throw new LastcallError('input', `There is no log "${given}"`, {
      hint: 'Give a file, a directory, a quoted glob, or - for standard input.',
    });
  }
  if (found.isEmpty) throw nothingIn(given, stat !== undefined);
  listing.add(found);
}

function nothingIn(given: string, isDirectory: boolean): LastcallError {
  if (isDirectory) {
    return new LastcallError('input', `Directory "${given}" holds no files`, {
      hint: 'Are the logs elsewhere, or compressed into an archive?',
    });
  }
  return new LastcallError('input', `No file matches "${given}"`, {
    hint: 'Check the pattern; ** crosses directories.',
  });
}

/** What was found so far. */
class Listing {
  readonly files = new Set<string>();
  readonly leftOut = new Map<string, LeftOut['why']>();
  readonly own: OwnFiles;

  constructor(own: OwnFiles) {
    this.own = own;
  }

  get isEmpty(): boolean {
    return this.files.size === 0 && ![...this.leftOut].some(([file, why]) => mayHideCalls({ path: file, why }));
  }

  add(other: Listing): void {
    for (const file of other.files) this.files.add(file);
    for (const [file, why] of other.leftOut) this.leftOut.set(file, why);
  }

  /** Takes up what is no directory. */
  take(found: string, stat: fs.Stats | undefined): void {
    const file = path.normalize(found);
    if (stat === undefined) this.leftOut.set(file, 'broken-link');
    else if (!stat.isFile()) this.leftOut.set(file, 'not-a-file');
    else if (!this.own.has(file, stat)) this.files.add(file);
  }

  takeDotFile(found: string): void {
    const stat = statOf(found);
    const isNothing = stat?.isFile() === true && stat.size === 0;
    if (!isNothing) this.leftOut.set(path.normalize(found), 'dot-file');
  }
}

function listDirectory(directory: string, listing: Listing, visited: Set<string>): void {
  const real = fs.realpathSync(directory);
  if (visited.has(real)) return;
  visited.add(real);
  const names = namesIn(directory);
  if (names === undefined) listing.leftOut.set(path.normalize(directory), 'unreadable-directory');
  for (const name of names ?? []) {
    const file = path.join(directory, name);
    if (name.startsWith('.')) listing.takeDotFile(file);
    else {
      const stat = statOf(file);
      if (stat?.isDirectory() === true) listDirectory(file, listing, visited);
      else listing.take(file, stat);
    }
  }
}

async function listPattern(pattern: string, listing: Listing): Promise<void> {
  const options = { absolute: path.isAbsolute(pattern), onlyFiles: true, expandDirectories: false };
  const unreadable = (directory: string): void => {
    listing.leftOut.set(path.normalize(path.relative('.', directory)), 'unreadable-directory');
  };
  const slashed = pattern.replaceAll('\\', '/');
  const found = await glob(slashed, { ...options, fs: { readdir: listAll(unreadable) } });
  for (const file of found) listing.take(file, statOf(file));
  const isFound = new Set(found);
  for (const file of await glob(slashed, { ...options, dot: true })) if (!isFound.has(file)) listing.takeDotFile(file);
}

type ReadDirectory = NonNullable<FileSystemAdapter['readdir']>;

/** Lists what is neither directory nor file as files, so that it is matched like them, and says what cannot be listed. */
function listAll(onUnreadable: (directory: string) => void): ReadDirectory {
  return ((directory: string, options: { withFileTypes: true }, done: Listed) => {
    fs.readdir(directory, options, (error, entries) => {
      if (error?.code === 'EACCES') onUnreadable(directory);
      done(
        error,
        entries?.map((entry) => (leadsToDirectory(directory, entry) ? entry : asFile(entry))),
      );
    });
  }) as ReadDirectory;
}

type Listed = (error: NodeJS.ErrnoException | null, entries: fs.Dirent[] | undefined) => void;

function leadsToDirectory(directory: string, entry: fs.Dirent): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  return statOf(path.join(directory, entry.name))?.isDirectory() === true;
}

function asFile(entry: fs.Dirent): fs.Dirent {
  return Object.assign(Object.create(entry) as fs.Dirent, { isFile: () => true, isSymbolicLink: () => false });
}

function namesIn(directory: string): string[] | undefined {
  try {
    return fs.readdirSync(directory);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'EACCES') return undefined;
    throw error;
  }
}

function byPath(a: LeftOut, b: LeftOut): number {
  return a.path < b.path ? -1 : 1;
}
