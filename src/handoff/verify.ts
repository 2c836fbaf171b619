import type { HandoffConfig } from '../config/config.ts';
import type { EpochMs, Evidence, KeyReport } from '../model.ts';
import { dayOf, isoInstant } from '../verdicts/calendar.ts';
import { factsOf, type KeyFacts } from '../verdicts/facts.ts';
import { reportOf } from '../verdicts/judge.ts';
import type { World } from '../verdicts/world.ts';
import { type NextStep, nextStep } from './next-step.ts';
import { bindingsOf, coveredWithin, type Permit, type Plan, type PlanHeader } from './permit.ts';
import type { SiblingOf } from './siblings.ts';
import type { LedgerEntry, Progress } from './steps.ts';

/** Why a permit, or a whole plan, is good no more. */
export interface Change {
  readonly code: ChangeCode;
  readonly text: string;
}

export type ChangeCode =
  | 'expired'
  | 'clock'
  | 'replayed'
  | 'database-replaced'
  | 'database-rolled-back'
  | 'other-version'
  | 'unknown-key'
  | 'recreated'
  | 'not-safe'
  | 'called'
  | 'refused-call'
  | 'evidence-changed'
  | 'inventory-changed'
  | 'policy-changed'
  | 'coverage-lost'
  | 'other-step';

/** What a plan is held against. */
export interface Present {
  readonly now: EpochMs;
  readonly version: string;
  readonly databaseId: string;
  /** When a scan of this database ended; undefined: it knows no such scan. */
  readonly scanAt: (scan: number) => EpochMs | undefined;
  /** The latest time that the database has seen. */
  readonly latestAt: EpochMs;
  readonly ledger: readonly LedgerEntry[];
}

/** Clocks of two machines, and the moment between two looks at one clock. */
export const CLOCK_TOLERANCE_MS: number = 5 * 60_000;

/** What is wrong with the plan as a whole: none of its permits may be used then. */
export function planChanges({ plan, permits }: Plan, present: Present): readonly Change[] {
  const { now, version, databaseId, ledger } = present;
  const changes: Change[] = [...clockChanges(present)];
  const say = (code: ChangeCode, text: string): void => void changes.push({ code, text });
  if (plan.database.id !== databaseId) {
    say('database-replaced', 'it was made from another database');
    return changes;
  }
  const line = ledger.find(({ seq }) => seq === plan.database.ledger);
  const isKnown = line?.kind === 'plan' && line.plan === plan.plan && line.body.count === permits.length;
  const { scan, scanAt } = plan.database;
  if (!isKnown) say('database-rolled-back', 'the database does not know this plan: it is older than the plan');
  else if (scan > 0 && (scanAt === null || present.scanAt(scan) !== Date.parse(scanAt)))
    say('database-rolled-back', `scan ${scan}, after which it was made, is not in the database`);
  if (plan.tool.version !== version) say('other-version', `lastcall ${plan.tool.version} made it, this is ${version}`);
  return [...changes, ...timeChanges(plan, now)];
}

/** What the time alone says of a plan. One that is yet to come would be good again by a clock that was set back. */
export function timeChanges({ issuedAt, expiresAt }: PlanHeader, now: EpochMs): readonly Change[] {
  const changes: Change[] = [];
  if (Date.parse(expiresAt) <= now) changes.push({ code: 'expired', text: `it expired at ${expiresAt}` });
  if (Date.parse(issuedAt) > now + CLOCK_TOLERANCE_MS)
    changes.push({ code: 'clock', text: `it is from ${issuedAt}, and now it is ${isoInstant(now)}` });
  return changes;
}

/** A clock that was set back would make old permits good again. */
export function clockChanges({ now, latestAt }: Pick<Present, 'now' | 'latestAt'>): readonly Change[] {
  if (latestAt <= now + CLOCK_TOLERANCE_MS) return [];
  const text = `the clock says ${isoInstant(now)}, but the database was last written at ${isoInstant(latestAt)}`;
  return [{ code: 'clock', text }];
}

/** One permit, the key that it names as it is now, and what has changed. None: the key may be handed over. */
export interface Verified {
  readonly permit: Permit;
  readonly facts: KeyFacts | undefined;
  readonly report: KeyReport | undefined;
  readonly next: NextStep | undefined;
  readonly changes: readonly Change[];
}

