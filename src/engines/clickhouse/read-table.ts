import type { TableConfig } from '../../config-table.ts';
import type { Problem, Progress } from '../../ingest/ingest.ts';
import type { Interpretation } from '../../ingest/interpret.ts';
import type { DayNumber, EpochMs, Fault } from '../../model.ts';
import { DAY_MS, newTally } from '../../rollup.ts';
import type { FaultPlace, Ledger } from '../sqlite/ledger.ts';
import type { TableDay } from '../sqlite/table-days.ts';
import { isIdle, onDays, type ServerDay } from './server-days.ts';
import { partsOf, planQueries, type TableFields, type TableQueries, typesQuery } from './queries.ts';
import { addGroup, addRecords, type Hour, hourOf, whole } from './row-tally.ts';
import { type TableServer, UnreadTable } from './server.ts';

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
const COMMIT_ROLLUPS = 100_000;
const COMMIT_DAYS = 32;

/**
 * Reads the days of a table that are new, open or have other rows than before. Each is stored whole, in the place of what
 * was stored of it, or not at all: then the state before stays, with a fault. Throws for trouble with the database only.
 */
export async function readTable(one: TableSource, server: TableServer, context: TableContext): Promise<TableResult> {
  return new TableRun(one, server, context).run();
}

class TableRun {
  readonly #one: TableSource;
  readonly #server: TableServer;
  readonly #context: TableContext;
  readonly #problems: Problem[] = [];
  #records = 0;
  #days = 0;
  #uncommitted = 0;

  constructor(one: TableSource, server: TableServer, context: TableContext) {
    this.#one = one;
    this.#server = server;
    this.#context = context;
  }

