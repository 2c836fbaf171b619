import fs from 'node:fs';
import { enableCompileCache } from 'node:module';
import path from 'node:path';

/**
 * Has Node keep the compiled program in the user's cache folder, since to compile it takes longer than most commands. As
 * what lies there is run, nobody else may be able to write to it; where that is not certain, or nothing can be written,
 * nothing is kept. `userId`: undefined where files have no owners that could be compared.
 */
export function keepCompiledCode(environment: NodeJS.ProcessEnv, home: string, userId: number | undefined): void {
  if (userId === undefined || environment['NODE_COMPILE_CACHE'] !== undefined) return;
  const caches = environment['XDG_CACHE_HOME'] || path.join(home, '.cache');
  const folder = path.join(caches, 'lastcall');
  try {
    // Under `sudo` the home may be that of another, who could not remove what is made there.
    if (!path.isAbsolute(caches) || fs.lstatSync(path.dirname(caches)).uid !== userId) return;
    for (const one of [caches, folder]) {
      fs.mkdirSync(one, { recursive: true, mode: 0o700 });
      if (!isPrivate(one, userId)) return;
    }
    enableCompileCache(folder);
  } catch {
    // There is no home, it is read-only, or something else has this name.
  }
}

const WRITABLE_BY_OTHERS = 0o022;

function isPrivate(folder: string, userId: number): boolean {
  const stat = fs.lstatSync(folder);
  return stat.isDirectory() && stat.uid === userId && (stat.mode & WRITABLE_BY_OTHERS) === 0;
}
