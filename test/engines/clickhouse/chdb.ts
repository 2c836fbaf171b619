import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TestServer } from './test-bed.ts';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** 600 MB, so it is installed where it is asked for only: `npm run test:clickhouse`. */
export const HAS_CHDB: boolean = fs.existsSync(at('../../bench/rivals/node_modules/chdb'));

/** A current ClickHouse: one server, which knows no other. */
export async function startChdb(): Promise<TestServer> {
  const child = spawn(process.execPath, [at('chdb-front.ts')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const over = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (line: Buffer) => resolve(line.toString().trim()));
    void over.then(() => reject(new Error('the engine did not start')));
  });
  const url = `http://127.0.0.1:${port}`;
  const run = async (sql: string): Promise<string> => {
    const answer = await fetch(url, { method: 'POST', body: sql });
    const text = await answer.text();
    if (!answer.ok) throw new Error(text);
    return text;
  };
  return {
    url,
    run,
    create: async (table, columns, order) => {
      await run(`CREATE TABLE ${table} (${columns}) ENGINE = MergeTree ORDER BY ${order}`);
    },
    insert: async (table, rows) => {
      await run(`INSERT INTO ${table} FORMAT TSV\n${rows}`);
    },
    alter: async (table, change) => {
      await run(`ALTER TABLE ${table} ${change}`);
    },
    close: async () => {
      child.stdin.end();
      await over;
    },
  };
}
