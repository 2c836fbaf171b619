import { readHandoffs } from '../engines/sqlite/handoff-ledger.ts';
import { earlierReading } from '../engines/sqlite/inventories.ts';
import type { Store } from '../engines/sqlite/store.ts';
import { progressOf } from '../handoff/steps.ts';
import type { Problem } from '../ingest/problem.ts';
import type { LoadedInventory } from '../report/known-keys.ts';
import { dayOf, isoDay } from '../verdicts/calendar.ts';

export interface Sorted {
  readonly taken: readonly LoadedInventory[];
  readonly problems: readonly Problem[];
}

/**
 * Leaves out inventories that list far fewer keys than when they were last read, as one does that was cut off: what they
 * listed then stays in force, and every run says so until somebody accepts the shorter list.
 */
export function leaveOutShrunk(
  { db }: Pick<Store, 'db'>,
  inventories: readonly LoadedInventory[],
  { accept }: { readonly accept: boolean },
): Sorted {
  if (accept) return { taken: inventories, problems: [] };
  const problems = new Map(inventories.map((inventory) => [inventory, shrinkageOf(db, inventory)]));
  return {
    taken: inventories.filter((inventory) => problems.get(inventory) === undefined),
    problems: [...problems.values()].filter((problem) => problem !== undefined),
  };
}

/** A list loses keys one by one. Of a short one, a key or two are much. */
const USUAL_SHARE = 0.25;
const USUAL_KEYS = 2;

function shrinkageOf(db: Store['db'], { file, sha256, entries }: LoadedInventory): Problem | undefined {
  const earlier = earlierReading(db, file);
  // The same file that lists fewer keys is read in another way, as somebody has configured it.
  if (earlier === undefined || earlier.sha256 === sha256 || !isFarLess(entries.length, earlier.count)) return undefined;
  const steps = progressOf(readHandoffs(db));
  // What was deleted may leave the list.
  const expected = earlier.undeleted().filter((id) => steps.get(id)?.status !== 'deleted').length;
  if (!isFarLess(entries.length, expected)) return undefined;
  const day = isoDay(dayOf(earlier.at));
  return {
    file,
    message: `this inventory lists ${entries.length} keys, and ${expected} on ${day}: it may be cut off`,
    hint: `What it listed on ${day} stays in force. Export it again; or, if so many keys are gone, say so once: lastcall scan --accept`,
    isIncomplete: true,
  };
}

function isFarLess(now: number, before: number): boolean {
  return before - now > Math.max(USUAL_KEYS, before * USUAL_SHARE);
}
