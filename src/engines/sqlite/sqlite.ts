import type Database from 'better-sqlite3';
import type { Statement } from 'better-sqlite3';
import { createRequire } from 'node:module';

export type Connection = Database.Database;

/** Opens a file as a database, and nothing else. SQLite is loaded here: what needs no database starts without it. */
export function openSqlite(file: string, options: Database.Options = {}): Connection {
  const Sqlite = createRequire(import.meta.url)('better-sqlite3') as typeof Database;
  return new Sqlite(file, options);
}

/** Rows at a time. */
const AT_ONCE = 2000;

/**
 * All rows of a statement that asks for those between two numbers, both included, from 0 to `last`. To ask for some
 * thousand at a time takes half of what it takes to step from row to row.
 */
export function* rowsByNumber<Row>(statement: Statement<[number, number], Row>, last: number): Iterable<Row> {
  for (let from = 0; from <= last; from += AT_ONCE) yield* statement.all(from, from + AT_ONCE - 1);
}
