import type { Statement } from 'better-sqlite3';
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
  const keys = names.takeCrowding();
  if (keys.length === 0) return;
  const mover = prepareMover(db);
  for (const key of keys) while (collapseIfCrowded(names, key, mover));
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

function prepareMover(
  db: Connection,
): Record<'systems' | 'fold' | 'move' | 'dropRollups' | 'dropCaller', Statement<unknown[]>> {
  return {
    systems: db.prepare(DERIVED_SYSTEMS),
    fold: db.prepare('UPDATE keys SET collapse = collapse + 1 WHERE id = ? RETURNING collapse'),
    move: db.prepare(MOVE_ROLLUPS),
    dropRollups: db.prepare('DELETE FROM rollups WHERE key_id = ? AND system_id = ?'),
    dropCaller: db.prepare('DELETE FROM callers WHERE key_id = ? AND system_id = ?'),
  };
}

type Mover = ReturnType<typeof prepareMover>;

function collapseIfCrowded(names: Names, key: number, mover: Mover): boolean {
  const systems = mover.systems.all(key) as DerivedSystem[];
  if (systems.length <= MAX_DERIVED_CALLERS) return false;
  const { collapse } = mover.fold.get(key) as { collapse: number };
  for (const system of systems) moveCaller(names, key, system, collapse, mover);
  names.forget();
  return collapse < 2;
}

function moveCaller(names: Names, key: number, from: DerivedSystem, collapse: number, mover: Mover): void {
  const to = names.system({ name: from.name, attribution: 'derived' }, collapse);
  if (to === from.id) return;
  names.caller(key, to);
  mover.move.run({ to, key, from: from.id });
  mover.dropRollups.run(key, from.id);
  mover.dropCaller.run(key, from.id);
}
