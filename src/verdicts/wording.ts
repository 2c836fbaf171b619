import { count } from '../count.ts';

/** `1 day`, `1,231 days` */
export function days(number: number): string {
  return plural(number, 'day');
}

/** `a year`, `730 days` */
export function aYear(number: number): string {
  return number === 365 ? 'a year' : days(number);
}

/** `1 system`, `2 systems` */
export function plural(number: number, noun: string): string {
  return `${count(number)} ${noun}${number === 1 ? '' : 's'}`;
}

/** `never used`, `never used, but refused 5 times` */
export function neverUsedText(refused: number): string {
  return refused === 0 ? 'never used' : `never used, but refused ${plural(refused, 'time')}`;
}

/** The first three, then how many more there are. */
export function firstFew(items: readonly string[], separator = ', '): string {
  const shown = items.slice(0, SHOWN).join(separator);
  return items.length > SHOWN ? `${shown}${separator}and ${count(items.length - SHOWN)} more` : shown;
}

/** `today`, `yesterday`, `12 days ago` */
export function ago(elapsedDays: number): string {
  if (elapsedDays <= 0) return 'today';
  return elapsedDays === 1 ? 'yesterday' : `${days(elapsedDays)} ago`;
}

const SHOWN = 3;
