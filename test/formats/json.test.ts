import { describe, expect, it } from 'vitest';
import { keyOf, readJson, readText } from '../ingest/reading.ts';

const TIME = '2026-09-01T10:00:00Z';
const AT = Date.parse(TIME);
const KEY = 'example-key-0001';

describe('the usual field names', () => {
  it.each([
    { time: TIME },
    { timestamp: TIME },
    { '@timestamp': TIME },
    { ts: AT / 1000 },
    { msec: `${AT / 1000}.000` },
    { eventTime: TIME },
    { StartUTC: TIME },
    { Time: TIME },
    { started_at: AT },
  ])('of the time: %j', (fields) => {
    expect(readJson({ ...fields, api_key: KEY }).at).toBe(AT);
  });

  it.each([
    { api_key: KEY },
    { apiKey: KEY },
    { 'X-API-Key': KEY },
    { http_x_api_key: KEY },
    { authorization: `Bearer ${KEY}` },
    { auth: { key: KEY } },
    { headers: { Authorization: `Bearer ${KEY}` } },
    { request: { headers: { 'x-api-key': KEY } } },
    { req: { headers: { 'ocp-apim-subscription-key': [KEY] } } },
    { httpRequest: { headers: { 'X-Goog-Api-Key': KEY } } },
    { request: { headers: JSON.stringify({ 'x-api-key': KEY }) } },
    { request_uri: `/v1/things?api_key=${KEY}&x=1` },
    { request: `GET /v1/things?api_key=${KEY} HTTP/1.1` },
    { httpRequest: { requestUrl: `https://api.example.com/v1?apikey=${KEY}` } },
  ])('of the key: %j', (fields) => {
    expect(readJson({ time: TIME, ...fields }).keys.map(({ key }) => key)).toEqual([keyOf(KEY)]);
  });

  it.each([
    { key_id: 'kid-7' },
    { apiKeyId: 'kid-7' },
    { auth: { keyId: 'kid-7' } },
    { authenticated_entity: { id: 'kid-7' } },
  ])('of the id of a key, which is kept as it is: %j', (fields) => {
    expect(readJson({ time: TIME, ...fields }).keys).toEqual([{ key: 'kid-7', display: 'kid-7', kind: 'public_id' }]);
  });

  it('of everything else, nested as gateways write it', () => {
    expect(
      readJson({
        '@timestamp': TIME,
        consumer: { username: 'billing' },
        client: { ip: '192.0.2.7' },
        request: { method: 'POST', uri: '/v1/things', headers: { 'user-agent': 'curl/8.5', apikey: KEY } },
        response: { status: 503 },
      }),
    ).toMatchObject({
      system: { name: 'billing', attribution: 'field' },
      ip: '192.0.2.7',
      userAgent: 'curl/8.5',
      method: 'POST',
      action: '/v1/things',
      status: '503',
      outcome: 'failed',
    });
  });
});

describe('a request line in one field', () => {
  it.each([
    ['GET /a/b HTTP/1.1', 'GET', '/a/b'],
    ['DELETE /a HTTP/2', 'DELETE', '/a'],
    ['/a/b', undefined, '/a/b'],
    ['GET /a b HTTP/1.1', undefined, 'GET /a b HTTP/1.1'],
    ['Get the report', undefined, 'Get the report'],
  ])('%s is split where it is one', (request, method, action) => {
    expect(readJson({ time: TIME, request })).toMatchObject({ action, method });
  });

  it('does not replace a method that the log gives', () => {
    expect(readJson({ time: TIME, request: 'GET /a HTTP/1.1', method: 'POST' })).toMatchObject({
      method: 'POST',
      action: '/a',
    });
  });
});

describe('one record written in other ways', () => {
  const records = [1, 2, 3].map((n) => ({ time: TIME, api_key: `example-key-000${n}`, note: '}{"[\\' }));
  it.each<[string, string]>([
    ['one a line', records.map((one) => JSON.stringify(one)).join('\n')],
    ['with CRLF', records.map((one) => `${JSON.stringify(one)}\r\n`).join('')],
    ['an array', JSON.stringify(records)],
    ['a pretty array', JSON.stringify(records, undefined, 2)],
    ['an array over lines', `[\n${records.map((one) => JSON.stringify(one)).join(',\n')}\n]\n`],
    ['in a member', JSON.stringify({ count: 3, items: records })],
    ['in a pretty member', JSON.stringify({ logs: records }, undefined, '\t')],
    ['pretty values one after the other', records.map((one) => JSON.stringify(one, undefined, 2)).join('\n')],
    ['values without a break', records.map((one) => JSON.stringify(one)).join('')],
    ['a document a line', records.map((one) => JSON.stringify({ Records: [one] })).join('\n')],
  ])('reads the same %s', (_, text) => {
    const { format, usages, skips } = readText(text);
    expect(usages.map(({ keys }) => keys[0]?.key)).toEqual(records.map((one) => keyOf(one.api_key)));
    expect([format, skips]).toEqual(['json', []]);
  });
});

it('a repeated member is the last one, but every key counts', () => {
  const { usages } = readText(
    `{"time":"2000-01-01T00:00:00Z","time":"${TIME}","api_key":"example-key-0001","api_key":"example-key-0002"}\n`,
  );
  expect(usages).toMatchObject([
    { at: AT, keys: [{ key: keyOf('example-key-0001') }, { key: keyOf('example-key-0002') }] },
  ]);
});
