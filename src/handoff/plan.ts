import type { HandoffConfig } from '../config/config.ts';
import type { EpochMs, KeyReport } from '../model.ts';
import { DAY_MS, isoInstant, isoInstantOrNull } from '../verdicts/calendar.ts';
import { factsOf, type KeyFacts } from '../verdicts/facts.ts';
import { reportOf } from '../verdicts/judge.ts';
import type { EvidenceSet } from '../verdicts/evidence.ts';
import type { World } from '../verdicts/world.ts';
import { type NextStep, nextStep } from './next-step.ts';
import { bindingsOf, coverageWindows, type Permit, type Plan, type PlanHeader, type SealedPermit } from './permit.ts';
import type { Sealer } from './seal.ts';
import type { SigningKey } from './signing-key.ts';
import { siblingsAmong } from './siblings.ts';
import type { Progress } from './steps.ts';

/** Every safe key: those that may be handed over, and why not the others. */
export interface Selection {
  readonly chosen: readonly Candidate[];
  readonly leftOut: readonly LeftOut[];
  /** Keys that an inventory lists and nobody has deleted. */
  readonly listed: number;
}

export interface Candidate {
  readonly facts: KeyFacts;
  readonly report: KeyReport;
  readonly next: Extract<NextStep, { readonly entry: unknown }>;
}

export interface LeftOut {
  readonly key: string;
  readonly label: string | null;
  readonly why: string;
}

/** Judges every key, and says for each safe one what may be done to it next. */
export function selectKeys(
  evidence: Pick<EvidenceSet, 'all' | 'entries'>,
  world: World,
  progress: ReadonlyMap<string, Progress>,
  config: HandoffConfig,
): Selection {
  const chosen: Candidate[] = [];
  const leftOut: LeftOut[] = [];
  const siblingOf = siblingsAmong(() => evidence.entries(), progress);
  let listed = 0;
  for (const one of evidence.all()) {
    const facts = factsOf(one, world);
    const report = reportOf(facts);
    if (report.status === 'active' || report.status === 'disabled') listed++;
    if (report.verdict !== 'safe' || report.status === 'deleted') continue;
    const next = nextStep(facts, report, progress.get(report.key), config, siblingOf);
    if (next.step === undefined) leftOut.push({ key: report.key, label: report.label, why: next.why });
    else chosen.push({ facts, report, next });
  }
  return { chosen, leftOut, listed };
}

/** Keys that became safe at about the same time. */
export interface Bunch {
  readonly count: number;
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/**
 * The most keys to be disabled that became safe within one week, whenever that was: a source that was lost looks like
 * that, and goes on doing so. `safeSince`: undefined for a key at which somebody has looked since.
 */
export function largestBunch(
  { chosen }: Selection,
  safeSince: (key: string) => EpochMs | undefined,
): Bunch | undefined {
  const times = chosen
    .filter(({ next }) => next.step === 'disable')
    .flatMap(({ report }) => safeSince(report.key) ?? [])
    .toSorted((a, b) => a - b);
  let [start, largest]: [number, Bunch | undefined] = [0, undefined];
  for (const [index, to] of times.entries()) {
    while (to - times[start]! > BUNCH_MS) start++;
    const count = index - start + 1;
    if (count > (largest?.count ?? 0)) largest = { count, from: times[start]!, to };
  }
  return largest;
}

const BUNCH_MS = 7 * DAY_MS;

/** What looks like a broken parser or a lost source: a large share of the keys safe at once. One key is no share. */
export function isImplausible(count: number, { listed }: Selection, { maxNewlySafeShare }: HandoffConfig): boolean {
  return count > 1 && count > listed * maxNewlySafeShare;
}

export interface Issue {
  readonly header: PlanHeader;
  readonly issuedAt: EpochMs;
  readonly expiresAt: EpochMs;
  /** A new one for each permit. */
  readonly nonce: () => string;
  readonly sealer: Sealer;
  readonly signing: SigningKey | undefined;
}

/** Writes the permits, seals them, and seals them together. */
export function issuePlan(chosen: readonly Candidate[], issue: Issue): Plan {
  const { header, sealer, signing } = issue;
  const permits = chosen.map((one): SealedPermit => {
    const permit = permitOf(one, issue);
    return { ...permit, seal: sealer.seal(permit), signature: signing?.sign(permit) ?? null };
  });
  const whole = wholeOf(header, permits);
  const trailer = { count: permits.length, seal: sealer.seal(whole), signature: signing?.sign(whole) ?? null };
  return { schema: 'lastcall.plan/1', plan: header, permits, trailer };
}

/** What the trailer is sealed over. */
export function wholeOf(header: PlanHeader, permits: readonly Pick<SealedPermit, 'seal'>[]): unknown {
  return { schema: 'lastcall.plan/1', plan: header, permits: permits.map(({ seal }) => seal), count: permits.length };
}

function permitOf({ facts, report, next }: Candidate, { header, issuedAt, expiresAt, nonce }: Issue): Permit {
  const { entry } = next;
  return {
    schema: 'lastcall.permit/1',
    plan: header.plan,
    nonce: nonce(),
    step: next.step,
    tool: header.tool,
    database: { id: header.database.id, scan: header.database.scan },
    key: entry.id,
    label: entry.label?.toWellFormed() ?? null,
    owner: entry.owner?.toWellFormed() ?? null,
    createdAt: isoInstantOrNull(entry.createdAt),
    verdict: 'safe',
    issuedAt: isoInstant(issuedAt),
    expiresAt: isoInstant(expiresAt),
    lastUsedAt: report.lastUsedAt,
    lastRefusedAt: report.lastRefusedAt,
    ...bindingsOf(facts, entry),
    coverage: coverageWindows(facts),
  };
}
