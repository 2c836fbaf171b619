import { isoInstant } from '../verdicts/calendar.ts';
import type { Undecided } from './results.ts';
import { type LedgerEntry, progressOf } from './steps.ts';

/** Steps of which nobody knows whether they happened: a run was killed in the middle, or a command did not end by itself. */
export function undecidedOf(entries: Iterable<LedgerEntry>): readonly Undecided[] {
  return [...progressOf(entries)].flatMap(([key, { entry, pending }]) =>
    pending === undefined
      ? []
      : [{ key, label: entry.label ?? null, step: pending.step, since: isoInstant(pending.at) }],
  );
}
