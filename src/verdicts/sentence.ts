import type { KeyReport } from '../model.ts';
import { isoDay } from './calendar.ts';
import type { CallerFacts, KeyFacts } from './facts.ts';
import type { FoundBlocker } from './blockers.ts';
import { holeMargin } from './rhythm.ts';
import type { CallerRhythm, DemandCode } from './rhythm.ts';
import type { Substitute } from './substitution.ts';
import { aYear, days, firstFew, plural } from './wording.ts';

/** One line for a ticket: the facts first, then what follows. Names are as logged; reporters make them inert. */
export function sentenceOf(facts: KeyFacts, deciding: FoundBlocker | undefined, safeOn: KeyReport['safeOn']): string {
  if (deciding === undefined) return `${factsOfSilence(facts, () => true)}. Safe to delete`;
  const date = safeOn === null ? '' : `: safe on ${safeOn} if nothing calls`;
  if (deciding.verdict === 'in-use') return `${deciding.text}${movesOf(facts, () => true)}${date}`;
  if (deciding.verdict === 'unknown') return `${lastUse(facts)}; ${deciding.text}${movesOf(facts, () => true)}${date}`;
  if (DEMANDS.has(deciding.code)) {
    return `${factsOfSilence(facts, isOpen)}${movesOf(facts, (caller) => !isOpen(caller))}${date}`;
  }
  return deciding.text.startsWith('never used')
    ? `${deciding.text}${date}`
    : `${lastUse(facts)}; ${deciding.text}${movesOf(facts, () => true)}${date}`;
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
  if (facts.watch !== undefined) return lastUse(facts);
  const told = facts.callers.filter(isTold).toSorted((a, b) => b.clearedOn - a.clearedOn);
  const texts = told.map((caller) => `${caller.name}: ${silenceOf(caller, facts)}`);
  const count = facts.callers.length;
  return `${count > 1 ? `${plural(count, 'system')} called with it; ` : ''}${firstFew(texts, '; ')}`;
}

function lastUse({ watch, callers, totals, evidence }: KeyFacts): string {
  if (watch !== undefined) {
    const refused = totals.refused > 0 ? `, but refused ${plural(totals.refused, 'time')}` : '';
    return watch.startsWith === 'nothing' || evidence.entry === undefined
      ? `never used${refused}`
      : `never used${refused} in ${days(watch.silentDays)}${lessUncovered(watch.silentDays, watch.silent)} since ${isoDay(watch.since)}`;
  }
  const last = callers.toSorted((a, b) => (b.rhythm.lastDay ?? -Infinity) - (a.rhythm.lastDay ?? -Infinity))[0];
  return last?.rhythm.lastDay === undefined
    ? 'never used'
    : `last used on ${isoDay(last.rhythm.lastDay)} by ${last.name}`;
}

function silenceOf({ rhythm, substitute, state }: CallerFacts, { policy }: KeyFacts): string {
  if (rhythm.lastDay === undefined) return 'only ever refused';
  const silent = `silent ${days(rhythm.silent)}${lessUncovered(rhythm.silentDays, rhythm.silent)}`;
  if (state === 'moved' && substitute !== undefined) {
    return `${moveOf(substitute)}, ${silent}, needs ${rhythm.required}`;
  }
  const [demand] = rhythm.demands;
  return `${silent}; ${demand === undefined ? '' : REASONS[demand.code](rhythm, holeMargin(rhythm, policy) > 0)}`;
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
  return silent === silentDays ? '' : ` (${silentDays} less ${silentDays - silent} without complete logs)`;
}

const REASONS: Readonly<Record<DemandCode, (rhythm: CallerRhythm, hasHole: boolean) => string>> = {
  rhythm: (rhythm, hasHole) =>
    `longest pause ${days(rhythm.longest)}${KIND_WORDS[rhythm.kind] ?? ''}, needs ${rhythm.required}${hasHole ? ' since there is a hole in the logs' : ''}`,
  'too-few-uses': (rhythm) =>
    `used on only ${days(rhythm.useDays)}, so it could be a yearly job and needs ${rhythm.required}`,
  'young-caller': (rhythm) =>
    `in use for only ${days(rhythm.span)}, so it needs ${rhythm.required} to make ${aYear(rhythm.span + rhythm.required)}`,
  'refused-recently': (rhythm) =>
    `still tried on ${isoDay(rhythm.lastRefusedDay ?? 0)} and was refused, needs ${rhythm.required}`,
};

const KIND_WORDS: Readonly<Record<string, string>> = {
  continuous: ' (continuous use)',
  daily: ' (daily use)',
  weekly: ' (weekly job)',
  monthly: ' (monthly job)',
  quarterly: ' (quarterly job)',
  yearly: ' (yearly job)',
  irregular: ' (irregular use)',
};
