import type { Day, Evidence, Instant, InventoryEntry, SourceCoverage } from '../model.ts';
import { isoDay } from '../verdicts/calendar.ts';
import { compareText, type KeyFacts } from '../verdicts/facts.ts';
import type { Policy } from '../verdicts/policy.ts';
import { digestOf } from './seal.ts';
import type { Step } from './steps.ts';

/** A statement that one key was safe, bound to what it was made from. Texts of logs are in none of its fields. */
export interface Permit {
  readonly schema: 'lastcall.permit/1';
  readonly plan: string;
  /** Serves once. */
  readonly nonce: string;
  readonly step: Step;
  readonly tool: Tool;
  /** The scan after which it was made. */
  readonly database: { readonly id: string; readonly scan: number };
  readonly key: string;
  readonly label: string | null;
  readonly owner: string | null;
  readonly createdAt: Instant | null;
  readonly verdict: 'safe';
  readonly issuedAt: Instant;
  readonly expiresAt: Instant;
  readonly lastUsedAt: Instant | null;
  readonly lastRefusedAt: Instant | null;
  /** SHA-256 of every call that was counted, of the inventory's entry, and of the policy of this key. */
  readonly evidence: string;
  readonly inventory: string;
  readonly policy: string;
  /** The sources that could have shown the key; `to` is the last whole day. */
  readonly coverage: readonly CoverageWindow[];
}

export interface CoverageWindow {
  readonly source: string;
  readonly from: Day | null;
  readonly to: Day;
  readonly coveredDays: number;
}

export interface Tool {
  readonly name: 'lastcall';
  readonly version: string;
}

export interface SealedPermit extends Permit {
  /** HMAC-SHA-256 under a key of the installation, in hex. */
  readonly seal: string;
  /** Ed25519, in base64; null in a plan that was not signed. */
  readonly signature: string | null;
}

/** What all permits of a plan have in common, and what they are to be judged by. */
export interface PlanHeader {
  readonly plan: string;
  readonly tool: Tool;
  readonly database: {
    readonly id: string;
    readonly scan: number;
    readonly scanAt: Instant | null;
    /** The line of the hand-off ledger that tells of this plan. */
    readonly ledger: number;
  };
  readonly issuedAt: Instant;
  readonly expiresAt: Instant;
  readonly policy: Policy;
  readonly inventories: readonly { readonly file: string; readonly sha256: string }[];
  /** Why the circuit breaker was overruled. */
  readonly forced: string | null;
  /** Names the key of the signatures. */
  readonly signedBy: string | null;
}

export interface Plan {
  readonly schema: 'lastcall.plan/1';
  readonly plan: PlanHeader;
  /** Sorted by key. */
  readonly permits: readonly SealedPermit[];
  readonly trailer: Trailer;
}

/** Over the header and the seals of all permits, so that none can be taken out, added or moved. */
export interface Trailer {
  readonly count: number;
  readonly seal: string;
  readonly signature: string | null;
}

/** The part of a permit that the world may change. */
export type Bindings = Pick<Permit, 'evidence' | 'inventory' | 'policy'>;

/** What a permit is bound to, as hashes. */
export function bindingsOf(
  { evidence, policy }: Pick<KeyFacts, 'evidence' | 'policy'>,
  entry: InventoryEntry,
): Bindings {
  return { evidence: digestOf(callsOf(evidence)), inventory: digestOf(contentOf(entry)), policy: digestOf(policy) };
}

/** For how many days of a stretch the sources were complete. */
export function coverageWindows({ sources, world, today }: KeyFacts): readonly CoverageWindow[] {
  return sources.map((source) => {
    const coverage = world.coverage.get(source);
    const [from, to] = [coverage?.firstDay, today - 1];
    const coveredDays = from === undefined ? 0 : coveredWithin(coverage, from, to);
    return {
      source: source.toWellFormed(),
      from: from === undefined ? null : isoDay(from),
      to: isoDay(to),
      coveredDays,
    };
  });
}

/** Days from `from` to `to`, both included, on which a source was complete. */
export function coveredWithin(coverage: SourceCoverage | undefined, from: number, to: number): number {
  if (coverage?.firstDay === undefined) return 0;
  const start = Math.max(from, coverage.firstDay);
  const missing = coverage.gaps.map((gap) => Math.max(0, Math.min(gap.to, to) - Math.max(gap.from, start) + 1));
  return Math.max(0, to - start + 1 - missing.reduce((a, b) => a + b, 0));
}

function callsOf({ kind, callers }: Evidence): unknown {
  const sorted = callers.toSorted(
    (a, b) => compareText(a.system.name, b.system.name) || compareText(a.system.attribution, b.system.attribution),
  );
  return { kind, callers: sorted };
}

/** Where it stands in its file may change. */
function contentOf(entry: InventoryEntry): unknown {
  const { file: _file, row: _row, ...content } = entry;
  return content;
}
