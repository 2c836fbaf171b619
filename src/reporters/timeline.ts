import type { Explanation, SystemReport } from '../model.ts';
import { barred, bullet } from './columns.ts';
import {
  cellOf,
  daysInCells,
  daysOfCell,
  drawMarks,
  layStrip,
  type Mark,
  monthAxis,
  scaleText,
  type Strip,
} from './day-strip.ts';
import { count, plural } from './figures.ts';
import { inert } from './inert.ts';
import { dayOfInstant } from './key-names.ts';
import { placesText } from './place-text.ts';
import type { Paint } from './style.ts';
import { wrap } from './text-width.ts';
import { ATTRIBUTION_WORDS, STATE_WORDS } from './vocabulary.ts';

type ExplainedCaller = Explanation['callers'][number];

const USE: Mark = { sign: '█', style: 'in-use' };
const SOME: Mark = { sign: '▪', style: 'in-use' };
const REFUSED: Mark = { sign: 'r', style: 'alarm' };
const GAP: Mark = { sign: '░', style: 'unknown' };
const SILENT: Mark = { sign: '·', style: 'faint' };
const LEGEND = '█ called on most days  ▪ on some  r only refused  ░ logs incomplete  · silent';

/** Callers with their rules; those behind them are shown without, and of very many only so many. */
const MANY_CALLERS = 12;
const MOST_CALLERS = 60;

/** One strip per caller over the whole history, with its numbers and rules; one for the watch of a key never used. */
export function* timeline(explanation: Explanation, width: number, paint: Paint): Iterable<string> {
  const { callers, watch } = explanation;
  const strip = layStrip(explanation.from, explanation.to, width - 4);
  const axis = paint(monthAxis(strip), 'faint');
  const span = `${explanation.from} to ${explanation.to}, ${scaleText(strip)}`;
  yield `\n${paint('CALLERS', 'strong')}\n`;
  yield* barred(
    [span, LEGEND].flatMap((text) => wrap(inert(text), width - 2, 3)).map((line) => paint(line, 'faint')),
    paint,
  );
  if (callers.length === 0) yield* barred(['no caller was ever seen'], paint);
  for (const [index, caller] of callers.slice(0, MOST_CALLERS).entries()) {
    const facts = factsOf(caller, explanation, width);
    const lines = index < MANY_CALLERS ? [axis, ...facts, ...rulesOf(caller, width)] : facts;
    yield* barred(
      ['', ...titleOf(caller, width, paint), ...indent([drawStrip(strip, caller, explanation, paint), ...lines])],
      paint,
    );
  }
  if (callers.length > MOST_CALLERS) {
    const hidden = `and ${plural(callers.length - MOST_CALLERS, 'more caller')}: -o json shows all`;
    yield* barred(['', hidden], paint);
  }
  if (watch !== null) {
    const nobody = { system: '', attribution: 'derived', days: [], places: [], ...watch } as const;
    const lines = [drawStrip(strip, nobody, explanation, paint), axis, ...rulesOf(nobody, width)];
    const title = explanation.key.lastUsedAt === null ? 'never used' : 'not used since it was made';
    yield* barred(['', paint(title, 'strong'), ...indent(lines)], paint);
  }
}

function titleOf(caller: ExplainedCaller, width: number, paint: Paint): string[] {
  return wrap(inert(caller.system), width - 2, 2).map((line) => paint(line, 'strong'));
}

function factsOf(caller: ExplainedCaller, { key }: Explanation, width: number): string[] {
  const system = key.systems.find(
    ({ system: name, attribution }) => name === caller.system && attribution === caller.attribution,
  );
  const texts = [...(system === undefined ? [] : [systemText(system)]), ...sentText(caller)];
  return texts.flatMap((text) => wrap(inert(text), width - 4, 4));
}

function sentText({ places }: ExplainedCaller): string[] {
  const seen = places.filter((place) => place.seen);
  return seen.length === 0 ? [] : [`sends it in ${placesText(seen)}`];
}

function rulesOf({ rules }: Pick<ExplainedCaller, 'rules'>, width: number): string[] {
  return rules.flatMap((rule) => bullet(inert(rule), width - 4, 4));
}

function indent(lines: readonly string[]): string[] {
  return lines.filter((line) => line !== '').map((line) => `  ${line}`);
}

/** Use hides nothing: a cell with any call shows it; one without shows that days are missing before it shows silence. */
function drawStrip(strip: Strip, caller: ExplainedCaller, { gaps }: Explanation, paint: Paint): string {
  const gapDaysOf = daysInCells(
    strip,
    gaps.filter(({ source }) => caller.sources.includes(source)),
  );
  const used = Array.from({ length: strip.cells }, () => 0);
  const refused = new Set<number>();
  for (const { day, requests, refused: ofThem } of caller.days) {
    const cell = cellOf(strip, day);
    if (requests > ofThem) used[cell] = (used[cell] ?? 0) + 1;
    else if (ofThem > 0) refused.add(cell);
  }
  const marks = used.map((days, cell): Mark => {
    if (days > 0) return days * 2 > daysOfCell(strip, cell) ? USE : SOME;
    if (refused.has(cell)) return REFUSED;
    return (gapDaysOf[cell] ?? 0) > 0 ? GAP : SILENT;
  });
  return drawMarks(marks, paint);
}

function systemText(system: SystemReport): string {
  const { rhythm } = system;
  const silence =
    system.silentDays === null
      ? ''
      : `silent ${plural(system.silentDays, 'day')}, ${count(system.silentCoveredDays ?? 0)} of them covered`;
  return [
    stateOf(system),
    plural(system.requests, 'call') + (system.refused > 0 ? `, ${count(system.refused)} refused` : ''),
    `last use ${dayOfInstant(system.lastUsedAt, 'never')}`,
    silence,
    rhythm === null
      ? ''
      : `${rhythm.kind}, longest pause ${plural(rhythm.longestPauseDays, 'day')}, needs ${count(rhythm.requiredSilenceDays)}`,
    system.safeOn === null ? '' : `quiet enough on ${system.safeOn}`,
    ATTRIBUTION_WORDS[system.attribution],
  ]
    .filter((part) => part !== '')
    .join('; ');
}

function stateOf(system: SystemReport): string {
  if (system.lastUsedAt === null && system.refused > 0) return 'only ever refused';
  return system.movedTo === null ? STATE_WORDS[system.state] : `moved to ${system.movedTo}`;
}
