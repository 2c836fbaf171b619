import type { Caller, CallerDay, Evidence, InventoryEntry, KeyRef } from '../model.ts';
import { kindOfPublicId } from '../attribution/credentials.ts';
import { fitsMasked } from '../attribution/masked.ts';

/** A key as it was seen in the logs, with everything that is known of its use. */
export interface SeenKey {
  readonly ref: KeyRef;
  readonly callers: readonly Caller[];
}

/**
 * Joins what was issued with what was seen: one piece of evidence for each inventory entry, used or not, and for each key
 * that is in no inventory. Where a masked form leaves open which key is meant, all that it could be are ambiguous.
 */
export function gatherEvidence(seen: readonly SeenKey[], entries: readonly InventoryEntry[]): Evidence[] {
  const matcher = new Matcher(seen, entries);
  const listed = entries.map((entry) => matcher.ofEntry(entry));
  const proven = new Set(listed.filter(({ callers }) => callers.length > 0).map(({ entry }) => wayOf(entry)));
  return [
    ...listed.map((evidence) => ({ ...evidence, isMatchProven: proven.has(wayOf(evidence.entry)) })),
    ...matcher.unlisted(),
  ];
}

/** How an inventory describes a key. An AWS access key id is what AWS logs, so it needs no proof. */
function wayOf(entry: InventoryEntry | undefined): string {
  if (entry === undefined) return '';
  const { match } = entry;
  const ids = match.by === 'id' ? match.keys.length : 0;
  return `${entry.file}\0${match.by}\0${ids}\0${isAccessKeyId(entry.id)}`;
}

class Matcher {
  readonly #seen: ReadonlyMap<string, SeenKey>;
  /** Seen keys that an entry names exactly. */
  readonly #named: ReadonlySet<string>;
  /** Masked entries -> seen keys that they fit and that no entry names; and the other way round. */
  readonly #fits = new Map<InventoryEntry, SeenKey[]>();
  readonly #fittedBy = new Map<string, InventoryEntry[]>();
  /** What the logs themselves show only in part. */
  readonly #maskedSeen: readonly SeenKey[];

