import type { EpochMs, InventoryEntry } from '../model.ts';
import type { LateCall } from '../verdicts/facts.ts';

/** What is done to a key: first it is disabled, and deleted when nobody missed it. */
export type Step = 'disable' | 'delete';

/** A line of the hand-off ledger. Lines are only ever added. */
export type LedgerEntry = LedgerPlace & LedgerBody;

export interface LedgerPlace {
  readonly seq: number;
  readonly at: EpochMs;
  /** Id of the plan; empty when there is none. */
  readonly plan: string;
  /** Of the permit that an intent uses up. */
  readonly nonce: string | null;
  readonly key: string | null;
}

export type LedgerBody =
  /** Permits were issued. */
  | { readonly kind: 'plan'; readonly body: PlanBody }
  /** A command is about to run, or a person to act. */
  | { readonly kind: 'intent'; readonly body: IntentBody }
  /** What came of it. */
  | { readonly kind: 'outcome'; readonly body: OutcomeBody }
  /** Somebody called with a key that we had disabled or deleted. */
  | { readonly kind: 'call'; readonly body: { readonly calls: readonly LateCall[] } }
  /** What a person found out. */
  | { readonly kind: 'decision'; readonly body: { readonly decision: Decision } };

export interface PlanBody {
  readonly count: number;
  readonly expiresAt: EpochMs;
  /** Why the circuit breaker was overruled. */
  readonly forced: string | null;
  readonly keys: readonly string[];
}

export interface IntentBody {
  readonly step: Step;
  /** The key as its inventory listed it, kept when it is gone. */
  readonly entry: InventoryEntry;
  /** What the logs show of it. */
  readonly shownAs: readonly string[];
  readonly command: readonly string[];
  readonly confirmedBy: 'label' | 'yes';
}

export interface OutcomeBody {
  /** `unknown`: it may have happened, or not. */
  readonly result: 'done' | 'failed' | 'unknown';
  /** What the command said, made inert and short, for people. */
  readonly detail: string;
}

/** `done` and `not-done` settle an intent without outcome; `enabled`: the key is in force again. */
export type Decision = 'done' | 'not-done' | 'enabled';

/** How far a key has come. */
export interface Progress {
  readonly entry: InventoryEntry;
  readonly shownAs: readonly string[];
  /** What we did to it; undefined when that is taken back. */
  readonly status: 'disabled' | 'deleted' | undefined;
  /** When that was. Calls since then show who misses it. */
  readonly since: EpochMs | undefined;
  /** An intent whose outcome nobody knows. */
  readonly pending: { readonly step: Step; readonly at: EpochMs; readonly seq: number } | undefined;
  /** Calls since then, each system once. Not empty: the deletion is stopped. */
  readonly calls: readonly LateCall[];
}

/** Tells from the ledger how far each key has come, by id. */
export function progressOf(entries: Iterable<LedgerEntry>): ReadonlyMap<string, Progress> {
  const keys = new Map<string, Progress>();
  for (const entry of entries) {
    if (entry.key === null) continue;
    const next = advance(keys.get(entry.key), entry);
    if (next !== undefined) keys.set(entry.key, next);
  }
  return keys;
}

function advance(known: Progress | undefined, line: LedgerEntry): Progress | undefined {
  if (line.kind === 'intent') {
    const { step, entry, shownAs } = line.body;
    const before = known !== undefined && isSameKey(known.entry, entry) ? known : undefined;
    const pending = { step, at: line.at, seq: line.seq };
    return { status: before?.status, since: before?.since, calls: before?.calls ?? [], entry, shownAs, pending };
  }
  if (known === undefined) return undefined;
  if (line.kind === 'outcome') {
    return line.body.result === 'unknown' ? known : settle(known, line.body.result === 'done');
  }
  if (line.kind === 'call') return { ...known, calls: line.body.calls };
  if (line.kind !== 'decision') return known;
  const { decision } = line.body;
  // Who missed it is not forgotten.
  if (decision === 'enabled') return { ...known, status: undefined, pending: undefined };
  return settle(known, decision === 'done');
}

/** From the intent on a call is one too many: nobody knows at which moment the command took effect. */
function settle(known: Progress, isDone: boolean): Progress {
  const { pending } = known;
  if (pending === undefined) return known;
  if (!isDone) return { ...known, pending: undefined };
  const status = pending.step === 'delete' ? 'deleted' : 'disabled';
  return { ...known, pending: undefined, status, since: pending.at, calls: [] };
}

/** Whether two entries of one id are one key: a key that was made anew has another date, or is another key. */
export function isSameKey(a: InventoryEntry, b: InventoryEntry): boolean {
  if (a.id !== b.id || a.createdAt !== b.createdAt) return false;
  return a.match.by !== 'fingerprint' || b.match.by !== 'fingerprint' || a.match.key === b.match.key;
}

/** Permits that were used: a nonce serves once. */
export function usedNonces(entries: Iterable<LedgerEntry>): ReadonlySet<string> {
  const nonces = new Set<string>();
  for (const { kind, nonce } of entries) if (kind === 'intent' && nonce !== null) nonces.add(nonce);
  return nonces;
}
