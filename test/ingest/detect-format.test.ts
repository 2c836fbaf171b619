import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { detectFormat, type Detection } from '../../src/ingest/detect-format.ts';
import { newLab } from './harness.ts';
import { gzip, jsonLog, trail, zstd } from './made-logs.ts';
import { AUTO, HOW } from './reading.ts';

const COMBINED =
  '192.0.2.1 - - [01/Sep/2026:10:00:00 +0000] "GET /v1?api_key=example-key-0001 HTTP/1.1" 200 5 "-" "curl/8"\n';

function detected(content: string | Buffer, choice: Partial<typeof AUTO> = {}): Promise<Detection> {
  const lab = newLab();
  lab.write('a.log', content);
  const settings = { source: undefined, choice: { ...AUTO, ...choice }, interpretation: HOW };
  return detectFormat(lab.path('a.log'), settings, Readable.from([]));
}

describe('what is recognised in a log', () => {
  it.each<[string, string | Buffer, Partial<Detection>]>([
    ['lines of JSON', jsonLog(0, 5), { format: 'json', framing: 'one JSON object a line', compression: 'none' }],
    ['gzip', gzip(jsonLog(0, 5)), { format: 'json', compression: 'gzip' }],
    [
      'zstd',
      zstd(trail([1])),
      { format: 'aws-cloudtrail', framing: 'JSON documents, records at Records[*]', compression: 'zstd' },
    ],
    ['a JSON value', JSON.stringify({ time: 1 }, undefined, 2), { format: 'json', framing: 'JSON values' }],
    [
      'an access log',
      COMBINED,
      { format: 'combined', framing: 'one record a line', limits: expect.any(String) as string },
    ],
    ['rows', 'time,key,status\n2026-09-01T10:00:00Z,k,200\n', { format: 'csv', framing: 'one record a line' }],
  ])('%s', async (_, content, expected) => {
    expect(await detected(content)).toMatchObject({ ...expected, problem: undefined });
  });

  it('is shown with examples that give no key away', async () => {
    const found = await detected(jsonLog(0, 5));
    expect(JSON.stringify(found)).not.toContain('example-key-number');
    expect(found.fields).toContainEqual(expect.objectContaining({ field: 'key', share: 1, example: '...er-0' }));
    expect(found.fields).toContainEqual(expect.objectContaining({ field: 'status', share: 1, example: '401' }));
    expect(found.available).toEqual(['time', 'api_key', 'user_agent', 'ip', 'status', 'path']);
  });

  it('is shown without the query of an address', async () => {
    expect(JSON.stringify((await detected(COMBINED)).fields)).not.toContain('example-key');
  });

  it('tells how many of the first records have a field', async () => {
    const found = await detected('{"time":1,"api_key":"example-key-0001"}\n{"time":2}\n');
    expect(found.fields.find(({ field }) => field === 'key')?.share).toBe(0.5);
  });

  it.each(['ServiceName', 'service', 'app', 'tenant', 'team'])(
    'takes no %s for the system that calls',
    async (name) => {
      const found = await detected(`{"time":1,"api_key":"example-key-0001","${name}":"orders"}\n`.repeat(3));
      expect(found.suggestions.filter(({ field }) => field === 'system')).toEqual([]);
      const rows = await detected(`time,key,${name}\n2026-09-01T10:00:00Z,k,orders\n`);
      expect(rows.fields.find(({ field }) => field === 'system')).toMatchObject({ share: 0 });
    },
  );

  it('may be nothing, and then it says what to do', async () => {
    const found = await detected('Lorem\nipsum\n');
    expect(found).toMatchObject({
      format: undefined,
      records: 0,
      problem: expect.stringContaining('--log-format') as string,
    });
  });

  it('may be nothing, and then the columns of a table are told, but no values that stand where names would', async () => {
    const table = 'ref,who,api secret\n1,billing,example-key-number-0001\n2,export,example-key-number-0002\n';
    expect(await detected(table)).toMatchObject({ format: undefined, available: ['ref', 'who', 'api secret'] });
    const { available } = await detected(table.slice(table.indexOf('1')));
    expect(available).toEqual([]);
  });

  it('says that the time of syslog has no year, and how to get one', async () => {
    const line =
      'Sep  1 10:00:00 web01 app[12]: {"remote_addr":"192.0.2.1","api_key":"example-key-0001","status":200}\n';
    const { format, framing, problem } = await detected(line.repeat(3));
    expect([format, framing]).toEqual(['json', 'one JSON object a line, in syslog lines']);
    expect(problem).toMatch(/has a time .* names no year.*RSYSLOG_FileFormat/);
  });

  it('says which fields are there when the map is wrong', async () => {
    const { problem } = await detected(jsonLog(0, 2), { fields: { time: 'when' } });
    expect(problem).toContain('Fields there: time, api_key');
  });

  it('says which members look like a field that is not read', async () => {
    const record = {
      when: TIME,
      peer: '192.0.2.10',
      req: { hdrs: { 'X-Partner-Key': 'example-key-0001', 'X-Csrf-Token': 'a' } },
    };
    const found = await detected(`${JSON.stringify(record)}\n`);
    expect(found.problem).toContain('has a time');
    expect(found.suggestions).toEqual([
      { field: 'time', path: 'when', share: 1, by: 'shape' },
      { field: 'key', path: 'req.hdrs.X-Partner-Key', share: 1, by: 'name' },
      { field: 'ip', path: 'peer', share: 1, by: 'shape' },
    ]);
    const fields = Object.fromEntries(found.suggestions.map(({ field, path }) => [field, path]));
    const mapped = await detected(`${JSON.stringify(record)}\n`, { fields });
    expect(mapped.problem).toBeUndefined();
    expect(mapped.fields.find(({ field }) => field === 'key')?.share).toBe(1);
  });

  it('says nothing of members that are read, or that have keys for names', async () => {
    const key = 'demoKeyDemoKeyDemoKeyDemoKeyDemoKey01';
    const found = await detected(`${JSON.stringify({ time: TIME, ip: '192.0.2.1', [key]: '192.0.2.2' })}\n`);
    expect(JSON.stringify(found)).not.toContain(key);
    expect(found.suggestions).toEqual([]);
  });

  it('proposes columns of a table, and a pattern for text, that is then read by it', async () => {
    const rows = await detected('When;Credential\n2026-09-01 10:00:00;example-key-0001\n');
    expect(rows.suggestions.map(({ field, path }) => [field, path])).toEqual([
      ['time', 'When'],
      ['key', 'Credential'],
    ]);
    const text = `${TIME} INFO from 192.0.2.1 "GET /a HTTP/1.1" -> 200 api_key=example-key-0001\n`;
    const { pattern } = await detected(text);
    expect(pattern?.share).toBe(1);
    const read = await detected(text, { logFormatString: `pattern:${pattern?.pattern ?? ''}` });
    const shares = Object.fromEntries(read.fields.map(({ field, share }) => [field, share]));
    expect(shares).toEqual({ time: 1, ip: 1, method: 1, action: 1, status: 1, key: 1 });
  });

  it('tells what else lies between the calls', async () => {
    expect(await detected(`${COMBINED}2026/09/01 10:00:00 [error] 31#31: x\n`)).toMatchObject({
      records: 1,
      skipped: { 'not-a-request': 1 },
    });
  });
});

const TIME = '2026-09-01T10:00:00Z';
