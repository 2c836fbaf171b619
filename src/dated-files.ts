import fs from 'node:fs';
import path from 'node:path';
import { compileGlob } from './attribution/glob.ts';

/** The files that a path with `*` or `?` in its last part stands for, by name; any other path stands for itself. */
export function datedFiles(file: string): readonly string[] {
  const name = path.basename(file);
  if (!/[*?]/.test(name) || fs.existsSync(file)) return [file];
  const fits = compileGlob(name);
  const folder = path.dirname(file);
  const names = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
  return names
    .filter((one) => fits(one) && !one.startsWith('.'))
    .toSorted()
    .map((one) => path.join(folder, one));
}

/** Of dated exports of one list, the last by name. The path as it is, where there is none. */
export function newestFile(file: string): string {
  return datedFiles(file).at(-1) ?? file;
}
