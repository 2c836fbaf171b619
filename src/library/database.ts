import { overlayInventories } from '../engines/sqlite/inventories.ts';
import { openForReading, type Store } from '../engines/sqlite/store.ts';
import type { Format } from '../formats/format.ts';
import { allFormats, explanationOf, verdictOn } from '../actions/inspect.ts';
import { openFingerprinter } from '../actions/installation-secret.ts';
import type { Explanation, KeyReport, Report, SourceReport } from '../model.ts';
import type { Options } from '../options.ts';
import { reportOnSources, withStock } from '../report/report.ts';
import { judgeAll, loadFresh } from '../actions/stored.ts';
import { prepareRun, type Run } from './prepare-run.ts';
import type { Settings } from './settings.ts';

/** A database that is open for reading, beside runs that write to it. Each answer is of the newest commit. */
export interface Database {
  /**
   * Judges every key. The keys of the report are no array: many of them lie in temporary files and can be walked through
   * again and again. `trace`: each key comes with the days of its callers, which some reporters draw.
   */
  report(choice?: { readonly trace?: boolean; readonly since?: Since }): Report;
  /** The verdict on one key as of what is stored. To delete by it, use `check`, which reads what is new first. */
  judge(key: string): KeyReport;
  /** The evidence behind one verdict. */
  explain(key: string): Explanation;
  /** Sources, spans and gaps. */
  coverage(): readonly SourceReport[];
  close(): void;
}

/** An earlier audit to compare with: the newest up to a scan or a time, or the one before. */
export type Since = { readonly scan: number } | { readonly at: number } | 'last';

/** Opens a database that is there. Inventories that are named are read once, and stand in for stored ones. */
export async function openDatabase(settings: Settings = {}): Promise<Database> {
  const run = await prepareRun('report', [], settings);
  const { options, outside } = run;
  const fingerprinter = options.inventories.length === 0 ? undefined : openFingerprinter(options);
  const store = openForReading(options.db, fingerprinter?.canary());
  try {
    const inventories = fingerprinter === undefined ? [] : await loadFresh(store, options, outside, fingerprinter);
    store.db.transaction(() => overlayInventories(store.db, inventories, options.now))();
    return new OpenDatabase(run, store, await allFormats(options));
  } catch (error) {
    store.close();
    throw error;
  }
}

/** Judges every key by what is stored: `lastcall report`. */
export async function report(settings: Settings & Parameters<Database['report']>[0] = {}): Promise<Report> {
  const { trace = false, since, ...rest } = settings;
  return withDatabase(rest, (database) => database.report({ trace, ...(since === undefined ? {} : { since }) }));
}

/** The evidence behind one verdict: `lastcall explain`. */
export async function explain(key: string, settings: Settings = {}): Promise<Explanation> {
  return withDatabase(settings, (database) => database.explain(key));
}

/** Sources, spans and gaps: `lastcall coverage`. */
export async function coverage(settings: Settings = {}): Promise<readonly SourceReport[]> {
  return withDatabase(settings, (database) => database.coverage());
}

async function withDatabase<T>(settings: Settings, ask: (database: Database) => T): Promise<T> {
  const database = await openDatabase(settings);
  try {
    return ask(database);
  } finally {
    database.close();
  }
}

class OpenDatabase implements Database {
  readonly #run: Run;
  readonly #store: Store;
  readonly #formats: readonly Format[];

  constructor(run: Run, store: Store, formats: readonly Format[]) {
    this.#run = run;
    this.#store = store;
    this.#formats = formats;
  }

  report({ trace = false, since }: { readonly trace?: boolean; readonly since?: Since } = {}): Report {
    const { options, outside } = this.#run;
    return judgeAll(this.#store, [], { ...options, since }, outside, trace);
  }

  judge(key: string): KeyReport {
    return verdictOn(this.#store, [], this.#asking(key));
  }

  explain(key: string): Explanation {
    return explanationOf(this.#store, [], this.#asking(key), this.#run.outside.version, this.#formats);
  }

  coverage(): readonly SourceReport[] {
    const { options, outside } = this.#run;
    return withStock(this.#store, options, [], (stock) => reportOnSources(this.#store, stock, options, outside.version))
      .sources;
  }

  close(): void {
    this.#store.close();
  }

  #asking(key: string): Options {
    return { ...this.#run.options, key };
  }
}
