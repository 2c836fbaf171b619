import type Database from 'better-sqlite3';
import type { Statement } from 'better-sqlite3';
import { createRequire } from 'node:module';

export type Connection = Database.Database;

/** Opens a file as a database, and nothing else. SQLite is loaded here: what needs no database starts without it. */
export function openSqlite(file: string, options: Database.Options = {}): Connection {
  const Sqlite = createRequire(import.meta.url)('better-sqlite3') as typeof Database;
  return new Sqlite(file, options);
}

/** Rows as arrays: of many rows, the names of the columns take time. */
export function prepareRaw<Row>(db: Connection, sql: string): Statement<unknown[], Row> {
  return db.prepare<unknown[], Row>(sql).raw() as unknown as Statement<unknown[], Row>;
}
