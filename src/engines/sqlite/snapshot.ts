import type { Connection } from './database.ts';
import { openForReading, type Store } from './store.ts';

/** Sees whether anybody wrote to a database: what was read before and after by several is the same if nobody did. */
export interface CommitWatch {
  readonly isUnchanged: () => boolean;
  readonly close: () => void;
}

export function watchCommits(file: string): CommitWatch {
  const { db, close } = openForReading(file, undefined);
  const version = (): unknown => db.pragma('data_version', { simple: true });
  const atFirst = version();
  return { isUnchanged: () => version() === atFirst, close };
}

/** All that is read until `end` is of the newest commit at the first read. */
export function beginReading({ db }: Pick<Store, 'db'>): { readonly end: () => void } {
  db.exec('BEGIN');
  pinSnapshot(db);
  return { end: () => db.exec('COMMIT') };
}

/** A transaction that has read nothing yet has no snapshot. */
function pinSnapshot(db: Connection): void {
  db.prepare('SELECT 1 FROM meta LIMIT 1').get();
}
