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
import type { Paint } from './style.ts';
import { truncate, wrap } from './text-width.ts';
import { ATTRIBUTION_WORDS, STATE_WORDS } from './vocabulary.ts';

type ExplainedCaller = Explanation['callers'][number];

const USE: Mark = { sign: '█', style: 'in-use' };
const SOME: Mark = { sign: '▪', style: 'in-use' };
const REFUSED: Mark = { sign: 'r', style: 'alarm' };
const GAP: Mark = { sign: '░', style: 'unknown' };
const SILENT: Mark = { sign: '·', style: 'faint' };
const LEGEND = '█ called on most days  ▪ on some  r only refused  ░ logs incomplete  · silent';

/** One strip per caller over the whole history, with its numbers and rules. */
export function* timeline(explanation: Explanation, width: number, paint: Paint): Iterable<string> {
  const strip = layStrip(explanation.from, explanation.to, width - 4);
  const span = `${explanation.from} to ${explanation.to}, ${scaleText(strip)}`;
  yield `\n${paint('CALLERS', 'strong')}  ${paint(truncate(inert(span), width - 9), 'faint')}\n`;
  yield* barred(
    wrap(LEGEND, width - 2, 3).map((line) => paint(line, 'faint')),
    paint,
  );
  if (explanation.callers.length === 0) yield* barred(['no caller was ever seen'], paint);
  const gapDaysOf = daysInCells(strip, explanation.gaps);
  const axis = monthAxis(strip);
  for (const caller of explanation.callers) {
    const system = explanation.key.systems.find((each) => each.system === caller.system);
    const name = wrap(inert(caller.system), width - 2, 2).map((line) => paint(line, 'strong'));
    const facts = system === undefined ? [] : wrap(inert(systemText(system)), width - 4, 4);
    const rules = caller.rules.flatMap((rule) => bullet(inert(rule), width - 4, 4));
    const strips = [drawStrip(strip, caller, gapDaysOf, paint), paint(axis, 'faint'), ...facts, ...rules];
    yield* barred(['', ...name, ...strips.filter((line) => line !== '').map((line) => `  ${line}`)], paint);
  }
}

/** Use hides nothing: a cell with any call shows it; one without shows that days are missing before it shows silence. */
function drawStrip(strip: Strip, caller: ExplainedCaller, gapDaysOf: readonly number[], paint: Paint): string {
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
    system.movedTo === null ? STATE_WORDS[system.state] : `moved to ${system.movedTo}`,
    plural(system.requests, 'call') + (system.refused > 0 ? `, ${count(system.refused)} refused` : ''),
    `last ${dayOfInstant(system.lastUsedAt, 'never')}`,
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
