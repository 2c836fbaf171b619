import fs from 'node:fs';
import path from 'node:path';
import { buildProgram, type Program } from './program.ts';

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

/** The program with one place of it changed. */
export function breakProgram(name: keyof typeof MUTANTS): Promise<Program> {
  const { file, from, to } = MUTANTS[name];
  return buildProgram((sources) => {
    const at = path.join(sources, file);
    const text = fs.readFileSync(at, 'utf8');
    if (text.split(from).length !== 2) throw new Error(`${file} has no such place any more: ${from}`);
    fs.writeFileSync(at, text.replace(from, to));
  });
}
