import type { EpochMs, Evidence, FindingKind, KeyReport, SystemReport } from '../model.ts';
import { findBlockers } from './blockers.ts';
import type { FoundBlocker } from './blockers.ts';
import { dayOf, isoDay, isoInstantOrNull } from './calendar.ts';
import { exemptionOf, hasExemptionEnded } from './exemptions.ts';
import { callsSince, compareText, factsOf } from './facts.ts';
import type { CallerFacts, KeyFacts } from './facts.ts';
import { sentenceOf } from './sentence.ts';
import { successorOf } from './substitution.ts';
import type { World } from './world.ts';

/** The verdict on one key with all that led to it. Safe if, and only if, no blocker is left. */
export function judge(evidence: Evidence, world: World): KeyReport {
  return reportOf(factsOf(evidence, world));
}

/** The report on facts that are already weighed. */
export function reportOf(facts: KeyFacts): KeyReport {
  const { evidence, world, totals } = facts;
  const { entry } = evidence;
  const found = findBlockers(facts);
  const deciding = decidingOf(found);
  const safeOn = safeOnOf(found);
  const substitution = substitutionOf(facts);
  const ordered = deciding === undefined ? [] : [deciding, ...found.filter((blocker) => blocker !== deciding)];
  const exempt = exemptionOf(evidence, world);
  return {
    key: evidence.key,
    label: entry?.label ?? null,
    display: evidence.display,
    owner: entry?.owner ?? null,
    createdAt: isoInstantOrNull(entry?.createdAt),
    status: entry?.status ?? 'unlisted',
    verdict: deciding?.verdict ?? 'safe',
    reason: deciding?.code ?? 'no-blocker',
    sentence: sentenceOf(facts, deciding, safeOn),
    safeOn,
    blockers: ordered.map(({ code, text, untilDay }) => ({ code, text, until: isoDayOrNull(untilDay) })),
    findings: findingsOf(facts, found, deciding, substitution),
    exemption:
      exempt === undefined
        ? null
        : { reason: exempt.reason, until: isoInstantOrNull(exempt.untilAt)?.slice(0, 10) ?? null },
    firstSeenAt: isoInstantOrNull(totals.firstSeenAt),
    lastUsedAt: isoInstantOrNull(totals.lastUsedAt),
    lastRefusedAt: isoInstantOrNull(totals.lastRefusedAt),
    requests: totals.requests,
    refused: totals.refused,
    systems: inOrder(facts.callers).map(systemReport),
    substitution,
  };
}

/**
 * The blocker that decides: a use; else what time alone does not mend; else what lasts longest, since the others will be
 * gone by then.
 */
function decidingOf(found: readonly FoundBlocker[]): FoundBlocker | undefined {
  return (
    found.find(({ verdict }) => verdict === 'in-use') ??
    found.find(({ untilDay, verdict }) => untilDay === undefined && verdict === 'unknown') ??
    found.find(({ untilDay }) => untilDay === undefined) ??
    found.toSorted((a, b) => (b.untilDay ?? 0) - (a.untilDay ?? 0))[0]
  );
}

/** No date is promised while something is left that time does not mend. */
function safeOnOf(found: readonly FoundBlocker[]): KeyReport['safeOn'] {
  const dates = found.map(({ untilDay }) => untilDay).filter((day) => day !== undefined);
  return dates.length === 0 || dates.length < found.length ? null : isoDay(dates.reduce((a, b) => Math.max(a, b)));
}

const ORDER_OF_STATES = ['active', 'quiet', 'moved', 'gone'] as const;

/** The callers of a key as its report lists them. */
export function inOrder(callers: readonly CallerFacts[]): readonly CallerFacts[] {
  return callers.toSorted((a, b) => ORDER_OF_STATES.indexOf(a.state) - ORDER_OF_STATES.indexOf(b.state));
}

function systemReport(facts: CallerFacts): SystemReport {
  const { rhythm, totals, state, substitute, isCleared } = facts;
  const isUsed = rhythm.lastDay !== undefined;
  return {
    system: facts.name,
    state,
    movedTo: state === 'moved' ? (substitute?.key ?? null) : null,
    firstSeenAt: isoInstantOrNull(totals.firstSeenAt),
    lastUsedAt: isoInstantOrNull(totals.lastUsedAt),
    requests: totals.requests,
    refused: totals.refused,
    silentDays: isUsed ? rhythm.silentDays : null,
    silentCoveredDays: isUsed ? rhythm.silent : null,
    rhythm: isUsed
      ? { kind: rhythm.kind, longestPauseDays: rhythm.longest, requiredSilenceDays: rhythm.required }
      : null,
    safeOn: isCleared ? null : isoDay(facts.clearedOn),
    attribution: facts.caller.system.attribution,
  };
}

