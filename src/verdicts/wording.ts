/** `1 day`, `34 days` */
export function days(count: number): string {
  return plural(count, 'day');
}

/** `a year`, `730 days` */
export function aYear(count: number): string {
  return count === 365 ? 'a year' : days(count);
}

/** `1 system`, `2 systems` */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `never used`, `never used, but refused 5 times` */
export function neverUsedText(refused: number): string {
  return refused === 0 ? 'never used' : `never used, but refused ${plural(refused, 'time')}`;
}

/** The first three, then how many more there are. */
export function firstFew(items: readonly string[], separator = ', '): string {
  const shown = items.slice(0, SHOWN).join(separator);
  return items.length > SHOWN ? `${shown}${separator}and ${items.length - SHOWN} more` : shown;
}

/** `today`, `yesterday`, `12 days ago` */
export function ago(elapsedDays: number): string {
  if (elapsedDays <= 0) return 'today';
  return elapsedDays === 1 ? 'yesterday' : `${elapsedDays} days ago`;
}

const SHOWN = 3;
