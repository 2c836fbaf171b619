import { kindOfPublicId } from '../attribution/credentials.ts';
import type { Masked } from '../attribution/masked.ts';
import type { Caller, DayNumber, EpochMs, Evidence, InventoryEntry, KeyKind, KeyRef } from '../model.ts';
import { compareText } from './facts.ts';
import { isInForce, keyUseOf } from './substitution.ts';
import type { KeyUse, OtherKey } from './world.ts';

/** The ids from one up to another, which is not among them: without one, from the first, or to the last. */
export interface Stretch {
  readonly from?: string | undefined;
  readonly before?: string | undefined;
}

/** The keys that the logs show, looked up one by one: there may be millions. */
export interface SeenKeys {
  /** Those that no entry of an inventory names, sorted by key. */
  readonly unnamed: (stretch?: Stretch) => Iterable<KeyRef>;
  readonly get: (key: string) => KeyRef | undefined;
  /** Those of these kinds whose display may be meant by a masked form. */
  readonly fitting: (masked: Masked, kinds: readonly KeyKind[]) => readonly KeyRef[];
  /** Those of which one of these keys may be another form, and that no entry names exactly. */
  readonly writtenFor: (keys: readonly string[]) => readonly KeyRef[];
  /** Those that begin so, the first few. */
  readonly startingWith: (start: string) => readonly KeyRef[];
  readonly shownAs: (display: string) => readonly KeyRef[];
  /** Reads what is known of these keys, and of their systems, at once: to be asked for it one by one takes longer. */
  readonly load: (keys: readonly string[]) => void;
  /** Who called with any of these keys. */
  readonly callersOf: (keys: readonly KeyRef[]) => readonly Caller[];
  /** Keys that a named system calls with and when it took them up; nothing if there are too many. */
  readonly keysOfSystem: (system: string) => readonly KeyOfSystem[];
}

export interface KeyOfSystem extends Pick<OtherKey, 'firstUsedDay' | 'useDays'> {
  readonly ref: () => KeyRef;
}

/** The keys that inventories list, one entry per id. */
export interface ListedKeys {
  /** Sorted by id. */
  readonly all: (stretch?: Stretch) => Iterable<Listed>;
  readonly get: (id: string) => Listed | undefined;
  /** Ids of the entries that name a seen key exactly, else of those of which it may be another form, sorted. */
  readonly naming: (key: string) => readonly string[];
  readonly isNamedIn: (inventory: string, key: string) => boolean;
  /** Entries with a masked form that may mean a key with this display. */
  readonly fitting: (display: string) => readonly Listed[];
  /** Ids of the entries with this label or display. */
  readonly called: (name: string) => readonly string[];
  /** Ids that begin so, the first few. */
  readonly startingWith: (start: string) => readonly string[];
  /** Entries that an inventory describes in this way (see wayOf). */
  readonly describedAs: (inventory: string, way: string) => Iterable<InventoryEntry>;
  /** What was once listed as this seen key, if we have disabled or deleted it since. */
  readonly handedOff: (key: string) => HandedOff | undefined;
  /** Whether one of these entries names a key that was seen. */
  readonly isAnySeen: (inventory: string, way: string) => boolean;
}

export interface Listed {
  readonly entry: InventoryEntry;
  /** What inventories that were read before say of it. */
  readonly olderEntries?: readonly InventoryEntry[] | undefined;
  /** The inventory that it stands in, by a name that is its own. */
  readonly inventory: string;
  readonly listedSince: EpochMs | undefined;
  /** When we disabled or deleted it. */
  readonly handedOffAt?: EpochMs | undefined;
  /** See `Evidence`. */
  readonly disabledAt?: EpochMs | undefined;
}

/** A key as it was listed when we disabled or deleted it. */
export interface HandedOff {
  readonly entry: InventoryEntry;
  readonly at: EpochMs;
}

