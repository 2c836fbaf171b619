import type { Problem } from '../../ingest/problem.ts';
import type { DayNumber, EpochMs } from '../../model.ts';
import { DAY_MS } from '../../tally/rollup.ts';
import type { FaultPlace } from '../sqlite/faults.ts';
import type { Ledger } from '../sqlite/ledger.ts';
import { placeOfDay, type TableDay } from '../sqlite/table-days.ts';
import { UnreadTable } from './server.ts';

/** What could not be read of a table: a fault in the database, which stands against keys, and a problem to be told. */
export class TableFaults {
  readonly problems: Problem[] = [];
  readonly #one: { readonly source: string; readonly place: string };
  readonly #ledger: Ledger;
  readonly #scan: number;

  constructor(one: { readonly source: string; readonly place: string }, ledger: Ledger, scan: number) {
    this.#one = one;
    this.#ledger = ledger;
    this.#scan = scan;
  }

  /** From `fromAt` on nothing is known; undefined: of no time at all. */
  noteUnread({ message, hint }: UnreadTable, fromAt: EpochMs | undefined): void {
    this.#add(this.#one.place, message, fromAt, undefined);
    this.problems.push({ file: this.#one.place, message, hint, isIncomplete: true });
  }

  noteUnreadDay(day: DayNumber, { message, hint }: UnreadTable): void {
    const place = placeOfDay(this.#one.place, day);
    this.#add(place, message, day * DAY_MS, (day + 1) * DAY_MS - 1);
    this.problems.push({ file: place, message, hint, isIncomplete: true });
  }

  noteFewer(day: DayNumber, { calls }: TableDay, seen: number): void {
    const message = `it has ${seen} calls now and had ${calls}: what was read before is kept, and the day proves nothing`;
    const hint =
      'Were rows deleted, or is a part of the cluster empty? Where the table merges repeated rows, map "eventId".';
    this.noteUnreadDay(day, new UnreadTable(message, { hint }));
  }

  noteTimeless(rows: number): void {
    const path = `${this.#one.place} without time`;
    if (rows === 0) return this.#clear(path);
    const message = `${rows} rows have no possible time: they may be calls of any day`;
    this.#add(path, message, undefined, undefined);
    const hint = 'Mend them, or leave them out with "where" if they are no calls.';
    this.problems.push({ file: this.#one.place, message, hint, isIncomplete: true });
  }

  clearUnread(): void {
    this.#clear(this.#one.place);
  }

  clearDay(day: DayNumber): void {
    this.#clear(placeOfDay(this.#one.place, day));
  }

  #clear(path: string): void {
    this.#ledger.clearFaults(this.#placeOf(path));
  }

  #add(path: string, detail: string, fromAt: EpochMs | undefined, toAt: EpochMs | undefined): void {
    this.#ledger.addFault(this.#placeOf(path), { reason: 'unread-input', detail, fromAt, toAt }, this.#scan);
  }

  #placeOf(path: string): FaultPlace {
    return { path, stream: 0, source: this.#one.source, file: '' };
  }
}
