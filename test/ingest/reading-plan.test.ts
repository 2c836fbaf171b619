import { describe, expect, it } from 'vitest';
import { LastcallError } from '../../src/errors.ts';
import type { FieldMap } from '../../src/formats/format.ts';
import { availableFields, type FormatChoice, planReading, readSample } from '../../src/ingest/reading-plan.ts';
import { AUTO, keyOf, readText } from './reading.ts';

const TIME = '2026-09-01T10:00:00Z';
const LOG = Buffer.from(
  `${JSON.stringify({ when: TIME, time: TIME, who: { 'api key': 'example-key-0001' }, api_key: 'example-key-0002', key_id: 'kid-1', list: [{ a: 1 }] })}\n`,
);
const fieldsOf = (fields: FieldMap, keyHeaders: readonly string[] = []): FieldMap =>
  planReading(LOG, { ...AUTO, fields, keyHeaders }).fields;

describe('mapped fields', () => {
  it('replace those of the format and leave the others', () => {
    const own = fieldsOf({});
    expect(fieldsOf({ time: 'when' })).toEqual({ ...own, time: 'when' });
    expect(fieldsOf({ 'identity.team': 'who.team' })).toEqual({ ...own, 'identity.team': 'who.team' });
  });

  it.each<FieldMap>([{ key: 'who["api key"]' }, { keyId: 'key_id' }])(
    'of a key replace all places where the format looks for keys: %j',
    (fields) => {
      const { key, keyId, ...others } = fieldsOf({});
      expect([key, keyId]).not.toContain(undefined);
      expect(fieldsOf(fields)).toEqual({ ...others, ...fields });
    },
  );

  it('find the key', () => {
    const keys = (fields: FieldMap): unknown =>
      readText(LOG.toString(), { fields }).usages[0]?.keys.map(({ key }) => key);
    expect(keys({ key: 'who["api key"]' })).toEqual([keyOf('example-key-0001')]);
    expect(keys({})).toEqual([keyOf('example-key-0002'), 'kid-1']);
  });

  it('with a wrong path to the time are an error that lists what is there', () => {
    const error = refusal({ time: 'wen' });
    expect([error.code, error.message]).toEqual(['input', 'none of its first 1 records has a time at "wen"']);
    for (const field of ['when', 'who["api key"]', 'list[*].a']) expect(error.hint).toContain(field);
    expect(error.message + error.hint).not.toContain('example-key');
  });

  it('that cannot be read are an error of the configuration', () => {
    expect(refusal({ time: 'a[' }).code).toBe('config');
  });
});

it('headers that carry keys are looked at beside the usual places', () => {
  const record = {
    time: TIME,
    request: { headers: { 'X-Acme-Key': 'example-key-0003' } },
    api_key: 'example-key-0002',
  };
  const { usages } = readText(`${JSON.stringify(record)}\n`, { keyHeaders: ['x-acme-key'] });
  expect(usages[0]?.keys.map(({ key }) => key)).toEqual(['example-key-0003', 'example-key-0002'].map(keyOf));
});

it('fields that are there can be written into a map as they are listed', () => {
  const plan = planReading(LOG, AUTO);
  for (const path of availableFields(plan)) {
    const [found] = readSample({ ...plan, fields: { 'identity.it': path } }).calls;
    expect([path, found?.identity['it']]).toEqual([path, expect.any(String)]);
  }
});

describe('a log', () => {
  it.each(['Lorem ipsum\ndolor sit\n', '\u0000\u0001\u0002', '42\n'])('that no format knows is refused: %j', (text) => {
    expect(() => planReading(Buffer.from(text), AUTO)).toThrow('its format is not recognised');
  });

  it.each<[string, Partial<FormatChoice>]>([
    ['when;credential\n2026-09-01T10:00:00Z;example-key-0001\n', { fields: { time: 'When', key: 'credential' } }],
    ['2026-09-01T10:00:00Z\texample-key-0001\n', { columns: ['time', 'key'], delimiter: '\t' }],
  ])('is a table when its columns are said, by a map or by a list: %j', (text, choice) => {
    const { format, usages } = readText(text, choice);
    expect([format, usages.map(({ at, keys }) => [at, keys[0]?.key])]).toEqual([
      'csv',
      [[Date.parse(TIME), keyOf('example-key-0001')]],
    ]);
  });

  it('that has not all columns of the map is no table', () => {
    const fields = { time: 'when', key: 'other' };
    expect(() => planReading(Buffer.from('when,credential\n'), { ...AUTO, fields })).toThrow('not recognised');
  });

  it.each([
    ['#Fields: date time c-ip // remark\n2026-09-01 10:00:00 192.0.2.1\n', 'w3c', ['date', 'time', 'c-ip']],
    ['time,"the key"\n', 'csv', ['time', 'the key']],
  ])('says which columns it has: %j', (text, format, columns) => {
    expect(availableFields(planReading(Buffer.from(text), { ...AUTO, format }))).toEqual(columns);
  });

  it('whose first line holds a record is no table with a header, and the record is not shown', () => {
    const text = '2026-09-01T10:00:00Z,sk_example_0123456789abcdef,200\n';
    expect(() => planReading(Buffer.from(text), { ...AUTO, format: 'csv' })).toThrow(
      /^its first line holds a record and not the names of its columns$/,
    );
    const columns = ['time', 'key', 'status'];
    expect(availableFields(planReading(Buffer.from(text), { ...AUTO, columns }))).toEqual(columns);
  });

  it('shows no secret where the names of fields should be', () => {
    const text = 'time,sk_example_0123456789abcdef\n';
    expect(availableFields(planReading(Buffer.from(text), { ...AUTO, format: 'csv' }))).toEqual(['time', 'sk_...cdef']);
  });

  it('is read by a format that is named, and an unknown name is refused with the near miss', () => {
    expect(planReading(LOG, { ...AUTO, format: 'csv' }).format.name).toBe('csv');
    expect(() => planReading(LOG, { ...AUTO, format: 'jsn' })).toThrow('There is no log format "jsn"');
  });

  it('is read in the same way when more of it has been written', () => {
    const line = `${JSON.stringify({ time: TIME, api_key: 'example-key-0001' })}\n`;
    const plans = [1, 2, 50].map((count) => planReading(Buffer.from(line.repeat(count)), AUTO));
    expect(plans.map(({ format, recordsPath }) => [format.name, recordsPath])).toEqual(
      Array.from({ length: 3 }, () => ['json', undefined]),
    );
  });
});

function refusal(fields: FieldMap): LastcallError {
  try {
    fieldsOf(fields);
  } catch (error) {
    if (error instanceof LastcallError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('rows of a W3C extended log without the names of their columns', () => {
  const ROWS = Buffer.from('2026-09-01 10:00:00 10.0.0.1 GET /v1 api_key=example-key-0001 192.0.2.1 200\n'.repeat(3));
  const columns = 'date time s-ip cs-method cs-uri-stem cs-uri-query c-ip sc-status'.split(' ');

  it('are not guessed at, and what to say is told', () => {
    expect(() => planReading(ROWS, AUTO)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('format: w3c, and columns') as string }),
    );
  });

  it('are read by the columns of the source', () => {
    const { calls } = readSample(planReading(ROWS, { ...AUTO, format: 'w3c', columns }));
    expect(calls).toHaveLength(3);
    expect(calls[0]).toMatchObject({ time: '2026-09-01T10:00:00Z', ip: '192.0.2.1', status: '200' });
  });
});
