import type { Glance } from '../../model.ts';
import { type Connection, metaValue } from './database.ts';

/** Changes with what a glance holds: one that another version wrote in another form is none. */
const NAME = 'glance/3';

/** Keeps what the last audit said, in place of what the one before said. */
export function storeGlance(db: Connection, glance: Glance): void {
  db.prepare('INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)').run(NAME, JSON.stringify(glance));
}

/** Undefined: no scan of this or a like version has judged the keys. */
export function readGlance(db: Connection): Glance | undefined {
  const text = metaValue(db, NAME);
  return text === undefined ? undefined : (JSON.parse(text) as Glance);
}
