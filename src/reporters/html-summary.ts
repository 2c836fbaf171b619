import type { KeyReport, Report, Verdict } from '../model.ts';
import { groupChanges, sinceText } from './changes.ts';
import { count, plural } from './figures.ts';
import { escapeHtml } from './html-text.ts';
import { gapLines } from './gaps.ts';
import { inert } from './inert.ts';
import { groupKeys, type KeyGroups } from './key-groups.ts';
import { byCount, dayOfInstant, isInForce, namesApart } from './key-names.ts';
import { truncate } from './text-width.ts';
import { BLOCKER_WORDS, FINDING_WORDS, SOURCE_STATE_WORDS, VERDICT_WORDS, wordsOf } from './vocabulary.ts';

const SHOWN = 6;
const NAME_WIDTH = 60;

/** The first screen: what can be deleted today, what nearly, what cannot be known and why, what is in use, and alarms. */
export function* htmlSummary(report: Report): Iterable<string> {
  const groups = groupKeys(report.keys);
  const { summary } = report;
  yield* header(report);
  yield '<main>\n';
  if (report.since !== undefined) yield* changes(report);
  yield '<div class="answers">\n';
  yield* answer('safe', summary.safe, safeItems(groups), groups);
  yield* answer('waiting', summary.waiting, waitingItems(groups));
  yield* answer('unknown', summary.unknown, unknownItems(groups));
  yield* answer('in-use', summary.inUse, inUseItems(groups));
  yield '</div>\n';
  yield* findings(report, groups);
}

function* header({ summary, sources, asOf }: Report): Iterable<string> {
  const since = sources.flatMap(({ firstAt }) => firstAt ?? []).toSorted()[0];
  const begin = since === undefined ? '' : ` since ${dayOfInstant(since, '')}`;
  const time = escapeHtml(asOf.replace('T', ' ').replace(/:\d\d\.\d{3}Z$/, ' UTC'));
  yield `<header>\n<h1>${plural(summary.keys, 'API key')} as of <time>${time}</time></h1>\n`;
  yield `<p class="lead">Judged by ${plural(summary.records, 'record')} of ${plural(sources.length, 'source')}${begin}; `;
  yield `${count(summary.quarantined)} could not be read.</p>\n</header>\n`;
}

const TITLES: Readonly<Record<Verdict, string>> = {
  safe: 'can be deleted today',
  waiting: 'nearly: safe on the date shown, if nobody calls',
  unknown: 'cannot be known: the logs do not answer',
  'in-use': 'in use',
};

/** `disabled` and `deleted` of all are so already. */
function* answer(
  verdict: Verdict,
  total: number,
  items: readonly string[],
  { disabled, deleted }: Pick<KeyGroups, 'disabled' | 'deleted'> = { disabled: 0, deleted: 0 },
): Iterable<string> {
  const tone = wordsOf(VERDICT_WORDS).indexOf(verdict);
  const done = [
    ...(disabled > 0 ? [`${count(disabled)} of them disabled`] : []),
    ...(deleted > 0 ? [`${count(deleted)} of them deleted already`] : []),
  ];
  yield `<section class="v${tone}">\n<h2><strong>${count(total - disabled - deleted)}</strong> ${TITLES[verdict]}</h2>\n`;
  if (items.length > 0) yield `<ul>\n${items.map((item) => `<li>${item}</li>\n`).join('')}</ul>\n`;
  if (total > 0)
    yield `<p class="lead"><a href="#verdict=${verdict}" aria-label="all ${count(total)} ${VERDICT_WORDS[verdict].word}">all ${count(total)}</a>${done.map((part) => `, ${part}`).join('')}</p>\n`;
  yield '</section>\n';
}

function safeItems({ verdicts }: KeyGroups): readonly string[] {
  return keyLinks((verdicts.get('safe')?.shown ?? []).filter(isInForce).slice(0, SHOWN));
}

function waitingItems({ verdicts }: KeyGroups): readonly string[] {
  const shown = (verdicts.get('waiting')?.shown ?? []).slice(0, SHOWN);
  const links = keyLinks(shown);
  return shown.map(({ safeOn }, index) => `<time>${escapeHtml(safeOn ?? 'no date')}</time> ${links[index]}`);
}

function unknownItems({ unknownReasons }: KeyGroups): readonly string[] {
  return byCount(unknownReasons)
    .slice(0, SHOWN)
    .map(([code, keys]) => `${code === 'no-blocker' ? code : BLOCKER_WORDS[code]}: ${plural(keys, 'key')}`);
}

function inUseItems({ callers }: KeyGroups): readonly string[] {
  const [shown, rest] = [byCount(callers).slice(0, SHOWN), Math.max(0, callers.size - SHOWN)];
  const items = shown.map(([system, keys]) => {
    const link = `<a href="#${linkState({ system })}">${escapeHtml(truncate(system, NAME_WIDTH))}</a>`;
    return `by ${link}${keys > 1 ? `: ${count(keys)} keys` : ''}`;
  });
  return rest === 0 ? items : [...items, `by ${plural(rest, 'more system')}`];
}

/** With `--since`, what is new comes first. */
function* changes(report: Report): Iterable<string> {
  const sources = report.since?.sources ?? [];
  const groups = groupChanges(report);
  const text = sinceText(report);
  yield `<section class="findings">\n<h2>${text[0]?.toUpperCase()}${escapeHtml(text.slice(1))}</h2>\n<ul>\n`;
  for (const { kind, words, total, shown } of groups) {
    const links = keyLinks(shown.slice(0, SHOWN)).join(', ');
    const rest = total > SHOWN ? ` and ${count(total - SHOWN)} more` : '';
    yield `<li>${kind}, ${words}: ${links}${rest}</li>\n`;
  }
  for (const { source, fellSilent, newGaps } of sources) {
    const facts = [...(fellSilent ? [SOURCE_STATE_WORDS.silent] : []), ...gapLines(newGaps)];
    yield `<li>source ${escapeHtml(truncate(source, NAME_WIDTH))}: ${facts.map(escapeHtml).join('; ')}</li>\n`;
  }
  if (groups.length + sources.length === 0) yield '<li>nothing has changed</li>\n';
  yield '</ul>\n</section>\n';
}

function* findings({ sources }: Report, { findings: found }: KeyGroups): Iterable<string> {
  const silent = sources.filter(({ state }) => state === 'silent').map(({ source }) => source);
  if (found.size + silent.length === 0) return;
  yield '<section class="findings">\n<h2>Findings</h2>\n<ul>\n';
  for (const [finding, group] of found) {
    yield `<li><a href="#finding=${finding}" aria-label="${plural(group.count, 'key')} ${finding}">${plural(group.count, 'key')}</a> ${finding}: ${FINDING_WORDS[finding]}</li>\n`;
  }
  for (const source of silent.slice(0, SHOWN)) {
    yield `<li>source ${escapeHtml(truncate(source, NAME_WIDTH))}: ${SOURCE_STATE_WORDS.silent}</li>\n`;
  }
  yield '</ul>\n</section>\n';
}

function keyLinks(keys: readonly KeyReport[]): readonly string[] {
  const names = namesApart(keys);
  return keys.map(({ key }, index) => {
    const name = escapeHtml(truncate(names[index] ?? '', NAME_WIDTH));
    return `<a href="#${linkState({ key })}">${name}</a>`;
  });
}

/** As the page's script reads it. */
function linkState(state: Readonly<Record<string, string>>): string {
  return Object.entries(state)
    .map(([name, value]) => `${name}=${encodeURIComponent(inert(value)).replaceAll("'", '%27')}`)
    .join('&');
}
