import type { TableContext } from '../engines/clickhouse/read-table.ts';
import type { Tables } from '../engines/clickhouse/tables.ts';
import { storageError, writeTransaction } from '../engines/sqlite/database.ts';
import { storeGlance } from '../engines/sqlite/glance.ts';
import { storeInventory } from '../engines/sqlite/inventories.ts';
import { SqliteListedKeys } from '../engines/sqlite/listed-keys.ts';
import { prune } from '../engines/sqlite/prune.ts';
import { openForReading, openForWriting, type WritableStore } from '../engines/sqlite/store.ts';
import { readAudit, recordAudit, recordVerdicts } from '../engines/sqlite/verdict-history.ts';
import { type ExitCode, worseExit } from '../errors.ts';
import { exclude } from './exclusions.ts';
import { loadFormats } from '../extensions.ts';
import { ingest } from '../ingest/ingest.ts';
import type { IngestResult } from '../ingest/context.ts';
import type { Problem } from '../ingest/problem.ts';
import { noteLeftOut } from '../ingest/left-out.ts';
import { settingsByPath } from '../ingest/log-settings.ts';
import { openReaders } from '../ingest/reader-pool.ts';
import { openFingerprinter } from './installation-secret.ts';
import { type LoadedInventory, loadInventories } from '../report/known-keys.ts';
import { incompleteInventories } from './loose-ends.ts';
import type { KeyReport, KeyReports, Report } from '../model.ts';
import type { Options } from '../options.ts';
import type { Outside } from '../outside.ts';
import { type ListingPlan, planListings } from './listings.ts';
import { recordMissed } from './missed.ts';
import { ownFiles } from '../own-files.ts';
import { entriesOf } from '../report/report.ts';
import { judgeMany, needsTrace } from './stored.ts';
import { plural } from '../reporters/figures.ts';
import { renderPruned } from '../reporters/pruned.ts';
import { leaveOutShrunk } from './shrunk.ts';
import { type Inflater, openInflater } from '../sources/inflater.ts';
import { expandInputs, type Inputs } from '../sources/inputs.ts';
import { createObjectStore } from '../sources/object-store.ts';
import { openTableSources, splitLogs } from './table-sources.ts';
import { dayOf, isoDay } from '../verdicts/calendar.ts';
import { lastingGaps } from '../verdicts/changes.ts';
import { witnessRun } from '../report/witnesses.ts';
import { Glancing } from '../verdicts/glance.ts';
import { checkMatches } from '../verdicts/stricter-policy.ts';

// The stages, from bytes to a report: read this file first. `run.ts` says which command takes which of them.

/** bytes -> records -> usage -> rollups -> evidence -> verdicts -> report */
export async function scan(
  options: Options,
  outside: Outside,
  use: (result: Report) => ExitCode | Promise<ExitCode>,
): Promise<ExitCode> {
  // What is wrong with an output is said before work.
  await needsTrace(options);
  return readLogs(options, outside, async (store) => {
    if (options.asOf === options.now) recordMissed(store, options);
    const result = await judgeMany(store, [], options, outside, false);
    // What is said of another time must not take back what was said of today.
    if (options.asOf === options.now) {
      writeTransaction(store.db, store.file, () => recordReport(store, result, options));
    }
    return use(result);
  });
}

/** For `revived`, `--since` and `status`. */
function recordReport({ db }: WritableStore, result: Report, { asOf }: Options): void {
  const { database, keys, sources } = result;
  const glancing = new Glancing(result);
  recordVerdicts(db, database.scan, seenBy(glancing, keys));
  storeGlance(db, glancing.result(result));
  const lasting = sources.map(({ source, state, gaps }) => ({ source, state, gaps: lastingGaps(gaps) }));
  recordAudit(db, database.scan, asOf, lasting);
}

/** A large audit lies on disk: it is walked through once for all that is kept of it. */
function* seenBy(glancing: Glancing, keys: KeyReports): Iterable<KeyReport> {
  for (const key of keys) {
    glancing.add(key);
    yield key;
  }
}