type Substitution = KeyReport['substitution'];

/** How the systems of this key stand to its successor: the declared one, else the key that most of them took up. */
function substitutionOf({ callers, evidence, world }: KeyFacts): Substitution {
  const successor = successorOf(evidence, world) ?? mostCommonSubstitute(callers);
  if (successor === undefined) return null;
  const towards = callers.filter(({ substitute }) => substitute?.key === successor);
  const moved = towards.filter(({ state }) => state === 'moved');
  const straddling = towards.filter(({ state, substitute }) => state === 'active' && substitute?.isStraddling === true);
  const remaining = callers.filter((caller) => caller.state === 'active' || caller.state === 'quiet');
  return {
    successor,
    moved: namesOf(moved),
    straddling: namesOf(straddling),
    remaining: namesOf(remaining.filter((caller) => !straddling.includes(caller))),
  };
}

function namesOf(callers: readonly CallerFacts[]): readonly string[] {
  return [...new Set(callers.map(({ name }) => name))];
}

function mostCommonSubstitute(callers: readonly CallerFacts[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { substitute, state } of callers) {
    if (substitute === undefined || (state !== 'moved' && !substitute.isStraddling)) continue;
    counts.set(substitute.key, (counts.get(substitute.key) ?? 0) + 1);
  }
  return [...counts].toSorted(([a, m], [b, n]) => n - m || compareText(a, b))[0]?.[0];
}

/** Codes that say that somebody called, not that the logs or the clock are wanting. */
const CALLED: ReadonlySet<string> = new Set([
  'recent-use',
  'clock',
  'rhythm',
  'too-few-uses',
  'young-caller',
  'refused-recently',
]);

function findingsOf(
  facts: KeyFacts,
  found: readonly FoundBlocker[],
  deciding: FoundBlocker | undefined,
  substitution: Substitution,
): readonly FindingKind[] {
  const { evidence, world } = facts;
  const has = (code: FoundBlocker['code']): boolean => found.some((blocker) => blocker.code === code);
  const isCalled = deciding !== undefined && deciding.verdict !== 'unknown' && CALLED.has(deciding.code);
  const findings: readonly (readonly [FindingKind, boolean])[] = [
    ['shadow', isShadow(facts)],
    ['zombie', isZombie(facts)],
    ['straddling', substitution !== null && substitution.straddling.length > 0],
    // Missing logs take a `safe` back too, but then nobody called.
    ['revived', isCalled && isNews(world.withdrawnAt(evidence.key), facts)],
    ['silent-source', has('silent-source')],
    ['provider-disagrees', has('provider-disagrees')],
    ['exemption-ended', hasExemptionEnded(evidence, world)],
  ];
  return findings.filter(([, applies]) => applies).map(([kind]) => kind);
}

/** An alarm that lasts for some days is seen; one that lasts for one run may not be. */
function isNews(at: EpochMs | undefined, { today, policy }: KeyFacts): boolean {
  return at !== undefined && today - dayOf(at) <= policy.recentDays;
}

/**
 * Called within the last month, and in no inventory. A key that may be one of the listed ones is ambiguous, not unknown;
 * one that nobody calls any more was deleted and taken off the list.
 */
function isShadow(facts: KeyFacts): boolean {
  const { entry, ambiguousWith } = facts.evidence;
  return facts.world.hasInventory && entry === undefined && ambiguousWith.length === 0 && isCalledLately(facts);
}

/** Called within the last month, and since it was disabled or deleted. Where nobody knows when that was, any call counts. */
function isZombie(facts: KeyFacts): boolean {
  const { entry, disabledAt } = facts.evidence;
  if (entry === undefined || entry.status === 'active' || !isCalledLately(facts)) return false;
  return disabledAt === undefined || callsSince(facts, disabledAt).length > 0;
}

/** Refused or not. */
function isCalledLately({ callers, today, policy }: KeyFacts): boolean {
  const from = today - policy.refusedWindowDays;
  return callers.some(({ rhythm }) => Math.max(rhythm.lastDay ?? from - 1, rhythm.lastRefusedDay ?? from - 1) >= from);
}

function isoDayOrNull(day: number | undefined): string | null {
  return day === undefined ? null : isoDay(day);
}
