import { kindOfPublicId } from '../attribution/credentials.ts';
import type { BlockerCode, DayNumber, GapReason, SourceCoverage } from '../model.ts';
import { dayOf, isoDay } from './calendar.ts';
import type { KeyFacts } from './facts.ts';
import { possibleKinds, showsKinds } from './key-kinds.ts';
import { firstFew } from './wording.ts';

/** The blocker that stands for a kind of gap. */
export const BLOCKER_OF_GAP: Readonly<Record<GapReason, GapBlockerCode>> = {
  'before-first-record': 'coverage-gap',
  'no-records': 'coverage-gap',
  'few-records': 'coverage-gap',
  'declared-outage': 'coverage-gap',
  'unread-input': 'unread-input',
  'rewritten-log': 'unread-input',
  'older-copy': 'unread-input',
  sampled: 'sampled',
  quarantine: 'quarantine',
  'late-window': 'late-window',
};

export type GapBlockerCode = Extract<
  BlockerCode,
  'coverage-gap' | 'unread-input' | 'sampled' | 'quarantine' | 'late-window'
>;

/** Sources that could have shown the key but of which there is no log. */
export function sourcesWithoutLogs({ sources, world }: KeyFacts): readonly string[] {
  return sources.filter((source) => world.coverage.get(source)?.firstDay === undefined);
}

/** An inventory of which not one key was ever seen in the logs may not describe what they show. */
export function unprovenInventory({ evidence, watch }: KeyFacts): readonly string[] {
  const { entry, isMatchProven } = evidence;
  if (watch === undefined || entry === undefined || isMatchProven) return [];
  return kindOfPublicId(entry.id) === 'aws_access_key' ? [] : [entry.file];
}

/** Sources whose records do not show keys of this kind: their silence proves nothing. */
export function sourcesWithoutKeys({ evidence, sources, world }: KeyFacts): readonly string[] {
  const kinds = possibleKinds(evidence);
  return sources.filter((source) => {
    const coverage = world.coverage.get(source);
    return coverage?.firstDay !== undefined && !isGone(coverage) && !showsKinds(coverage, kinds);
  });
}

/** Retired sources in which the key could have been used unseen, lately enough to be used again elsewhere. */
export function unseenBeforeRetirement(
  facts: KeyFacts,
): readonly { readonly source: string; readonly on: DayNumber }[] {
  const kinds = possibleKinds(facts.evidence);
  return facts.coverages.flatMap((coverage) => {
    const { source, retired } = coverage;
    if (retired === undefined || !isGone(coverage) || showsKinds(coverage, kinds)) return [];
    return facts.today - 1 - retired.on >= facts.policy.watchDays ? [] : [{ source, on: retired.on }];
  });
}

/** Sources that are declared retired and sent records since, with both days. */
export function contradictedRetirements(facts: KeyFacts): readonly string[] {
  return facts.coverages.flatMap(({ source, retired }) =>
    retired?.contradictedOn === undefined
      ? []
      : [
          `${source} is declared retired on ${isoDay(retired.on)}, but has records of ${isoDay(retired.contradictedOn)}`,
        ],
  );
}

function isGone({ retired }: SourceCoverage): boolean {
  return retired !== undefined && retired.contradictedOn === undefined;
}

/**
 * Gaps of the newest days that block by themselves, since nothing shows that the key was not taken up again: input that was
 * not read or could not be, however long the silence before it was; and days without complete logs that last until
 * yesterday, unless the silence before them is longer than required by as many days as they are.
 */
export function currentGaps(facts: KeyFacts, code: GapBlockerCode): readonly string[] {
  if (code === 'late-window') return [];
  return facts.coverages.flatMap((coverage) => {
    if (coverage.faults.length + coverage.gaps.length === 0) return [];
    const from = isMendable(code) ? newestFrom(facts) : blockingFrom(coverage, facts);
    return [...currentFaults(coverage, code, facts), ...describeGaps(coverage, code, from)];
  });
}

function blockingFrom(coverage: SourceCoverage, facts: KeyFacts): DayNumber {
  const from = ongoingFrom(coverage, facts);
  return from === facts.today || spareSilence(facts) >= facts.today - from ? facts.today : from;
}

/** By how many covered days the least silence of the key is longer than required. */
function spareSilence({ callers, watch, policy }: KeyFacts): number {
  const spares = callers.map(({ rhythm }) => rhythm.silent - rhythm.required);
  if (watch !== undefined) spares.push(watch.silent - policy.watchDays);
  return spares.reduce((least, spare) => Math.min(least, spare), Infinity);
}

function newestFrom({ today, world }: KeyFacts): DayNumber {
  return today - world.policy.lateWindowDays;
}

function isMendable(code: GapBlockerCode): boolean {
  return code === 'unread-input' || code === 'sampled' || code === 'quarantine';
}

function currentFaults(coverage: SourceCoverage, code: GapBlockerCode, facts: KeyFacts): readonly string[] {
  const newest = newestFrom(facts);
  return coverage.faults
    .filter(({ reason }) => reason !== 'clock' && BLOCKER_OF_GAP[reason] === code)
    .filter(({ toAt }) => toAt === undefined || dayOf(toAt) >= newest)
    .map(({ detail }) => `${coverage.source}: ${detail}`);
}

/** The first day of the unbroken stretch of days without complete logs that reaches yesterday, else today. */
function ongoingFrom({ gaps }: SourceCoverage, { today }: KeyFacts): DayNumber {
  let from = today;
  for (const gap of gaps.toReversed()) {
    if (gap.to < from - 1) break;
    from = Math.min(from, gap.from);
  }
  return from;
}

/** The gaps of a kind that reach into the days from `from` on. */
export function describeGaps(coverage: SourceCoverage, code: GapBlockerCode, from: DayNumber): readonly string[] {
  return coverage.gaps
    .filter((gap) => gap.to >= from && BLOCKER_OF_GAP[gap.reason] === code)
    .map((gap) => `${coverage.source}: ${REASON_TEXTS[gap.reason]} ${stretch(gap.from, gap.to)}`);
}

/** Faults of the clocks of the key's sources. */
export function clockFaults(facts: KeyFacts): readonly string[] {
  return facts.coverages.flatMap(({ source, faults }) =>
    faults.filter(({ reason }) => reason === 'clock').map(({ detail }) => `${source}: ${detail}`),
  );
}

/** `source (last record on 2026-03-01)` for each source that fell silent. */
export function silentSources(facts: KeyFacts): readonly string[] {
  return facts.coverages
    .filter(({ silent }) => silent)
    .map(({ source, lastDay }) => (lastDay === undefined ? source : `${source} (last record on ${isoDay(lastDay)})`));
}

/** `a, b, c, and 4 more` of texts that are the same for many keys. */
export function firstTexts(texts: readonly string[]): string {
  return firstFew([...new Set(texts)], '; ');
}

const REASON_TEXTS: Readonly<Record<GapReason, string>> = {
  'before-first-record': 'no logs',
  'no-records': 'no records',
  'few-records': 'too few records',
  'declared-outage': 'declared outage',
  'unread-input': 'input not fully read',
  'rewritten-log': 'rewritten log',
  sampled: 'only a sample of the requests is logged',
  'older-copy': 'an older copy of the database, so lost for',
  quarantine: 'too many unreadable records',
  'late-window': 'late records may still come for',
};

function stretch(from: DayNumber, to: DayNumber): string {
  return from === to ? isoDay(from) : `${isoDay(from)} to ${isoDay(to)}`;
}
