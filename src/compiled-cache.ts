import fs from 'node:fs';
import { enableCompileCache } from 'node:module';
import path from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Lets Node.js keep what it has compiled of this program in the user's folder for such things, which is half of what a
 * short command takes. Whatever is wrong with that folder, the program runs without it. `user`: the id that it runs as.
 */
export function useCompiledCache(environment: Environment, user: number | undefined): void {
  const folder = folderIn(environment);
  if (folder === undefined || user === undefined) return;
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (isOwn(folder, user) && isOwn(path.dirname(folder), user)) enableCompileCache(folder);
  } catch {
    // No folder, or one that may not be written.
  }
}

function folderIn({ XDG_CACHE_HOME: named, HOME: home }: Environment): string | undefined {
  if (named?.startsWith('/')) return path.join(named, 'lastcall');
  return home?.startsWith('/') ? path.join(home, '.cache', 'lastcall') : undefined;
}

/** What is compiled is run: nobody else may put it there, as in the home of the user who called `sudo`. */
function isOwn(folder: string, user: number): boolean {
  const { uid, mode } = fs.lstatSync(folder);
  return uid === user && (mode & 0o022) === 0;
}
