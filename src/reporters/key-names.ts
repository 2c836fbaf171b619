import type { KeyReport } from '../model.ts';
import { inert } from './inert.ts';
import { displayWidth, pad, truncate } from './text-width.ts';

/** How people call a key: its label, else what is shown of it, else its id. */
export function keyName({ key, label, display }: Named): string {
  if (!isBlank(label)) return inert(label ?? '');
  if (display !== NOTHING_SHOWN) return inert(display);
  return key === REDACTED ? 'redacted key' : inert(key);
}

const NOTHING_SHOWN = '...';
/** All keys of which the logs show nothing. */
const REDACTED = 'masked:...';

/**
 * Names to stand without ids beside them. Where a name does not tell the key, because it has no label or another of them
 * is called the same, the start of its id follows.
 */
export function namesApart(keys: readonly Named[]): readonly string[] {
  const names = keys.map(keyName);
  return keys.map((key, index) => {
    const name = names[index] ?? '';
    const isOne = names.indexOf(name) === names.lastIndexOf(name);
    return name === inert(key.key) || (isOne && !isBlank(key.label)) ? name : `${name} (${shortId(key.key)})`;
  });
}

type Named = Pick<KeyReport, 'key' | 'label' | 'display'>;

function isBlank(text: string | null): boolean {
  return text === null || text.trim() === '';
}

function shortId(key: string): string {
  return inert(/^k_[0-9a-f]{20}$/.test(key) ? key.slice(0, 10) : key);
}

const MOST_LISTED = 10;

/** Keys that one name may mean, a line each: id, label and what is shown of the key, under each other. */
export function listKeys(keys: readonly Named[]): string[] {
  const rows = keys.slice(0, MOST_LISTED).map((key) => [inert(key.key), inert(key.label ?? '-'), inert(key.display)]);
  const widths = [0, 1].map((column) => Math.min(40, Math.max(...rows.map((row) => displayWidth(row[column] ?? '')))));
  const lines = rows.map(([id = '', label = '', display = '']) =>
    [pad(id, widths[0] ?? 0), pad(truncate(label, 40), widths[1] ?? 0), display].join('  '),
  );
  return keys.length > MOST_LISTED ? [...lines, `and ${keys.length - MOST_LISTED} more`] : lines;
}

/** The owner, or `none`. */
export function ownerName(key: KeyReport, none: string): string {
  return inert(key.owner ?? '').trim() || none;
}

/** The id when it can stand in a shell command as it is and has room, else a placeholder. */
export function commandId(key: KeyReport | undefined, room: number): string {
  const id = key?.key ?? '';
  return id.length <= room && /^[A-Za-z0-9_][A-Za-z0-9_-]*$/.test(id) ? id : '<key>';
}

/** The day of an instant, or `none` where there is no instant. */
export function dayOfInstant(instant: string | null, none: string): string {
  return instant === null ? none : inert(instant).replace(/T.*/, '');
}

/** When the key may go: `now`, a day, or `-`. Beside a key in use, a date would read like a plan. */
export function safeOnText(key: KeyReport): string {
  if (key.verdict === 'safe') return isDeletable(key) ? 'now' : '-';
  return key.verdict === 'in-use' ? '-' : inert(key.safeOn ?? '-');
}

/** Safe, and not deleted already. */
export function isDeletable({ verdict, status }: KeyReport): boolean {
  return verdict === 'safe' && status !== 'deleted';
}

/** Neither disabled nor deleted. */
export function isInForce({ status }: Pick<KeyReport, 'status'>): boolean {
  return status !== 'disabled' && status !== 'deleted';
}

/** Systems with the latest call first; those that never got through last. */
export function byLastCall(key: KeyReport): KeyReport['systems'] {
  return key.systems.toSorted(byCalls);
}

export function byCalls(a: Called, b: Called): number {
  return compare(b.lastUsedAt ?? '', a.lastUsedAt ?? '') || compare(a.system, b.system);
}

type Called = Pick<KeyReport['systems'][number], 'system' | 'lastUsedAt'>;

/** The names of most keys first. */
export function byCount<Name extends string>(counts: ReadonlyMap<Name, number>): readonly (readonly [Name, number])[] {
  return [...counts].toSorted(([a, ofA], [b, ofB]) => ofB - ofA || compare(a, b));
}

/** Order by code units: the same on every machine. */
export function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
