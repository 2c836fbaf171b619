import type { FindingKind, KeyReport, Report, SourceReport, Verdict } from '../model.ts';
import { barred, type Cell, type Column, layRow, layTitles, widthLeft } from './columns.ts';
import { count, enumerate, plural } from './figures.ts';
import { gapText, totalGapDays } from './gaps.ts';
import { inert } from './inert.ts';
import type { KeyGroup, KeyGroups } from './key-groups.ts';
import { byLastCall, commandId, dayOfInstant, keyName } from './key-names.ts';
import type { Paint } from './style.ts';
import { displayWidth, truncate, wrap } from './text-width.ts';
import { FINDING_WORDS, SOURCE_STATE_WORDS } from './vocabulary.ts';

const KEYS_PER_FINDING = 5;
const SOURCES_SHOWN = 50;
const GAPS_SHOWN = 3;
const WIDE_SOURCES_FROM = 100;

/** Below this many days of complete logs, few keys can be called safe: rare use needs a year of watching. */
const LONG_HISTORY_DAYS = 365;

/** What follows the keys: findings, sources, what was not read, the next step. */
export function* tableFacts(report: Report, groups: KeyGroups, width: number, paint: Paint): Iterable<string> {
  yield* findings(report.sources, groups, width, paint);
  yield* sources(report.sources, width, paint);
  const remarks = [...notes(report)].flatMap((note) => wrap(note, width - 2, 3));
  if (remarks.length > 0) yield `\n${paint('NOTES', 'strong')}\n`;
  yield* barred(remarks, paint);
  yield* nextSteps(groups, width, paint);
}

function* findings(
  all: readonly SourceReport[],
  { findings: found }: KeyGroups,
  width: number,
  paint: Paint,
): Iterable<string> {
  const silent = all.filter(({ state }) => state === 'silent');
  if (found.size + silent.length > 0) yield `\n${paint('FINDINGS', 'alarm')}\n`;
  if (silent.length > 0) yield* barred(silentLines(silent, width - 2, paint), paint, 'alarm');
  for (const [finding, group] of found) yield* barred(findingLines(finding, group, width - 2, paint), paint, 'alarm');
}

/** Once per source, whether a key depends on it or not. */
function* silentLines(silent: readonly SourceReport[], width: number, paint: Paint): Iterable<string> {
  yield `${paint('silent-source', 'strong')}  ${plural(silent.length, 'source')}: ${SOURCE_STATE_WORDS.silent}`;
  const lines = silent
    .slice(0, SOURCES_SHOWN)
    .flatMap(({ source, lastAt }) =>
      wrap(`${short(source)}, last record ${dayOfInstant(lastAt, 'never')}`, width - 4, 2),
    );
  yield* lines.map((line) => `    ${line}`);
}

function* findingLines(finding: FindingKind, group: KeyGroup, width: number, paint: Paint): Iterable<string> {
  const meaning = `${plural(group.count, 'key')}: ${FINDING_WORDS[finding]}`;
  yield `${paint(finding, 'strong')}  ${truncate(meaning, width - finding.length - 2)}`;
  const lines = group.shown
    .slice(0, KEYS_PER_FINDING)
    .flatMap((key) => wrap(keyAndCallers(key, finding), width - 4, 3));
  yield* lines.map((line) => `    ${line}`);
  const rest = group.count - KEYS_PER_FINDING;
  if (rest > 0) yield `    and ${plural(rest, 'more key')}`;
}

function keyAndCallers(key: KeyReport, finding: FindingKind): string {
  const straddling = finding === 'straddling' ? (key.substitution?.straddling ?? []) : [];
  const callers = straddling.length > 0 ? straddling : byLastCall(key).map(({ system }) => system);
  const systems = callers.map((system) => truncate(inert(system), 32));
  const by = systems.length === 0 ? '' : `, by ${enumerate(systems, 2)}`;
  const name = keyName(key);
  const id = inert(key.key);
  const who = name === id ? truncate(id, 64) : `${truncate(name, 32)} ${truncate(id, 40)}`;
  return `${who}, last call ${dayOfInstant(key.lastUsedAt, 'never')}${by}`;
}

function* sources(all: readonly SourceReport[], width: number, paint: Paint): Iterable<string> {
  if (all.length === 0) return;
  yield `\n${paint('SOURCES', 'strong')}\n`;
  const columns = sourceColumns(all, width);
  yield* barred(layTitles(columns, paint), paint);
  for (const source of all.slice(0, SOURCES_SHOWN)) {
    const cells = sourceCells(source, columns.at(-1)?.width ?? 0);
    yield* barred(layRow(columns, width < WIDE_SOURCES_FROM ? cells.toSpliced(1, 3) : cells, paint), paint);
  }
  const rest = all.length - SOURCES_SHOWN;
  if (rest > 0) yield* barred([`and ${plural(rest, 'more source')}: lastcall coverage`], paint);
}

