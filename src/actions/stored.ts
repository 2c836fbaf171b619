import type { Fingerprinter } from '../attribution/fingerprint.ts';
import { storageError } from '../engines/sqlite/database.ts';
import { openForReading, type Store } from '../engines/sqlite/store.ts';
import { type ExitCode, LastcallError } from '../errors.ts';
import { reporterAt } from '../extensions.ts';
import { openFingerprinter } from './installation-secret.ts';
import type { LoadedInventory } from '../report/known-keys.ts';
import { incompleteInventories, looseEnds } from './loose-ends.ts';
import { handoffProblems } from './missed.ts';
import type { Report } from '../model.ts';
import type { Alarm, Options } from '../options.ts';
import { type Outside, viewOf } from '../outside.ts';
import { leaveOutShrunk } from './shrunk.ts';
import { makeReport, readEarlier, type Stock, withStock } from '../report/report.ts';

// What is made of a database without reading a log. Nothing here loads what reads logs: that takes longer than an answer.

/** Opens the database beside a run that may write to it. Inventories that were asked for stand in for stored ones. */
export async function withStore(
  options: Options,
  outside: Outside,
  act: (store: Store, inventories: readonly LoadedInventory[]) => Promise<ExitCode>,
): Promise<ExitCode> {
  const fingerprinter = options.inventories.length === 0 ? undefined : openFingerprinter(options);
  const store = openForReading(options.db, fingerprinter?.canary());
  try {
    const inventories = fingerprinter === undefined ? [] : await loadFresh(store, options, outside, fingerprinter);
    return await act(store, inventories);
  } catch (error) {
    throw storageError(error, options.db);
  } finally {
    store.close();
  }
}

/** Reads the inventories that were asked for, and warns of those that leave keys out, or list far fewer than before. */
export async function loadFresh(
  store: Store,
  options: Options,
  { warn }: Outside,
  fingerprinter: Fingerprinter,
): Promise<readonly LoadedInventory[]> {
  const { loadInventories } = await import('../report/known-keys.ts');
  const inventories = loadInventories(options, fingerprinter);
  const { taken, problems } = leaveOutShrunk(store, inventories, options);
  for (const problem of [...problems, ...incompleteInventories(taken)]) warn(problem);
  return taken;
}

/** `lastcall report` */
export async function report(
  store: Store,
  inventories: readonly LoadedInventory[],
  options: Options,
  outside: Outside,
): Promise<ExitCode> {
  const result = await judgeMany(store, inventories, options, outside, true);
  return writeReport(result, options, outside);
}

/** Judges every key, and warns of what was declared in vain. */
export function judgeAll(
  store: Store,
  inventories: readonly LoadedInventory[],
  options: Options,
  { warn, version }: Outside,
  isTraced: boolean,
): Report {
  return withStock(store, options, inventories, (stock) => {
    for (const problem of problemsOf(store, stock, options)) warn(problem);
    return makeReport(store, stock, options, version, { isTraced, since: options.since });
  });
}

/**
 * As judgeAll, in two threads where there are so many keys. Inventories that are not stored are seen by one alone.
 * `isWritten`: the report is for its outputs only. Where all of these are rows, nothing else is kept of the keys.
 */
export async function judgeMany(
  store: Store,
  inventories: readonly LoadedInventory[],
  options: Options,
  outside: Outside,
  isWritten: boolean,
): Promise<Report> {
  const isTraced = await needsTrace(options);
  const { isWorthThreads, judgeInThreads } = await import('../report/judging-threads.ts');
  if (inventories.length > 0 || !isWorthThreads(store)) return judgeAll(store, inventories, options, outside, isTraced);
  return judgeInThreads(store, {
    options,
    version: outside.version,
    extras: { isTraced, since: options.since },
    ...(await formsFor(options, isWritten)),
    begin: (stock) => {
      for (const problem of problemsOf(store, stock, options)) outside.warn(problem);
    },
  });
}

/** Rows of the reporters that make some, and whole reports unless nobody reads them. */
async function formsFor(
  { outputs, since }: Options,
  isWritten: boolean,
): Promise<{ readonly rows: readonly string[]; readonly isKept: boolean }> {
  if (since !== undefined) return { rows: [], isKept: true };
  const names = [...new Set(outputs.map(({ reporter }) => reporter))];
  const chosen = await Promise.all(names.map(async (name) => ({ name, row: (await reporterAt(name)).row })));
  const rows = chosen.filter(({ row }) => row !== undefined).map(({ name }) => name);
  return { rows, isKept: !isWritten || rows.length < names.length };
}

function problemsOf(store: Store, stock: Stock, options: Options): ReturnType<typeof looseEnds> {
  const earlier = readEarlier(store, stock, { since: options.since });
  return [...looseEnds(stock, options), ...handoffProblems(store, stock, earlier?.asOf)];
}

/** Whether some output shows more of a key than its verdict. Loads them all: what is wrong with one is said before work. */
export async function needsTrace({ outputs, since }: Options): Promise<boolean> {
  const chosen = await Promise.all(outputs.map(({ reporter }) => reporterAt(reporter)));
  for (const [index, { renderChanges }] of chosen.entries()) {
    if (since === undefined || renderChanges !== undefined) continue;
    const name = outputs[index]?.reporter;
    throw new LastcallError('usage', `${name} cannot say what has changed: it has no "renderChanges"`);
  }
  return chosen.some((one) => one.needsTrace === true);
}

/** Hands a report to the outputs that were asked for: 1 when something in it is an alarm. */
export async function writeReport(result: Report, options: Options, outside: Outside): Promise<ExitCode> {
  for (const { reporter, file } of options.outputs) {
    const { render, renderChanges } = await reporterAt(reporter);
    const chosen = result.since === undefined ? render : renderChanges;
    if (chosen !== undefined) await outside.write(file, chosen(result, viewOf(file, options)));
  }
  return isAlarming(result, options) ? 1 : 0;
}

/** A source that fell silent is an alarm even if no key depends on it. With `--since`, only what is new is one. */
function isAlarming({ summary, sources, since }: Report, { failOn }: Options): boolean {
  if (since !== undefined) {
    const isSilent = failOn.includes('silent-source') && since.sources.some(({ fellSilent }) => fellSilent);
    return isSilent || failOn.some((alarm) => (since.alarms[alarm] ?? 0) > 0);
  }
  if (failOn.includes('silent-source') && sources.some(({ state }) => state === 'silent')) return true;
  const { safe, inUse, waiting, unknown, findings } = summary;
  const counts: Partial<Record<Alarm, number>> = { ...findings, safe, 'in-use': inUse, waiting, unknown };
  return failOn.some((alarm) => (counts[alarm] ?? 0) > 0);
}
