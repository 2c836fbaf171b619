import { count } from '../count.ts';

export { count };

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** `1 key`, `30,477 keys` */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** `41 MB`, in steps of 1000; one decimal below 10. */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (shownAs1000(value) && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
}

/** `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min` */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${Number.isInteger(seconds) ? seconds : seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** `billing, export and 12 more`: the first `shown` of the list, which may be cut short when `total` is given. */
export function enumerate(items: readonly string[], shown: number, total: number = items.length): string {
  if (total > shown) return `${items.slice(0, shown).join(', ')} and ${count(total - shown)} more`;
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} and ${last}`;
}

function shownAs1000(value: number): boolean {
  return Math.round(value) >= 1000;
}

/** A share from 0 to 1, never rounded to all or nothing: `< 1 %`, `98 %`, `> 99 %`. */
export function percent(share: number): string {
  const rounded = Math.round(share * 100);
  if (rounded === 0 && share > 0) return '< 1 %';
  return rounded === 100 && share < 1 ? '> 99 %' : `${rounded} %`;
}
