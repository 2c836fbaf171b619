import { describe, expect, it } from 'vitest';
import type { Sample } from '../../src/formats/format.ts';
import { takeSample } from '../../src/formats/sample.ts';

const TIME = '2026-09-01T10:00:00Z';
const one = (n: number): object => ({ time: TIME, n });
const text = (...values: object[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join('');

describe('the first bytes of a log', () => {
  it.each<[string, string, Pick<Sample, 'recordsPath' | 'isLines'> & { count: number }]>([
    ['one object a line', text(one(1), one(2)), lines(2)],
    ['a single line', text(one(1)), lines(1)],
    ['lines between which there is other text', `started\n${text(one(1), one(2))}\noops\n`, lines(2)],
    ['mostly other text', `a\nb\nc\n${text(one(1))}\n`, { recordsPath: '', isLines: false, count: 0 }],
    ['an array', text([one(1), one(2)]), document('', 2)],
    ['a pretty object', JSON.stringify(one(1), undefined, 2), document('', 1)],
    ['a container', text({ Records: [one(1), one(2)] }), document('Records[*]', 2)],
    [
      'a container with other members before',
      text({ kind: 'log', next: null, items: [one(1)] }),
      document('items[*]', 1),
    ],
    ['a pretty container', JSON.stringify({ logs: [one(1)] }, undefined, 2), document('logs[*]', 1)],
    ['a container a line', text({ value: [one(1)] }, { value: [one(2)] }), document('value[*]', 2)],
    ['a container that is cut', text({ Records: [one(1), one(2), one(3)] }).slice(0, -25), document('Records[*]', 2)],
    [
      'records that have a list of their own',
      text({ time: TIME, items: [{ sku: 1 }] }, { time: TIME, items: [] }),
      lines(2),
    ],
    [
      'a pretty record with a list of its own',
      JSON.stringify({ time: TIME, data: [{ a: 1 }] }, undefined, 2),
      document('', 1),
    ],
    ['an array of such records', text([{ time: TIME, results: [{ a: 1 }] }]), document('', 1)],
    ['records with a list of words', text({ entries: ['a', 'b'], at: 1 }), lines(1)],
    ['no JSON', 'time,key\n1,2\n', { recordsPath: '', isLines: false, count: 0 }],
    ['nothing', '', { recordsPath: '', isLines: false, count: 0 }],
  ])('hold %s', (_, content, { count, ...expected }) => {
    const { records, recordsPath, isLines } = takeSample(Buffer.from(content));
    expect({ recordsPath, isLines, count: records.length }).toEqual({ ...expected, count });
  });

  it('hold records where the user says', () => {
    const sample = takeSample(Buffer.from(text({ page: { rows: [one(1), one(2)] } })), 'page.rows[*]');
    expect(sample).toMatchObject({ recordsPath: 'page.rows[*]', isLines: false, records: [one(1), one(2)] });
  });

  it('are split at LF and CRLF, without a byte order mark and without the last line when it is open', () => {
    expect(takeSample(Buffer.from('\ufeffa\r\n\n b \nc')).lines).toEqual(['a', ' b ']);
    expect(takeSample(Buffer.from('only')).lines).toEqual(['only']);
  });

  it('show a hundred records and lines at most', () => {
    const { records, lines: found } = takeSample(
      Buffer.from(`${text(...Array.from({ length: 150 }, (_, n) => one(n)))}\n`),
    );
    expect([records.length, found.length]).toEqual([100, 100]);
    expect(takeSample(Buffer.from(JSON.stringify(Array.from({ length: 150 }, (_, n) => one(n))))).records).toHaveLength(
      100,
    );
  });

  it.each([
    ['a line', '', '', ''],
    ['a document', '{"Records": [', ']}', 'Records[*]'],
    ['a list', '[', ']', ''],
  ])('knows a first record that is longer than the sample by what there is of it: %s', (_, before, after, path) => {
    const record = { time: 1, 'a,"}': [{ b: 2 }], c: { d: null, text: 'x,{"'.repeat(20_000), e: 3 } };
    const head = Buffer.from(`${before}${JSON.stringify(record)}${after}\n`).subarray(0, 65_536);
    const { records, recordsPath } = takeSample(head);
    expect([records, recordsPath]).toEqual([[{ time: 1, 'a,"}': [{ b: 2 }], c: { d: null } }], path]);
  });

  it('makes no record of a small log that is cut', () => {
    expect(takeSample(Buffer.from('{"time":1,"text":"')).records).toEqual([]);
  });
});

function lines(count: number): { recordsPath: string; isLines: boolean; count: number } {
  return { recordsPath: '', isLines: true, count };
}

function document(recordsPath: string, count: number): { recordsPath: string; isLines: boolean; count: number } {
  return { recordsPath, isLines: false, count };
}