export interface KeyNow {
  readonly evidence: Evidence | undefined;
  readonly world: World;
  readonly progress: Progress | undefined;
  readonly nonces: ReadonlySet<string>;
  readonly config: HandoffConfig;
  readonly siblingOf: SiblingOf;
  readonly now: EpochMs;
}

/** Holds a permit against the key as it is now. */
export function verifyPermit(permit: Permit, key: KeyNow): Verified {
  const { evidence, world, progress, nonces, config, siblingOf, now } = key;
  const changes: Change[] = [];
  if (Date.parse(permit.expiresAt) <= now) changes.push({ code: 'expired', text: `it expired at ${permit.expiresAt}` });
  if (nonces.has(permit.nonce)) {
    const used = { code: 'replayed', text: 'it was used already' } as const;
    return { permit, facts: undefined, report: undefined, next: undefined, changes: [...changes, used] };
  }
  if (evidence?.entry === undefined) {
    const text = 'no inventory lists the key any more';
    return {
      permit,
      facts: undefined,
      report: undefined,
      next: undefined,
      changes: [...changes, { code: 'unknown-key', text }],
    };
  }
  const facts = factsOf(evidence, world);
  const report = reportOf(facts);
  const next = nextStep(facts, report, progress, config, siblingOf);
  changes.push(
    ...recreated(permit, report),
    ...otherBindings(permit, facts, report),
    ...notSafe(report),
    ...coverageLost(permit, world),
    ...(report.verdict === 'safe' ? otherStep(permit, next) : []),
  );
  return { permit, facts, report, next, changes };
}

function recreated({ createdAt }: Permit, report: KeyReport): readonly Change[] {
  if (createdAt === report.createdAt) return [];
  const [then, now] = [createdAt, report.createdAt].map((at) => at?.slice(0, 10) ?? 'unknown date');
  return [{ code: 'recreated', text: `it is another key of the same id: created ${now}, not ${then}` }];
}

function notSafe({ verdict, sentence }: KeyReport): readonly Change[] {
  return verdict === 'safe' ? [] : [{ code: 'not-safe', text: `it is ${verdict}: ${sentence}` }];
}

function otherBindings(permit: Permit, facts: KeyFacts, report: KeyReport): readonly Change[] {
  const { entry } = facts.evidence;
  if (entry === undefined) return [];
  const bindings = bindingsOf(facts, entry);
  return [
    ...(bindings.evidence === permit.evidence ? [] : [calledSince(permit, facts, report)]),
    ...(bindings.inventory === permit.inventory
      ? []
      : [{ code: 'inventory-changed', text: 'its entry in the inventory was changed' } as const]),
    ...(bindings.policy === permit.policy
      ? []
      : [{ code: 'policy-changed', text: 'the policy by which it was judged was changed' } as const]),
  ];
}

function calledSince(permit: Permit, { callers }: KeyFacts, report: KeyReport): Change {
  const users = callers.filter(({ totals }) => after(totals.lastUsedAt, permit.lastUsedAt)).map(({ name }) => name);
  if (users.length > 0) return { code: 'called', text: `${users.join(', ')} called, last at ${report.lastUsedAt}` };
  const tried = callers
    .filter(({ totals }) => after(totals.lastRefusedAt, permit.lastRefusedAt))
    .map(({ name }) => name);
  if (tried.length > 0)
    return { code: 'refused-call', text: `${tried.join(', ')} tried and was refused, last at ${report.lastRefusedAt}` };
  return { code: 'evidence-changed', text: 'other calls are known of it than when the permit was made' };
}

function after(at: EpochMs | undefined, known: string | null): boolean {
  return at !== undefined && (known === null || at > Date.parse(known));
}

function coverageLost({ coverage }: Permit, world: World): readonly Change[] {
  return coverage.flatMap(({ source, from, to, coveredDays }) => {
    if (from === null) return [];
    const known = [...world.coverage.values()].find((one) => one.source.toWellFormed() === source);
    const days = coveredWithin(known, dayOf(Date.parse(from)), dayOf(Date.parse(to)));
    if (days >= coveredDays) return [];
    const text = `of ${source} ${days} days from ${from} to ${to} have complete logs, ${coveredDays} had`;
    return [{ code: 'coverage-lost', text } as const];
  });
}

function otherStep({ step }: Permit, next: NextStep): readonly Change[] {
  if (next.step === step) return [];
  const text = next.step === undefined ? next.why : `the permit is to ${step} it, and it is to be ${next.step}d now`;
  return [{ code: 'other-step', text }];
}
