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

  it('may be nothing, and then it says what to do', async () => {
    const found = await detected('Lorem\nipsum\n');
    expect(found).toMatchObject({
      format: undefined,
      records: 0,
      problem: expect.stringContaining('--log-format') as string,
    });
  });

  it('says which fields are there when the map is wrong', async () => {
    const { problem } = await detected(jsonLog(0, 2), { fields: { time: 'when' } });
    expect(problem).toContain('Fields there: time, api_key');
  });
});
