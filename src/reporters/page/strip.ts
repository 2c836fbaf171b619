import type { DayRuns } from '../../model.ts';
import { META } from './data.ts';
import { element } from './elements.ts';

const DAY_MS = 86_400_000;
const HEIGHT = 20;

/** What one strip of days shows. Days count from the first of the page. */
export interface StripDays {
  readonly used: readonly DayRuns[];
  readonly refused: readonly DayRuns[];
  /** Numbers of the sources that could show a use. */
  readonly sources: readonly number[];
  /** The silence that is asked for: since when, how long with the days that do not count, and whether it is over. */
  readonly need?: { readonly from: number; readonly days: number; readonly isOver: boolean } | undefined;
}

/** Uses as bars, refusals as low ones, days without complete logs hatched, the silence that is required underlined. */
export function drawStrip({ used, refused, sources, need }: StripDays, label: string): HTMLElement {
  const strip = element('div', 'strip');
  strip.setAttribute('role', 'img');
  strip.setAttribute('aria-label', label);
  for (const [from, to] of gapsOf(sources)) strip.append(span('gap', from, to - from + 1));
  if (need !== undefined && need.from < META.days) {
    strip.append(span(need.isOver ? 'need done' : 'need', need.from, need.days));
  }
  strip.append(
    drawing([
      ['refused', pathOf(refused, HEIGHT / 2)],
      ['used', pathOf(used, 0)],
    ]),
  );
  return strip;
}

/** Days of a strip that are missing in any of the sources, or lie before its first record: merged and within the page. */
export function gapsOf(sources: readonly number[]): readonly (readonly [from: number, to: number])[] {
  const spans = sources.flatMap((source): (readonly [number, number])[] => {
    const known = META.sources[source];
    if (known === undefined) return [];
    const first = known[3] === '' ? META.days : dayAt(known[3]);
    return [[0, first - 1], ...known[8].map(([from, to]) => [from, to] as const)];
  });
  const merged: [number, number][] = [];
  for (const [from, to] of spans.filter(([a, b]) => b >= a).toSorted(([a], [b]) => a - b)) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged.flatMap(([from, to]) => (to < 0 || from >= META.days ? [] : [[Math.max(0, from), to]]));
}

/** A place on the strip, in the per cent of its width. */
export function span(className: string, from: number, days: number): HTMLElement {
  const part = element('i', className);
  const start = Math.max(0, from);
  part.style.left = `${(100 * start) / META.days}%`;
  part.style.width = `${(100 * Math.max(0, Math.min(META.days, from + days) - start)) / META.days}%`;
  return part;
}

/** The names of months under which strips stand. */
export function drawAxis(): HTMLElement {
  const axis = element('div', 'axis');
  axis.setAttribute('aria-hidden', 'true');
  const months = monthStarts();
  const step = Math.max(1, Math.ceil(months.length / 7));
  let year: number | undefined;
  for (const [index, date] of months.entries()) {
    if (index % step !== 0) continue;
    const day = Math.round((date.getTime() - Date.parse(META.from)) / DAY_MS);
    if (day / META.days > 0.95) continue;
    const name = date.toLocaleDateString('en-US', { month: 'short', timeZone: 'UTC' });
    const isNewYear = date.getUTCFullYear() !== year;
    const mark = element('span', '', isNewYear ? `${name} ${date.getUTCFullYear()}` : name);
    year = date.getUTCFullYear();
    mark.style.left = `${(100 * day) / META.days}%`;
    axis.append(mark);
  }
  return axis;
}

/** Days since the first of the page. */
export function dayAt(day: string): number {
  return Math.round((Date.parse(day) - Date.parse(META.from)) / DAY_MS);
}

/** How many days the runs hold, each day once. */
export function daysIn(...callers: readonly DayRuns[]): number {
  const spans = callers.flatMap(spansOf).toSorted(([a], [b]) => a - b);
  let [days, end] = [0, -Infinity];
  for (const [from, to] of spans) {
    days += Math.max(0, to - Math.max(from, end));
    end = Math.max(end, to);
  }
  return days;
}

/** `to` is the first day after. */
function spansOf(runs: DayRuns): readonly (readonly [from: number, to: number])[] {
  const spans: [number, number][] = [];
  let day = 0;
  for (let index = 0; index + 1 < runs.length; index += 2) {
    const from = day + (runs[index] ?? 0);
    day = from + (runs[index + 1] ?? 0);
    spans.push([from, day]);
  }
  return spans;
}

function monthStarts(): readonly Date[] {
  const first = new Date(META.from);
  const end = first.getTime() + META.days * DAY_MS;
  const months: Date[] = [];
  for (let step = first.getUTCDate() === 1 ? 0 : 1; ; step++) {
    const date = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + step));
    if (!(date.getTime() < end)) return months;
    months.push(date);
  }
}

function drawing(paths: readonly (readonly [className: string, path: string])[]): SVGSVGElement {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  svg.setAttribute('viewBox', `0 0 ${META.days} ${HEIGHT}`);
  svg.setAttribute('preserveAspectRatio', 'none');
  // The strip around it has the name.
  svg.setAttribute('aria-hidden', 'true');
  for (const [className, path] of paths) {
    if (path === '') continue;
    const drawn = document.createElementNS(space, 'path');
    drawn.setAttribute('class', className);
    drawn.setAttribute('d', path);
    svg.append(drawn);
  }
  return svg;
}

/** A call outside of the page's days (a clock ahead of ours) shows at its end: none is left out. */
function pathOf(callers: readonly DayRuns[], top: number): string {
  let path = '';
  for (const runs of callers) {
    for (const [first, end] of spansOf(runs)) {
      const from = Math.min(META.days - 1, Math.max(0, first));
      const to = Math.min(META.days, Math.max(from + 1, end));
      path += `M${from} ${top}H${to}V${HEIGHT}H${from}Z`;
    }
  }
  return path;
}