function sourceColumns(all: readonly SourceReport[], width: number): readonly Column[] {
  const name = widest(
    all.map(({ source }) => inert(source)),
    6,
    width < WIDE_SOURCES_FROM ? 16 : 28,
  );
  const format = widest(
    all.map((source) => inert(source.format)),
    6,
    16,
  );
  const columns: Column[] = [
    { title: 'SOURCE', width: name },
    { title: 'FORMAT', width: format },
    { title: 'FIRST', width: 10 },
    { title: 'LAST', width: 10 },
    {
      title: 'RECORDS',
      width: widest(
        all.map(({ records }) => count(records)),
        7,
        15,
      ),
      right: true,
    },
    { title: 'COVERED', width: 7, right: true },
  ];
  const shown = width < WIDE_SOURCES_FROM ? columns.toSpliced(1, 3) : columns;
  return [
    ...shown,
    {
      title: 'NOT COVERED',
      width: widthLeft(
        width - 2,
        shown.map((column) => column.width),
      ),
    },
  ];
}

function sourceCells(source: SourceReport, gapWidth: number): Cell[] {
  const gaps = source.gaps.toReversed().slice(0, GAPS_SHOWN).map(gapText);
  const rest = source.gaps.length - gaps.length;
  if (rest > 0) gaps.push(`and ${plural(rest, 'more gap')}: lastcall coverage`);
  return [
    [{ text: inert(source.source), style: 'strong' }],
    [{ text: inert(source.format) }],
    [{ text: dayOfInstant(source.firstAt, 'never') }],
    [{ text: dayOfInstant(source.lastAt, 'never') }],
    [{ text: count(source.records) }],
    [{ text: `${count(source.coveredDays)} d` }],
    gaps.length === 0 ? [{ text: '-' }] : gaps.flatMap((gap) => wrap(gap, gapWidth, 2).map((text) => ({ text }))),
  ];
}

function* notes({ sources: all, sessions, asOf }: Report): Iterable<string> {
  yield* oldLogs(all, asOf);
  for (const { source, quarantined } of all.filter((each) => each.quarantined > 0).slice(0, SOURCES_SHOWN)) {
    yield `${short(source)}: ${plural(quarantined, 'record')} could not be read and may hide calls`;
  }
  for (const source of all.slice(0, SOURCES_SHOWN)) {
    const unread = source.gaps.filter(({ reason }) => reason === 'unread-input');
    if (unread.length > 0) {
      yield `${short(source.source)}: some input was not fully read; ${plural(totalGapDays(unread), 'day')} may miss calls`;
    }
  }
  const longest = all.reduce((most, { coveredDays }) => Math.max(most, coveredDays), 0);
  if (all.length > 0 && longest < LONG_HISTORY_DAYS) {
    yield `The logs are complete for ${plural(longest, 'day')} so far. A key with few or no calls needs about a year of them before it can be safe.`;
  }
  if (sessions.length > 0) yield sessionNote(sessions);
}

/** Somebody who tries lastcall on an old log should not have to wonder why nothing can be known. */
function* oldLogs(logs: readonly SourceReport[], asOf: Report['asOf']): Iterable<string> {
  const newest =
    logs
      .map(({ lastAt }) => lastAt ?? '')
      .toSorted()
      .at(-1) ?? '';
  if (newest === '' || Date.parse(asOf) - Date.parse(newest) < OLD_LOGS_MS) return;
  const day = newest.slice(0, 10);
  yield `The newest record is of ${day}, so nothing is known of the time since. To judge as of that day: --as-of ${day}`;
}

const OLD_LOGS_MS = 30 * 86_400_000;

function sessionNote(sessions: Report['sessions']): string {
  const credentials = sessions.reduce((sum, session) => sum + session.credentials, 0);
  const requests = sessions.reduce((sum, session) => sum + session.requests, 0);
  const issuers = sessions.map(({ issuer }) => truncate(inert(issuer), 48));
  return `${plural(credentials, 'temporary credential')} of ${enumerate(issuers, 2)} made ${plural(requests, 'call')}. They expire by themselves and are no keys.`;
}

function* nextSteps({ verdicts }: KeyGroups, width: number, paint: Paint): Iterable<string> {
  const puzzling = PUZZLING.map((verdict) => verdicts.get(verdict)?.first);
  const key = puzzling.find((one) => one !== undefined);
  const steps: [string, string][] =
    key === undefined
      ? [['lastcall formats detect <log>', 'what is understood of a log, and where its keys sit']]
      : [
          [`lastcall explain ${commandId(key, Math.min(LONGEST_ID, width - 20))}`, 'the evidence behind one verdict'],
          ['lastcall coverage', 'which days the logs can vouch for'],
        ];
  const commandWidth = Math.max(...steps.map(([command]) => command.length));
  yield `\n${paint('NEXT', 'strong')}\n`;
  for (const [command, purpose] of steps) {
    const left = width - 2 - commandWidth - 2;
    yield `  ${command}${left < purpose.length ? '' : `${' '.repeat(commandWidth - command.length)}  ${paint(purpose, 'faint')}`}\n`;
  }
}

/** A longer one is for the clipboard, not for a hint. */
const LONGEST_ID = 48;
const PUZZLING: readonly Verdict[] = ['unknown', 'waiting', 'in-use', 'safe'];

function short(source: string): string {
  return truncate(inert(source), 48);
}

function widest(texts: readonly string[], atLeast: number, atMost: number): number {
  return Math.min(
    atMost,
    texts.reduce((widestSoFar, text) => Math.max(widestSoFar, displayWidth(text)), atLeast),
  );
}
