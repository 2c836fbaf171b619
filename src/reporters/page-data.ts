import type { Day, DayNumber, DayRuns, KeyReport, Report, SourceReport } from '../model.ts';
import { dayNumber } from './day-strip.ts';
import { inert } from './inert.ts';
import { byCalls, dayOfInstant } from './key-names.ts';
import {
  ATTRIBUTION_WORDS,
  BLOCKER_WORDS,
  FINDING_WORDS,
  GAP_WORDS,
  SOURCE_STATE_WORDS,
  STATE_WORDS,
  STATUS_WORDS,
  VERDICT_WORDS,
  wordsOf,
} from './vocabulary.ts';

/**
 * What the page is made from beside its frame. Tuples and numbers for words spare half of the bytes. Days count from
 * `from`; a date is `YYYY-MM-DD`, and empty where there is none. All texts are inert already.
 */
export interface PageMeta {
  readonly from: Day;
  /** From the first day of the history to the last: that of the report. */
  readonly days: number;
  readonly sources: readonly PageSource[];
  readonly verdicts: readonly { readonly name: string; readonly word: string; readonly meaning: string }[];
  readonly findings: readonly (readonly [name: string, words: string])[];
  readonly blockers: readonly string[];
  readonly statuses: readonly string[];
  /** Which of them says that a key is deleted. */
  readonly deleted: number;
  readonly states: readonly string[];
  readonly attributions: readonly string[];
  readonly gapReasons: readonly string[];
  /** Keys that the report has and the page has not. */
  readonly leftOut: number;
}

export type PageSource = readonly [
  name: string,
  format: string,
  state: string,
  firstDay: Day,
  lastDay: Day,
  records: number,
  quarantined: number,
  coveredDays: number,
  gaps: readonly (readonly [from: number, to: number, reason: number])[],
];

export type PageKey = readonly [
  key: string,
  label: string,
  display: string,
  owner: string,
  verdict: number,
  status: number,
  safeOn: Day,
  lastUsed: Day,
  lastRefused: Day,
  firstSeen: Day,
  created: Day,
  requests: number,
  refused: number,
  findings: readonly number[],
  sentence: string,
  blockers: readonly (readonly [code: number, text: string, until: Day])[],
  exemption: readonly [reason: string, until: Day] | 0,
  systems: readonly PageSystem[],
  substitution:
    | readonly [
        successor: string,
        moved: readonly string[],
        straddling: readonly string[],
        remaining: readonly string[],
      ]
    | 0,
  sources: readonly number[],
  listed: string,
];

export type PageSystem = readonly [
  name: string,
  state: number,
  movedTo: string,
  lastUsed: Day,
  requests: number,
  refused: number,
  silentDays: number,
  silentCovered: number,
  rhythm: string,
  longestPause: number,
  required: number,
  safeOn: Day,
  attribution: number,
  sources: readonly number[],
  used: DayRuns,
  refusedRuns: DayRuns,
];

/** The stretch of days that the page draws, and the sources by their number. */
export interface PageFrame {
  readonly from: DayNumber;
  readonly days: number;
  readonly sources: ReadonlyMap<string, number>;
}

/** From the first record or the first call on, whichever is earlier: a use before all logs is shown. */
export function frameOf({ sources, keys, asOf }: Report): PageFrame {
  const today = dayNumber(dayOfInstant(asOf, ''));
  let from = today;
  for (const { firstAt } of sources) from = Math.min(from, dayOr(firstAt, today));
  for (const { firstSeenAt } of keys) from = Math.min(from, dayOr(firstSeenAt, today));
  return { from, days: today - from + 1, sources: new Map(sources.map(({ source }, index) => [source, index])) };
}

function dayOr(instant: string | null, none: DayNumber): DayNumber {
  return instant === null ? none : dayNumber(dayOfInstant(instant, ''));
}

