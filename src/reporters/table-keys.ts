import type { KeyReport, Verdict } from '../model.ts';
import { barred, type Cell, type Column, GUTTER, type Line, layRow, layTitles, widthLeft } from './columns.ts';
import { count, plural } from './figures.ts';
import { inert } from './inert.ts';
import { type KeyGroup, type KeyGroups, KEYS_SHOWN } from './key-groups.ts';
import { byLastCall, dayOfInstant, keyName, ownerName, safeOnText } from './key-names.ts';
import type { Paint } from './style.ts';
import { deletedAlready, disabledAlready } from './table-summary.ts';
import { displayWidth, pad, truncate, wrap } from './text-width.ts';
import { VERDICT_WORDS } from './vocabulary.ts';

const SYSTEMS_SHOWN = 4;
const DAY_WIDTH = 10;
const CALLS_WIDTH = 11;
const OWNER_WIDTH = 16;
const SHORTEST_SYSTEM = 16;
/** A UUID: ids must be copied whole. */
const ID_WIDTH = 36;

/** The narrowest terminals for: a table at all, the owner and the calls, the sentence in a column of its own. */
const TABLE_FROM = 76;
const OWNER_FROM = 100;
const SENTENCE_COLUMN_FROM = 170;

interface Part {
  readonly column: Column;
  readonly cell: (key: KeyReport) => Cell;
}

interface Layout {
  readonly columns: readonly Column[];
  readonly cells: (key: KeyReport) => readonly Cell[];
  readonly textWidth: number;
  readonly hasSentenceColumn: boolean;
}

/** The keys, one block per verdict. */
export function* tableKeys(groups: KeyGroups, width: number, paint: Paint): Iterable<string> {
  const { verdicts } = groups;
  const shown = [...verdicts.values()].flatMap((group) => group.shown);
  const layout = width < TABLE_FROM ? stackedLayout(width) : tableLayout(shown, width);
  for (const [verdict, group] of verdicts) {
    if (group.count === 0) continue;
    const { meaning } = VERDICT_WORDS[verdict];
    yield* keyGroup(verdict, group, verdict === 'safe' ? safeMeaning(meaning, group, groups) : meaning, layout, paint);
  }
}

function safeMeaning(meaning: string, { count: all }: KeyGroup, { disabled, deleted }: KeyGroups): string {
  if (deleted === all) return 'deleted already';
  const parts = [
    ...(disabled + deleted < all ? [meaning] : []),
    ...(disabled > 0 ? [disabledAlready(disabled)] : []),
    ...(deleted > 0 ? [deletedAlready(deleted)] : []),
  ];
  return parts.join('; ');
}

function* keyGroup(verdict: Verdict, group: KeyGroup, meaning: string, layout: Layout, paint: Paint): Iterable<string> {
  const { word } = VERDICT_WORDS[verdict];
  yield `\n${paint(word.toUpperCase(), verdict)}  ${paint(`${plural(group.count, 'key')}: ${meaning}`, 'faint')}\n`;
  const hasTitles = layout.columns.length > 1;
  if (hasTitles) yield* barred(layTitles(layout.columns, paint), paint, verdict);
  for (const [index, key] of group.shown.entries()) {
    if (index > 0) yield* barred([''], paint, verdict);
    yield* barred(layRow(layout.columns, layout.cells(key), paint), paint, verdict);
    yield* barred(remarks(key, layout, paint), paint, verdict);
  }
  const rest = group.count - KEYS_SHOWN;
  if (rest > 0) yield* barred(['', `and ${plural(rest, 'more key')}: see all with -o csv or -o json`], paint, verdict);
}

/** Lines under a row, over its whole width. */
function* remarks(key: KeyReport, layout: Layout, paint: Paint): Iterable<string> {
  const width = layout.textWidth - 2;
  if (!layout.hasSentenceColumn) {
    const findings = `${key.findings.join(', ')}: `;
    for (const line of wrap(why(key), width, 4)) {
      const found = key.findings.length > 0 && line.startsWith(findings) ? findings : '';
      yield `  ${paint(found, 'alarm')}${line.slice(found.length)}`;
    }
  }
  if (key.exemption !== null && key.reason !== 'exempt') {
    const until = key.exemption.until === null ? '' : ` until ${key.exemption.until}`;
    yield* wrap(inert(`exempt${until}: ${key.exemption.reason}`), width, 2).map((line) => `  ${line}`);
  }
  const others = key.blockers.filter(({ code }) => code !== key.reason);
  if (key.verdict === 'unknown' && others.length > 0) {
    const text = `also: ${others.map((blocker) => blocker.text).join('; ')}`;
    yield* wrap(inert(text), width, 2).map((line) => `  ${paint(line, 'faint')}`);
  }
}

function why(key: KeyReport): string {
  return inert([key.findings.join(', '), key.sentence].filter((part) => part !== '').join(': '));
}

