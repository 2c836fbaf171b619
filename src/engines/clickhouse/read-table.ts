import type { TableConfig } from '../../config/table.ts';
import type { Problem } from '../../ingest/problem.ts';
import type { Progress } from '../../ingest/progress.ts';
import type { Interpretation } from '../../ingest/interpret.ts';
import type { DayNumber, EpochMs } from '../../model.ts';
import { DAY_MS, newTally, type Tally } from '../../tally/rollup.ts';
import type { Ledger } from '../sqlite/ledger.ts';
import { placeOfDay, type TableDay } from '../sqlite/table-days.ts';
import { countDays, planDays, type TableCount } from './day-plan.ts';
import { type DayRange, partsOf, planQueries, type TableFields, type TableQueries, typesQuery } from './queries.ts';
import { addGroup, addRecords, dayCountOf, type Hour, hourOf, whole } from './row-tally.ts';
import { type TableServer, UnreadTable } from './server.ts';
import { TableFaults } from './table-faults.ts';

/** A table that is a source. */
export interface TableSource {
  readonly source: string;
  /** As it is named among the logs. */
  readonly place: string;
  readonly table: TableConfig;
  readonly keyParameters: readonly string[];
  /** Undefined: not declared. */
  readonly deliveryLagDays: number | undefined;
  readonly interpretation: Interpretation;
}

export interface TableContext {
  readonly ledger: Ledger;
  readonly scan: number;
  readonly now: EpochMs;
  readonly onProgress: (progress: Progress) => void;
  readonly isInterrupted: () => boolean;
}

export interface TableResult {
  readonly records: number;
  readonly days: number;
  readonly problems: readonly Problem[];
}

/** Days after which a day of which nothing is declared is no longer read at each run. More rows are noticed after that too. */
const USUAL_LAG_DAYS = 3;
/** A day that changes while it is read is read again so often. */
const ATTEMPTS = 3;
/** After so many days in a row that cannot be read, the others are not tried. */
const MAX_UNREAD_IN_A_ROW = 3;
const COMMIT_WEIGHT = 200_000;
const COMMIT_DAYS = 32;

/**
 * Reads the days of a table that are new, open or have other rows than before. Each is stored whole, in the place of what
 * was stored of it, or not at all: then the state before stays, with a fault. Throws for trouble with the database only.
 */
export async function readTable(one: TableSource, server: TableServer, context: TableContext): Promise<TableResult> {
  return new TableRun(one, server, context).run();
}

/** The queries of a table, once the server has said of which types its columns are. Throws UnreadTable. */
export async function askQueries(fields: TableFields, server: TableServer): Promise<TableQueries> {
  const parts = partsOf(fields);
  try {
    return planQueries(fields, await server.types(typesQuery(fields, parts)));
  } catch (error) {
    if (!(error instanceof UnreadTable) || !COLUMN_TROUBLE.has(error.code ?? 0)) throw error;
    // Which one it is, the server says in words of its own.
    for (const part of parts) {
      const alone = { ...fields, table: { ...fields.table, where: undefined } };
      await server.types(typesQuery(alone, [part])).catch(() => {
        throw new UnreadTable(`${error.message}: see ${placeOfField(part.field)}`, { hint: FIELD_HINT, cause: error });
      });
    }
    throw error;
  }
}

/** Numbers of the server for what may be wrong with one expression. */
const COLUMN_TROUBLE: ReadonlySet<number> = new Set([10, 16, 42, 43, 46, 47, 62]);
const FIELD_HINT = 'It is a column or an expression in the SQL of ClickHouse; a text stands in single quotes.';

function placeOfField(field: string): string {
  return field === 'ingested' ? '"ingested"' : `the field ${field}`;
}

/** A day as the server gave it. */
interface ReadSoFar {
  readonly tally: Tally;
  rows: number;
}

class TableRun {
  readonly #one: TableSource;
  readonly #server: TableServer;
  readonly #context: TableContext;
  readonly #faults: TableFaults;
  readonly #stored: ReadonlyMap<DayNumber, TableDay>;
  /** Days that are still to be read. */
  readonly #pending = new Set<DayNumber>();
  #seen: TableCount = countDays([]);
  #records = 0;
  #days = 0;
  #unreadInARow = 0;
  #uncommitted = 0;

