import type { ByteAccount, Day, Report, SourceReport } from '../model.ts';
import { barred, bullet } from './columns.ts';
import {
  dayNumber,
  daysInCells,
  daysOfCell,
  drawMarks,
  isoDay,
  layStrip,
  type Mark,
  monthAxis,
  scaleText,
  type Strip,
} from './day-strip.ts';
import { count, plural, size } from './figures.ts';
import { gapLines } from './gaps.ts';
import { inert } from './inert.ts';
import { dayOfInstant } from './key-names.ts';
import type { View } from './reporter.ts';
import { type Paint, painter } from './style.ts';
import { viewWidth, wrap } from './text-width.ts';
import { SOURCE_STATE_WORDS } from './vocabulary.ts';

const COMPLETE: Mark = { sign: '█', style: 'safe' };
const PARTLY: Mark = { sign: '▒', style: 'waiting' };
const INCOMPLETE: Mark = { sign: '░', style: 'unknown' };
const NOT_YET: Mark = { sign: '·', style: 'faint' };
const LEGEND = '█ complete  ▒ partly  ░ incomplete  · before the first record';

/** For `lastcall coverage`: per source the days that the logs can vouch for, every gap with its reason, what was read. */
export function* renderCoverage(report: Report, view: View): Iterable<string> {
  const width = viewWidth(view.columns);
  const paint = painter(view.color);
  const today = dayOfInstant(report.asOf, '');
  // Today is not over: it counts for nothing yet.
  const to = isoDay(dayNumber(today) - 1);
  const starts = report.sources.map((source) => dayOfInstant(source.firstAt, to));
  const from = starts.toSorted()[0];
  yield `${paint(`lastcall: ${plural(report.sources.length, 'source')} as of ${today}`, 'strong')}\n`;
  if (from === undefined) return;
  const strip = layStrip(from, to, width - 4);
  for (const line of [`${from} to ${to}, ${scaleText(strip)}`, LEGEND].flatMap((text) => wrap(text, width, 2)))
    yield `${paint(line, 'faint')}\n`;
  for (const source of report.sources) yield* sourceBlock(source, strip, width, paint);
}

function* sourceBlock(source: SourceReport, strip: Strip, width: number, paint: Paint): Iterable<string> {
  const span =
    source.firstAt === null
      ? `no records${source.bytes > 0 ? ' of its own' : ''}`
      : `${dayOfInstant(source.firstAt, '')} to ${dayOfInstant(source.lastAt, '')}`;
  const state = source.state === 'active' ? '' : SOURCE_STATE_WORDS[source.state];
  const figures = [
    `${plural(source.coveredDays, 'day')} covered`,
    plural(source.records, 'record'),
    `${count(source.quarantined)} unreadable`,
    `${count(source.skipped)} skipped`,
    size(source.bytes),
  ];
  const account = source.account === undefined ? [] : wrap(accountText(source.account), width - 4, 3);
  const gaps = gapLines(source.gaps).flatMap((gap) => bullet(gap, width - 4, 2));
  const days = [`  ${drawCoverage(source, strip, paint)}`, `  ${paint(monthAxis(strip), 'faint')}`.trimEnd()];
  yield '\n';
  yield* barred(
    [
      ...wrap(inert(source.source), width - 2, 2).map((line) => paint(line, 'strong')),
      ...wrap(inert([source.format, span, state].filter((part) => part !== '').join(', ')), width - 2, 2),
      ...(source.firstAt === null ? [] : days),
      ...wrap(figures.join(', '), width - 4, 3).map((line) => `  ${line}`),
      ...account.map((line) => paint(`  ${line}`, 'faint')),
      ...gaps.map((line) => `  ${line}`),
    ],
    paint,
  );
}

/** Every byte that was read, by what became of it. */
function accountText({ counted, quarantined, skipped, structure, pending }: ByteAccount): string {
  const parts = { counted, unreadable: quarantined, skipped, 'between records': structure, 'still open': pending };
  const said = Object.entries(parts).filter(([, bytes]) => bytes > 0);
  return `bytes: ${said.map(([what, bytes]) => `${count(bytes)} ${what}`).join(' + ')}`;
}

function drawCoverage(source: SourceReport, strip: Strip, paint: Paint): string {
  const before = spanBefore(source, strip);
  const early = source.gaps.filter(({ reason }) => reason === 'before-first-record');
  const notYet = daysInCells(strip, [...before, ...early]);
  const missing = daysInCells(strip, [...before, ...source.gaps]);
  const marks = missing.map((days, cell): Mark => {
    const all = daysOfCell(strip, cell);
    if ((notYet[cell] ?? 0) >= all) return NOT_YET;
    if (days === 0) return COMPLETE;
    return days >= all ? INCOMPLETE : PARTLY;
  });
  return drawMarks(marks, paint);
}

/** The days of the strip before the first record of this source; all of them when it has none. */
function spanBefore({ firstAt }: SourceReport, strip: Strip): { from: Day; to: Day }[] {
  const first = firstAt === null ? strip.to + 1 : dayNumber(dayOfInstant(firstAt, ''));
  return first > strip.from ? [{ from: isoDay(strip.from), to: isoDay(first - 1) }] : [];
}
