import { count as figure } from '../count.ts';
import type { KeyReport } from '../model.ts';
import { dayOf, isoDay } from './calendar.ts';
import type { CallerFacts, KeyFacts } from './facts.ts';
import type { FoundBlocker } from './blockers.ts';
import { reasonText, silenceText } from './demand-texts.ts';
import type { DemandCode } from './rhythm.ts';
import type { Substitute } from './substitution.ts';
import { days, firstFew, neverUsedText, plural } from './wording.ts';

/** One line for a ticket: the facts first, then what follows. Names are as logged; reporters make them inert. */
export function sentenceOf(facts: KeyFacts, deciding: FoundBlocker | undefined, safeOn: KeyReport['safeOn']): string {
  if (deciding === undefined) return `${factsOfSilence(facts, () => true)}. ${safeText(facts)}`;
  const date = safeOn === null ? '' : `: safe on ${safeOn} if nothing calls`;
  if (deciding.verdict === 'in-use') return `${deciding.text}${movesOf(facts, () => true)}${date}`;
  if (deciding.verdict === 'unknown') return `${lastUse(facts)}; ${deciding.text}${movesOf(facts, () => true)}${date}`;
  if (DEMANDS.has(deciding.code) && facts.callers.some(isOpen)) {
    return `${factsOfSilence(facts, isOpen)}${movesOf(facts, (caller) => !isOpen(caller))}${date}`;
  }
  return deciding.text.startsWith('never used')
    ? `${deciding.text}${date}`
    : `${lastUse(facts)}; ${deciding.text}${movesOf(facts, () => true)}${date}`;
}

/** What was done to a safe key already, and what may be done now. */
function safeText({ evidence: { entry, handedOffAt } }: KeyFacts): string {
  if (entry?.status === 'deleted') return 'Deleted already';
  if (entry?.status !== 'disabled' || handedOffAt === undefined) return 'Safe to delete';
  return `Disabled on ${isoDay(dayOf(handedOffAt))}, safe to delete after its quiet days`;
}

function isOpen({ isCleared }: CallerFacts): boolean {
  return !isCleared;
}

const DEMANDS: ReadonlySet<string> = new Set<DemandCode>([
  'rhythm',
  'too-few-uses',
  'young-caller',
  'refused-recently',
]);

/** The callers that decide, those that keep the key longest first. */
function factsOfSilence(facts: KeyFacts, isTold: (caller: CallerFacts) => boolean): string {
  if (facts.watch !== undefined && facts.totals.lastUsedAt === undefined) return lastUse(facts);
  const told = facts.callers.filter(isTold).toSorted((a, b) => b.clearedOn - a.clearedOn);
  const texts = told.map((caller) => `${caller.name}: ${silenceOf(caller, facts)}`);
  const count = facts.callers.length;
  return `${count > 1 ? `${plural(count, 'system')} called with it; ` : ''}${firstFew(texts, '; ')}`;
}

function lastUse({ watch, callers, totals, evidence }: KeyFacts): string {
  if (watch !== undefined && totals.lastUsedAt === undefined) {
    const never = neverUsedText(totals.refused);
    return watch.startsWith === 'nothing' || evidence.entry === undefined
      ? never
      : `${never} in ${days(watch.silent)}${lessUncovered(watch.silentDays, watch.silent)} since ${isoDay(watch.since)}`;
  }
  const last = callers.toSorted((a, b) => (b.rhythm.lastDay ?? -Infinity) - (a.rhythm.lastDay ?? -Infinity))[0];
  return last?.rhythm.lastDay === undefined
    ? 'never used'
    : `last used on ${isoDay(last.rhythm.lastDay)} by ${last.name}`;
}

function silenceOf(caller: CallerFacts, { policy }: KeyFacts): string {
  const { rhythm, substitute, state } = caller;
  const [demand] = rhythm.demands;
  if (rhythm.lastDay === undefined) {
    return `only ever refused in ${days(rhythm.silent)}${demand === undefined ? '' : `; ${reasonText(caller, demand, policy)}`}`;
  }
  const silent = `${silenceText(caller, demand)}${lessUncovered(rhythm.silentDays, rhythm.silent)}`;
  const reason = demand === undefined ? '' : `; ${reasonText(caller, demand, policy)}`;
  if (state !== 'moved' || substitute === undefined) return `${silent}${reason}`;
  const isTried = demand?.code === 'refused-recently';
  return `${moveOf(substitute)}, ${silent}${isTried ? reason : `, needs ${figure(rhythm.required)}`}`;
}

/** `; export moved to k_9c1e on 2026-09-03`: what is known of systems that took up another key, beside what is told. */
function movesOf({ callers }: KeyFacts, isMeant: (caller: CallerFacts) => boolean): string {
  const moves = callers.filter(isMeant).flatMap(({ name, state, substitute }) => {
    if (substitute === undefined) return [];
    if (state === 'moved') return [`${name} ${moveOf(substitute)}`];
    if (state !== 'active' || !substitute.isStraddling) return [];
    return [`${name} calls with ${substitute.key} too, since ${isoDay(substitute.since)}`];
  });
  return moves.length === 0 ? '' : `; ${firstFew(moves, '; ')}`;
}

function moveOf({ key, since, isDeclared }: Substitute): string {
  return `moved to ${key} on ${isoDay(since)}${isDeclared ? '' : ' (discovered)'}`;
}

/** ` (36 less 2 without complete logs)` */
function lessUncovered(silentDays: number, silent: number): string {
  return silent === silentDays
    ? ''
    : ` (${figure(silentDays)} less ${figure(silentDays - silent)} without complete logs)`;
}
