import type { Statement } from 'better-sqlite3';
import type { CallerBlocks } from './caller-blocks.ts';
import type { Connection } from './database.ts';
import { MANY_NAMED, NAMED_FOLDED, type Names } from './names.ts';

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
  const keys = names.takeCrowding();
  if (keys.length === 0) return;
  const systems: Mover['systems'] = db.prepare(DERIVED_SYSTEMS);
  const fold: Mover['fold'] = db.prepare(
    'UPDATE keys SET collapse = collapse + :by WHERE id = :key RETURNING collapse',
  );
  const named: Mover['named'] = db.prepare(NAMED_SYSTEMS);
  for (const key of keys) {
    const mover = { names, callers, systems, named, fold };
    foldNamed(key, mover);
    while (collapseIfCrowded(key, mover));
  }
}

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

interface Mover {
  readonly names: Names;
  readonly callers: CallerBlocks;
  readonly systems: Statement<unknown[], DerivedSystem>;
  readonly named: Statement<unknown[], DerivedSystem>;
  readonly fold: Statement<unknown[], { collapse: number }>;
}

function foldNamed(key: number, { names, callers, named, fold }: Mover): void {
  const crowd = named.all(key);
  if (crowd.length <= MAX_NAMED_CALLERS) return;
  const { collapse } = fold.get({ key, by: NAMED_FOLDED }) as { collapse: number };
  for (const { id, name } of crowd) callers.move(key, id, names.system({ name, attribution: 'field' }, collapse));
  names.forgetRows();
}

function collapseIfCrowded(key: number, { names, callers, systems, fold }: Mover): boolean {
  const crowd = systems.all(key);
  if (crowd.length <= MAX_DERIVED_CALLERS) return false;
  const { collapse } = fold.get({ key, by: 1 }) as { collapse: number };
  for (const { id, name } of crowd) {
    const to = names.system({ name, attribution: 'derived' }, collapse);
    if (to !== id) callers.move(key, id, to);
  }
  names.forgetRows();
  return collapse % NAMED_FOLDED < 2;
}