  constructor(one: TableSource, server: TableServer, context: TableContext) {
    this.#one = one;
    this.#server = server;
    this.#context = context;
    this.#faults = new TableFaults(one, context.ledger, context.scan);
    this.#stored = context.ledger.tableDays(one.place);
  }

  async run(): Promise<TableResult> {
    try {
      await this.#read();
    } catch (error) {
      if (!(error instanceof UnreadTable)) {
        this.#context.ledger.rollback();
        throw error;
      }
      this.#write(() => this.#faults.noteUnread(error, this.#unknownFrom()));
    }
    this.#commit();
    return { records: this.#records, days: this.#days, problems: this.#faults.problems };
  }

  async #read(): Promise<void> {
    const { ledger, scan } = this.#context;
    const { source, place, table, keyParameters, interpretation } = this.#one;
    if (ledger.isFedByOthers(source, place)) {
      throw new UnreadTable(`logs were read as source "${source}" before, and cannot be told from rows of the table`, {
        hint: 'Give the table a name of its own in the configuration.',
      });
    }
    const { identity } = interpretation.nameSystem;
    const queries = await askQueries({ table, keyParameters, identity }, this.#server);
    this.#seen = await this.#countAll(queries);
    const plan = planDays(this.#seen, this.#stored, queries.text);
    for (const day of plan.batches.flat()) this.#pending.add(day);
    this.#write(() => {
      this.#faults.noteTimeless(this.#seen.timeless);
      for (const { stream } of this.#stored.values()) ledger.markSeen(stream, scan);
    });
    if (this.#seen.first === undefined && this.#stored.size > 0) {
      throw new UnreadTable('it has no rows any more', {
        hint: 'Was the table replaced, or does "where" hide its rows?',
      });
    }
    this.#write(() => {
      this.#faults.clearUnread();
      // A shard that was away may be back, with the rows that were missed.
      for (const day of plan.idle) this.#faults.clearDay(day);
      for (const day of plan.emptied) this.#faults.noteFewer(day, this.#stored.get(day) as TableDay, 0);
    });
    for (const batch of plan.batches) {
      if (this.#context.isInterrupted()) return;
      await this.#readBatch(batch, queries);
    }
  }

  /** All rows, by day. Counted twice, in different ways: an answer that was cut would make days that are not there. */
  async #countAll(queries: TableQueries): Promise<TableCount> {
    let total = 0;
    for await (const row of this.#server.rows(queries.total)) total += whole(row, 'lc_rows');
    const count = await this.#count(queries.days());
    if (count.rows >= total) return count;
    throw new UnreadTable(`the server counted ${total} rows, and then ${count.rows} by day`);
  }

  async #count(query: string): Promise<TableCount> {
    const counts: ReturnType<typeof dayCountOf>[] = [];
    for await (const row of this.#server.rows(query)) counts.push(dayCountOf(row));
    return countDays(counts);
  }

