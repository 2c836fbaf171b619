import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createFingerprinter } from '../../../src/attribution/fingerprint.ts';
import { checkConfig } from '../../../src/config/schema.ts';
import type { SourceConfig } from '../../../src/config/config.ts';
import { readTable, type TableResult } from '../../../src/engines/clickhouse/read-table.ts';
import { UnreadTable } from '../../../src/engines/clickhouse/server.ts';
import { writeTransaction } from '../../../src/engines/sqlite/database.ts';
import { openForWriting, type WritableStore } from '../../../src/engines/sqlite/store.ts';
import { interpretationOf } from '../../../src/ingest/log-settings.ts';
import { type Dump, dump } from '../../ingest/dump.ts';
import { SECRET } from '../../ingest/harness.ts';
import { DAY, type MadeRow, MadeTable } from './made-table.ts';

const FIRST = Date.UTC(2026, 5, 1) / DAY;
const FIELDS = { time: 'time', key: 'key', status: 'status' };

interface Fault {
  readonly path: string;
  readonly detail: string;
  readonly from_at: number | null;
}

interface TableLab {
  readonly table: MadeTable;
  /** `day`: of the run, so many days after the first. */
  read(day: number, members?: object, isInterrupted?: () => boolean): Promise<TableResult>;
  dump(): Dump;
  faults(): Fault[];
}

function newTableLab(rows: readonly MadeRow[]): TableLab {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-table-'));
  const fingerprinter = createFingerprinter(SECRET);
  const store: WritableStore = openForWriting(path.join(folder, 'lastcall.db'), fingerprinter.canary());
  onTestFinished(() => {
    store.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });
  const made = new MadeTable();
  made.rowsKept = [...rows];
  return {
    table: made,
    async read(day, members = {}, isInterrupted = () => false) {
      const now = (FIRST + day) * DAY;
      const source = sourceOf(members);
      const { table, keyParameters, deliveryLagDays } = source;
      const interpretation = interpretationOf(source, { systems: [] }, fingerprinter);
      const one = { source: 'api', place: 'clickhouse://api', table, keyParameters, deliveryLagDays, interpretation };
      const scan = writeTransaction(store.db, store.file, () => store.ledger.startScan(now, 1, 'test'));
      made.asked.length = 0;
      return readTable(one, made, { ledger: store.ledger, scan, now, onProgress: () => undefined, isInterrupted });
    },
    dump: () => dump(store.db),
    faults: () => store.db.prepare<[], Fault>('SELECT path, detail, from_at FROM faults ORDER BY path').all(),
  };
}

function sourceOf(members: object): SourceConfig & { readonly table: NonNullable<SourceConfig['table']> } {
  const all = { name: 'api', type: 'clickhouse', url: 'http://localhost:1', table: 't', fields: FIELDS, ...members };
  const checked = checkConfig({ sources: [all] });
  const source = checked.data?.sources[0];
  if (source?.table === undefined) throw new Error(checked.error?.message);
  return { ...source, table: source.table };
}

/** `perDay` calls a day, by two keys. */
function madeDays(days: readonly number[], perDay = 4): MadeRow[] {
  return days.flatMap((day) =>
    Array.from({ length: perDay }, (_, index): MadeRow => ({
      at: (FIRST + day) * DAY + index * 3_600_000,
      key: `acme_EXAMPLE_${index % 2}`,
      status: index % 3 === 0 ? 401 : 200,
      id: `${day}-${index}`,
    })),
  );
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, day) => day);
const asked = (table: MadeTable): string[] =>
  table.asked
    .filter(({ first }) => first !== undefined)
    .map(({ ask, first = 0, last = 0 }) => `${ask} ${first - FIRST}-${last - FIRST}`);

