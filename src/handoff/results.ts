import type { Instant } from '../model.ts';
import type { LateCall } from '../verdicts/facts.ts';
import type { KeyResult } from './hand-over.ts';
import type { Plan, Tool } from './permit.ts';
import type { LeftOut } from './plan.ts';
import type { LedgerEntry, Step } from './steps.ts';
import type { Change } from './verify.ts';

// What the commands answer: reporters turn it into text.

/** `lastcall plan`, for people. */
export interface PlanSummary {
  readonly keys: readonly {
    readonly key: string;
    readonly label: string | null;
    readonly step: Step;
    readonly lastUsedAt: Instant | null;
  }[];
  readonly leftOut: readonly LeftOut[];
  /** Undefined: no permit was issued. */
  readonly issued: Pick<Plan['plan'], 'plan' | 'expiresAt' | 'forced' | 'signedBy'> | undefined;
  /** None is issued either until somebody says why so many keys may go. */
  readonly isDoubted: boolean;
}

/** `lastcall plan verify`. Problems are of the plan as a whole, changes of one permit. */
export interface Verification {
  readonly schema: 'lastcall.verification/1';
  readonly tool: Tool;
  readonly plan: string | null;
  readonly expiresAt: Instant | null;
  readonly isValid: boolean;
  readonly problems: readonly { readonly code: string; readonly text: string }[];
  readonly permits: readonly {
    readonly key: string;
    readonly label: string | null;
    readonly step: Step;
    readonly isValid: boolean;
    readonly changes: readonly Change[];
  }[];
}

/** `lastcall handoff`. */
export interface HandoffResult {
  readonly schema: 'lastcall.handoff/1';
  readonly tool: Tool;
  readonly plan: string;
  /** False: a dry run. */
  readonly isExecuted: boolean;
  readonly keys: readonly (Omit<KeyResult, 'at'> & { readonly at: Instant })[];
  /** Earlier steps of which nobody knows whether they happened. */
  readonly undecided: readonly Undecided[];
  readonly missed: readonly MissedKey[];
}

export interface Undecided {
  readonly key: string;
  readonly label: string | null;
  readonly step: Step;
  readonly since: Instant;
}

/** A key that was disabled or deleted, and who called with it since. */
export interface MissedKey {
  readonly key: string;
  readonly label: string | null;
  readonly status: 'disabled' | 'deleted';
  readonly since: Instant;
  readonly calls: readonly (Omit<LateCall, 'at'> & { readonly at: Instant })[];
}

/** `lastcall handoff history`. */
export interface HandoffHistory {
  readonly schema: 'lastcall.handoffs/1';
  readonly tool: Tool;
  /** The first line that does not follow from those before it. */
  readonly brokenAt: number | null;
  readonly keys: readonly {
    readonly key: string;
    readonly label: string | null;
    /** `untouched`: it was never done, or is taken back. */
    readonly status: 'untouched' | 'disabled' | 'deleted';
    readonly since: Instant | null;
    readonly undecided: Step | null;
    readonly calls: MissedKey['calls'];
  }[];
  readonly lines: readonly {
    readonly seq: number;
    readonly at: Instant;
    readonly kind: LedgerEntry['kind'];
    readonly plan: string | null;
    readonly key: string | null;
    readonly text: string;
  }[];
}
