import type { LastRun, OpenFault } from '../engines/sqlite/health.ts';
import type { Undecided } from '../handoff/results.ts';
import type { EpochMs, Glance, SourceGlance } from '../model.ts';
import { barred } from './columns.ts';
import { count, enumerate, plural } from './figures.ts';
import { undecidedText } from './handoff.ts';
import { inert, inertJson } from './inert.ts';
import { dayOfInstant, keyName, namesApart } from './key-names.ts';
import type { View } from './reporter.ts';
import { type Paint, painter } from './style.ts';
import { deletableAnswer, type SummaryRow, summaryRows, unknownAnswer } from './table-summary.ts';
import { truncate, viewWidth, wrap } from './text-width.ts';
import { BLOCKER_WORDS, FINDING_WORDS, SOURCE_STATE_WORDS, VERDICT_WORDS, wordsOf } from './vocabulary.ts';

/** What is stored, at a glance. */
export interface Status {
  readonly db: string;
  readonly now: EpochMs;
  readonly isStored: boolean;
  /** The configuration says what to read. */
  readonly hasSources: boolean;
  /** Undefined: no scan has judged the keys. */
  readonly glance: Glance | undefined;
  readonly staleness: Staleness | undefined;
  readonly lastRun: LastRun | undefined;
  readonly faults: { readonly count: number; readonly first: readonly OpenFault[] };
  /** Files that are lists of keys, and are not what is in force. */
  readonly leftOut: readonly string[];
  /** Steps of which nobody knows whether they happened. */
  readonly undecided: readonly Undecided[];
}

/**
 * Why what was found may not hold now: too long ago, of a time yet to come, a run was cut short since, one read more logs
 * since without judging the keys, the configuration or a list of keys is another one, or something was done to keys since.
 */
export type Staleness = 'old' | 'ahead' | 'unended-run' | 'later-run' | 'configuration' | 'hand-off';

/** For `lastcall status`: one screen. */
export function* renderStatus(status: Status, { columns, color }: View): Iterable<string> {
  const width = viewWidth(columns);
  const paint = painter(color);
  const { glance } = status;
  if (glance === undefined) yield* wrap(nothingFound(status), width, 3).map((line) => `${paint(line, 'strong')}\n`);
  else yield* found(glance, status, width, paint);
  const troubles = [...troublesOf(status)].flatMap((trouble) => wrap(trouble, width - 2, 2));
  if (troubles.length > 0) yield `\n${paint('PROBLEMS', 'alarm')}\n`;
  yield* barred(troubles, paint, 'alarm');
  yield `\n${paint('NEXT', 'strong')}\n`;
  const steps = nextSteps(status);
  const longest = Math.max(...steps.map(([command]) => command.length));
  for (const [command, purpose] of steps) yield `  ${command.padEnd(longest)}  ${paint(purpose, 'faint')}\n`;
}

export function* renderStatusJson(status: Status, version: string): Iterable<string> {
  const { db, isStored, glance, staleness, lastRun, faults } = status;
  const report = {
    schema: 'lastcall.status/1',
    tool: { name: 'lastcall', version },
    database: isStored ? db : null,
    lastScan: glance ?? null,
    stale: staleness ?? null,
    lastRun: lastRun === undefined ? null : { ...lastRun, startedAt: new Date(lastRun.startedAt).toISOString() },
    faults: faults.count,
    listsNotTaken: status.leftOut,
    undecided: status.undecided,
    next: nextSteps(status).map(([command]) => command),
  };
  yield inertJson(`${JSON.stringify(report, null, 2)}\n`);
}

function nothingFound({ db, isStored }: Status): string {
  const why = isStored ? `no scan has judged the keys of "${inert(db)}"` : `there is no database "${inert(db)}"`;
  return `lastcall: nothing is known yet: ${why}`;
}

function* found(glance: Glance, status: Status, width: number, paint: Paint): Iterable<string> {
  const { scan, asOf, summary, sources } = glance;
  const age = ageText(status.now - Date.parse(asOf));
  yield `${paint(`lastcall: ${plural(summary.keys, 'API key')}, judged ${age} (scan ${scan}, ${instantText(asOf)})`, 'strong')}\n\n`;
  yield* summaryRows(rowsOf(glance, status), width, paint);
  if (sources.count === 0) return;
  yield `\n${paint('COVERAGE', 'strong')}\n`;
  const rest = sources.count - sources.worst.length;
  const more = rest > 0 ? [`and ${plural(rest, 'more source')}: lastcall coverage`] : [];
  yield* barred([...sources.worst.map((source) => truncate(coverageText(source), width - 2)), ...more], paint);
}

