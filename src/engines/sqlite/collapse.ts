import type { Statement } from 'better-sqlite3';
import type { CallerBlocks } from './caller-blocks.ts';
import type { Connection } from './database.ts';
import type { Names } from './names.ts';

/**
 * Callers whose names we derived are bounded per key: beyond this many they are told apart by product only, and beyond
 * as many products not at all. How far depends on the set of callers alone, so the outcome does not depend on the order
 * of the logs. Callers named by the user are never folded.
 */
export const MAX_DERIVED_CALLERS = 200;

/** Folds the callers of keys that became crowded in this transaction. */
export function collapseCrowdedKeys(db: Connection, names: Names, callers: CallerBlocks): void {
  const keys = names.takeCrowding();
  if (keys.length === 0) return;
  const systems: Mover['systems'] = db.prepare(DERIVED_SYSTEMS);
  const fold: Mover['fold'] = db.prepare('UPDATE keys SET collapse = collapse + 1 WHERE id = ? RETURNING collapse');
  for (const key of keys) while (collapseIfCrowded(key, { names, callers, systems, fold }));
}

interface DerivedSystem {
  readonly id: number;
  readonly name: string;
}

const DERIVED_SYSTEMS = `
  SELECT DISTINCT systems.id, systems.name FROM callers JOIN systems ON systems.id = callers.system_id
  WHERE callers.key_id = ? AND systems.attribution IN ('derived', 'overflow')`;

interface Mover {
  readonly names: Names;
  readonly callers: CallerBlocks;
  readonly systems: Statement<unknown[], DerivedSystem>;
  readonly fold: Statement<unknown[], { collapse: number }>;
}

function collapseIfCrowded(key: number, { names, callers, systems, fold }: Mover): boolean {
  const crowd = systems.all(key);
  if (crowd.length <= MAX_DERIVED_CALLERS) return false;
  const { collapse } = fold.get(key) as { collapse: number };
  for (const { id, name } of crowd) {
    const to = names.system({ name, attribution: 'derived' }, collapse);
    if (to !== id) callers.move(key, id, to);
  }
  names.forgetRows();
  return collapse < 2;
}
