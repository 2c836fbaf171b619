import type { EpochMs } from '../../model.ts';
import { type Connection, metaValue } from './database.ts';

/** When the objects under an address were listed last, and when without leaving old folders out. */
export interface Listing {
  readonly at: EpochMs;
  readonly fullAt: EpochMs;
}

const NAME = 'listings/1';

const UNREAD = `
  SELECT 1 FROM faults WHERE reason = 'unread-input' AND to_at IS NULL AND substr(path, 1, length(:address)) = :address
  LIMIT 1`;

export function readListings(db: Connection): ReadonlyMap<string, Listing> {
  return new Map(Object.entries(JSON.parse(metaValue(db, NAME) ?? '{}') as Record<string, Listing>));
}

/** Keeps the listings of these addresses. One under which something is unread is not kept: it has to be looked for again. */
export function storeListings(db: Connection, listings: ReadonlyMap<string, Listing>): void {
  const unread = db.prepare(UNREAD);
  const whole = [...readListings(db), ...listings].filter(([address]) => unread.get({ address }) === undefined);
  db.prepare('INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)').run(
    NAME,
    JSON.stringify(Object.fromEntries(whole)),
  );
}
