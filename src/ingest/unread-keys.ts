import type { Ledger } from '../engines/sqlite/ledger.ts';
import type { Interpretation } from './interpret.ts';
import { fieldsOfListed, type KeyInField, keysInFields } from './keys-in-fields.ts';
import { type KeyInPath, keysInPaths, placesOfListed } from './keys-in-paths.ts';
import type { ReadingPlan } from './reading-plan.ts';

/** What may be keys in the first records of a log, where none is read. */
export interface UnreadKeys {
  readonly inPaths: readonly KeyInPath[];
  readonly inFields: readonly KeyInField[];
}

export function unreadKeys(plan: ReadingPlan, how: Interpretation): UnreadKeys {
  return { inPaths: keysInPaths(plan, how), inFields: keysInFields(plan, plan.sample, how) };
}

/** Where keys of the inventories stand that are not read there. */
export interface UnreadPlaces {
  readonly paths: readonly string[];
  readonly fields: readonly string[];
}

export function unreadPlaces({ inPaths, inFields }: UnreadKeys, ledger: Pick<Ledger, 'isListed'>): UnreadPlaces {
  return { paths: placesOfListed(inPaths, ledger), fields: fieldsOfListed(inFields, ledger) };
}
