import type { Backtest, BacktestMiss, BacktestRule } from '../model.ts';
import { barred, bullet, type Column, layRow, layTitles, type Line } from './columns.ts';
import { dayNumber } from './day-strip.ts';
import { count, enumerate, plural } from './figures.ts';
import { inert } from './inert.ts';
import { keyName } from './key-names.ts';
import type { View } from './reporter.ts';
import { type Paint, painter } from './style.ts';
import { truncate, viewWidth, wrap } from './text-width.ts';

const LEGEND =
  'verdicts: keys that the rule called safe; misses: those that were used later; at most: the highest rate that this can ' +
  'mean, with 95 % confidence; days: from the last use to the verdict, median';

/** For `lastcall backtest`: what the policy and the fixed-day rules would have done, and every miss of the policy. */
export function* renderBacktest(backtest: Backtest, view: View): Iterable<string> {
  const width = viewWidth(view.columns);
  const paint = painter(view.color);
  const { keys, audits, everyDays, historyDays, from, to, misses, notes } = backtest;
  const title = `lastcall: ${plural(historyDays, 'day')} of logs replayed, ${plural(keys, 'key')}`;
  yield `${paint(truncate(title, width), 'strong')}\n`;
  const step = everyDays === 1 ? 'every day' : `every ${count(everyDays)} days`;
  const span = from === null ? 'too short for a judgement' : `${step} from ${from} to ${to}, ${plural(audits, 'time')}`;
  yield `${paint(truncate(span, width), 'faint')}\n\n`;
  yield* barred(ruleLines(backtest.rules, paint), paint);
  for (const line of wrap(LEGEND, width, 4)) yield `${paint(line, 'faint')}\n`;
  if (misses.length > 0) {
    yield `\n${paint('CALLED SAFE, BUT USED LATER', 'strong')}\n`;
    for (const miss of misses) yield* barred(missLines(miss, width - 2, paint), paint, 'alarm');
  }
  yield `\n${paint('WHAT THIS DOES NOT SHOW', 'strong')}\n`;
  yield* barred(
    notes.flatMap((note) => bullet(inert(note), width - 2, 6)),
    paint,
  );
}

const TITLES = ['rule', 'verdicts', 'misses', 'rate', 'at most', 'days'] as const;

function ruleLines(rules: readonly BacktestRule[], paint: Paint): string[] {
  const rows = rules.map(ruleCells);
  const columns = TITLES.map((title, index): Column => ({
    title: index === 0 ? title : title.padStart(widthOf(rows, index)),
    width: widthOf(rows, index),
    right: index > 0,
  }));
  return [
    ...layTitles(columns, paint),
    ...rows.flatMap((row, index) => {
      const cells = row.map((text): readonly Line[] => [index === 0 ? { text, style: 'strong' } : { text }]);
      return layRow(columns, cells, paint);
    }),
  ];
}

function widthOf(rows: readonly (readonly string[])[], index: number): number {
  return Math.max(TITLES[index]?.length ?? 0, ...rows.map((row) => row[index]?.length ?? 0));
}

function ruleCells({
  days,
  firstVerdicts,
  misses,
  missRate,
  missRateAtMost,
  medianDaysToSafe,
}: BacktestRule): string[] {
  return [
    days === null ? 'this policy' : `unused ${days} days`,
    count(firstVerdicts),
    count(misses),
    percent(missRate),
    percent(missRateAtMost),
    medianDaysToSafe === null ? '-' : count(medianDaysToSafe),
  ];
}

function percent(share: number | null): string {
  if (share === null) return '-';
  return `${(100 * share).toFixed(share > 0 && share < 0.01 ? 2 : 1)} %`;
}

function missLines(miss: BacktestMiss, width: number, paint: Paint): string[] {
  const { key, safeOn, sentence, usedOn, systems, owner } = miss;
  const later = dayNumber(usedOn) - dayNumber(safeOn);
  const name = [keyName(miss), inert(key), ...(owner === null ? [] : [inert(owner)])];
  return [
    ...wrap(name.join('  '), width, 3).map((line) => paint(line, 'strong')),
    ...bullet(inert(`safe on ${safeOn}: ${sentence}`), width, 12),
    ...bullet(inert(`used on ${usedOn}, ${plural(later, 'day')} later, by ${enumerate(systems, 5)}`), width, 6),
  ];
}