type Next = (
  store: WritableStore,
  readAgain: () => Promise<unknown>,
  notTaken: readonly Problem[],
) => ExitCode | Promise<ExitCode>;

/**
 * Reads what is new, then lets `next` go on with the open database. Inventories are read first: they may be refused.
 * `notTaken` tells of those that were left as they were before.
 */
export async function readLogs(options: Options, outside: Outside, next: Next): Promise<ExitCode> {
  const objects = createObjectStore(options.s3);
  const given = splitLogs(options.logs);
  const listings = planListings(options);
  const inputs = await expandInputs(given.logs, ownFiles(options), objects, listings.since);
  const fingerprinter = openFingerprinter(options, outside.warn);
  const formats = await loadFormats(options.formats);
  const inventories = loadInventories(options, fingerprinter);
  const tables = await openTableSources(given.tables, options, fingerprinter);
  // Nothing to read is no reason to make a database.
  if (options.logs.length + inventories.length === 0) openForReading(options.db, fingerprinter.canary()).close();
  const store = openForWriting(options.db, fingerprinter.canary());
  const readers = openReaders(options.workers, options, { fingerprinter, own: formats });
  const inflater = openInflater();
  try {
    const settingsOf = settingsByPath(options, fingerprinter, formats);
    const reader = { store, objects, listings, readers, inflater, settingsOf, tables };
    const { code, notTaken } = await outside.listening(() => readNew(reader, inputs, inventories, options, outside));
    const told = new Set<string>();
    const warn: Outside['warn'] = (problem) => {
      if (!told.has(problem.message)) outside.warn(problem);
      told.add(problem.message);
    };
    const readAgain = async (): Promise<unknown> => {
      // What was listed in a bucket before may not be what lies there now.
      const newest = { ...reader, objects: createObjectStore(options.s3) };
      try {
        const found = await expandInputs(given.logs, ownFiles(options), newest.objects);
        const listed = loadInventories(options, fingerprinter);
        return await readNew(newest, found, listed, options, { ...outside, warn });
      } finally {
        newest.objects.close();
      }
    };
    return worseExit(code, outside.isInterrupted() ? 0 : await next(store, readAgain, notTaken));
  } catch (error) {
    throw storageError(error, options.db);
  } finally {
    objects.close();
    await tables?.close();
    await readers?.close();
    await inflater.close();
    store.close();
  }
}

interface LogReader {
  readonly store: WritableStore;
  readonly objects: ReturnType<typeof createObjectStore>;
  readonly listings: ListingPlan;
  readonly readers: ReturnType<typeof openReaders>;
  readonly inflater: Inflater;
  readonly settingsOf: ReturnType<typeof settingsByPath>;
  readonly tables: Tables | undefined;
}