describe('a table', () => {
  it('is read with few queries, however many days it has, and not again', async () => {
    const { table, read } = newTableLab(madeDays(upTo(60)));
    expect(await read(70)).toMatchObject({ records: 240, days: 60, problems: [] });
    expect(asked(table)).toEqual(['hours 0-59', 'calls 0-59', 'days 0-59']);
    expect(await read(71)).toMatchObject({ records: 0, days: 0 });
    expect(asked(table)).toEqual([]);
  });

  it('comes to the same in one query and in one a day', async () => {
    const [together, apart] = [newTableLab(madeDays(upTo(9))), newTableLab([])];
    await together.read(12);
    for (const day of upTo(9)) {
      apart.table.rowsKept.push(...madeDays([day]));
      await apart.read(day + 1);
    }
    await apart.read(12);
    expect(apart.dump()).toEqual(together.dump());
  });

  it('is read again where days are open, and replaced there', async () => {
    const { table, read, dump: all } = newTableLab(madeDays(upTo(10)));
    await read(9.5);
    table.rowsKept.push({ at: (FIRST + 9) * DAY + 5_000_000, key: 'acme_EXAMPLE_0' });
    expect(await read(9.8)).toMatchObject({ problems: [], days: 4 });
    expect(asked(table)).toEqual(['hours 6-9', 'calls 6-9', 'days 6-9']);
    const whole = newTableLab(table.rowsKept);
    await whole.read(9.8);
    expect(all()).toEqual(whole.dump());
  });

  it('is read again where rows came late, and nowhere else', async () => {
    const { table, read, dump: all } = newTableLab(madeDays(upTo(30)));
    await read(40);
    table.rowsKept.push(...madeDays([3, 20], 1));
    expect(await read(41)).toMatchObject({ problems: [], days: 2 });
    expect(asked(table).filter((one) => one.startsWith('calls'))).toEqual(['calls 3-3', 'calls 20-20']);
    const whole = newTableLab(table.rowsKept);
    await whole.read(41);
    expect(all()).toEqual(whole.dump());
  });

  it('is read again where one row went and another came, if a column says when rows came', async () => {
    const { table, read, dump: all } = newTableLab(madeDays(upTo(10)).map((row) => ({ ...row, cameAt: row.at })));
    const members = { ingested: 'came' };
    await read(20, members);
    expect(await read(21, members)).toMatchObject({ days: 0 });
    const [first, ...others] = table.rowsKept;
    table.rowsKept = [...others, { ...first!, key: 'acme_EXAMPLE_new', cameAt: (FIRST + 21) * DAY }];
    expect(await read(22, members)).toMatchObject({ days: 1, problems: [] });
    const whole = newTableLab(table.rowsKept);
    await whole.read(22);
    expect(all()).toEqual(whole.dump());
  });

  it('keeps a day that has fewer rows than before, with a fault, but not when its first days go', async () => {
    const { table, read, dump: all, faults } = newTableLab(madeDays(upTo(10)));
    await read(20);
    const before = all();
    table.rowsKept = table.rowsKept.filter(({ at }) => ![4, 7].includes(Math.floor(at / DAY) - FIRST));
    table.rowsKept.push(...madeDays([7], 1));
    expect((await read(21)).problems).toHaveLength(2);
    expect(faults().map(({ detail }) => detail.slice(0, 28))).toEqual([
      'it has 0 calls now and had 4',
      'it has 1 calls now and had 4',
    ]);
    expect(all().uses).toEqual(before.uses);
    table.rowsKept = madeDays(upTo(10)).filter(({ at }) => at >= (FIRST + 3) * DAY + 3_600_000);
    expect((await read(22)).problems).toEqual([]);
    expect(faults()).toEqual([]);
    expect(all().uses).toEqual(before.uses);
  });

  it('counts rows with the same event id once, also when they are merged later', async () => {
    const rows = madeDays(upTo(10));
    const { table, read, dump: all, faults } = newTableLab([...rows, ...rows.slice(0, 6)]);
    const members = { fields: { ...FIELDS, eventId: 'id' } };
    const once = newTableLab(rows);
    await once.read(20, members);
    expect((await read(20, members)).records).toBe(40);
    expect(all().uses).toEqual(once.dump().uses);
    table.rowsKept = rows;
    expect(await read(21, members)).toMatchObject({ problems: [], days: 2 });
    expect([all().uses, faults()]).toEqual([once.dump().uses, []]);
    expect(table.asked.filter(({ ask, first }) => ask === 'days' && first === undefined)).toHaveLength(1);
  });

  it('is read on while rows come, and the day stays open', async () => {
    const { table, read } = newTableLab(madeDays(upTo(3)));
    let more = 0;
    table.onAsk = ({ ask }) => {
      if (ask === 'calls' && more++ === 0) table.rowsKept.push(...madeDays([1], 1));
    };
    expect(await read(30)).toMatchObject({ problems: [], days: 3 });
    expect(await read(31)).toMatchObject({ problems: [], days: 1 });
  });

  it('leaves a fault when calls were lost on the way, and the state before', async () => {
    const { table, read, dump: all, faults } = newTableLab(madeDays(upTo(3)));
    await read(30);
    const before = all();
    table.rowsKept.push(...madeDays([1], 2));
    table.spoil = (rows, { ask }) => (ask === 'calls' ? rows.slice(1) : rows);
    expect((await read(31)).problems).toHaveLength(1);
    expect(faults()).toEqual([expect.objectContaining({ path: 'clickhouse://api 2026-06-02' })]);
    expect(all().uses).toEqual(before.uses);
    expect(table.asked.filter(({ ask }) => ask === 'calls').length).toBeGreaterThan(2);
  });

  it('refuses an answer of fewer days than there are rows', async () => {
    const { table, read } = newTableLab(madeDays(upTo(3)));
    table.spoil = (rows, { ask }) => (ask === 'days' ? rows.slice(1) : rows);
    expect((await read(31)).problems[0]?.message).toBe('the server counted 12 rows, and then 8 by day');
  });

  it('reads the other days when some cannot be read, one by one', async () => {
    const { table, read, faults } = newTableLab(madeDays(upTo(6)));
    table.onAsk = ({ ask, first = 0, last = 0 }) => {
      const isBad = first <= FIRST + 2 && last >= FIRST + 2;
      if (ask === 'calls' && isBad) throw new UnreadTable('a query needed too much memory', { code: 241 });
    };
    expect(await read(30)).toMatchObject({ days: 5, records: 20 });
    expect(faults()).toEqual([expect.objectContaining({ path: 'clickhouse://api 2026-06-03' })]);
    table.onAsk = () => undefined;
    expect(await read(31)).toMatchObject({ days: 1, problems: [] });
    expect(faults()).toEqual([]);
  });

  it('gives up after some days in a row, with a fault from the first day that was not read', async () => {
    const { table, read, faults } = newTableLab(madeDays(upTo(40)));
    await read(50);
    for (const day of [5, 6, 7, 8, 9, 39]) table.rowsKept.push(...madeDays([day], 1));
    table.onAsk = ({ ask }) => {
      if (ask === 'calls') throw new UnreadTable('the server cannot be reached');
    };
    expect((await read(51)).days).toBe(0);
    const all = faults();
    expect(all).toHaveLength(4);
    expect(all[0]).toMatchObject({ path: 'clickhouse://api', from_at: (FIRST + 8) * DAY });
    expect(table.asked.filter(({ ask }) => ask === 'calls')).toHaveLength(4);
    table.onAsk = () => undefined;
    expect(await read(52)).toMatchObject({ days: 6, problems: [] });
    expect(faults()).toEqual([]);
  });

  it('stops between queries, without a fault, and goes on the next time', async () => {
    const rows = [...madeDays([0]), ...madeDays(upTo(20).map((day) => day + 1))];
    const { table, read, dump: all, faults } = newTableLab(rows);
    await read(1.5);
    let isStopped = false;
    table.onAsk = ({ ask }) => {
      if (ask === 'calls') {
        isStopped = true;
        throw new UnreadTable('the query was given up');
      }
    };
    table.rowsKept.push(...madeDays([2], 1));
    await read(40, {}, () => isStopped);
    expect(faults()).toEqual([]);
    table.onAsk = () => undefined;
    await read(41);
    const whole = newTableLab(table.rowsKept);
    await whole.read(41);
    expect(all()).toEqual(whole.dump());
  });

  it('names the field whose column is missing', async () => {
    const { read } = newTableLab(madeDays([0]));
    const { problems } = await read(3, { fields: { ...FIELDS, userAgent: 'gone' } });
    expect(problems[0]?.message).toBe('a column is missing: see the field userAgent');
    const { problems: others } = await read(3, { ingested: 'gone' });
    expect(others[0]?.message).toBe('a column is missing: see "ingested"');
  });

  it('refuses a time of arrival that is none', async () => {
    const { read } = newTableLab(madeDays([0]));
    const { problems } = await read(3, { ingested: 'key' });
    expect(problems[0]?.message).toBe('"ingested" is no one time');
  });
});
