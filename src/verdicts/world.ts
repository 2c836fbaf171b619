import type { EpochMs, Evidence, SourceCoverage, Verdict } from '../model.ts';
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
  /** Evidence of other keys by report id: successors, and keys that the same named systems call with. */
  readonly others: (key: string) => Evidence | undefined;
  /** Keys that a named system calls with, by report id. */
  readonly keysOf: (system: string) => readonly string[];
  /** Verdict of an earlier scan. */
  readonly earlier: (key: string) => Verdict | undefined;
  /** Of the configuration, by report id; ended ones too. */
  readonly exemptions: ReadonlyMap<string, ExemptionInForce>;
  /** Declared beside the inventories, by report id: key -> the key that replaces it. */
  readonly successors?: ReadonlyMap<string, string>;
  /** An inventory was given. Without one, a key that is in none is no finding. */
  readonly hasInventory: boolean;
  /**
   * When a key first stood in an inventory that had been read before without it: a key without creation date cannot be
   * older than that. Undefined for keys that stood there from the first reading on.
   */
  readonly listedSince?: (key: string) => EpochMs | undefined;
}