  constructor(seen: readonly SeenKey[], entries: readonly InventoryEntry[]) {
    this.#seen = new Map(seen.map((key) => [key.ref.key, key]));
    this.#named = new Set(entries.flatMap(keysNamedBy));
    this.#maskedSeen = seen.filter((key) => key.ref.kind === 'masked');
    const secrets = seen.filter((key) => key.ref.kind === 'secret');
    const namedIn = new Map<string, Set<string>>();
    for (const entry of entries) addAll(namedIn, entry.file, keysNamedBy(entry));
    for (const entry of entries) {
      const others = namedIn.get(entry.file);
      this.#fit(
        entry,
        secrets.filter((key) => others?.has(key.ref.key) !== true),
      );
    }
  }

  ofEntry(entry: InventoryEntry): Evidence {
    const fits = this.#fits.get(entry) ?? [];
    const keys = [...keysNamedBy(entry).flatMap((key) => this.#seen.get(key) ?? []), ...fits];
    const [first] = keys;
    const rivals = fits.flatMap((key) => this.#fittedBy.get(key.ref.key) ?? []).filter((other) => other !== entry);
    const display = entry.display ?? first?.ref.display;
    return {
      key: entry.id,
      display: display ?? entry.id,
      kind: first?.ref.kind ?? 'secret',
      entry,
      callers: mergeCallers(keys.map((key) => key.callers)),
      isMatchProven: false,
      ambiguousWith: unique([
        ...(fits.length > 1 ? fits.map((key) => key.ref.key) : []),
        ...rivals.map((other) => other.id),
        ...this.#maskedRivals(isAccessKeyId(entry.id) ? entry.id : (display ?? NOTHING_SHOWN)),
      ]),
    };
  }

  /** Keys in traffic that are in no inventory, as far as one can tell. */
  unlisted(): Evidence[] {
    return [...this.#seen.values()].filter((key) => !this.#isListed(key)).map((key) => this.#ofSeen(key));
  }

  #isListed(key: SeenKey): boolean {
    if (this.#named.has(key.ref.key)) return true;
    const fitting = this.#fittedBy.get(key.ref.key) ?? [];
    return fitting.length === 1 && (this.#fits.get(fitting[0] as InventoryEntry) ?? []).length === 1;
  }

  #ofSeen(key: SeenKey): Evidence {
    const entries = this.#fittedBy.get(key.ref.key) ?? [];
    const possible = key.ref.kind === 'masked' ? this.#keysFitting(key) : this.#maskedRivals(key.ref.display);
    return {
      key: key.ref.key,
      display: key.ref.display,
      kind: key.ref.kind,
      entry: undefined,
      callers: key.callers,
      isMatchProven: true,
      ambiguousWith: unique([...entries.map((entry) => entry.id), ...possible]),
    };
  }

  #fit(entry: InventoryEntry, open: readonly SeenKey[]): void {
    if (entry.match.by !== 'masked') return;
    const masked = entry.match;
    const fits = open.filter((key) => fitsMasked(masked, key.ref.display));
    this.#fits.set(entry, fits);
    for (const { ref } of fits) this.#fittedBy.set(ref.key, [...(this.#fittedBy.get(ref.key) ?? []), entry]);
  }

  /** Masked forms in the logs that may mean a key with this display. */
  #maskedRivals(display: string): string[] {
    return this.#maskedSeen.filter(({ ref }) => fitsMasked(shownBy(ref.display), display)).map(({ ref }) => ref.key);
  }

  /** What a masked form in the logs may mean: never nothing, since it stands for some key. */
  #keysFitting(masked: SeenKey): string[] {
    const shown = shownBy(masked.ref.display);
    const fitting = [...this.#seen.values()].filter(
      ({ ref }) => ref.kind !== 'masked' && fitsMasked(shown, ref.display),
    );
    return fitting.length === 0 ? ['keys in no inventory'] : fitting.map(({ ref }) => ref.key);
  }
}

/** Display of a key of which the inventory shows nothing: any masked form may mean it. */
const NOTHING_SHOWN = '...';

function isAccessKeyId(id: string): boolean {
  return kindOfPublicId(id) === 'aws_access_key';
}

/** `prefix...suffix` -> its two ends. */
function shownBy(display: string): { prefix: string; suffix: string } {
  const cut = display.indexOf('...');
  return { prefix: display.slice(0, cut), suffix: display.slice(cut + 3) };
}

function keysNamedBy(entry: InventoryEntry): readonly string[] {
  switch (entry.match.by) {
    case 'fingerprint':
      return [entry.match.key];
    case 'id':
      return entry.match.keys;
    case 'masked':
      return entry.match.keys ?? [];
    default:
      return entry.match satisfies never;
  }
}

/** One key under several ids: the days of each system stand together. */
function mergeCallers(lists: readonly (readonly Caller[])[]): readonly Caller[] {
  if (lists.length === 1) return lists[0] as readonly Caller[];
  const merged = new Map<string, { system: Caller['system']; days: CallerDay[] }>();
  for (const caller of lists.flat()) {
    const name = `${caller.system.attribution}\0${caller.system.name}`;
    const known = merged.get(name);
    if (known === undefined) merged.set(name, { system: caller.system, days: [...caller.days] });
    else known.days.push(...caller.days);
  }
  return [...merged.values()].map(({ system, days }) => ({ system, days: days.toSorted((a, b) => a.day - b.day) }));
}

function addAll(sets: Map<string, Set<string>>, name: string, values: readonly string[]): void {
  const set = sets.get(name) ?? new Set<string>();
  for (const value of values) set.add(value);
  sets.set(name, set);
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)].toSorted();
}