  async run(): Promise<TableResult> {
    const stored = this.#context.ledger.tableDays(this.#one.place);
    try {
      await this.#read(stored);
    } catch (error) {
      if (!(error instanceof UnreadTable)) {
        this.#context.ledger.rollback();
        throw error;
      }
      this.#noteUnread(error, stored);
    }
    this.#commit();
    return { records: this.#records, days: this.#days, problems: this.#problems };
  }

  async #read(stored: ReadonlyMap<DayNumber, TableDay>): Promise<void> {
    const { ledger } = this.#context;
    const { source, place } = this.#one;
    if (ledger.isFedByOthers(source, place)) {
      throw new UnreadTable(`logs were read as source "${source}" before, and cannot be told from rows of the table`, {
        hint: 'Give the table a name of its own in the configuration.',
      });
    }
    const queries = await this.#plan();
    const hours = await this.#allHours(queries);
    const days = onDays(hours);
    this.#noteTimeless(days.timeless);
    this.#write(() => {
      ledger.clearFaults(this.#placeOf(undefined));
      for (const { stream } of stored.values()) ledger.markSeen(stream, this.#context.scan);
    });
    if (days.first === undefined && stored.size > 0) {
      throw new UnreadTable('it has no rows any more', {
        hint: 'Was the table replaced, or does "where" hide its rows?',
      });
    }
    const all = [...new Set([...days.byDay.keys(), ...stored.keys()])].toSorted((a, b) => a - b);
    const isDone = (day: DayNumber): boolean => isIdle(days.byDay.get(day), stored.get(day), queries.text);
    // A shard that was away may be back, with the rows that were missed.
    this.#write(() => all.filter(isDone).forEach((day) => ledger.clearFaults(this.#placeOf(day))));
    for (const day of all.filter((each) => !isDone(each))) {
      if (this.#context.isInterrupted()) return;
      await this.#day(day, days.byDay.get(day), stored.get(day), { queries, first: days.first as DayNumber });
    }
  }

  async #plan(): Promise<TableQueries> {
    const { table, keyParameters, interpretation } = this.#one;
    const { identity } = interpretation.nameSystem;
    const fields: TableFields = { table, keyParameters, identity };
    const parts = partsOf(fields);
    try {
      return planQueries(fields, await this.#server.types(typesQuery(fields, parts)));
    } catch (error) {
      if (!(error instanceof UnreadTable) || !COLUMN_TROUBLE.has(error.code ?? 0)) throw error;
      // Which one it is, the server says in words of its own.
      for (const part of parts) {
        await this.#server.types(typesQuery({ ...fields, table: { ...table, where: undefined } }, [part])).catch(() => {
          throw new UnreadTable(`${error.message}: see the field ${part.field}`, { hint: FIELD_HINT, cause: error });
        });
      }
      throw error;
    }
  }

  /** All rows, by hour. Counted twice, in different ways: an answer that was cut would make days that are not there. */
  async #allHours(queries: TableQueries): Promise<readonly Hour[]> {
    const total = await this.#total(queries);
    const hours = await this.#hours(queries, undefined);
    const rows = hours.reduce((sum, hour) => sum + hour.rows, 0);
    if (rows >= total) return hours;
    throw new UnreadTable(`the server counted ${total} rows, and then ${rows} by hour`);
  }

  async #total({ total }: TableQueries): Promise<number> {
    let rows = 0;
    for await (const row of this.#server.rows(total)) rows += whole(row, 'lc_rows');
    return rows;
  }

  async #hours(queries: TableQueries, day: DayNumber | undefined): Promise<readonly Hour[]> {
    const hours: Hour[] = [];
    for await (const row of this.#server.rows(queries.hours(day))) hours.push(hourOf(row));
    return hours;
  }

  async #day(
    day: DayNumber,
    seen: ServerDay | undefined,
    stored: TableDay | undefined,
    { queries, first }: { readonly queries: TableQueries; readonly first: DayNumber },
  ): Promise<void> {
    if (stored !== undefined && (seen?.calls ?? 0) < stored.rows) {
      // What a table keeps for so long only goes by days, the first one first.
      if (day > first) this.#noteFewer(day, stored, seen?.calls ?? 0);
      return;
    }
    if (seen === undefined) return;
    this.#showProgress(day);
    try {
      await this.#readDay(day, seen, queries);
    } catch (error) {
      if (!(error instanceof UnreadTable)) throw error;
      this.#noteUnreadDay(day, error);
    }
  }

  async #readDay(day: DayNumber, seen: ServerDay, queries: TableQueries): Promise<void> {
    const { ledger, scan, now } = this.#context;
    const { source, place, interpretation, deliveryLagDays } = this.#one;
    let before = seen;
    for (let attempt = 1; ; attempt++) {
      const tally = newTally();
      let rows = 0;
      for await (const row of this.#server.rows(queries.calls(day))) {
        rows += addGroup(tally, row, queries.columns, interpretation).rows;
      }
      const after = onDays(await this.#hours(queries, day)).byDay.get(day) ?? { rows: 0, calls: 0, hours: [] };
      const isWhole = before.rows <= rows && rows <= after.rows;
      if (!isWhole && attempt < ATTEMPTS) {
        before = after;
        continue;
      }
      if (!isWhole) throw new UnreadTable(`${before.rows} rows became calls of ${rows}: it changes while it is read`);
      for (const hour of before.hours) addRecords(tally, source, hour);
      const isOver = (day + 1 + (deliveryLagDays ?? USUAL_LAG_DAYS)) * DAY_MS <= now;
      const isSealed = isOver && before.rows === after.rows;
      const count = before.calls;
      const read = { place, source, day, query: queries.text, rows: count, isSealed };
      this.#write(() => ledger.replaceDay(read, tally, scan), tally.rollups.size);
      this.#records += tally.counts.records;
      this.#days++;
      return;
    }
  }

  /** Commits now and then: what a kill loses is read again. */
  #write(act: () => void, rollups = 0): void {
    const { ledger } = this.#context;
    if (!ledger.inTransaction) ledger.begin();
    act();
    this.#uncommitted += 1 + rollups;
    if (this.#uncommitted >= COMMIT_ROLLUPS || this.#days % COMMIT_DAYS === COMMIT_DAYS - 1) this.#commit();
  }

  #commit(): void {
    if (this.#context.ledger.inTransaction) this.#context.ledger.commit();
    this.#uncommitted = 0;
  }

  #placeOf(day: DayNumber | undefined): FaultPlace {
    const { source, place } = this.#one;
    return { path: day === undefined ? place : `${place} ${isoDay(day)}`, stream: 0, source, file: '' };
  }

  #fault(place: FaultPlace, detail: string, fromAt: EpochMs | undefined, toAt: EpochMs | undefined): void {
    const fault: Fault = { reason: 'unread-input', detail, fromAt, toAt };
    this.#write(() => this.#context.ledger.addFault(place, fault, this.#context.scan));
  }

  /** Nothing was learnt of rows that came since the last run, to whichever day. */
  #noteUnread({ message, hint }: UnreadTable, stored: ReadonlyMap<DayNumber, TableDay>): void {
    const open = [...stored].filter(([, { isSealed }]) => !isSealed).map(([day]) => day);
    const last = stored.size === 0 ? undefined : Math.min(Math.max(...stored.keys()), ...open);
    this.#fault(this.#placeOf(undefined), message, last === undefined ? undefined : last * DAY_MS, undefined);
    this.#problems.push({ file: this.#one.place, message, hint, isIncomplete: true });
  }

  #noteUnreadDay(day: DayNumber, { message, hint }: UnreadTable): void {
    const place = this.#placeOf(day);
    this.#fault(place, message, day * DAY_MS, (day + 1) * DAY_MS - 1);
    this.#problems.push({ file: place.path, message, hint, isIncomplete: true });
  }

  #noteFewer(day: DayNumber, { rows }: TableDay, seen: number): void {
    const message = `it has ${seen} calls now and had ${rows}: what was read before is kept, and the day proves nothing`;
    this.#noteUnreadDay(
      day,
      new UnreadTable(message, { hint: 'Were rows deleted, or is a part of the cluster empty?' }),
    );
  }

  #noteTimeless(rows: number): void {
    const { place } = this.#one;
    const path = { ...this.#placeOf(undefined), path: `${place} without time` };
    if (rows === 0) return this.#write(() => this.#context.ledger.clearFaults(path));
    const message = `${rows} rows have no possible time: they may be calls of any day`;
    this.#fault(path, message, undefined, undefined);
    const hint = 'Mend them, or leave them out with "where" if they are no calls.';
    this.#problems.push({ file: place, message, hint, isIncomplete: true });
  }

  #showProgress(day: DayNumber): void {
    const file = `${this.#one.place} ${isoDay(day)}`;
    this.#context.onProgress({ file, bytesRead: 0, bytesTotal: undefined, records: this.#records });
  }
}

/** Numbers of the server for what may be wrong with one expression. */
const COLUMN_TROUBLE: ReadonlySet<number> = new Set([10, 16, 42, 43, 46, 47, 62]);
const FIELD_HINT = 'It is a column or an expression in the SQL of ClickHouse; a text stands in single quotes.';

function isoDay(day: DayNumber): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
