import type { Stretch } from '../../verdicts/evidence.ts';
import type { Connection } from './database.ts';

/** A condition on a column, with the ends of a stretch as `:from` and `:before`. */
export function within({ from, before }: Stretch, column: string): string {
  return `${from === undefined ? '' : `AND ${column} >= :from`} ${before === undefined ? '' : `AND ${column} < :before`}`;
}

/** About how many keys were seen or are listed: the larger number of the two. */
export function countKeys(db: Connection): number {
  return Math.max(...['keys', 'inventory_keys'].map((table) => countRows(db, table)));
}

/** All ids in stretches of so many keys or so many entries, whichever are more. To be used within one transaction. */
export function stretchesOf(db: Connection, length: number): readonly Stretch[] {
  const [column, table] =
    countRows(db, 'keys') > countRows(db, 'inventory_keys') ? ['key', 'keys'] : ['id', 'inventory_keys'];
  const next = db
    .prepare<[string, number], string>(
      `SELECT ${column} FROM ${table} WHERE ${column} > ? ORDER BY ${column} LIMIT 1 OFFSET ?`,
    )
    .pluck();
  const stretches: Stretch[] = [];
  for (let from: string | undefined; ;) {
    const before = next.get(from ?? '', length - 1);
    stretches.push({ from, before });
    if (before === undefined) return stretches;
    from = before;
  }
}

function countRows(db: Connection, table: string): number {
  return db.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get() ?? 0;
}
