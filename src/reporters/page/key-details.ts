import type { PageSystem } from '../page-data.ts';
import type { Key } from './data.ts';
import { KEYS, keyById, META } from './data.ts';
import { element, figure, hashLink, listed, plural } from './elements.ts';
import type { StripDays } from './strip.ts';
import { dayAt, daysIn, drawAxis, drawStrip } from './strip.ts';

/** All that is known of one key. */
export function keyDetails(key: Key): HTMLElement {
  const [, , , , , , , , , , , , , findings, sentence, , exemption] = key.row;
  const body = element('div', 'body', element('p', 'sentence', sentence));
  for (const finding of findings) {
    const [name, words] = META.findings[finding] ?? ['', ''];
    body.append(element('p', 'alarm', element('b', '', name), `: ${words}`));
  }
  if (exemption !== 0) {
    const [reason, until] = exemption;
    body.append(
      element('p', 'exemption', element('b', '', `exempt${until === '' ? '' : ` until ${until}`}`), `: ${reason}`),
    );
  }
  body.append(...substitution(key), ...blockers(key), ...systems(key), facts(key));
  return body;
}

function titled(title: string, ...children: readonly Node[]): HTMLElement {
  return element('section', '', element('h3', '', title), ...children);
}

function systems({ systems: all }: Key): HTMLElement[] {
  if (all.length === 0) return [];
  const rows = all.map((system) => element('li', '', ...systemRow(system)));
  const list = element('ul', 'systems', ...rows);
  return [titled(plural(all.length, 'system'), element('div', 'system-axis', drawAxis()), list)];
}

function systemRow(system: PageSystem): HTMLElement[] {
  const [name, state, movedTo, lastUsed, , , , , , , , , , sources, used, refused] = system;
  const need = needOf(system);
  const title = element('span', 'system', element('b', '', name), ' ');
  if (movedTo === '')
    title.append(element('span', 'state', lastUsed === '' ? 'only ever refused' : (META.states[state] ?? '')));
  else title.append(element('span', 'state', 'moved to '), keyLink(movedTo));
  const label = `${name}: ${plural(daysIn(used), 'day')} of use${refused.length === 0 ? '' : `, refused on ${plural(daysIn(refused), 'day')}`}`;
  return [
    title,
    drawStrip({ used: [used], refused: [refused], sources, need }, label),
    element('p', 'numbers', numbersOf(system)),
  ];
}

/** Silence counts only on days with complete logs: the others come on top of what is required. */
function needOf([, , , lastUsed, , , silent, covered, , , required]: PageSystem): StripDays['need'] {
  if (lastUsed === '' || required === 0) return undefined;
  return { from: dayAt(lastUsed) + 1, days: required + silent - covered, isOver: covered >= required };
}

function numbersOf(system: PageSystem): string {
  const [, , , lastUsed, requests, refused, silent, covered, rhythm, pause, required, safeOn, attribution] = system;
  return [
    lastUsed === '' ? '' : `last call ${lastUsed}`,
    `${plural(requests, 'call')}${refused === 0 ? '' : `, ${figure(refused)} refused`}`,
    rhythm === '' ? '' : `${rhythm}, longest pause ${plural(pause, 'day')}`,
    required === 0
      ? ''
      : `silent ${plural(silent, 'day')}, ${figure(covered)} with complete logs, of ${figure(required)} required`,
    safeOn === '' ? '' : `quiet enough on ${safeOn}`,
    META.attributions[attribution] ?? '',
  ]
    .filter((part) => part !== '')
    .join('; ');
}

/** How far the systems have come from this key to the next. */
function substitution({ row }: Key): HTMLElement[] {
  const parts = row[18];
  if (parts === 0) return predecessors(row[0]);
  const [successor, moved, straddling, remaining] = parts;
  const done = moved.length;
  const all = done + straddling.length + remaining.length;
  const bar = element('progress', '');
  bar.max = Math.max(1, all);
  bar.value = done;
  bar.setAttribute('aria-label', `${figure(done)} of ${plural(all, 'system')} moved`);
  const groups = [
    ['moved', moved],
    ['calls with both', straddling],
    ['still on this key', remaining],
  ] as const;
  const lines = groups.flatMap(([title, names]) =>
    names.length === 0 ? [] : [element('p', '', element('span', 'state', `${title}: `), names.join(', '))],
  );
  const heading = element('p', '', `${figure(done)} of ${plural(all, 'system')} moved to `, keyLink(successor));
  return [titled('Replacement', heading, bar, ...lines), ...predecessors(row[0])];
}

function predecessors(id: string): HTMLElement[] {
  const older = KEYS.filter(({ row }) => row[18] !== 0 && row[18][0] === id);
  return older.length === 0
    ? []
    : [element('p', '', 'takes the place of ', ...listed(older.map((key) => keyLink(key.id))))];
}

function keyLink(id: string): HTMLElement {
  const key = keyById(id);
  return key === undefined
    ? element('code', '', id)
    : hashLink({ key: id }, key.name === id ? id : `${key.name} (${id})`);
}

function blockers({ row }: Key): HTMLElement[] {
  const all = row[15];
  if (all.length === 0) return [];
  const rows = all.map(([code, text, until]) =>
    element(
      'li',
      '',
      element('b', '', META.blockers[code] ?? ''),
      ...(until === '' ? [] : [' until ', element('time', '', until)]),
      `: ${text}`,
    ),
  );
  return [titled('What stands against a deletion', element('ul', 'blockers', ...rows))];
}

/** What can stand in a shell command as it is. */
const PLAIN_ID = /^[A-Za-z0-9_][A-Za-z0-9_-]*$/;

function facts({ row, id }: Key): HTMLElement {
  const [, , display, owner, , status, , , lastRefused, firstSeen, created, requests, refused] = row;
  const texts: readonly (readonly [string, string])[] = [
    ['id', id],
    ['shown as', display],
    ['owner', owner === '' ? 'not known' : owner],
    ['status', META.statuses[status] ?? ''],
    ['created', created === '' ? 'not known' : created],
    ['first seen', firstSeen === '' ? 'never' : firstSeen],
    ['calls', figure(requests)],
    ['refused', refused === 0 ? '0' : `${figure(refused)}, last on ${lastRefused}`],
    ['listed in', row[20] === '' ? 'no inventory' : row[20]],
  ];
  const list = element('dl', '');
  for (const [title, text] of texts) list.append(element('div', '', element('dt', '', title), element('dd', '', text)));
  const link = element('p', 'links', hashLink({ key: id }, 'Link to this key'));
  if (PLAIN_ID.test(id)) link.append(' ', element('code', '', `lastcall explain ${id}`));
  return element('section', 'facts', list, link);
}
