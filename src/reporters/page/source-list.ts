import type { PageSource } from '../page-data.ts';
import { META } from './data.ts';
import { element, figure, plural } from './elements.ts';
import { drawAxis, drawStrip } from './strip.ts';

const MOST_GAPS = 12;

/** For each source the days that its logs can vouch for. */
export function fillSources(list: HTMLElement): void {
  if (META.sources.length === 0) return;
  list.before(element('div', 'system-axis', drawAxis()));
  list.append(...META.sources.map((source, index) => element('li', '', ...sourceRow(source, index))));
}

function sourceRow(source: PageSource, index: number): HTMLElement[] {
  const [name, format, state, first, last, records, quarantined, covered, gaps] = source;
  const title = element('span', 'system', element('b', '', name), ' ', element('span', 'state', format));
  if (state !== '') title.append(' ', element('span', 'finding', state));
  const strip = drawStrip(
    { used: [], refused: [], sources: [index] },
    `${name}: ${plural(covered, 'day')} with complete logs`,
  );
  strip.classList.add('coverage');
  const numbers = [
    first === '' ? 'no records' : `${first} to ${last}`,
    `${plural(covered, 'day')} complete`,
    plural(records, 'record'),
    `${figure(quarantined)} unreadable`,
  ].join('; ');
  const missing = gaps
    .slice(-MOST_GAPS)
    .map(([from, to, reason]) =>
      element('li', '', `${dayName(from)}${to === from ? '' : ` to ${dayName(to)}`}: ${META.gapReasons[reason] ?? ''}`),
    );
  const more = gaps.length - missing.length;
  if (more > 0) missing.unshift(element('li', '', `${plural(more, 'older gap')}`));
  const parts = [title, strip, element('p', 'numbers', numbers)];
  return missing.length === 0 ? parts : [...parts, element('ul', 'gaps', ...missing)];
}

function dayName(day: number): string {
  return new Date(Date.parse(META.from) + day * 86_400_000).toISOString().slice(0, 10);
}
