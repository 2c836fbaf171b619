import {
  readActivity,
  readEarlierVerdicts,
  readLastScan,
  readSeenKeys,
  readSessions,
} from './engines/sqlite/evidence.ts';
import { readInventories, type StoredInventory } from './engines/sqlite/inventories.ts';
import type { LoadedInventory } from './known-keys.ts';
import type { Store } from './engines/sqlite/store.ts';
import type { EpochMs, Evidence, InventoryEntry, KeyMatch, KeyReport, Report, SourceActivity } from './model.ts';
import type { Options } from './options.ts';
import { audit, sourceReports, summarise } from './verdicts/audit.ts';
import { inferCoverage } from './verdicts/coverage.ts';
import { isoInstant, isoInstantOrNull } from './verdicts/calendar.ts';
import { gatherEvidence } from './verdicts/evidence.ts';
import { policiesOf } from './verdicts/stricter-policy.ts';
import type { World } from './verdicts/world.ts';

/** Everything that verdicts are made from, as of one instant. */
export interface Stock {
  readonly evidence: readonly Evidence[];
  readonly activity: readonly SourceActivity[];
  readonly world: World;
  readonly scan: number;
}

export type StockOptions = Pick<
  Options,
  'asOf' | 'now' | 'policy' | 'stricter' | 'sources' | 'exemptions' | 'successors' | 'includeSessions'
>;

/**
 * Reads what is stored and joins it: evidence per key, coverage per source. One snapshot of the database. Inventories
 * that were just read, and are not stored yet, come in as `fresh`.
 */
export function takeStock(store: Store, options: StockOptions, fresh: readonly LoadedInventory[]): Stock {
  return store.db.transaction(() => {
    const inventories = withFresh(readInventories(store.db), fresh, options.now);
    const listed = newestEntries(inventories);
    const seen = readSeenKeys(store.db).filter(
      ({ ref }) => options.includeSessions || ref.kind !== 'aws_sts_session_key' || listed.has(ref.key),
    );
    const evidence = gatherEvidence(
      seen,
      [...listed.values()].map(({ entry }) => entry),
    );
    const activity = readActivity(store.db, new Map(options.sources.map((source) => [source.name, source])));
    const scan = readLastScan(store.db);
    const earlier = readEarlierVerdicts(store.db, scan);
    const byKey = new Map(evidence.map((one) => [one.key, one]));
    const world: World = {
      asOf: options.asOf,
      policy: options.policy,
      policyOf: policiesOf(options.policy, options.stricter, () => entriesOf(inventories)),
      coverage: new Map(activity.map((one) => [one.source, inferCoverage(one, options.asOf, options.policy)])),
      others: (key) => byKey.get(key),
      keysOf: keysBySystem(evidence),
      earlier: (key) => earlier.get(key),
      exemptions: new Map(options.exemptions.map(({ key, reason, untilAt }) => [key, { reason, untilAt }])),
      successors: new Map(options.successors.map(({ key, successor }) => [key, successor])),
      hasInventory: inventories.length > 0,
      listedSince: (key) => listed.get(key)?.listedSince,
    };
    return { evidence, activity, world, scan };
  })();
}

/** Judges every key. */
export function makeReport(store: Store, stock: Stock, options: StockOptions, version: string): Report {
  const keys = audit(stock.evidence, stock.world);
  return {
    schema: 'lastcall.report/1',
    tool: { name: 'lastcall', version },
    generatedAt: isoInstant(options.now),
    asOf: isoInstant(options.asOf),
    database: { id: store.id, scan: stock.scan },
    summary: summarise(keys, stock.activity),
    sources: sourceReports(stock.activity, stock.world.coverage),
    sessions: readSessions(store.db).map((one) => ({ ...one, lastUsedAt: isoInstantOrNull(one.lastUsedAt) })),
    keys,
  };
}

