import { UnreadTable } from '../../../src/engines/clickhouse/server.ts';
import type { Row, TableServer } from '../../../src/engines/clickhouse/server.ts';

export const DAY = 86_400_000;

/** A row of a made table. */
export interface MadeRow {
  readonly at: number;
  readonly key: string;
  readonly status?: number;
  readonly id?: string;
  /** When it came to the table. */
  readonly cameAt?: number;
}

export type Ask = 'types' | 'total' | 'days' | 'hours' | 'calls';

/** A question as it was asked; days are undefined where it is of all. */
export interface Asked {
  readonly ask: Ask;
  readonly first: number | undefined;
  readonly last: number | undefined;
}

/**
 * Stands in for a server. It knows the columns `time` (DateTime), `key`, `status` and `id` (texts) and `came` (DateTime),
 * and answers the queries that `planQueries` makes of them, by what it finds in their text.
 */
export class MadeTable implements TableServer {
  rowsKept: MadeRow[] = [];
  readonly asked: Asked[] = [];
  /** Called before each answer: may throw, or change the rows. */
  onAsk: (asked: Asked) => void = () => undefined;
  /** May change an answer. */
  spoil: (rows: Row[], asked: Asked) => Row[] = (rows) => rows;

  async types(sql: string): Promise<readonly string[]> {
    this.#note(sql, 'types');
    return [...sql.matchAll(/\((\w+)\) AS lc_/g)].map(([, name]) => {
      if (name === 'gone') throw new UnreadTable('a column is missing', { code: 47 });
      return name === 'time' || name === 'came' ? 'DateTime' : 'String';
    });
  }

  async *rows(sql: string): AsyncGenerator<Row> {
    const asked = this.#note(sql, askOf(sql));
    yield* this.spoil(this.#answer(sql, asked), asked);
  }

  abort(): void {}

  async close(): Promise<void> {}

  #note(sql: string, ask: Ask): Asked {
    const [first, end] = [...sql.matchAll(/time\) [<>=]+ toDateTime\((\d+)\)/g)].map(([, at]) => Number(at) / 86_400);
    const asked = { ask, first, last: end === undefined ? undefined : end - 1 };
    this.asked.push(asked);
    this.onAsk(asked);
    return asked;
  }

  #answer(sql: string, { ask, first = 0, last = Infinity }: Asked): Row[] {
    const rows = this.rowsKept.filter(({ at }) => at >= first * DAY && at < (last + 1) * DAY);
    if (ask === 'total') return [{ lc_rows: String(rows.length) }];
    const names = ask === 'hours' ? ['lc_hour'] : ask === 'days' ? ['lc_day'] : ['lc_day', ...columnsOf(sql)];
    const groups = Map.groupBy(rows, (row) => JSON.stringify(names.map((name) => cellOf(row, name))));
    return [...groups].map(([group, ofGroup]) => {
      const cells = names.map((name, index) => [name, (JSON.parse(group) as unknown[])[index]]);
      return { ...Object.fromEntries(cells), ...figuresOf(sql, ofGroup) } as Row;
    });
  }
}

function askOf(sql: string): Ask {
  if (sql.includes(' AS lc_hour')) return 'hours';
  return sql.includes(' AS lc_key0') ? 'calls' : sql.includes(' AS lc_day') ? 'days' : 'total';
}

function columnsOf(sql: string): string[] {
  return [...sql.matchAll(/ AS (lc_key0|lc_f\d)/g)].map(([, name]) => name as string);
}

function cellOf({ at, key, status = 200 }: MadeRow, name: string): unknown {
  if (name === 'lc_hour') return Math.floor(at / 3_600_000);
  if (name === 'lc_day') return Math.floor(at / DAY);
  return name === 'lc_key0' ? key : key === '' ? '' : String(status);
}

function figuresOf(sql: string, rows: readonly MadeRow[]): Row {
  const ids = rows.map(({ id }, index) => id ?? `${index}`);
  const ats = rows.map(({ at }) => at);
  return {
    lc_rows: String(rows.length),
    lc_calls: String(sql.includes('uniqExactIf') ? new Set(ids).size : rows.length),
    lc_first: String(Math.min(...ats)),
    lc_last: String(Math.max(...ats)),
    ...(sql.includes('lc_ingested') ? { lc_ingested: String(Math.max(...rows.map(({ cameAt = 0 }) => cameAt))) } : {}),
  };
}