function rowsOf(
  { summary, safe, disabled, deleted, nearly, unknown }: Glance,
  { staleness }: Status,
): readonly SummaryRow[] {
  const { word } = VERDICT_WORDS.waiting;
  const soonest = nearly.soonest.map((key) => `${short(keyName(key))} on ${dayOfInstant(key.safeOn, '-')}`);
  const can = staleness === undefined ? 'can be deleted today' : 'could be deleted then';
  const inForce = summary.safe - disabled - deleted;
  const safeAnswer = deletableAnswer(namesApart(safe).map(short), inForce, { disabled, deleted }, can);
  const findings = wordsOf(FINDING_WORDS).filter((finding) => (summary.findings[finding] ?? 0) > 0);
  const total = findings.reduce((sum, finding) => sum + (summary.findings[finding] ?? 0), 0);
  const answer = findings.map((finding) => `${count(summary.findings[finding] ?? 0)} ${finding}`).join(', ');
  const unknownReasons = new Map(
    wordsOf(BLOCKER_WORDS).flatMap((code) => (unknown[code] ? [[code, unknown[code]]] : [])),
  );
  const soon = `safe within ${nearly.days} days if nobody calls: ${enumerate(soonest, soonest.length, nearly.keys)}`;
  return [
    ['safe', 'safe', summary.safe, safeAnswer],
    ['waiting', 'nearly', nearly.keys, nearly.keys === 0 ? `none is safe within ${nearly.days} days` : soon],
    ['waiting', word, summary.waiting - nearly.keys, 'safe later, if nobody calls'],
    ['in-use', VERDICT_WORDS['in-use'].word, summary.inUse, VERDICT_WORDS['in-use'].meaning],
    ['unknown', VERDICT_WORDS.unknown.word, summary.unknown, unknownAnswer({ unknownReasons })],
    ...(total > 0 ? [['alarm', 'findings', total, answer] as const] : []),
  ];
}

function coverageText({ source, state, lastAt, coveredDays, openDays }: SourceGlance): string {
  const name = short(inert(source));
  const days = `${plural(coveredDays, 'day')} complete, ${openDays === 0 ? 'none missing' : `${count(openDays)} missing`}`;
  const still = state === 'active' ? '' : `, ${SOURCE_STATE_WORDS[state]}`;
  return `${name}: ${days}; last record ${dayOfInstant(lastAt, 'never')}${still}`;
}

function* troublesOf({ staleness, lastRun, glance, faults, leftOut, undecided, now }: Status): Iterable<string> {
  if (staleness === 'old') yield 'The last scan is too old to act on. Does the nightly job still run?';
  if (staleness === 'ahead') yield 'The last scan is of a time yet to come: the clock of this machine went back.';
  if (staleness === 'configuration') yield 'The configuration or a list of keys was changed after the last scan.';
  if (lastRun?.state === 'died') {
    yield `Run ${lastRun.number} began ${ageText(now - lastRun.startedAt)} and did not end: until one does, silence proves nothing.`;
  }
  if (lastRun?.state === 'running')
    yield `Run ${lastRun.number} is under way, since ${instantText(isoOf(lastRun.startedAt))}.`;
  if (staleness === 'later-run') yield 'Logs were read after the last scan, and the keys were not judged since.';
  if (staleness === 'hand-off') yield 'Keys were handed over after the last scan: see lastcall handoff history.';
  for (const { path, detail } of faults.first) yield `${inert(path)}: ${inert(detail)}`;
  const rest = faults.count - faults.first.length;
  if (rest > 0) yield `and ${plural(rest, 'more fault')} of the input: lastcall doctor`;
  for (const file of leftOut)
    yield `${inert(file)} is not the list of keys that is in force: it was not taken, as it may be cut off.`;
  for (const one of undecided)
    yield `Nobody knows whether ${inert(undecidedText(one))}: look, then lastcall handoff decide`;
  const silent = glance?.sources.silent ?? 0;
  if (silent > 0) yield `${plural(silent, 'source')} went silent: nothing arrives any more.`;
  const unread = glance?.summary.quarantined ?? 0;
  if (unread > 0) yield `${plural(unread, 'record')} could not be read and may hide calls.`;
}

function nextSteps(status: Status): readonly (readonly [command: string, purpose: string])[] {
  const { glance, hasSources, faults, leftOut, staleness } = status;
  const isJudged = glance !== undefined && staleness === undefined;
  const isBroken = faults.count + leftOut.length > 0 || (glance?.sources.silent ?? 0) > 0 || staleness === 'ahead';
  return [
    ...(isJudged ? [] : [scanStep(hasSources)]),
    ...(isBroken ? [['lastcall doctor', 'what is wrong, and how to mend it'] as const] : []),
    ...(glance?.sources.worst.some(({ openDays }) => openDays > 0)
      ? [['lastcall coverage', 'which days are missing'] as const]
      : []),
    ...(isJudged && glance.summary.safe > glance.deleted
      ? [['lastcall plan', 'a permit for each safe key'] as const]
      : []),
    ...(glance === undefined ? [] : [['lastcall report', 'every key, judged now'] as const]),
  ];
}

function scanStep(hasSources: boolean): readonly [string, string] {
  if (hasSources) return ['lastcall scan', 'read what is new, judge every key'];
  return ['lastcall scan <log...>', 'read logs and judge every key; or name them under sources in the configuration'];
}

/** `9 hours ago` */
function ageText(ms: number): string {
  if (ms < 0) return 'in the future';
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 2) return 'just now';
  if (minutes < 120) return `${minutes} minutes ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} hours ago` : `${count(Math.floor(hours / 24))} days ago`;
}

function isoOf(at: EpochMs): string {
  return new Date(at).toISOString();
}

function instantText(instant: string): string {
  return inert(instant.replace('T', ' ').replace(/:\d\d\.\d{3}Z$/, ' UTC'));
}

const NAME_WIDTH = 32;

function short(name: string): string {
  return truncate(name, NAME_WIDTH);
}
