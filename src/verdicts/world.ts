import type { EpochMs, Evidence, SourceCoverage, Verdict } from '../model.ts';
import type { Policy } from './policy.ts';

/** What a verdict on one key needs beside the evidence of that key. */
export interface World {
  readonly asOf: EpochMs;
  readonly policy: Policy;
  readonly coverage: ReadonlyMap<string, SourceCoverage>;
  /** Evidence of other keys by report id: successors, and keys that the same named systems call with. */
  readonly others: (key: string) => Evidence | undefined;
  /** Keys that a named system calls with, by report id. */
  readonly keysOf: (system: string) => readonly string[];
  /** Verdict of an earlier scan. */
  readonly earlier: (key: string) => Verdict | undefined;
  readonly exemptions: ReadonlyMap<string, { readonly reason: string; readonly untilAt: EpochMs | undefined }>;
}
