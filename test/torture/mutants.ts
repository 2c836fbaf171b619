import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Ways to break the program that the torture must notice. */
export const MUTANTS = {
  'the position is committed before the counts': {
    file: 'ingest/stream-ingest.ts',
    from: '    this.#ledger.addTally(this.#id, settled, this.#count.open);\n',
    to: '    this.#ledger.commit();\n    this.#ledger.begin();\n    this.#ledger.addTally(this.#id, settled, this.#count.open);\n',
  },
  'what is committed is not synced': {
    file: 'engines/sqlite/database.ts',
    from: "db.pragma('synchronous = FULL');",
    to: "db.pragma('synchronous = OFF');",
  },
} as const;

/** A copy of the program with one place changed; returns its cli.ts. */
export function breakProgram(name: keyof typeof MUTANTS): { readonly cli: string; remove(): void } {
  const { file, from, to } = MUTANTS[name];
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-mutant-'));
  fs.cpSync(path.join(ROOT, 'src'), path.join(dir, 'src'), { recursive: true });
  fs.cpSync(path.join(ROOT, 'package.json'), path.join(dir, 'package.json'));
  fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(dir, 'node_modules'));
  const at = path.join(dir, 'src', file);
  const text = fs.readFileSync(at, 'utf8');
  if (text.split(from).length !== 2) throw new Error(`${file} has no such place any more: ${from}`);
  fs.writeFileSync(at, text.replace(from, to));
  return { cli: path.join(dir, 'src/cli.ts'), remove: () => fs.rmSync(dir, { recursive: true }) };
}
