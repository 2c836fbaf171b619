import type { EpochMs, Evidence } from '../model.ts';
import type { World } from './world.ts';

/** Why a key is kept whatever its use, and until when; undefined end: for good. */
export interface ExemptionInForce {
  readonly reason: string;
  readonly untilAt: EpochMs | undefined;
}

/** The exemption of a key that is in force: the configuration's or the inventory's, whichever lasts longer. */
export function exemptionOf(evidence: Evidence, world: World): ExemptionInForce | undefined {
  const last = lastingLongest(evidence, world);
  return last === undefined || endOf(last) < world.asOf ? undefined : last;
}

/** Whether the key had an exemption, and has none any more. What is deleted needs none. */
export function hasExemptionEnded(evidence: Evidence, world: World): boolean {
  const last = lastingLongest(evidence, world);
  return last !== undefined && endOf(last) < world.asOf && evidence.entry?.status !== 'deleted';
}

function lastingLongest({ key, entry }: Evidence, world: World): ExemptionInForce | undefined {
  const declared = world.exemptions.get(key);
  const all = [...(declared === undefined ? [] : [declared]), ...keptByInventory(entry)];
  return all.toSorted((a, b) => endOf(b) - endOf(a))[0];
}

function keptByInventory(entry: Evidence['entry']): readonly ExemptionInForce[] {
  if (entry?.keepUntilAt === undefined) return [];
  const why = entry.keepReason === undefined ? '' : `: ${entry.keepReason}`;
  return [{ reason: `the inventory says to keep it${why}`, untilAt: entry.keepUntilAt }];
}

function endOf({ untilAt }: ExemptionInForce): EpochMs {
  return untilAt ?? Infinity;
}
