import type { Statement } from 'better-sqlite3';
import type { CallerBlocks } from './caller-blocks.ts';
import type { Connection } from './database.ts';
import { type KeyRow, MANY_NAMED, NAMED_FOLDED, type Names } from './names.ts';

/**
 * Callers whose names we derived are bounded per key: beyond this many they are told apart by product only, and beyond
 * as many products not at all. How far depends on the set of callers alone, so the outcome does not depend on the order
 * of the logs. Callers named by a rule of the user's are never folded.
 */
export const MAX_DERIVED_CALLERS = 200;

/** Callers that a field of the log names are told apart up to so many per key, and beyond that not at all. */
export const MAX_NAMED_CALLERS = 2000;

/** Folds the callers of keys that became crowded in this transaction. */
export function collapseCrowdedKeys(db: Connection, names: Names, callers: CallerBlocks): void {
  const keys = db.prepare<unknown[], { id: number }>(MAYBE_CROWDED).all(JSON.stringify(callers.takeCrowding()));
  if (keys.length === 0) return;
  const systems: Mover['systems'] = db.prepare(DERIVED_SYSTEMS);
  const fold: Mover['fold'] = db.prepare(FOLD);
  const named: Mover['named'] = db.prepare(NAMED_SYSTEMS);
  for (const { id } of keys) {
    const mover = { names, callers, systems, named, fold };
    foldNamed(id, mover);
    while (collapseIfCrowded(id, mover));
  }
}

/** Of many keys the few with so many callers, named by us or not. */
const MAYBE_CROWDED = `
  SELECT key_id AS id FROM callers WHERE key_id IN (SELECT value FROM json_each(?))
  GROUP BY key_id HAVING count(*) > ${MAX_DERIVED_CALLERS}`;

interface DerivedSystem {
  readonly id: number;
  readonly name: string;
}

const DERIVED_SYSTEMS = `
  SELECT DISTINCT systems.id, systems.name FROM callers JOIN systems ON systems.id = callers.system_id
  WHERE callers.key_id = ? AND systems.attribution IN ('derived', 'overflow') AND systems.name <> '${MANY_NAMED.name}'`;

const NAMED_SYSTEMS = `
  SELECT DISTINCT systems.id, systems.name FROM callers JOIN systems ON systems.id = callers.system_id
  WHERE callers.key_id = ? AND systems.attribution = 'field'`;

const FOLD = 'UPDATE keys SET collapse = collapse + :by WHERE id = :id RETURNING id, kind, lot, collapse';

interface Mover {
  readonly names: Names;
  readonly callers: CallerBlocks;
  readonly systems: Statement<unknown[], DerivedSystem>;
  readonly named: Statement<unknown[], DerivedSystem>;
  readonly fold: Statement<unknown[], Omit<KeyRow, 'isNew'>>;
}

function foldNamed(id: number, { names, callers, named, fold }: Mover): void {
  const crowd = named.all(id);
  if (crowd.length <= MAX_NAMED_CALLERS) return;
  const key = { ...(fold.get({ id, by: NAMED_FOLDED }) as Omit<KeyRow, 'isNew'>), isNew: false };
  for (const { id: from, name } of crowd) {
    callers.move(key, from, names.system({ name, attribution: 'field' }, key.collapse));
  }
}

function collapseIfCrowded(id: number, { names, callers, systems, fold }: Mover): boolean {
  const crowd = systems.all(id);
  if (crowd.length <= MAX_DERIVED_CALLERS) return false;
  const key = { ...(fold.get({ id, by: 1 }) as Omit<KeyRow, 'isNew'>), isNew: false };
  for (const { id: from, name } of crowd) {
    const to = names.system({ name, attribution: 'derived' }, key.collapse);
    if (to.id !== from) callers.move(key, from, to);
  }
  return key.collapse % NAMED_FOLDED < 2;
}
