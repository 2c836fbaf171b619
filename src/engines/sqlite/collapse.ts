import type { Connection } from './database.ts';
import { MERGE_ROLLUP } from './merge-rollup.ts';
import type { Names } from './names.ts';

/**
 * Callers whose names we derived are bounded per key: beyond this many they are told apart by product only, and beyond
 * as many products not at all. How far depends on the set of callers alone, so the outcome does not depend on the order
 * of the logs. Callers named by the user are never folded.
 */
export const MAX_DERIVED_CALLERS = 200;

/** Folds the callers of keys that became crowded in this transaction. */
export function collapseCrowdedKeys(db: Connection, names: Names): void {
  for (const key of names.takeCrowding()) {
    while (collapseIfCrowded(db, names, key));
  }
}

interface DerivedSystem {
  readonly id: number;
  readonly name: string;
}

const DERIVED_SYSTEMS = `
  SELECT systems.id, systems.name FROM callers JOIN systems ON systems.id = callers.system_id
  WHERE callers.key_id = ? AND systems.attribution IN ('derived', 'overflow')`;

const MOVE_ROLLUPS = `
  INSERT INTO rollups
    SELECT key_id, :to, day, source_id, stream_id, accepted, failed, refused,
      first_used_at, last_used_at, first_refused_at, last_refused_at
    FROM rollups WHERE key_id = :key AND system_id = :from
  ON CONFLICT DO UPDATE SET ${MERGE_ROLLUP}`;

function collapseIfCrowded(db: Connection, names: Names, key: number): boolean {
  const systems = db.prepare<[number], DerivedSystem>(DERIVED_SYSTEMS).all(key);
  if (systems.length <= MAX_DERIVED_CALLERS) return false;
  const row = db
    .prepare<[number], { collapse: number }>('UPDATE keys SET collapse = collapse + 1 WHERE id = ? RETURNING collapse')
    .get(key) as { collapse: number };
  for (const system of systems) moveCaller(db, names, key, system, row.collapse);
  names.forget();
  return row.collapse < 2;
}

function moveCaller(db: Connection, names: Names, key: number, from: DerivedSystem, collapse: number): void {
  const to = names.system({ name: from.name, attribution: 'derived' }, collapse);
  if (to === from.id) return;
  names.caller(key, to);
  db.prepare(MOVE_ROLLUPS).run({ to, key, from: from.id });
  db.prepare('DELETE FROM rollups WHERE key_id = ? AND system_id = ?').run(key, from.id);
  db.prepare('DELETE FROM callers WHERE key_id = ? AND system_id = ?').run(key, from.id);
}
