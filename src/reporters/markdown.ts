import type { KeyReport, KeyReports, Report, SourceReport } from '../model.ts';
import { groupChanges, sinceText } from './changes.ts';
import { count, plural } from './figures.ts';
import { gapLines, gapText } from './gaps.ts';
import { inert } from './inert.ts';
import { groupKeys, type KeyGroup, type KeyGroups } from './key-groups.ts';
import { byLastCall, dayOfInstant, isDeletable, safeOnText } from './key-names.ts';
import type { Reporter } from './reporter.ts';
import { truncate } from './text-width.ts';
import { FINDING_WORDS, SOURCE_STATE_WORDS, VERDICT_WORDS } from './vocabulary.ts';

/** For tickets and pull requests: a summary, one table of keys, findings, sources. */
export const markdown: Reporter = {
  render: (report) => renderMarkdown(report),
  renderChanges: (report) => markdownChanges(report),
};

const SYSTEMS_SHOWN = 3;
const GAPS_SHOWN = 3;
const KEYS_PER_FINDING = 10;
const LONGEST_NAME = 80;
const LONGEST_SENTENCE = 600;

function* renderMarkdown(report: Report): Iterable<string> {
  const { summary } = report;
  const groups = groupKeys(report.keys);
  const done = groups.deleted === 0 ? '' : ` (${count(groups.deleted)} deleted already)`;
  yield `## lastcall: ${plural(summary.keys, 'API key')} as of ${dayOfInstant(report.asOf, '')}\n\n`;
  yield `**${count(summary.safe)} safe**${done}, ${count(summary.inUse)} in use, ${count(summary.waiting)} waiting, ${count(summary.unknown)} unknown; `;
  yield `${plural(summary.records, 'record')} read, ${count(summary.quarantined)} unreadable.\n`;
  yield* keyTable(report.keys);
  yield* findings(report, groups);
  yield* sourceTable(report.sources);
}

/** Nothing at all when nothing has changed. */
function* markdownChanges(report: Report): Iterable<string> {
  const groups = groupChanges(report);
  const sources = report.since?.sources ?? [];
  if (groups.length + sources.length === 0) return;
  yield `## lastcall: ${sinceText(report)}\n`;
  for (const { kind, words, total, shown } of groups) {
    yield `\n### ${kind}: ${plural(total, 'key')}, ${words}\n\n`;
    for (const key of shown) yield `- ${keyCell(key)}: ${prose(why(key))}\n`;
    if (total > shown.length) yield `- and ${plural(total - shown.length, 'more key')}\n`;
  }
  if (sources.length > 0) yield '\n### Sources\n\n';
  for (const { source, fellSilent, newGaps } of sources) {
    const facts = [...(fellSilent ? [SOURCE_STATE_WORDS.silent] : []), ...gapLines(newGaps)];
    yield `- ${code(source)}: ${facts.join('; ')}\n`;
  }
}

function* keyTable(keys: KeyReports): Iterable<string> {
  if (keys.length === 0) return;
  yield '\n| verdict | key | owner | systems, last call | last use | safe on | why |\n| --- | --- | --- | --- | --- | --- | --- |\n';
  for (const key of keys) {
    yield row([
      verdictCell(key),
      keyCell(key),
      code(key.owner),
      systemsCell(key),
      dayOfInstant(key.lastUsedAt, 'never'),
      safeOnText(key),
      prose(why(key)),
    ]);
  }
}

function verdictCell(key: KeyReport): string {
  if (key.verdict !== 'safe') return VERDICT_WORDS[key.verdict].word;
  return isDeletable(key) ? '**safe**' : 'safe, deleted';
}

function why({ sentence, exemption, reason }: KeyReport): string {
  if (exemption === null || reason === 'exempt') return sentence;
  return `${sentence}; exempt${exemption.until === null ? '' : ` until ${exemption.until}`}: ${exemption.reason}`;
}

