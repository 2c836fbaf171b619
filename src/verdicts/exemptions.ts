import type { EpochMs, Evidence } from '../model.ts';
import type { World } from './world.ts';

/** Why a key is kept whatever its use, and until when; undefined end: for good. */
export interface ExemptionInForce {
  readonly reason: string;
  readonly untilAt: EpochMs | undefined;
}

/** The exemption of a key that is in force: the configuration's or the inventory's, whichever lasts longer. */
export function exemptionOf({ key, entry }: Evidence, world: World): ExemptionInForce | undefined {
  const inForce = [world.exemptions.get(key), ...keptByInventory(entry)].filter(
    (one) => one !== undefined && endOf(one) >= world.asOf,
  );
  return inForce.reduce((a, b) => (a === undefined || (b !== undefined && endOf(b) > endOf(a)) ? b : a), undefined);
}

function keptByInventory(entry: Evidence['entry']): readonly ExemptionInForce[] {
  if (entry?.keepUntilAt === undefined) return [];
  const why = entry.keepReason === undefined ? '' : `: ${entry.keepReason}`;
  return [{ reason: `the inventory says to keep it${why}`, untilAt: entry.keepUntilAt }];
}

function endOf({ untilAt }: ExemptionInForce): EpochMs {
  return untilAt ?? Infinity;
}
