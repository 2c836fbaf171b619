import { fitsMasked } from '../../src/attribution/masked.ts';
import { SqliteListedKeys } from '../../src/engines/sqlite/listed-keys.ts';
import { SqliteSeenKeys } from '../../src/engines/sqlite/seen-keys.ts';
import type { InventoryEntry, KeyKind, KeyMatch, KeyRef } from '../../src/model.ts';
import { EvidenceSet, keysNamedBy, wayOf } from '../../src/verdicts/evidence.ts';
import { entryOf, list } from '../engines/sqlite/made-inventory.ts';
import { addStreams, newStore, tallyOf, usageOf } from '../engines/sqlite/made-store.ts';

/** A key in the logs, and the systems that called with it, once each. */
export interface SeenKey {
  readonly ref: KeyRef;
  readonly systems: readonly string[];
}

export function seen(
  key: string,
  display: string,
  kind: KeyKind = 'secret',
  systems: readonly string[] = ['billing'],
): SeenKey {
  return { ref: { key, display, kind }, systems };
}

export function entry(
  id: string,
  match: KeyMatch,
  display?: string,
  rest: Partial<InventoryEntry> = {},
): InventoryEntry {
  return entryOf(id, { match, display, ...rest });
}

export function masked(prefix: string, suffix: string, keys?: readonly string[]): KeyMatch {
  return keys === undefined ? { by: 'masked', prefix, suffix } : { by: 'masked', prefix, suffix, keys };
}

/** Evidence of what a database holds: each file of entries is an inventory, read in the order of the list. */
export function evidenceSet(
  keys: readonly SeenKey[],
  entries: readonly InventoryEntry[],
  includeSessions = false,
  mostKeys = 100,
): EvidenceSet {
  const store = newStore();
  const calls = keys.flatMap(({ ref, systems }) =>
    systems.map((name) => usageOf({ keys: [ref], system: { name, attribution: 'field' } })),
  );
  addStreams(store, [{ settled: tallyOf(calls) }]);
  const files = Map.groupBy(entries, ({ file }) => file);
  for (const [index, [file, ofFile]] of [...files].entries()) list(store, file, ofFile, index + 1);
  return new EvidenceSet(new SqliteSeenKeys(store.db, mostKeys), new SqliteListedKeys(store.db), includeSessions);
}

/** What evidence amounts to, as far as the joining of keys and entries goes. */
export interface Joined {
  readonly key: string;
  readonly isListed: boolean;
  readonly requests: number;
  readonly systems: readonly string[];
  readonly isMatchProven: boolean;
  readonly ambiguousWith: readonly string[];
}

export function joinedOf(evidence: EvidenceSet): readonly Joined[] {
  return [...evidence.all()].map(({ key, entry: listed, callers, isMatchProven, ambiguousWith }) => ({
    key,
    isListed: listed !== undefined,
    requests: callers.reduce((sum, { totals }) => sum + totals.requests, 0),
    systems: callers.map(({ system }) => system.name).toSorted(),
    isMatchProven,
    ambiguousWith,
  }));
}

/** The same, by comparing every key with every entry. Each id is in one file only. */
export function joinedByHand(keys: readonly SeenKey[], entries: readonly InventoryEntry[]): readonly Joined[] {
  const fitsOf = (one: InventoryEntry): readonly SeenKey[] => {
    const { match } = one;
    if (match.by !== 'masked') return [];
    const named = new Set(entries.filter(({ file }) => file === one.file).flatMap(keysNamedBy));
    return keys.filter(({ ref }) => ref.kind === 'secret' && !named.has(ref.key) && fitsMasked(match, ref.display));
  };
  const entriesFitting = (key: SeenKey): readonly InventoryEntry[] =>
    entries.filter((one) => fitsOf(one).includes(key));
  const behind = (one: InventoryEntry): readonly SeenKey[] => [
    ...keys.filter(({ ref }) => keysNamedBy(one).includes(ref.key)),
    ...fitsOf(one),
  ];
  const maskedRivals = (display: string): readonly string[] =>
    keys
      .filter(({ ref }) => ref.kind === 'masked' && fitsMasked(endsOf(ref.display), display))
      .map(({ ref }) => ref.key);
  const proven = new Set(entries.filter((one) => behind(one).length > 0).map((one) => `${one.file} ${wayOf(one)}`));
  const listed = entries.map((one) => {
    const fits = fitsOf(one);
    const rivals = fits.flatMap(entriesFitting).filter((other) => other !== one);
    const isAccessKey = one.id.startsWith('AKIA');
    const shown = isAccessKey ? one.id : (one.display ?? behind(one)[0]?.ref.display ?? '...');
    return {
      key: one.id,
      isListed: true,
      ...usesOf(behind(one)),
      isMatchProven: proven.has(`${one.file} ${wayOf(one)}`),
      ambiguousWith: sorted([
        ...(fits.length > 1 ? fits.map(({ ref }) => ref.key) : []),
        ...rivals.map(({ id }) => id),
        ...maskedRivals(shown),
      ]),
    };
  });
  const isListed = (key: SeenKey): boolean => {
    const [fitting, ...others] = entriesFitting(key);
    if (entries.some((one) => keysNamedBy(one).includes(key.ref.key))) return true;
    return fitting !== undefined && others.length === 0 && fitsOf(fitting).length === 1;
  };
  const unlisted = keys
    .filter((key) => key.ref.kind !== 'aws_sts_session_key' && !isListed(key))
    .map((key) => ({
      key: key.ref.key,
      isListed: false,
      ...usesOf([key]),
      isMatchProven: true,
      ambiguousWith: sorted([
        ...entriesFitting(key).map(({ id }) => id),
        ...(key.ref.kind === 'masked' ? meantBy(key, keys) : maskedRivals(key.ref.display)),
      ]),
    }));
  return [...listed, ...unlisted].toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.isListed ? -1 : 1));
}

function usesOf(keys: readonly SeenKey[]): Pick<Joined, 'requests' | 'systems'> {
  const systems = keys.flatMap((key) => key.systems);
  return { requests: systems.length, systems: sorted(systems) };
}

function meantBy(key: SeenKey, keys: readonly SeenKey[]): readonly string[] {
  const others = keys.filter(({ ref }) => ref.kind !== 'masked' && ref.kind !== 'aws_sts_session_key');
  const fitting = others.filter(({ ref }) => fitsMasked(endsOf(key.ref.display), ref.display));
  return fitting.length === 0 ? ['keys in no inventory'] : fitting.map(({ ref }) => ref.key);
}

function endsOf(display: string): { prefix: string; suffix: string } {
  const cut = display.indexOf('...');
  return { prefix: display.slice(0, cut), suffix: display.slice(cut + 3) };
}

function sorted(names: readonly string[]): readonly string[] {
  return [...new Set(names)].toSorted();
}
