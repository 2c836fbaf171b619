import { describe, expect, it } from 'vitest';
import { extractCredentials } from '../../src/attribution/credentials.ts';
import { placesIn } from '../../src/tally/place-set.ts';
import { keyOf, readJson, readText } from './reading.ts';

const TIME = '2026-09-01T10:00:00Z';
const KEY = 'example-key-0001';
const OTHER = 'example-key-0002';

describe('the outcome', () => {
  it.each([
    [{ status: 200 }, 'accepted'],
    [{}, 'accepted'],
    [{ status: 304 }, 'accepted'],
    [{ status: 400 }, 'failed'],
    [{ status: 404 }, 'failed'],
    [{ status: 429 }, 'failed'],
    [{ status: '500 ' }, 'failed'],
    [{ status: 0 }, 'failed'],
    [{ status: 401 }, 'refused'],
    [{ status: '403' }, 'refused'],
    [{ status: 407 }, 'refused'],
    [{ status: 401, outcome: 'success' }, 'accepted'],
    [{ status: 200, outcome: 'DENIED' }, 'refused'],
    [{ status: 200, outcome: 'Failure' }, 'failed'],
    [{ status: 403, outcome: 'unheard of' }, 'refused'],
    [{ error: 'Timeout' }, 'failed'],
    [{ status: 200, error: 'Timeout' }, 'failed'],
    [{ status: 403, error: 'Forbidden' }, 'refused'],
  ])('of %j is %s', (fields, outcome) => {
    expect(readJson({ time: TIME, ...fields }, { fields: { outcome: 'outcome', error: 'error' } }).outcome).toBe(
      outcome,
    );
  });
});

describe('the instant', () => {
  it.each([
    [{ time: undefined }, 'no-time'],
    [{ time: '' }, 'no-time'],
    [{ time: 'yesterday' }, 'no-time'],
    [{ time: '2026-02-30T00:00:00Z' }, 'impossible-time'],
  ])('%j puts the record in quarantine', (fields, reason) => {
    const good = JSON.stringify({ time: TIME });
    expect(readText(`${good}\n${JSON.stringify({ api_key: KEY, ...fields })}\n`).skips).toEqual([reason]);
  });

  it('without a zone is in the zone of the source, UTC when none is given', () => {
    const at = (timezone: string | undefined): number => readJson({ time: '2026-09-01T10:00:00' }, {}, { timezone }).at;
    expect(at(undefined)).toBe(Date.UTC(2026, 8, 1, 10));
    expect(at('+02:00')).toBe(Date.UTC(2026, 8, 1, 8));
  });
});

describe('the keys of a record', () => {
  it('count each, wherever they stand, and once', () => {
    const usage = readJson({
      time: TIME,
      api_key: KEY,
      headers: { authorization: `Bearer ${OTHER}`, 'x-api-key': KEY },
      path: `/v1?apikey=${OTHER}&access_token=example-key-0003`,
      key_id: 'kid-1',
    });
    expect(usage.keys.map(({ key }) => key).toSorted()).toEqual(
      [keyOf(KEY), keyOf(OTHER), keyOf('example-key-0003'), 'kid-1'].toSorted(),
    );
  });

  it('are told with all places in which they stand', () => {
    const usage = readJson({
      time: TIME,
      api_key: OTHER,
      headers: { authorization: `Bearer ${OTHER}`, 'x-api-key': KEY },
      path: `/v1?Api_Key=${OTHER}&x=${KEY}`,
      http_cookie: `session=1; my-apikey=${KEY}; a1b2c3apikey=example-key-0003`,
    });
    const told = new Map(usage.keys.map(({ key }, n) => [key, placesIn(usage.places?.[n] ?? '')]));
    expect(Object.fromEntries(told)).toEqual({
      [keyOf(OTHER)]: ['api_key', 'headers["authorization"]', 'parameter api_key'],
      [keyOf(KEY)]: ['cookie my-apikey', 'headers["x-api-key"]'],
      [keyOf('example-key-0003')]: ['a cookie'],
    });
  });

  it('before the host of an address are told so', () => {
    const { places } = readJson({ time: TIME, path: `https://${KEY}:x@api.example/v1` });
    expect(places).toEqual(['user or password of the URL']);
  });

  it('in masked form say nothing beside a whole key, and alone stand for what they show', () => {
    expect(readJson({ time: TIME, api_key: KEY, token: 'exa...0001' }).keys.map(({ kind }) => kind)).toEqual([
      'secret',
    ]);
    expect(readJson({ time: TIME, token: 'sk_****4242' }).keys).toEqual([
      { key: 'masked:sk_...4242', display: 'sk_...4242', kind: 'masked' },
    ]);
  });

  it.each(['null', '-', ''])('are none where the log shows %j', (text) => {
    expect(readJson({ time: TIME, api_key: text }).keys).toEqual([]);
  });

  it.each(['[REDACTED]', '***'])('are unknown, but there is one, where the log shows %j', (text) => {
    expect(readJson({ time: TIME, api_key: text }).keys).toEqual([
      { key: 'masked:...', display: '...', kind: 'masked' },
    ]);
    const ids = readJson({ time: TIME, key_id: 'id-7', headers: { authorization: text } }).keys.map(({ key }) => key);
    expect(ids).toEqual(['id-7']);
  });

  it('of Basic authentication are the password, or the user name when there is none', () => {
    const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
    const keys = (authorization: string): string[] =>
      readJson({ time: TIME, authorization }).keys.map(({ key }) => key);
    expect(keys(basic(`bob:${KEY}`))).toEqual([keyOf(KEY)]);
    expect(keys(basic(`${KEY}:`))).toContain(keyOf(KEY));
    expect(keys(basic(`${KEY}:x`))).toContain(keyOf(KEY));
  });

  it('in query parameters of the source are found by its names', () => {
    const keys = (parameters: readonly string[] | undefined): number =>
      readJson({ time: TIME, path: `/v1?My-Sig=${KEY}` }, {}, { keyParameters: parameters }).keys.length;
    expect([keys(undefined), keys(['mysig'])]).toEqual([0, 1]);
  });
});