export function pageMeta(report: Report, { from, days }: PageFrame, leftOut: number): PageMeta {
  return {
    from: new Date(from * 86_400_000).toISOString().slice(0, 10),
    days,
    sources: report.sources.map((source) => pageSource(source, from)),
    verdicts: Object.entries(VERDICT_WORDS).map(([name, words]) => ({ name, ...words })),
    findings: Object.entries(FINDING_WORDS),
    blockers: Object.values(BLOCKER_WORDS),
    statuses: Object.values(STATUS_WORDS),
    deleted: STATUSES.indexOf('deleted'),
    states: Object.values(STATE_WORDS),
    attributions: Object.values(ATTRIBUTION_WORDS),
    gapReasons: Object.values(GAP_WORDS),
    leftOut,
  };
}

const GAP_REASONS = wordsOf(GAP_WORDS);

function pageSource(source: SourceReport, from: DayNumber): PageSource {
  return [
    inert(source.source),
    inert(source.format),
    source.state === 'active' ? '' : SOURCE_STATE_WORDS[source.state],
    dayOfInstant(source.firstAt, ''),
    dayOfInstant(source.lastAt, ''),
    source.records,
    source.quarantined,
    source.coveredDays,
    source.gaps.map((gap) => [dayNumber(gap.from) - from, dayNumber(gap.to) - from, GAP_REASONS.indexOf(gap.reason)]),
  ];
}

const VERDICTS = wordsOf(VERDICT_WORDS);
const FINDINGS = wordsOf(FINDING_WORDS);
const BLOCKERS = wordsOf(BLOCKER_WORDS);
const STATUSES = wordsOf(STATUS_WORDS);
const STATES = wordsOf(STATE_WORDS);
const ATTRIBUTIONS = wordsOf(ATTRIBUTION_WORDS);

export function pageKey(key: KeyReport, frame: PageFrame): PageKey {
  const { exemption, substitution, trace } = key;
  return [
    inert(key.key),
    inert(key.label ?? ''),
    inert(key.display),
    inert(key.owner ?? ''),
    VERDICTS.indexOf(key.verdict),
    STATUSES.indexOf(key.status),
    key.verdict === 'in-use' ? '' : inert(key.safeOn ?? ''),
    dayOfInstant(key.lastUsedAt, ''),
    dayOfInstant(key.lastRefusedAt, ''),
    dayOfInstant(key.firstSeenAt, ''),
    dayOfInstant(key.createdAt, ''),
    key.requests,
    key.refused,
    key.findings.map((finding) => FINDINGS.indexOf(finding)),
    inert(key.sentence),
    key.blockers.map(({ code, text, until }) => [BLOCKERS.indexOf(code), inert(text), until ?? '']),
    exemption === null ? 0 : [inert(exemption.reason), exemption.until ?? ''],
    pageSystems(key, frame),
    substitution === null
      ? 0
      : [
          inert(substitution.successor),
          substitution.moved.map(inert),
          substitution.straddling.map(inert),
          substitution.remaining.map(inert),
        ],
    numbersOf(trace?.sources ?? [], frame),
    trace === undefined || trace.listed === null ? '' : inert(`${trace.listed.file}:${trace.listed.row}`),
  ];
}

function pageSystems({ systems, trace }: KeyReport, frame: PageFrame): readonly PageSystem[] {
  const rows = systems.map((system, index) => ({ ...system, trace: trace?.callers[index] }));
  return rows
    .toSorted(byCalls)
    .map(({ trace: days, rhythm, ...system }): PageSystem => [
      inert(system.system),
      STATES.indexOf(system.state),
      inert(system.movedTo ?? ''),
      dayOfInstant(system.lastUsedAt, ''),
      system.requests,
      system.refused,
      system.silentDays ?? 0,
      system.silentCoveredDays ?? 0,
      inert(rhythm?.kind ?? ''),
      rhythm?.longestPauseDays ?? 0,
      rhythm?.requiredSilenceDays ?? 0,
      system.safeOn ?? '',
      ATTRIBUTIONS.indexOf(system.attribution),
      numbersOf(days?.sources ?? [], frame),
      runsFrom(days?.used ?? [], frame),
      runsFrom(days?.refused ?? [], frame),
    ]);
}

function numbersOf(sources: readonly string[], frame: PageFrame): number[] {
  return sources.flatMap((source) => frame.sources.get(source) ?? []);
}

function runsFrom([first, ...rest]: DayRuns, { from }: PageFrame): DayRuns {
  return first === undefined ? [] : [first - from, ...rest];
}
