import { ROW_WIDTH } from '../tally/day-row.ts';
import type { SkipReason } from '../model.ts';
import { type Counts, type Defect, type HourCount, HourTable, mergeTally, newTally, type SkipCount, type Tally } from '../tally/rollup.ts'; // prettier-ignore
import { type PackedRollups, weigh } from '../tally/rollup-table.ts';

/**
 * A tally as it goes from thread to thread. Copying its rollups one by one would take as long as counting them: what they
 * say of their caller stands once, and the rest as numbers in rows.
 */
export interface PackedTally extends PackedRollups {
  readonly hours: readonly HourCount[];
  readonly skips: readonly (readonly [SkipReason, SkipCount])[];
  readonly quarantine: readonly Defect[];
  readonly counts: Counts;
  readonly firstAt: number | undefined;
  readonly lastAt: number | undefined;
}

/** Ids of events do not cross: a log that has them is read where the others are known. */
export function packTally({ rollups, hours, skips, quarantine, counts, firstAt, lastAt, events }: Tally): PackedTally {
  if (events.size > 0) throw new Error('events cannot be packed');
  const rest = { hours: [...hours.values()], skips: [...skips], quarantine, counts, firstAt, lastAt };
  return { ...rollups.pack(), ...rest };
}

/** What it takes in memory, in rollups. */
export function weightOf(packed: PackedTally | undefined): number {
  return packed === undefined ? 0 : weigh(packed.numbers.length / ROW_WIDTH, packed.callers.length);
}

/** Adds what was packed. */
export function addPacked(into: Tally, packed: PackedTally): void {
  const { hours, skips, quarantine, counts, firstAt, lastAt } = packed;
  const rest = {
    hours: new HourTable(hours.map((hour) => [`${hour.source}\0${hour.hour}`, hour])),
    skips: new Map(skips),
  };
  mergeTally(into, { ...newTally(), ...rest, quarantine: [...quarantine], counts, firstAt, lastAt });
  into.rollups.addPacked(packed);
}

export function unpackTally(packed: PackedTally): Tally {
  const tally = newTally();
  addPacked(tally, packed);
  return tally;
}
