import { readActivity } from '../engines/sqlite/activity.ts';
import { readPlaces } from '../engines/sqlite/caller-places.ts';
import { readDeliveries } from '../engines/sqlite/digests.ts';
import { overlayInventories } from '../engines/sqlite/inventories.ts';
import { SqliteListedKeys } from '../engines/sqlite/listed-keys.ts';
import { readNamedSources } from '../engines/sqlite/named-sources.ts';
import { SqliteSeenKeys } from '../engines/sqlite/seen-keys.ts';
import { readSessions } from '../engines/sqlite/sessions.ts';
import type { Store } from '../engines/sqlite/store.ts';
import {
  type AuditChoice,
  type EarlierAudit,
  readAudit,
  readLastRuns,
  readLastScan,
  withdrawals,
} from '../engines/sqlite/verdict-history.ts';
import { JudgedKeys } from './key-reports.ts';
import type { LoadedInventory } from './known-keys.ts';
import type {
  Caller,
  DayCalls,
  Evidence,
  InventoryEntry,
  KeyChange,
  KeyReport,
  KeyReports,
  Report,
  Since,
  SourceActivity,
} from '../model.ts';
import type { Options } from '../options.ts';
import type { PlaceSet } from '../tally/place-set.ts';
import { sourceReports, Summing, type Sums } from '../verdicts/audit.ts';
import { isoInstant, isoInstantOrNull } from '../verdicts/calendar.ts';
import { changesOf, CountingChanges, sourceChanges } from '../verdicts/changes.ts';
import { missingFaults } from './witnesses.ts';
import { inferCoverage } from '../verdicts/coverage.ts';
import { withKindsOfFormat } from '../verdicts/key-kinds.ts';
import { withDeliveries } from '../verdicts/deliveries.ts';
import { EvidenceSet, type Stretch } from '../verdicts/evidence.ts';
import { factsOf } from '../verdicts/facts.ts';
import { reportOf } from '../verdicts/judge.ts';
import { shareLogs } from '../verdicts/shared-logs.ts';
import { policiesOf } from '../verdicts/stricter-policy.ts';
import { traceOf } from '../verdicts/trace.ts';
import { withClockFaults } from '../verdicts/wrong-clock.ts';
import type { World } from '../verdicts/world.ts';

/** Everything that verdicts are made from, as of one instant. */
export interface Stock {
  readonly evidence: EvidenceSet;
  readonly activity: readonly SourceActivity[];
  readonly world: World;
  readonly scan: number;
  /** Calls per day of one caller, sorted. */
  readonly daysOf: (evidence: Evidence, caller: Caller) => readonly DayCalls[];
  /** Where one caller sends the key, by source, as far as it is known. */
  readonly placesOf: (evidence: Evidence, caller: Caller) => ReadonlyMap<string, PlaceSet>;
}

export type StockOptions = Pick<
  Options,
  | 'asOf'
  | 'now'
  | 'policy'
  | 'stricter'
  | 'sources'
  | 'exemptions'
  | 'successors'
  | 'includeSessions'
  | 'secret'
  | 'secretFile'
>;

/**
 * Joins what is stored, evidence per key and coverage per source, and hands it to `act`: one snapshot of the database.
 * Inventories that were just read, and are not stored yet, come in as `fresh`.
 */
export function withStock<T>(
  store: Store,
  options: StockOptions,
  fresh: readonly LoadedInventory[],
  act: (stock: Stock) => T,
): T {
  return store.db.transaction(() => {
    overlayInventories(store.db, fresh, options.now);
    return act(takeStock(store, options));
  })();
}

/** To be used within one transaction. */
export function takeStock(store: Store, options: StockOptions): Stock {
  const { asOf, now, policy, stricter, sources, exemptions, successors, includeSessions } = options;
  const seen = new SqliteSeenKeys(store.db, policy.movedMaxKeys);
  const listed = new SqliteListedKeys(store.db);
  const evidence = new EvidenceSet(seen, listed, includeSessions);
  const deliveries = readDeliveries(store.db);
  const lost = missingFaults(store, options);
  const named = readNamedSources(store.db);
  const mapped = sources.filter(({ fields }) => fields.key !== undefined || fields.keyId !== undefined);
  const areMapped = new Set(mapped.flatMap(({ name }) => [name, ...(named.get(name) ?? [])]));
  const read = readActivity(store.db, new Map(sources.map((source) => [source.name, source])));
  const activity = withKindsOfFormat(read, (source) => areMapped.has(source)).map((one) =>
    withDeliveries({ ...one, faults: [...one.faults, ...lost] }, deliveries),
  );
  const scan = readLastScan(store.db);
  const runs = readLastRuns(store.db);
  // Who asks for a time yet to come says what the clock is.
  const clock = Math.max(now, asOf);
  const coverage = shareLogs(activity, named).map((one) =>
    inferCoverage(withClockFaults(one, runs, clock, policy), asOf, policy),
  );
  const world: World = {
    asOf,
    policy,
    policyOf: policiesOf(policy, stricter, () => entriesOf(listed)),
    coverage: new Map(coverage.map((one) => [one.source, one])),
    partsOf: (source) => named.get(source) ?? [],
    others: (key) => evidence.of(key),
    keysOf: (system) => evidence.keysOf(system),
    withdrawnAt: withdrawals(store.db, asOf),
    exemptions: new Map(exemptions.map(({ key, reason, untilAt }) => [key, { reason, untilAt }])),
    successors: new Map(successors.map(({ key, successor }) => [key, successor])),
    hasInventory: !listed.isEmpty,
  };
  const daysOf: Stock['daysOf'] = (one, caller) => seen.daysOf(evidence.keysBehind(one), caller);
  const placesOf: Stock['placesOf'] = (one, caller) => readPlaces(store.db, evidence.keysBehind(one), caller);
  return { evidence, activity, world, scan, daysOf, placesOf };
}

