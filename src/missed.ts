import { writeTransaction } from './engines/sqlite/database.ts';
import { appendHandoff, readHandoffs } from './engines/sqlite/handoff-ledger.ts';
import type { Store, WritableStore } from './engines/sqlite/store.ts';
import { type Missed, missedKeys } from './handoff/late-calls.ts';
import type { MissedKey } from './handoff/results.ts';
import { createSealer } from './handoff/seal.ts';
import { type LedgerEntry, progressOf } from './handoff/steps.ts';
import type { Problem } from './ingest/ingest.ts';
import { openSecret } from './installation-secret.ts';
import type { Options } from './options.ts';
import { type Stock, withStock } from './report.ts';
import { missedText } from './reporters/handoff.ts';
import { isoInstant } from './verdicts/calendar.ts';

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

/** What every report warns of: keys that were handed over, and are called. */
export function missedProblems(store: Store, stock: Stock): readonly Problem[] {
  return missedOf(stock, readHandoffs(store.db)).map((one) => ({
    file: 'zombie',
    message: missedText(toldOf(one)),
    hint: one.status === 'disabled' ? 'It will not be deleted. Enable it again, or move these systems.' : undefined,
    isIncomplete: false,
  }));
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
