import fs from 'node:fs';
import type { DayNumber } from '../../model.ts';
import { writeTransaction } from './database.ts';
import type { WritableStore } from './store.ts';

/** What was removed. */
export interface Pruned {
  readonly eventIds: number;
  /** Size of the file before and after. */
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/**
 * Removes what grows with every record and no verdict needs: the ids of events of settled days before `before`, which keep
 * a record that is delivered twice from being counted twice. If such a record comes later still, it counts once more, and
 * a call too many makes no key safe. Days, counts, gaps and the positions of logs stay for all time.
 */
export function prune({ db, file }: WritableStore, before: DayNumber): Pruned {
  const bytesBefore = sizeOf(file);
  const remove = db.prepare(
    'DELETE FROM event_ids WHERE (day, id) IN (SELECT day, id FROM event_ids WHERE day < ? AND stream_id = 0 LIMIT ?)',
  );
  let eventIds = 0;
  for (let removed = -1; removed !== 0; eventIds += removed) {
    removed = writeTransaction(db, file, () => remove.run(before, AT_ONCE).changes);
  }
  const free = db.pragma('freelist_count', { simple: true }) as number;
  const pages = db.pragma('page_count', { simple: true }) as number;
  if (free > WORTH_IT * pages) db.exec('VACUUM');
  db.pragma('wal_checkpoint(TRUNCATE)');
  return { eventIds, bytesBefore, bytesAfter: sizeOf(file) };
}

/** Rows of one transaction: the log of SQLite stays small, and other programs can read meanwhile. */
const AT_ONCE = 100_000;

/** Giving free space back means writing the whole file anew; less than this share is filled again soon. */
const WORTH_IT = 0.2;

function sizeOf(file: string): number {
  const wal = fs.statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  return fs.statSync(file).size + wal;
}