/** What inventories list, one by one. */
export function* entriesOf(listed: SqliteListedKeys): Iterable<InventoryEntry> {
  for (const { entry, olderEntries = [] } of listed.all()) yield* [entry, ...olderEntries];
}

/** What a report is to have beside the verdicts. */
export interface Extras {
  /** What the logs show of each key, for reporters that draw it. */
  readonly isTraced?: boolean;
  /** What has changed since an earlier audit. */
  readonly since?: AuditChoice | undefined;
}

/** Judges every key. */
export function makeReport(
  store: Store,
  stock: Stock,
  options: StockOptions,
  version: string,
  extras: Extras = {},
): Report {
  const keys = new JudgedKeys();
  const counts = judgeKeys(stock, readEarlier(store, stock, extras), extras, keys);
  return finishReport(store, stock, options, version, extras, { keys, counts: [counts] });
}

/** What was counted of some keys while they were judged. */
export interface Counts {
  readonly sums: Sums;
  readonly changes: Pick<Since, 'keys' | 'alarms'>;
}

/** All that was judged, and the counts of its parts in the order of keys. */
export interface Judged {
  readonly keys: KeyReports;
  readonly counts: readonly Counts[];
}

/** The audit to compare with. */
export function readEarlier(store: Store, stock: Stock, { since }: Extras): EarlierAudit | undefined {
  return since === undefined ? undefined : readAudit(store.db, since, stock.scan);
}

/** Judges every key, or those in a stretch of ids. */
export function judgeKeys(
  stock: Stock,
  earlier: EarlierAudit | undefined,
  { isTraced = false }: Extras,
  keys: Pick<JudgedKeys, 'add'>,
  stretch?: Stretch,
): Counts {
  const summing = new Summing();
  const changing = new CountingChanges();
  for (const evidence of stock.evidence.all(stretch)) {
    const facts = factsOf(evidence, stock.world);
    const judged = reportOf(facts);
    const traced = isTraced ? { ...judged, trace: traceOf(facts) } : judged;
    const report = earlier === undefined ? traced : { ...traced, since: changeOf(judged, earlier) };
    summing.add(report);
    changing.add(report.verdict, report.since?.changes ?? []);
    keys.add(report);
  }
  return { sums: summing.sums, changes: changing.result() };
}

/** Puts the report together around what was judged. */
export function finishReport(
  store: Store,
  stock: Stock,
  options: StockOptions,
  version: string,
  extras: Extras,
  { keys, counts }: Judged,
): Report {
  const summing = new Summing();
  const changing = new CountingChanges();
  for (const { sums, changes } of counts) {
    summing.join(sums);
    changing.join(changes);
  }
  const result = reportOn(keys, summing, store, stock, options, version);
  const earlier = readEarlier(store, stock, extras);
  return earlier === undefined ? result : { ...result, since: sinceOf(earlier, changing, result) };
}

function changeOf(report: KeyReport, earlier: EarlierAudit): KeyChange {
  const known = earlier.verdictOn(report.key);
  return { earlier: known?.verdict ?? null, changes: changesOf(report, known) };
}

function sinceOf({ scan, asOf, sources }: EarlierAudit, changing: CountingChanges, { sources: now }: Report): Since {
  return { scan, asOf: isoInstant(asOf), ...changing.result(), sources: sourceChanges(now, sources) };
}

/** A report on sources alone. */
export function reportOnSources(store: Store, stock: Stock, options: StockOptions, version: string): Report {
  return reportOn([], new Summing(), store, stock, options, version);
}

function reportOn(
  keys: KeyReports,
  summing: Summing,
  store: Store,
  stock: Stock,
  options: StockOptions,
  version: string,
): Report {
  return {
    schema: 'lastcall.report/1',
    tool: { name: 'lastcall', version },
    generatedAt: isoInstant(options.now),
    asOf: isoInstant(options.asOf),
    database: { id: store.id, scan: stock.scan },
    summary: summing.result(stock.activity),
    sources: sourceReports(stock.activity, stock.world.coverage),
    sessions: readSessions(store.db).map((one) => ({ ...one, lastUsedAt: isoInstantOrNull(one.lastUsedAt) })),
    keys,
  };
}
