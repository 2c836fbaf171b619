import { describe, expect, it } from 'vitest';
import { csv } from '../../src/formats/csv.ts';
import { delimitedTable, type Table, w3cTable } from '../../src/formats/table.ts';

const W3C = { kind: 'w3c', columns: undefined, mayEndAfter: undefined } as const;
const DELIMITED = { kind: 'delimited', delimiter: undefined, columns: undefined } as const;
const csvTable = (firstLine: string): Table => delimitedTable(DELIMITED, csv.fields, firstLine);

describe('a W3C table', () => {
  it('goes on with the header lines that it is given back', () => {
    const table = w3cTable(W3C);
    for (const line of ['#Date: 2026-09-01 10:00:00 // Tom', '#GMT-Offset: +0200', '#Fields: time c-ip'])
      table.read(line);
    expect(table.header).toBe('#Date: 2026-09-01\n#GMT-Offset: +0200\n#Fields: time c-ip');
    const again = w3cTable(W3C);
    again.header = table.header;
    expect(again.read('10:00:00 192.0.2.1')).toEqual(table.read('10:00:00 192.0.2.1'));
    expect(again.read('10:00:00 192.0.2.1')).toMatchObject({ 'w3c-time': '2026-09-01T10:00:00+0200' });
  });

  it.each([
    ['no header', []],
    ['too long a header', ['#Fields: time c-ip', `#Fields: time c-ip ${'x'.repeat(20_000)}`]],
  ])('reads no row under %s', (_, lines) => {
    const table = w3cTable(W3C);
    for (const line of lines) table.read(line);
    expect(table.read('10:00:00 192.0.2.1')).toMatchObject({ skip: 'malformed-row' });
  });

  it('takes a column by any name for data', () => {
    const table = w3cTable(W3C);
    table.read('#Fields: __proto__ constructor c-ip');
    expect(Object.entries(table.read('a b c'))).toContainEqual(['__proto__', 'a']);
  });
});

describe('a delimited table', () => {
  it('keeps a header that differs from the first line, and goes on with it', () => {
    const table = csvTable('time,key,ip');
    expect([table.read('time,key,ip'), table.header]).toEqual([{ skip: 'header', quarantined: false }, undefined]);
    table.read('time,ip,key');
    const again = csvTable('time,key,ip');
    again.header = table.header;
    expect(again.read('2026-09-01T10:00:00Z,192.0.2.1,k')).toEqual({
      time: '2026-09-01T10:00:00Z',
      ip: '192.0.2.1',
      key: 'k',
    });
  });

  it.each([
    ['a caller named the columns in its agent and path', '2026-09-01T10:00:00Z,time,key'],
    ['one name alone', 'soon,key,x'],
  ])('takes no row for a header: %s', (_, row) => {
    const table = csvTable('time,key,ip');
    table.read(row);
    expect(table.header).toBeUndefined();
  });

  it('reads a cell that holds line ends, separators and quotes', () => {
    const table = csvTable('time,note,key');
    const rows = [
      'time,note,key',
      '2026-09-01T10:00:00Z,"two',
      '',
      '""lines"", and',
      'a comma",k',
      '2026-09-01T10:00:01Z,one,k',
    ];
    const read = rows.map((row) => [table.read(row), table.isOpen] as const);
    expect(read.slice(1, 4)).toEqual([1, 2, 3].map(() => [{ skip: 'partial', quarantined: false }, true]));
    expect(read.slice(4)).toEqual([
      [{ time: '2026-09-01T10:00:00Z', note: 'two\n\n"lines", and\na comma', key: 'k' }, false],
      [{ time: '2026-09-01T10:00:01Z', note: 'one', key: 'k' }, false],
    ]);
  });

  it.each([
    ['cells without quotes', ['2026-09-01T10:00:01Z,one,k', '2026-09-01T10:00:02Z,one,k']],
    ['cells in quotes', ['"2026-09-01T10:00:01Z","one","k"', '"2026-09-01T10:00:02Z","one","k"']],
  ])('loses no more than the next row to a quote that is left open by mistake, before %s', (_, rows) => {
    const table = csvTable('time,note,key');
    table.read('time,note,key');
    const read = ['2026-09-01T10:00:00Z,"one,k', ...rows].map((row) => table.read(row));
    expect(read).toMatchObject([{ skip: 'partial' }, { skip: 'malformed-row', quarantined: true }, { key: 'k' }]);
  });

  it('begins anew in another pass', () => {
    const table = csvTable('time,note,key');
    table.read('2026-09-01T10:00:00Z,"one');
    table.reset?.();
    expect(table.read('2026-09-01T10:00:01Z,one,k')).toMatchObject({ key: 'k' });
  });
});
