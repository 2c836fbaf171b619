import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { bundle } from '../house/bundle.ts';
import { ROOT } from '../house/source-files.ts';

/** The program as it is shipped: it starts in a fifth of the time that its sources take. */
export interface Program {
  readonly cli: string;
  remove(): void;
}

/** Puts the program together in a temporary folder. `change` may edit its sources first. */
export async function buildProgram(change: (sources: string) => void = () => undefined): Promise<Program> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-program-'));
  const sources = path.join(dir, 'src');
  fs.cpSync(path.join(ROOT, 'src'), sources, { recursive: true });
  fs.cpSync(path.join(ROOT, 'package.json'), path.join(dir, 'package.json'));
  fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(dir, 'node_modules'));
  change(sources);
  await bundle(path.join(dir, 'dist'), dir);
  return { cli: path.join(dir, 'dist/cli.js'), remove: () => fs.rmSync(dir, { recursive: true }) };
}
