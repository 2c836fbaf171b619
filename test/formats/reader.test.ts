import { describe, expect, it } from 'vitest';
import { LARGE_RECORD_BYTES } from '../../src/kernel/framing.ts';
import { keyOf, readJson, readText } from '../ingest/reading.ts';

const TIME = '2026-09-01T10:00:00Z';
const row = (n: number): string => `${TIME},example-key-000${n},200`;

describe('rows with a header', () => {
  it.each([',', ';', '\t', '|'])(
    'are cut at %j, and the header counts as one however often it stands there',
    (delimiter) => {
      const text = ['time,api_key,status', row(1), 'time,api_key,status', row(2), '']
        .join('\n')
        .replaceAll(',', delimiter);
      const { format, usages, skips } = readText(text);
      expect(usages.map(({ keys }) => keys[0]?.key)).toEqual([keyOf('example-key-0001'), keyOf('example-key-0002')]);
      expect([format, skips]).toEqual(['csv', ['header', 'header']]);
    },
  );

  it('may begin with a byte order mark, end with CRLF, quote names and spell them in any case', () => {
    const { usages, skips } = readText(`\ufeff"Time","API_Key","Status"\r\n"${TIME}","example-key-0001","401"\r\n`);
    expect(usages).toMatchObject([
      { at: Date.parse(TIME), outcome: 'refused', keys: [{ key: keyOf('example-key-0001') }] },
    ]);
    expect(skips).toEqual(['header']);
  });

  it('are quarantined when they have too few or too many cells or a torn quote', () => {
    const bad = [`${TIME},example-key-0002`, `${row(3)},more`, `${TIME},"torn"x,200`];
    const text = ['time,api_key,status', row(1), ...bad, row(4), ''].join('\n');
    const { usages, skips } = readText(text, { format: 'csv' });
    expect([usages.length, skips]).toEqual([2, ['header', 'malformed-row', 'malformed-row', 'malformed-row']]);
  });

  it('have columns by name from the configuration when there is no header', () => {
    const columns = ['api_key', 'status', 'time'];
    const { usages, skips } = readText(`example-key-0001;200;${TIME}\n`, { format: 'csv', columns, delimiter: ';' });
    expect(usages).toMatchObject([{ at: Date.parse(TIME), status: '200', keys: [{ key: keyOf('example-key-0001') }] }]);
    expect(skips).toEqual([]);
  });

  it('leave blank lines and comments out', () => {
    const { usages, skips } = readText(['time,api_key,status', '', '# rotated', row(1), ' \t', ''].join('\n'), {
      format: 'csv',
    });
    expect([usages.length, skips]).toEqual([1, ['header', 'blank', 'comment', 'blank']]);
  });

  // Known: any row that begins with # passes for a comment, and the call in it is not even quarantined.
  it('count when their first cell begins like a comment', () => {
    const { usages } = readText(`api_key,time,status\nexample-key-0001,${TIME},200\n#xample-key-0002,${TIME},200\n`);
    expect(usages).toHaveLength(2);
  });

  it('give no value where a cell is empty or a dash', () => {
    const [usage] = readText(`time,api_key,status,user_agent\n${TIME},-,,-\n`).usages;
    expect(usage).toMatchObject({ keys: [], status: undefined, userAgent: undefined });
  });
});

it('a number is read as it is written', () => {
  const { usages } = readText(`{"time":"${TIME}","a":12345678901234567890}\n`, { fields: { 'identity.it': 'a' } });
  expect(usages[0]?.identity['it']).toBe('12345678901234567890');
});

describe('JSON records', () => {
  it.each([
    [
      'an alternative that is absent, null or empty gives way to the next',
      { a: null, b: '', c: 'third' },
      'a || b || c',
      'third',
    ],
    [
      'the first that is present wins, whatever the order in the record',
      { b: 'second', a: 'first' },
      'a || b',
      'first',
    ],
    ['an element by its number', { a: [{ b: 'x' }, { b: 'y' }] }, 'a[1].b', 'y'],
    ['a name with dots and dashes', { 'a.b-c': 'x' }, '["a.b-c"]', 'x'],
    ['JSON in a string', { a: '{"b":{"c":"x"}}' }, 'a.b.c', 'x'],
    ['a number', { a: 1.5 }, 'a', '1.5'],
    ['escapes as what they mean', { a: '\u00e9\n"' }, 'a', '\u00e9\n"'],
  ])('%s', (_, record, path, expected) => {
    expect(readJson({ time: TIME, ...record }, { fields: { 'identity.it': path } }).identity['it']).toBe(expected);
  });

  it('count every key at all places of the map', () => {
    const record = { time: TIME, a: ['example-key-0001', 'example-key-0002'], b: 'example-key-0003', c: 'kid-1' };
    expect(readJson(record, { fields: { key: 'a[*] || b', keyId: 'c' } }).keys.map(({ key }) => key)).toEqual([
      ...[1, 2, 3].map((n) => keyOf(`example-key-000${n}`)),
      'kid-1',
    ]);
  });

  it('that are malformed are quarantined and hide no neighbour', () => {
    const good = `{"time":"${TIME}","api_key":"example-key-0001"}`;
    const { usages, skips } = readText([good, good, '{"time":', good, '[1', '{"a" 1}', 'text', good, ''].join('\n'));
    expect(usages).toHaveLength(4);
    expect(skips).toHaveLength(4);
    expect(skips.every((skip) => skip === 'malformed-json')).toBe(true);
  });

  it('longer than what is held in memory are read all the same', () => {
    const filler = 'x'.repeat(LARGE_RECORD_BYTES + 10);
    const { usages, skips } = readText(
      `{"time":"${TIME}","api_key":"example-key-0001"}\n{"time":"${TIME}","filler":"${filler}","api_key":"example-key-0002"}\n`,
      { format: 'json' },
    );
    expect(usages.map(({ keys }) => keys[0]?.key)).toEqual([1, 2].map((n) => keyOf(`example-key-000${n}`)));
    expect(skips).toEqual([]);
  });
});
