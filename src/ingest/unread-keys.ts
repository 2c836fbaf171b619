import type { Ledger } from '../engines/sqlite/ledger.ts';
import type { Interpretation } from './interpret.ts';
import { fieldsOfListed, type KeyInField, keysInFields } from './keys-in-fields.ts';
import { type KeyInPath, keysInPaths, placesOfListed } from './keys-in-paths.ts';
import type { ReadingPlan } from './reading-plan.ts';
import { sampleField } from './sampled-log.ts';

/** What may be keys in the first records of a log, where none is read, and whether it is but a sample. */
export interface UnreadKeys {
  /** By which field it is seen: `sample_rate: 10`. */
  readonly sampledBy: string | undefined;
  readonly inPaths: readonly KeyInPath[];
  readonly inFields: readonly KeyInField[];
}

export function unreadKeys(plan: ReadingPlan, how: Interpretation): UnreadKeys {
  return {
    sampledBy: sampleField(plan),
    inPaths: keysInPaths(plan, how),
    inFields: keysInFields(plan, plan.sample, how),
  };
}

/** Where keys of the inventories stand that are not read there. */
export interface UnreadPlaces extends Pick<UnreadKeys, 'sampledBy'> {
  readonly paths: readonly string[];
  readonly fields: readonly string[];
}

export function unreadPlaces(
  { sampledBy, inPaths, inFields }: UnreadKeys,
  ledger: Pick<Ledger, 'isListed'>,
): UnreadPlaces {
  return { sampledBy, paths: placesOfListed(inPaths, ledger), fields: fieldsOfListed(inFields, ledger) };
}