async function readNew(
  { store, objects, listings, readers, inflater, settingsOf, tables }: LogReader,
  found: Inputs,
  inventories: readonly LoadedInventory[],
  options: Options,
  outside: Outside,
): Promise<{ readonly code: ExitCode; readonly notTaken: readonly Problem[] }> {
  const startedAt = outside.clock();
  const witness = witnessRun(store, options);
  let [problems, notTaken]: [readonly Problem[], readonly Problem[]] = [[], []];
  let { files } = found;
  const scanId = writeTransaction(store.db, store.file, () => {
    const { taken, problems: shrunk } = leaveOutShrunk(store, inventories, options);
    for (const inventory of taken) storeInventory(store.db, inventory, options.now);
    if (options.since !== undefined) readAudit(store.db, options.since, Infinity);
    checkMatches(options.stricter, () => entriesOf(new SqliteListedKeys(store.db)));
    const id = store.ledger.startScan(options.now, outside.pid, outside.version);
    witness.begin(id);
    const inputs = exclude(store, found, options, id);
    ({ files } = inputs);
    const left = noteLeftOut(inputs.leftOut, splitLogs(options.logs).logs, {
      ledger: store.ledger,
      scan: id,
      settingsOf,
    });
    notTaken = shrunk;
    problems = [...inputs.problems, ...left, ...shrunk];
    return id;
  });
  const ofLogs = await ingest(files, {
    ledger: store.ledger,
    scan: scanId,
    settingsOf,
    quarantineShare: options.policy.quarantineShare,
    stdin: outside.stdin,
    objects,
    readers,
    inflater,
    onProgress: outside.progress,
    onFile: outside.fileRead,
    isInterrupted: outside.isInterrupted,
  });
  const ofTables = { ledger: store.ledger, scan: scanId, now: options.now };
  const result = tables === undefined ? ofLogs : await withTables(ofLogs, tables, ofTables, outside);
  if (!result.isInterrupted) {
    writeTransaction(store.db, store.file, () => {
      store.ledger.finishScan(scanId, options.now, result);
      listings.note(store, objects.listed);
      witness.end();
    });
    witness.remember(scanId, options.now);
  }
  if (options.command === 'scan' || options.command === 'ingest') {
    outside.summary(result, files.length + (tables?.count ?? 0), startedAt);
  }
  problems = [...witness.problems(), ...problems, ...result.problems, ...incompleteInventories(inventories)];
  for (const problem of problems) outside.warn(problem);
  const isIncomplete = problems.some((problem) => problem.isIncomplete) || store.ledger.hasOpenFaults();
  return { code: isIncomplete ? 3 : 0, notTaken };
}

/** Adds what tables hold to what was read of logs. */
async function withTables(
  ofLogs: IngestResult,
  tables: Tables,
  how: Pick<TableContext, 'ledger' | 'scan' | 'now'>,
  { progress, isInterrupted }: Outside,
): Promise<IngestResult> {
  const { records, days, problems } = await tables.read({ ...how, onProgress: progress, isInterrupted });
  return {
    ...ofLogs,
    files: ofLogs.files + (days > 0 ? tables.count : 0),
    records: ofLogs.records + records,
    problems: [...ofLogs.problems, ...problems],
    formats: days === 0 ? ofLogs.formats : new Map([...ofLogs.formats, ['clickhouse', tables.count]]),
    isInterrupted: isInterrupted(),
  };
}

export async function pruneDatabase(options: Options, outside: Outside): Promise<ExitCode> {
  // Nothing is pruned from a database that is not there yet, and none is made.
  openForReading(options.db, undefined).close();
  const store = openForWriting(options.db, openFingerprinter(options).canary());
  try {
    const before = dayOf(options.now) - options.olderThanDays;
    await outside.write(undefined, [renderPruned(prune(store, before), isoDay(before))]);
    return 0;
  } finally {
    store.close();
  }
}

export function importInventories(options: Options, outside: Outside): ExitCode {
  const fingerprinter = openFingerprinter(options, outside.warn);
  const inventories = loadInventories(options, fingerprinter);
  const store = openForWriting(options.db, fingerprinter.canary());
  try {
    const { taken, problems: shrunk } = writeTransaction(store.db, store.file, () => {
      const sorted = leaveOutShrunk(store, inventories, options);
      for (const inventory of sorted.taken) storeInventory(store.db, inventory, options.now);
      return sorted;
    });
    const keys = taken.reduce((sum, { entries }) => sum + entries.length, 0);
    void outside.write(undefined, [`${plural(keys, 'key')} of ${plural(taken.length, 'inventory', 'inventories')}\n`]);
    const problems = [...shrunk, ...incompleteInventories(taken)];
    for (const problem of problems) outside.warn(problem);
    return problems.length === 0 ? 0 : 3;
  } finally {
    store.close();
  }
}

/** Opens the database alone, without reading anything. */
export async function withWritable(
  options: Options,
  act: (store: WritableStore) => Promise<ExitCode>,
): Promise<ExitCode> {
  const fingerprinter = openFingerprinter(options);
  openForReading(options.db, fingerprinter.canary()).close();
  const store = openForWriting(options.db, fingerprinter.canary());
  try {
    return await act(store);
  } catch (error) {
    throw storageError(error, options.db);
  } finally {
    store.close();
  }
}
