import type { DayNumber, EpochMs, Evidence, SourceCoverage } from '../model.ts';
import type { ExemptionInForce } from './exemptions.ts';
import type { Policy } from './policy.ts';

/** What a verdict on one key needs beside the evidence of that key. */
export interface World {
  readonly asOf: EpochMs;
  /** Of all keys and sources. */
  readonly policy: Policy;
  /** Of one key, where some keys have a stricter policy (see stricter-policy.ts). */
  readonly policyOf?: (evidence: Evidence) => Policy;
  /** Every known source, inferred for the same `asOf`. */
  readonly coverage: ReadonlyMap<string, SourceCoverage>;
  /** Evidence of other keys by report id. */
  readonly others: (key: string) => Evidence | undefined;
  /** What a named system calls with; nothing if these are more than `policy.movedMaxKeys` keys. */
  readonly keysOf: (system: string) => readonly OtherKey[];
  /** When a verdict `safe` on the key was taken back: `asOf` if that is news; undefined if it never was safe. */
  readonly withdrawnAt: (key: string) => EpochMs | undefined;
  /** Of the configuration, by report id; ended ones too. */
  readonly exemptions: ReadonlyMap<string, ExemptionInForce>;
  /** Declared beside the inventories, by report id: key -> the key that replaces it. */
  readonly successors?: ReadonlyMap<string, string>;
  /** An inventory was given. Without one, a key that is in none is no finding. */
  readonly hasInventory: boolean;
  /** The sources that the records of the logs of a source name instead. */
  readonly partsOf?: (source: string) => readonly string[];
}

/** One of the keys that a system calls with. */
export interface OtherKey {
  /** Day of its first accepted or failed call with this key. */
  readonly firstUsedDay: DayNumber;
  /** All days of its accepted and failed calls with it. Sorted, each once. */
  readonly useDays: () => readonly DayNumber[];
  /** Its use of the key of the reports that this one counts as. */
  readonly use: () => KeyUse;
}

/** A system's use of one key of the reports. */
export interface KeyUse {
  /** Report id. */
  readonly key: string;
  /** With all that counts as this key. Sorted, each once. */
  readonly useDays: readonly DayNumber[];
  /** Disabled or deleted, it serves nobody for long. */
  readonly isActive: boolean;
}