describe('what is kept of a record', () => {
  it.each<[string, object]>([
    ['the agent', { user_agent: `tool/1 (${KEY})` }],
    ['the path', { path: `/keys/${KEY}/rotate` }],
    ['a path with a query', { path: `/v1?x=${KEY}&api_key=${KEY}` }],
    ['a fragment', { path: `/v1#${KEY}` }],
    ['an absolute address', { url: `https://bob:${KEY}@api.example.com/v1` }],
    ['the referer', { referer: `https://example.com/?api_key=${OTHER}` }],
    ['the referer, as its path', { referer: `https://example.com/${KEY}` }],
    ['the name of the system', { client_name: `job ${KEY}` }],
    ['an identity', { user: KEY }],
    ['a Basic header', { authorization: `Basic ${Buffer.from(`bob:${KEY}`).toString('base64')}`, user: KEY }],
  ])('holds no key in clear: %s', (_, fields) => {
    const record = { time: TIME, 'x-api-key': KEY, ...fields };
    const usage = readJson(record, { fields: { 'identity.referer': 'referer', 'identity.user': 'user' } });
    expect(usage.keys.map(({ key }) => key)).toContain(keyOf(KEY));
    expect(JSON.stringify(usage)).not.toMatch(/example-key-000\d/);
  });

  it.each([KEY, `Bearer ${KEY}`, `Token token="${KEY}"`, `AccessKey ${KEY}`])(
    'holds no key of a header such as %s',
    (authorization) => {
      const usage = readJson({ time: TIME, headers: { authorization }, path: `/v1/${KEY}`, agent: KEY });
      expect(extractCredentials(authorization, 'secret').length).toBeGreaterThan(0);
      expect(JSON.stringify(usage)).not.toContain(KEY);
    },
  );

  it('is the path without its query', () => {
    expect(readJson({ time: TIME, path: '/v1/things?page=2#top' }).action).toBe('/v1/things');
    expect(readJson({ time: TIME, url: 'https://api.example.com?x=1' }).action).toBe('/');
  });

  it('is an issuer for session credentials only', () => {
    const issuer = (key_id: string): unknown =>
      readJson({ time: TIME, key_id, issuer: 'role/a' }, { fields: { issuer: 'issuer' } }).issuer;
    expect([issuer('ASIAEXAMPLEEXAMPLE01'), issuer('AKIAEXAMPLEEXAMPLE01')]).toEqual(['role/a', undefined]);
  });

  it('is the source that the record names, before that of the log', () => {
    expect(readJson({ time: TIME, region: 'eu' }, { fields: { source: 'region' } }).source).toBe('eu');
    expect(readJson({ time: TIME }, { fields: { source: 'region' } }).source).toBe('test');
  });
});
