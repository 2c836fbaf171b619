import { writeTransaction } from '../engines/sqlite/database.ts';
import { appendHandoff, readHandoffs } from '../engines/sqlite/handoff-ledger.ts';
import type { Store, WritableStore } from '../engines/sqlite/store.ts';
import { type Missed, missedKeys } from '../handoff/late-calls.ts';
import type { MissedKey } from '../handoff/results.ts';
import { createSealer } from '../handoff/seal.ts';
import { type LedgerEntry, progressOf } from '../handoff/steps.ts';
import { undecidedOf } from '../handoff/undecided.ts';
import type { Problem } from '../ingest/problem.ts';
import { openSecret } from './installation-secret.ts';
import type { EpochMs } from '../model.ts';
import type { Options } from '../options.ts';
import { type Stock, withStock } from '../report/report.ts';
import { missedText, undecidedText } from '../reporters/handoff.ts';
import { isoInstant } from '../verdicts/calendar.ts';

/** Puts down who called with a key since it was disabled or deleted, once for each system. */
export function recordMissed(store: WritableStore, options: Options): readonly Missed[] {
  const entries = readHandoffs(store.db);
  const missed = withStock(store, options, [], (stock) => missedOf(stock, entries));
  const news = missed.filter(({ isNews }) => isNews);
  if (news.length === 0) return missed;
  const sealer = createSealer(openSecret(options));
  for (const { key, calls } of news)
    writeTransaction(store.db, store.file, () =>
      appendHandoff(
        store.db,
        { kind: 'call', at: options.now, plan: '', nonce: null, key, body: { calls } },
        sealer.chain,
      ),
    );
  return missed;
}

/**
 * What every report warns of: keys that were handed over and are called, and steps of which nobody knows. What was told by
 * a report of `toldAt` is not told again: a mail of what is new is empty when nothing is.
 */
export function handoffProblems(store: Store, stock: Stock, toldAt: EpochMs = -Infinity): readonly Problem[] {
  const entries = readHandoffs(store.db);
  const missed = missedOf(stock, entries).filter(({ key, isNews }) => isNews || notedAt(entries, key) > toldAt);
  const undecided = undecidedOf(entries).filter(({ since }) => Date.parse(since) > toldAt);
  return [
    ...missed.map((one) => ({
      file: 'zombie',
      message: missedText(toldOf(one)),
      hint: one.status === 'disabled' ? 'It will not be deleted. Enable it again, or move these systems.' : undefined,
      isIncomplete: false,
    })),
    ...undecided.map((one) => ({
      file: 'hand-off',
      message: `nobody knows whether ${undecidedText(one)}`,
      hint: UNDECIDED_HINT,
      isIncomplete: false,
    })),
  ];
}

export const UNDECIDED_HINT = 'Look at the provider, then: lastcall handoff decide <key> done, or not-done';

/** When the ledger was last told who called with a key. */
function notedAt(entries: readonly LedgerEntry[], key: string): EpochMs {
  return entries.findLast((line) => line.kind === 'call' && line.key === key)?.at ?? -Infinity;
}

/** Which keys that were handed over are called. */
export function missedOf({ evidence, world }: Stock, entries: readonly LedgerEntry[]): readonly Missed[] {
  return missedKeys(progressOf(entries), evidence, world);
}

/** As it is told. */
export function toldOf({ key, label, status, since, calls }: Missed): MissedKey {
  return {
    key,
    label,
    status,
    since: isoInstant(since),
    calls: calls.map((one) => ({ ...one, at: isoInstant(one.at) })),
  };
}
