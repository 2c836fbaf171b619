import type { Key } from './data.ts';
import { META } from './data.ts';
import { element, plural } from './elements.ts';
import { keyDetails } from './key-details.ts';
import { daysIn, drawStrip, gapsOf } from './strip.ts';

/** One key of the list: a line with its strip, which opens to all that is known of it. */
export function keyRow(key: Key, isOpen: boolean): HTMLLIElement {
  const details = element('details', `key v${key.verdict}`, summaryOf(key));
  const fill = (): void => {
    if (details.childElementCount === 1) details.append(keyDetails(key));
  };
  details.addEventListener('toggle', fill);
  if (isOpen) {
    fill();
    details.open = true;
  }
  return element('li', '', details, element('p', 'printed', key.row[14]));
}

export function badge(verdict: number): HTMLElement {
  return element('span', `badge v${verdict}`, META.verdicts[verdict]?.word ?? '');
}

function summaryOf(key: Key): HTMLElement {
  const { row, name, id, owner, findings } = key;
  const [, , display, , , status] = row;
  const shown = display === name || display === id ? '' : display;
  const about = [shown, owner, status === 0 ? '' : (META.statuses[status] ?? '')].filter((part) => part !== '');
  const who = element('span', 'who', element('b', '', name));
  if (id !== name) who.append(element('code', '', id));
  if (about.length > 0) who.append(element('span', 'about', about.join(', ')));
  const marks = findings.map((finding) => element('span', 'finding', META.findings[finding]?.[0] ?? ''));
  if (row[16] !== 0) marks.push(element('span', 'finding exempt', 'exempt'));
  return element(
    'summary',
    '',
    element('span', 'verdict', badge(key.verdict), ...marks),
    who,
    drawStrip(daysOf(key), stripLabel(key)),
    element('span', 'last', ...dated('last call', key.lastUsed, row[8] === '' ? 'never' : 'refused only')),
    element('span', 'safe-on', ...safeOn(key)),
  );
}

function daysOf({ systems, row }: Key): Parameters<typeof drawStrip>[0] {
  return { used: systems.map((one) => one[14]), refused: systems.map((one) => one[15]), sources: row[19] };
}

function stripLabel({ systems, row }: Key): string {
  const used = daysIn(...systems.map((one) => one[14]));
  const missing = gapsOf(row[19]).reduce((sum, [from, to]) => sum + to - from + 1, 0);
  const calls =
    systems.length === 0 ? 'no calls' : `${plural(used, 'day')} of use by ${plural(systems.length, 'system')}`;
  return missing === 0 ? calls : `${calls}, ${plural(missing, 'day')} without complete logs`;
}

function dated(title: string, day: string, none: string): (Node | string)[] {
  return [element('span', 'title', `${title} `), day === '' ? none : day];
}

function safeOn({ verdict, row, safeOn: day }: Key): (Node | string)[] {
  const isSafe = META.verdicts[verdict]?.name === 'safe';
  return dated('safe on', isSafe && row[5] !== META.deleted ? 'now' : day, '–');
}