/** How an inventory describes a key. An AWS access key id is what AWS logs, so it needs no proof. */
export function wayOf({ match, id }: InventoryEntry): string {
  const ids = match.by === 'id' ? match.keys.length : 0;
  return `${match.by} ${ids} ${isAccessKeyId(id)}`;
}

/** The keys as which the logs may show an entry, other forms of them included. */
export function keysNamedBy(entry: InventoryEntry): readonly string[] {
  return [...exactKeysOf(entry), ...(entry.forms ?? [])];
}

/** The keys as which the logs show an entry that write it as it is. */
export function exactKeysOf({ match }: InventoryEntry): readonly string[] {
  return match.by === 'fingerprint' ? [match.key] : (match.keys ?? []);
}

/** Display of a key of which the inventory shows nothing: any masked form may mean it. */
const NOTHING_SHOWN = '...';

/** Session credentials are no keys: they cannot be deleted. */
const SESSION: KeyKind = 'aws_sts_session_key';

/**
 * Joins what was issued with what was seen: one piece of evidence for each inventory entry, used or not, and for each key
 * that is in no inventory. Where a masked form leaves open which key is meant, all that it could be are ambiguous.
 */
export class EvidenceSet {
  readonly #seen: SeenKeys;
  readonly #listed: ListedKeys;
  readonly #includeSessions: boolean;
  readonly #proven = new Map<string, boolean>();

  constructor(seen: SeenKeys, listed: ListedKeys, includeSessions: boolean) {
    this.#seen = seen;
    this.#listed = listed;
    this.#includeSessions = includeSessions;
  }