function* findings({ sources }: Report, { findings: found }: KeyGroups): Iterable<string> {
  const silent = sources.filter(({ state }) => state === 'silent').map(({ source }) => code(source));
  if (found.size + silent.length > 0) yield '\n### Findings\n\n';
  if (silent.length > 0) yield `- silent-source, ${SOURCE_STATE_WORDS.silent}: ${silent.join(', ')}\n`;
  for (const [finding, group] of found) yield `- ${finding}, ${FINDING_WORDS[finding]}: ${keysWith(group)}\n`;
}

function keysWith(group: KeyGroup): string {
  const rest = group.count - KEYS_PER_FINDING;
  const names = group.shown.slice(0, KEYS_PER_FINDING).map((key) => code(key.key));
  return names.join(', ') + (rest > 0 ? ` and ${count(rest)} more` : '');
}

function* sourceTable(sources: readonly SourceReport[]): Iterable<string> {
  if (sources.length === 0) return;
  yield '\n### Sources\n\n| source | format | first | last | records | unreadable | covered days | not covered |\n';
  yield '| --- | --- | --- | --- | ---: | ---: | ---: | --- |\n';
  for (const source of sources) {
    const gaps = source.gaps.toReversed().slice(0, GAPS_SHOWN).map(gapText);
    if (source.gaps.length > GAPS_SHOWN) gaps.push(`and ${count(source.gaps.length - GAPS_SHOWN)} more`);
    yield row([
      code(source.source),
      code(source.format),
      dayOfInstant(source.firstAt, ''),
      dayOfInstant(source.lastAt, ''),
      count(source.records),
      count(source.quarantined),
      count(source.coveredDays),
      gaps.join('; '),
    ]);
  }
}

function keyCell(key: KeyReport): string {
  const shown = key.display === key.key || key.display === key.label ? null : key.display;
  return [key.label, key.key, shown]
    .map(code)
    .filter((part) => part !== '')
    .join(' ');
}

function systemsCell(key: KeyReport): string {
  const rest = key.systems.length - SYSTEMS_SHOWN;
  const systems = byLastCall(key)
    .slice(0, SYSTEMS_SHOWN)
    .map(({ system, lastUsedAt, movedTo }) => {
      const moved = movedTo === null ? '' : ` moved to ${code(movedTo)}`;
      return `${code(system)} ${dayOfInstant(lastUsedAt, 'never')}${moved}`;
    });
  return systems.join(', ') + (rest > 0 ? ` and ${count(rest)} more` : '');
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n`;
}

/**
 * Text from outside as a code span of ours. Entities would not do: several sites look for mentions, links and emoji
 * in the text after entities are resolved, but none look inside code. A pipe ends a table cell even in code, so it
 * is written out, as the backtick is.
 */
function code(text: string | null): string {
  const shown = truncate(inert(text ?? '').trim(), LONGEST_NAME)
    .replaceAll('`', '\\x60')
    .replaceAll('|', '\\x7c');
  return shown === '' ? '' : `\`${shown}\``;
}

/** What can be nothing but a word, a number or a date, in any Markdown. A long run of hex digits could be a commit. */
const PLAIN = /^(?![0-9a-f]{7,}$)(?:[\p{L}\p{M}]+(?:-[\p{L}\p{M}]+)*|\d{1,3}(?:,\d{3})*|\d{1,6}|\d{4}-\d\d-\d\d)$/u;
const WORD = /^(\(?)(.*?)([),;:.]*)$/s;

/** A sentence that names things from outside: words stay words, whatever else stands between spaces becomes code. */
function prose(sentence: string): string {
  return truncate(inert(sentence), LONGEST_SENTENCE)
    .split(/\s+/)
    .map((word) => {
      const [, before = '', core = '', after = ''] = WORD.exec(word) ?? [];
      return before + (core === '' || PLAIN.test(core) ? core : code(core)) + after;
    })
    .join(' ')
    .trim();
}