function tableLayout(keys: readonly KeyReport[], width: number): Layout {
  const textWidth = width - 2;
  const hasOwner = width >= OWNER_FROM;
  const hasSentenceColumn = width >= SENTENCE_COLUMN_FROM;
  const owner = widest(keys.map(ownerCell), 'OWNER'.length, OWNER_WIDTH);
  const room = widthLeft(textWidth, [DAY_WIDTH, DAY_WIDTH, ...(hasOwner ? [owner, CALLS_WIDTH] : [])]) - GUTTER.length;
  const share = Math.floor(room * (hasSentenceColumn ? 0.28 : 0.5));
  const keyWidth = widest(keys.map(keyCell), 12, Math.max(share, Math.min(ID_WIDTH, room - SHORTEST_SYSTEM)));
  const systemWidth = widest(keys.map(systemCell), 'SYSTEMS'.length, hasSentenceColumn ? share : room - keyWidth);
  const sentenceWidth = room - keyWidth - systemWidth - GUTTER.length;
  const parts: Part[] = [{ column: { title: 'KEY', width: keyWidth }, cell: keyCell }];
  if (hasOwner) parts.push({ column: { title: 'OWNER', width: owner }, cell: ownerCell });
  parts.push({ column: { title: 'SYSTEMS', width: systemWidth }, cell: systemCell });
  parts.push({ column: { title: 'LAST CALL', width: DAY_WIDTH }, cell: lastCallCell });
  if (hasOwner) parts.push({ column: { title: 'CALLS', width: CALLS_WIDTH, right: true }, cell: callsCell });
  parts.push({ column: { title: 'SAFE ON', width: DAY_WIDTH }, cell: safeOnCell });
  if (hasSentenceColumn) parts.push({ column: { title: 'WHY', width: sentenceWidth }, cell: whyCell(sentenceWidth) });
  return {
    columns: parts.map(({ column }) => column),
    cells: (key) => parts.map(({ cell }) => cell(key)),
    textWidth,
    hasSentenceColumn,
  };
}

/** Too narrow for columns: everything of a key below each other. */
function stackedLayout(width: number): Layout {
  const textWidth = width - 2;
  const cells = (key: KeyReport): readonly Cell[] => {
    const calls = lastCallCell(key).map(({ text }) => text);
    const nameWidth = textWidth - 4 - DAY_WIDTH;
    const systems = systemCell(key).map(
      ({ text }, row) => pad(truncate(text, nameWidth), nameWidth) + (calls[row] ?? ''),
    );
    const day = safeOnText(key);
    const facts = [
      `owner ${ownerName(key, 'not known')}${day === '-' ? '' : `, safe ${day === 'now' ? '' : 'on '}${day}`}`,
      ...(key.systems.length === 0 ? ['no calls seen'] : systems.map((system) => system.trimEnd())),
    ];
    return [[...keyCell(key), ...facts.map((text) => ({ text: `  ${text}` }))]];
  };
  return { columns: [{ title: '', width: textWidth }], cells, textWidth, hasSentenceColumn: false };
}

/** Name and what is shown of the key, on one line if they fit; then the id, unless that is the name. */
function keyCell(key: KeyReport): Cell {
  const status = key.status === 'active' ? '' : key.status;
  const shown = key.label === null || key.display === key.key ? '' : inert(key.display);
  const about = [shown, status].filter((part) => part !== '').join(', ');
  const name = keyName(key);
  const id: readonly Line[] = name === inert(key.key) ? [] : [{ text: inert(key.key) }];
  const joined = `${name}  ${about}`.trimEnd();
  if (displayWidth(joined) <= ID_WIDTH) return [{ text: joined, style: 'strong' }, ...id];
  const first: Line = { text: name, style: 'strong' };
  return about === '' ? [first, ...id] : [first, { text: about }, ...id];
}

function ownerCell(key: KeyReport): Cell {
  return [{ text: ownerName(key, '-') }];
}

function systemCell(key: KeyReport): Cell {
  if (key.systems.length === 0) return [{ text: '-' }];
  const lines = byLastCall(key)
    .slice(0, SYSTEMS_SHOWN)
    .map(({ system, movedTo }) => ({ text: inert(movedTo === null ? system : `${system} → ${movedTo}`) }));
  const rest = key.systems.length - lines.length;
  return rest === 0 ? lines : [...lines, { text: `and ${count(rest)} more`, style: 'faint' }];
}

function lastCallCell(key: KeyReport): Cell {
  if (key.systems.length === 0) return [{ text: dayOfInstant(key.lastUsedAt, 'never') }];
  return byLastCall(key)
    .slice(0, SYSTEMS_SHOWN)
    .map(({ lastUsedAt, refused }) => ({ text: dayOfInstant(lastUsedAt, refused > 0 ? 'refused' : 'never') }));
}

function callsCell(key: KeyReport): Cell {
  if (key.systems.length === 0) return [{ text: count(key.requests) }];
  return byLastCall(key)
    .slice(0, SYSTEMS_SHOWN)
    .map(({ requests }) => ({ text: count(requests) }));
}

function safeOnCell(key: KeyReport): Cell {
  return [{ text: safeOnText(key), style: key.verdict }];
}

function whyCell(width: number): (key: KeyReport) => Cell {
  return (key) => wrap(why(key), width, 5).map((text) => ({ text }));
}

function widest(cells: readonly Cell[], atLeast: number, atMost: number): number {
  const natural = cells.flat().reduce((widestSoFar, { text }) => Math.max(widestSoFar, displayWidth(text)), atLeast);
  return Math.min(natural, atMost);
}