  /** Everything, or what has an id in a stretch, sorted by key. */
  *all(stretch: Stretch = {}): Iterable<Evidence> {
    for (const page of pagesOf(this.#sorted(stretch))) {
      this.#seen.load(page.flatMap((one) => ('entry' in one ? keysNamedBy(one.entry) : [one.key])));
      for (const one of page) yield 'entry' in one ? this.#ofListed(one) : this.#ofUnlisted(one);
    }
  }

  /** What is listed and the keys that are not, in the order of their ids. */
  *#sorted(stretch: Stretch): Iterable<Listed | KeyRef> {
    const listed = this.#listed.all(stretch)[Symbol.iterator]();
    try {
      let next = listed.next();
      for (const ref of this.#seen.unnamed(stretch)) {
        while (next.done !== true && compareText(next.value.entry.id, ref.key) <= 0) {
          yield next.value;
          next = listed.next();
        }
        if (this.#isKey(ref) && this.#onlyFit(ref) === undefined) yield ref;
      }
      for (; next.done !== true; next = listed.next()) yield next.value;
    } finally {
      // A database cannot be closed while somebody walks through it.
      listed.return?.();
    }
  }

  /** By the id in a report. */
  of(key: string): Evidence | undefined {
    const listed = this.#listed.get(key);
    if (listed !== undefined) return this.#ofListed(listed);
    const ref = this.#seen.get(key);
    return ref === undefined || !this.#isKey(ref) || this.#isListed(ref) ? undefined : this.#ofUnlisted(ref);
  }

  /** What inventories list, one entry per id. */
  *entries(): Iterable<InventoryEntry> {
    for (const { entry } of this.#listed.all()) yield entry;
  }

  /** Whether a key was seen or is listed, by its fingerprint. */
  knows(fingerprint: string): boolean {
    return this.#seen.get(fingerprint) !== undefined || this.#listed.naming(fingerprint).length > 0;
  }

  /** Those that are meant by an id, else by a label, a display form or the start of a fingerprint. */
  find(wanted: string): readonly Evidence[] {
    const exact = this.of(wanted);
    if (exact !== undefined) return [exact];
    const isStart = wanted.startsWith('k_') && wanted.length >= 6;
    const seen = [...(isStart ? this.#seen.startingWith(wanted) : []), ...this.#seen.shownAs(wanted)];
    const listed = [...(isStart ? this.#listed.startingWith(wanted) : []), ...this.#listed.called(wanted)];
    const ids = [...listed, ...seen.filter((ref) => this.#isKey(ref)).map(({ key }) => key)];
    const found = [...new Set(ids)].flatMap((id) => this.of(id) ?? []);
    // A listed key is also meant by the fingerprint that the logs show.
    const named = seen.flatMap(({ key }) => this.#listed.naming(key)).flatMap((id) => this.of(id) ?? []);
    const byKey = new Map([...found, ...named].map((evidence) => [evidence.key, evidence]));
    return [...byKey.values()].toSorted((a, b) => compareText(a.key, b.key));
  }

  /** The seen keys whose calls this is evidence of. */
  keysBehind({ key, entry }: Evidence): readonly string[] {
    const listed = entry === undefined ? undefined : this.#listed.get(key);
    return listed === undefined ? [key] : this.#keysMeantBy(listed);
  }

  #keysMeantBy(listed: Listed): readonly string[] {
    const named = keysNamedBy(listed.entry);
    const others = [...this.#seen.writtenFor(named), ...this.#keysFitting(listed)];
    return unique([...named, ...others.map((ref) => ref.key)]);
  }

  /** The first few ids, for near misses. */
  someIds(atMost: number): readonly string[] {
    const ids: string[] = [];
    for (const { entry } of this.#listed.all()) if (ids.push(entry.id) >= atMost) return ids;
    for (const { key } of this.#seen.unnamed()) if (ids.push(key) >= atMost) return ids;
    return ids;
  }

  /** The first few labels, by which a key may be asked for too. */
  someLabels(atMost: number): readonly string[] {
    const labels: string[] = [];
    for (const { entry } of this.#listed.all()) {
      if (entry.label !== undefined && labels.push(entry.label) >= atMost) return labels;
    }
    return labels;
  }

  /** The keys that a named system calls with, as a world shows them. */
  keysOf(system: string): readonly OtherKey[] {
    return this.#seen.keysOfSystem(system).map(({ ref, firstUsedDay, useDays }) => ({
      firstUsedDay,
      useDays,
      use: () => this.#useOf(ref(), useDays, system),
    }));
  }

  /** A system's use of the entry that means a seen key, else of the key itself. */
  #useOf(ref: KeyRef, useDays: () => readonly DayNumber[], system: string): KeyUse {
    const [named] = this.#listed.naming(ref.key);
    const listed = named === undefined ? this.#onlyFit(ref) : this.#listed.get(named);
    if (listed === undefined) {
      return { key: ref.key, useDays: useDays(), isActive: isInForce(this.#listed.handedOff(ref.key)?.entry) };
    }
    const { entry } = listed;
    const isAll = this.#keysMeantBy(listed).every((key) => key === ref.key);
    if (isAll) return { key: entry.id, useDays: useDays(), isActive: isInForce(entry) };
    return keyUseOf(this.#ofListed(listed), { system: { name: system, attribution: 'field' } });
  }

  #isKey({ kind }: KeyRef): boolean {
    return this.#includeSessions || kind !== SESSION;
  }

  #isListed(ref: KeyRef): boolean {
    return this.#listed.naming(ref.key).length > 0 || this.#onlyFit(ref) !== undefined;
  }

  /** The one entry that a key fits, if it is the only key that fits that. */
  #onlyFit(ref: KeyRef): Listed | undefined {
    const [first, ...others] = this.#entriesFitting(ref);
    return first !== undefined && others.length === 0 && this.#keysFitting(first).length === 1 ? first : undefined;
  }

  #ofListed(listed: Listed): Evidence {
    const { entry, olderEntries, listedSince, handedOffAt, disabledAt } = listed;
    const fits = this.#keysFitting(listed);
    const named = keysNamedBy(entry);
    const keys = [...named.flatMap((key) => this.#seen.get(key) ?? []), ...this.#seen.writtenFor(named), ...fits];
    const [first] = keys;
    const rivals = fits.flatMap((ref) => this.#entriesFitting(ref)).filter((other) => other.entry.id !== entry.id);
    const display = entry.display ?? first?.display;
    const callers = this.#seen.callersOf(keys);
    return {
      key: entry.id,
      display: display ?? entry.id,
      olderEntries,
      kind: first?.kind ?? 'secret',
      entry,
      listedSince,
      handedOffAt,
      disabledAt,
      callers,
      isMatchProven: callers.length > 0 || this.#isProven(listed),
      ambiguousWith: unique([
        ...(fits.length > 1 ? fits.map(({ key }) => key) : []),
        ...rivals.map((other) => other.entry.id),
        ...this.#maskedRivals(isAccessKeyId(entry.id) ? entry.id : (display ?? NOTHING_SHOWN)),
      ]),
    };
  }

  #ofUnlisted(ref: KeyRef): Evidence {
    const handedOff = this.#listed.handedOff(ref.key);
    const possible = ref.kind === 'masked' ? this.#meantBy(ref) : this.#maskedRivals(ref.display);
    return {
      key: ref.key,
      display: ref.display,
      kind: ref.kind,
      entry: handedOff?.entry,
      listedSince: undefined,
      handedOffAt: handedOff?.at,
      disabledAt: handedOff?.at,
      callers: this.#seen.callersOf([ref]),
      isMatchProven: true,
      ambiguousWith: unique([...this.#entriesFitting(ref).map(({ entry }) => entry.id), ...possible]),
    };
  }

  /** Seen keys that a masked entry may mean and that neither it nor its inventory names. */
  #keysFitting({ entry, inventory }: Pick<Listed, 'entry' | 'inventory'>): readonly KeyRef[] {
    const { match } = entry;
    if (match.by !== 'masked') return [];
    const named = keysNamedBy(entry);
    return this.#seen
      .fitting(match, ['secret'])
      .filter(({ key }) => !named.includes(key) && !this.#listed.isNamedIn(inventory, key));
  }

  #entriesFitting({ key, kind, display }: KeyRef): readonly Listed[] {
    if (kind !== 'secret') return [];
    return this.#listed.fitting(display).filter(({ inventory }) => !this.#listed.isNamedIn(inventory, key));
  }

  /** Whether some key that the inventory describes in the same way was ever seen. */
  #isProven({ entry, inventory }: Listed): boolean {
    const way = wayOf(entry);
    const name = `${inventory}\0${way}`;
    let isProven = this.#proven.get(name);
    if (isProven === undefined) this.#proven.set(name, (isProven = this.#prove(inventory, way)));
    return isProven;
  }

  #prove(inventory: string, way: string): boolean {
    if (this.#listed.isAnySeen(inventory, way)) return true;
    for (const entry of this.#listed.describedAs(inventory, way)) {
      if (this.#keysFitting({ entry, inventory }).length > 0) return true;
    }
    return false;
  }

  /** Masked forms in the logs that may mean a key with this display. */
  #maskedRivals(display: string): readonly string[] {
    return this.#seen.fitting(shownBy(display), ['masked']).map(({ key }) => key);
  }

  /** What a masked form in the logs may mean: never nothing, since it stands for some key. */
  #meantBy({ display }: KeyRef): readonly string[] {
    const fitting = this.#seen.fitting(shownBy(display), ['secret', 'public_id', 'aws_access_key']);
    return fitting.length === 0 ? ['keys in no inventory'] : fitting.map(({ key }) => key);
  }
}

const PAGE_LENGTH = 500;

function* pagesOf<Item>(items: Iterable<Item>): Iterable<readonly Item[]> {
  let page: Item[] = [];
  for (const item of items) {
    page.push(item);
    if (page.length < PAGE_LENGTH) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

function isAccessKeyId(id: string): boolean {
  return kindOfPublicId(id) === 'aws_access_key';
}

/** `prefix...suffix` -> its two ends. What shows the whole key has no end to compare but its own. */
function shownBy(display: string): Masked {
  const cut = display.indexOf('...');
  return cut === -1
    ? { prefix: display, suffix: display }
    : { prefix: display.slice(0, cut), suffix: display.slice(cut + 3) };
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)].toSorted(compareText);
}