  /** What fails for several days is tried with each of them. */
  async #readBatch(days: readonly DayNumber[], queries: TableQueries): Promise<void> {
    this.#showProgress(days);
    try {
      await this.#readDays(days, queries);
      this.#unreadInARow = 0;
      return;
    } catch (error) {
      if (!(error instanceof UnreadTable)) throw error;
      // Until a run has ended, what it did not get to counts as unread.
      if (this.#context.isInterrupted()) return;
      const [day] = days;
      if (days.length === 1 && day !== undefined) return this.#noteUnreadDay(day, error);
    }
    for (const day of days) {
      if (this.#context.isInterrupted()) return;
      if (this.#pending.has(day)) await this.#readBatch([day], queries);
    }
  }

  #noteUnreadDay(day: DayNumber, error: UnreadTable): void {
    this.#write(() => this.#faults.noteUnreadDay(day, error));
    this.#pending.delete(day);
    this.#unreadInARow++;
    if (this.#unreadInARow < MAX_UNREAD_IN_A_ROW || this.#pending.size === 0) return;
    throw new UnreadTable(`${error.message}: after ${MAX_UNREAD_IN_A_ROW} days in a row, the others were not tried`, {
      hint: error.hint,
      cause: error,
    });
  }

  async #readDays(days: readonly DayNumber[], queries: TableQueries): Promise<void> {
    let left = days;
    for (let attempt = 1; attempt <= ATTEMPTS && left.length > 0; attempt++) left = await this.#attempt(left, queries);
    if (left.length > 0) throw new UnreadTable('the server gave calls of other rows than it counted, again and again');
  }

  /** Returns the days of which other rows became calls than the server counts. */
  async #attempt(days: readonly DayNumber[], queries: TableQueries): Promise<readonly DayNumber[]> {
    const range: DayRange = { first: days[0] as DayNumber, last: days.at(-1) as DayNumber };
    const hours: Hour[] = [];
    for await (const row of this.#server.rows(queries.hours(range))) hours.push(hourOf(row));
    const read = new Map(days.map((day): [DayNumber, ReadSoFar] => [day, { tally: newTally(), rows: 0 }]));
    for await (const row of this.#server.rows(queries.calls(range))) {
      const ofDay = read.get(whole(row, 'lc_day'));
      if (ofDay !== undefined) ofDay.rows += addGroup(ofDay.tally, row, queries.columns, this.#one.interpretation).rows;
    }
    const after = await this.#count(queries.days(range));
    const hoursOf = Map.groupBy(hours, ({ hour }) => Math.floor(hour / 24));
    return days.filter((day) => {
      const before = hoursOf.get(day) ?? [];
      const { tally, rows } = read.get(day) as ReadSoFar;
      const [least, most] = [sumOf(before, 'rows'), after.byDay.get(day)?.rows ?? 0];
      if (rows < least || rows > most) return true;
      this.#store(day, before, { tally, rows }, { query: queries.text, isQuiet: least === most });
      return false;
    });
  }

  #store(
    day: DayNumber,
    hours: readonly Hour[],
    { tally, rows }: ReadSoFar,
    { query, isQuiet }: { readonly query: string; readonly isQuiet: boolean },
  ): void {
    const { ledger, scan, now } = this.#context;
    const { source, place, deliveryLagDays } = this.#one;
    const stored = this.#stored.get(day);
    const calls = sumOf(hours, 'calls');
    this.#pending.delete(day);
    if (stored !== undefined && calls < stored.calls) {
      // What a table keeps for so long only goes from its first day on.
      if (day !== this.#seen.first) this.#write(() => this.#faults.noteFewer(day, stored, calls));
      return;
    }
    for (const hour of hours) addRecords(tally, source, hour);
    const isSealed = isQuiet && (day + 1 + (deliveryLagDays ?? USUAL_LAG_DAYS)) * DAY_MS <= now;
    const ingestedAt = this.#seen.byDay.get(day)?.ingestedAt;
    this.#write(
      () => ledger.replaceDay({ place, source, day, query, rows, calls, ingestedAt, isSealed }, tally, scan),
      tally.rollups.weight,
    );
    this.#records += tally.counts.records;
    this.#days++;
  }

  /** Commits now and then: what a kill loses is read again. */
  #write(act: () => void, rollups = 0): void {
    const { ledger } = this.#context;
    if (!ledger.inTransaction) ledger.begin();
    act();
    this.#uncommitted += 1 + rollups;
    if (this.#uncommitted >= COMMIT_WEIGHT || this.#days % COMMIT_DAYS === COMMIT_DAYS - 1) this.#commit();
  }

  #commit(): void {
    if (this.#context.ledger.inTransaction) this.#context.ledger.commit();
    this.#uncommitted = 0;
  }

  /** Nothing was learnt of what came since the last run, nor of days that were to be read. Undefined: of no day at all. */
  #unknownFrom(): EpochMs | undefined {
    if (this.#stored.size === 0) return undefined;
    const open = [...this.#stored].filter(([, { isSealed }]) => !isSealed).map(([day]) => day);
    return Math.min(Math.max(...this.#stored.keys()), ...open, ...this.#pending) * DAY_MS;
  }

  #showProgress(days: readonly DayNumber[]): void {
    const file = placeOfDay(this.#one.place, days.at(-1) as DayNumber);
    this.#context.onProgress({ file, bytesRead: 0, bytesTotal: undefined, records: this.#records });
  }
}

function sumOf(hours: readonly Hour[], figure: 'rows' | 'calls'): number {
  return hours.reduce((sum, hour) => sum + hour[figure], 0);
}
