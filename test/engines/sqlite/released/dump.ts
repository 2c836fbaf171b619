/**
 * `node test/engines/sqlite/released/dump.ts [cli.ts of a version]`: writes schema-<n>.sql, a database of the schema that
 * this version has. Made once, when a schema is released, and kept for ever: later versions must be able to open it.
 */
import Database from 'better-sqlite3';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { CLI } from '../../../run-cli.ts';
import { liveThrough } from './history.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-schema-'));
try {
  liveThrough(folder, process.argv[2] ?? CLI);
  const db = new Database(path.join(folder, 'lastcall.db'));
  const version = db.pragma('user_version', { simple: true }) as number;
  fs.writeFileSync(path.join(import.meta.dirname, `schema-${version}.sql`), [...statements(db, version)].join(''));
  db.close();
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}

interface Thing {
  readonly type: string;
  readonly name: string;
  readonly sql: string;
}

function* statements(db: Database.Database, version: number): Iterable<string> {
  yield `PRAGMA application_id = ${String(db.pragma('application_id', { simple: true }))};\n`;
  yield `PRAGMA user_version = ${version};\n`;
  const things = db
    .prepare<[], Thing>('SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid')
    .all();
  const tables = things.filter(({ type }) => type === 'table');
  for (const { sql } of tables) yield `${sql};\n`;
  for (const { name } of tables) yield* rows(db, name);
  for (const { sql } of things.filter(({ type }) => type !== 'table')) yield `${sql};\n`;
}

function* rows(db: Database.Database, table: string): Iterable<string> {
  const columns = (db.pragma(`table_info(${table})`) as { readonly name: string }[]).map(
    ({ name }) => `quote(${name})`,
  );
  const values = db.prepare<[], string>(`SELECT ${columns.join(` || ', ' || `)} FROM ${table}`).pluck();
  for (const row of values.all()) yield `INSERT INTO ${table} VALUES (${row});\n`;
}