/** What stands in the inventories, entry by entry. */
export function* entriesOf(inventories: readonly Pick<StoredInventory, 'entries'>[]): Iterable<InventoryEntry> {
  for (const { entries } of inventories) for (const { entry } of entries) yield entry;
}

/** Keys that are meant by an id, a label, a display form or a fingerprint (its start is enough). */
export function findKeys(keys: readonly KeyReport[], wanted: string): readonly KeyReport[] {
  const exact = keys.filter(({ key }) => key === wanted);
  if (exact.length > 0) return exact;
  const isStart = wanted.startsWith('k_') && wanted.length >= 6;
  return keys.filter(
    ({ key, label, display }) => label === wanted || display === wanted || (isStart && key.startsWith(wanted)),
  );
}

function withFresh(
  stored: readonly StoredInventory[],
  fresh: readonly LoadedInventory[],
  now: EpochMs,
): readonly StoredInventory[] {
  const byFile = new Map(stored.map((inventory) => [inventory.file, inventory]));
  for (const { file, partial, entries } of fresh) {
    const known = byFile.get(file)?.entries;
    const since = new Map(known?.map(({ entry, listedSince }) => [entry.id, listedSince]));
    const isNew = (id: string): boolean => known !== undefined && !since.has(id);
    byFile.set(file, {
      file,
      partial,
      importedAt: now,
      entries: entries.map((entry) => ({ entry, listedSince: isNew(entry.id) ? now : since.get(entry.id) })),
    });
  }
  return [...byFile.values()];
}

interface Listed {
  readonly entry: InventoryEntry;
  readonly listedSince: EpochMs | undefined;
}

/** One entry per id: that of the inventory which was read last. */
function newestEntries(inventories: readonly StoredInventory[]): Map<string, Listed> {
  const byAge = inventories.toSorted((a, b) => a.importedAt - b.importedAt || (a.file < b.file ? -1 : 1));
  const byId = new Map<string, Listed>();
  for (const listed of byAge.flatMap(({ entries }) => entries)) {
    const older = byId.get(listed.entry.id);
    byId.set(listed.entry.id, older === undefined ? listed : joinEntries(older, listed));
  }
  return byId;
}

/** Two files that use one id for different keys: each key counts as this one, so that no use is overlooked. */
function joinEntries(older: Listed, newer: Listed): Listed {
  const kept = keptLongest(older.entry, newer.entry);
  const [a, b] = [older.entry.match, newer.entry.match];
  const keys = [...new Set([...keysOf(a), ...keysOf(b)])];
  if (keys.length === keysOf(b).length && a.by !== 'masked') return { ...newer, entry: { ...newer.entry, ...kept } };
  const match: KeyMatch = b.by === 'masked' ? { ...b, keys } : a.by === 'masked' ? { ...a, keys } : { by: 'id', keys };
  return { ...newer, entry: { ...newer.entry, ...kept, match } };
}

/** A list that is read later, and says nothing of it, does not end what another says. */
function keptLongest(a: InventoryEntry, b: InventoryEntry): Pick<InventoryEntry, 'keepUntilAt' | 'keepReason'> {
  const { keepUntilAt, keepReason } = (a.keepUntilAt ?? 0) > (b.keepUntilAt ?? 0) ? a : b;
  return { keepUntilAt, keepReason };
}

function keysOf(match: KeyMatch): readonly string[] {
  return match.by === 'fingerprint' ? [match.key] : (match.keys ?? []);
}

function keysBySystem(evidence: readonly Evidence[]): World['keysOf'] {
  const keys = new Map<string, string[]>();
  for (const { key, callers } of evidence) {
    for (const { system } of callers) {
      if (system.attribution !== 'rule' && system.attribution !== 'field') continue;
      const known = keys.get(system.name);
      if (known === undefined) keys.set(system.name, [key]);
      else known.push(key);
    }
  }
  return (system) => keys.get(system) ?? [];
}
