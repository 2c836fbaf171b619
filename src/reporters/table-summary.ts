import type { KeyReport, Report } from '../model.ts';
import { barred } from './columns.ts';
import { count, enumerate, plural } from './figures.ts';
import { inert } from './inert.ts';
import type { KeyGroups } from './key-groups.ts';
import { byCount, dayOfInstant, isInForce, namesApart } from './key-names.ts';
import type { Paint, Style } from './style.ts';
import { pad, truncate, wrap } from './text-width.ts';
import { BLOCKER_WORDS, FINDING_WORDS, VERDICT_WORDS, wordsOf } from './vocabulary.ts';

const NAME_WIDTH = 32;

/** One headline and one line per verdict: what can go today, what is in use and by whom, what waits, what is unknown. */
export function* tableSummary(report: Report, groups: KeyGroups, width: number, paint: Paint): Iterable<string> {
  yield* headline(report, width).map((line, row) => `${paint(line, row === 0 ? 'strong' : 'faint')}\n`);
  yield '\n';
  const { summary, sources } = report;
  const rows: SummaryRow[] = [
    ['safe', VERDICT_WORDS.safe.word, summary.safe, safeAnswer(groups)],
    ['in-use', VERDICT_WORDS['in-use'].word, summary.inUse, inUseAnswer(groups)],
    ['waiting', VERDICT_WORDS.waiting.word, summary.waiting, waitingAnswer(groups)],
    ['unknown', VERDICT_WORDS.unknown.word, summary.unknown, unknownAnswer(groups)],
  ];
  const found = wordsOf(FINDING_WORDS).filter((finding) => (summary.findings[finding] ?? 0) > 0);
  // A source that no key depends on is no finding of a key.
  const silent = found.includes('silent-source') ? 0 : sources.filter(({ state }) => state === 'silent').length;
  if (found.length + silent > 0) {
    const answers = found.map((finding) => `${count(summary.findings[finding] ?? 0)} ${finding}`);
    const answer = [...answers, ...(silent > 0 ? [plural(silent, 'silent source')] : [])].join(', ');
    const total = found.reduce((sum, finding) => sum + (summary.findings[finding] ?? 0), silent);
    rows.push(['alarm', 'findings', total, answer]);
  }
  yield* summaryRows(rows, width, paint);
}

function headline(report: Report, width: number): string[] {
  const { summary, sources } = report;
  const days = sources.flatMap(({ firstAt }) => (firstAt === null ? [] : [firstAt])).toSorted();
  const since = days[0] === undefined ? '' : ` since ${dayOfInstant(days[0], '')}`;
  const asOf = inert(report.asOf.replace('T', ' ').replace(/:\d\d\.\d{3}Z$/, ' UTC'));
  return [
    ...wrap(`lastcall: ${plural(summary.keys, 'API key')} as of ${asOf}`, width, 2),
    ...wrap(`judged by ${plural(summary.records, 'record')} of ${plural(sources.length, 'source')}${since}`, width, 2),
  ];
}

/** What it is, its word, how many there are, and what is to be said of them. */
export type SummaryRow = readonly [style: Style, word: string, total: number, answer: string];

/** The rows under each other. Words have 8 columns. */
export function* summaryRows(rows: readonly SummaryRow[], width: number, paint: Paint): Iterable<string> {
  for (const row of rows) yield* summaryRow(row, rows, width, paint);
}

function* summaryRow(
  [style, word, total, answer]: SummaryRow,
  rows: readonly SummaryRow[],
  width: number,
  paint: Paint,
): Iterable<string> {
  const figures = Math.max(...rows.map((row) => count(row[2]).length));
  const indent = ' '.repeat(8 + 2 + figures + 2);
  const lines = wrap(answer, width - 2 - indent.length, 3);
  const first = `${paint(pad(word, 8), style)}  ${paint(pad(count(total), figures, true), 'strong')}  ${lines[0] ?? ''}`;
  yield* barred([first, ...lines.slice(1).map((line) => indent + line)], paint, style);
}

function safeAnswer({ verdicts, disabled, deleted }: KeyGroups): string {
  const { count: all = 0, shown = [] } = verdicts.get('safe') ?? {};
  const names = namesApart(shown.filter(isInForce).slice(0, 3)).map(cut);
  return deletableAnswer(names, all - disabled - deleted, { disabled, deleted }, 'can be deleted today');
}

/**
 * `can be deleted today: billing, export; 2 deleted already`. Disabled keys stand apart: whoever disabled them may want to
 * see first whether they are missed.
 */
export function deletableAnswer(
  names: readonly string[],
  total: number,
  { disabled, deleted }: Pick<KeyGroups, 'disabled' | 'deleted'>,
  can: string,
): string {
  const parts = [
    ...(total > 0 ? [`${can}: ${enumerate(names, names.length, total)}`] : []),
    ...(disabled > 0 ? [disabledAlready(disabled)] : []),
    ...(deleted > 0 ? [deletedAlready(deleted)] : []),
  ];
  return [...(total + disabled === 0 ? ['nothing can be deleted today'] : []), ...parts].join('; ');
}

/** `2 disabled: lastcall plan says when they can go` */
export function disabledAlready(keys: number): string {
  return `${count(keys)} disabled: lastcall plan says when ${keys === 1 ? 'it' : 'they'} can go`;
}

/** `2 deleted already` */
export function deletedAlready(keys: number): string {
  return `${count(keys)} deleted already`;
}

function inUseAnswer({ callers }: KeyGroups): string {
  const names = byCount(callers).map(([system, keys]) => short(system) + (keys > 1 ? ` (${count(keys)} keys)` : ''));
  return names.length === 0 ? 'none' : `still called by ${enumerate(names, 4)}`;
}

function waitingAnswer({ safeDays: { first, last } }: KeyGroups): string {
  if (first === undefined) return 'none';
  return first === last
    ? `safe on ${first} if nobody calls`
    : `the next is safe on ${first}, the last on ${last}, if nobody calls`;
}

/** Why nothing can be known of so many keys. */
export function unknownAnswer({ unknownReasons }: Pick<KeyGroups, 'unknownReasons'>): string {
  const reasons = new Map([...unknownReasons].map(([code, keys]) => [wordsOfReason(code), keys]));
  const names = byCount(reasons).map(([words, keys]) => `${words} (${count(keys)})`);
  return names.length === 0 ? 'none' : `why: ${enumerate(names, 4)}`;
}

function wordsOfReason(code: KeyReport['reason']): string {
  return code === 'no-blocker' ? code : BLOCKER_WORDS[code];
}

function cut(name: string): string {
  return truncate(name, NAME_WIDTH);
}

function short(name: string): string {
  return cut(inert(name));
}
