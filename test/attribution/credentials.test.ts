import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  extractCredentials,
  extractFromCookie,
  extractFromUrl,
  kindOfPublicId,
} from '../../src/attribution/credentials.ts';
import { cpuMs } from '../cpu-time.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const secrets = (text: string): string[] =>
  extractCredentials(text, 'secret').map(({ text: found, kind }) => (kind === 'secret' ? found : `public ${found}`));
const KEY = 'demo_0123456789abcdef';

describe('extractCredentials', () => {
  it.each([
    ['plain', KEY, [KEY]],
    ['white space and quotes', `  "${KEY}"\t`, [KEY]],
    ['Bearer', `Bearer ${KEY}`, [KEY]],
    ['bearer', `bearer   ${KEY}`, [KEY]],
    ['BEARER twice', `BEARER Bearer ${KEY}`, [KEY]],
    ['ApiKey', `ApiKey ${KEY}`, [KEY]],
    ['Token', `Token ${KEY}`, [KEY]],
    ['Token parameter', `Token token="${KEY}", nonce="1"`, [KEY]],
    ['a scheme of a vendor', `SSWS ${KEY}`, [KEY]],
    ['a scheme with a colon', `Bearer: ${KEY}`, [KEY]],
    ['the name of a header before it', `X-Api-Key: ${KEY}`, [KEY]],
    ['a scheme with a number', `Acme2 ${KEY}`, [KEY]],
    ['a parameter behind a scheme of a vendor', `Acme-V1 key=${KEY}, nonce="a1"`, [KEY]],
    [
      'a scope behind a scheme of a vendor',
      `ACME-HMAC-SHA256 Credential=${KEY}/2026/x, Signature=abcdef0123456789`,
      [KEY],
    ],
    ['a key, and a word that is nothing to it', `${KEY} v=1`, [`${KEY} v=1`]],
    ['a key and its secret', `sso-key ${KEY}:part123`, [KEY, `${KEY}:part123`]],
    ['a key and a signature', `HMAC ${KEY}:c2lnbmF0dXJl`, [KEY, `${KEY}:c2lnbmF0dXJl`]],
    ['GoogleLogin', `GoogleLogin auth=${KEY}`, [KEY]],
    ['a JWT', 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.', ['eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.']],
    ['Basic', `Basic ${base64(`anna:${KEY}`)}`, [KEY]],
    ['Basic with colons in the password', `Basic ${base64('anna:a:b')}`, ['a:b']],
    ['Basic without padding', `basic ${base64(`anna:${KEY}`).replaceAll('=', '')}`, [KEY]],
    ['Basic with the key as user', `Basic ${base64(`${KEY}:`)}`, [KEY]],
    ['Basic with the key as user and a dummy', `Basic ${base64(`${KEY}:x`)}`, [KEY]],
    ['Basic with a short key as user', `Basic ${base64('demo1:api_token')}`, ['demo1']],
    ['Basic with two keys', `Basic ${base64(`${KEY}:other`)}`, ['other', KEY]],
    ['Basic with a mail address', `Basic ${base64('anna.long.name@example.org:pw12')}`, ['pw12']],
    ['Basic that is no base64', 'Basic anna:pw12', ['anna:pw12']],
    [
      'OAuth 1',
      'OAuth realm="x", oauth_consumer_key="ck-1", oauth_token="tk-1", oauth_signature="s"',
      ['ck-1', 'tk-1'],
    ],
    [
      'AWS signature',
      'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20240101/eu/s3/aws4_request, Signature=ff',
      ['public AKIAIOSFODNN7EXAMPLE'],
    ],
    ['old AWS signature', 'AWS AKIAIOSFODNN7EXAMPLE:c2ln', ['public AKIAIOSFODNN7EXAMPLE']],
    ['HTTP signature', 'Signature keyId="client-7",algorithm="hs2019"', ['public client-7']],
    ['Digest', 'Digest username="anna", response="ff"', []],
    ['joined headers', `Bearer ${KEY}, Bearer other`, [KEY, 'other']],
    ['joined values', `${KEY}, other`, [KEY, 'other']],
    ['a key that may hold a comma', 'aa,bb', ['aa,bb', 'aa', 'bb']],
    ['a scheme with + for blanks, as IIS writes it', `Bearer+${KEY}`, [KEY]],
    [
      'a signature with + for blanks',
      'AWS4-HMAC-SHA256+Credential=AKIAIOSFODNN7EXAMPLE/20240101/eu/s3/aws4_request,+Signature=ff',
      ['public AKIAIOSFODNN7EXAMPLE'],
    ],
    ['a key that holds a +', 'demo+0123456789', ['demo+0123456789']],
    ['a scheme alone', 'Bearer', []],
    ['a scheme with a redacted value', 'Bearer [REDACTED]', ['[REDACTED]']],
    ['Basic with a redacted value', 'Basic ***', ['***']],
  ])('finds the key in: %s', (_, text, expected) => {
    expect(secrets(text)).toEqual(expected);
  });

  it.each(['', ' ', '-', '--', 'null', '(null)', 'none', '"-"'])('finds none in %j', (text) => {
    expect(extractCredentials(text, 'secret')).toEqual([]);
    expect(extractCredentials(text, 'public')).toEqual([]);
  });

  it.each(['[REDACTED]', 'REDACTED', '<redacted>', '**REDACTED**', '***', '****-****', '[FILTERED]', 'xxxxxxxx', '[]'])(
    'takes %j for some key, since one was sent',
    (text) => {
      expect(extractCredentials(text, 'secret')).toEqual([{ text, kind: 'secret' }]);
      expect(extractCredentials(`Bearer ${text}`, 'secret')).toEqual([{ text, kind: 'secret' }]);
      expect(extractFromUrl(`/v1?token=${encodeURIComponent(text)}`, undefined).credentials).toHaveLength(1);
    },
  );

  it('finds the keys among cookies by their names', () => {
    const cookie = `session=abc; X-Api-Key=${KEY}; api_key=%5BREDACTED%5D; theme=dark; own="second"`;
    const found = (parameters?: string[]): string[] => extractFromCookie(cookie, parameters).map(({ text }) => text);
    expect(found()).toEqual([KEY, '[REDACTED]']);
    expect(found(['own'])).toEqual([KEY, '[REDACTED]', 'second']);
  });

  it('keeps public ids as they are, but never lets a secret behind a scheme pass as public', () => {
    expect(extractCredentials('AKIAIOSFODNN7EXAMPLE', 'public')).toEqual([
      { text: 'AKIAIOSFODNN7EXAMPLE', kind: 'public' },
    ]);
    expect(extractCredentials('team a', 'public')).toEqual([{ text: 'team a', kind: 'public' }]);
    expect(extractCredentials(`Bearer ${KEY}`, 'public')).toEqual([{ text: KEY, kind: 'secret' }]);
  });

  it('finds any key without blanks and separators, however it is sent', () => {
    const key = fc.stringMatching(/^[A-Za-z0-9_.~+/-]{12,40}$/);
    fc.assert(
      fc.property(key, (text) => {
        fc.pre(/[A-Za-wyz0-9]/.test(text));
        for (const sent of [
          text,
          `Bearer ${text}`,
          `ApiKey ${text}`,
          `Token token="${text}"`,
          `Basic ${base64(`u:${text}`)}`,
        ]) {
          expect(secrets(sent)).toContain(text);
        }
        expect(extractFromUrl(`/p?a=1&api_key=${encodeURIComponent(text)}`, undefined)).toEqual({
          path: '/p',
          credentials: [{ text, kind: 'secret', place: 'parameter api_key' }],
        });
      }),
    );
  });

  it('takes time in line with the length of hostile values', () => {
    for (const part of [
      'Bearer ',
      ',',
      'a,',
      '=',
      'a=',
      ' ',
      '"',
      ';',
      '&key=',
      '&api_key=a;',
      '%',
      '%C3',
      '+',
      'x',
      '-',
    ]) {
      const ms = cpuMs(() => {
        for (const prefix of ['', 'Bearer ', 'Basic ', 'OAuth ', 'AWS4-HMAC-SHA256 '])
          secrets(prefix + part.repeat(20_000));
        extractFromUrl(`/p?${part.repeat(20_000)}`, undefined);
        extractFromUrl(`http://${part.repeat(20_000)}`, undefined);
      });
      expect(ms, part).toBeLessThan(2000);
    }
  });
});

const found = (url: string, parameters?: string[]): string[] =>
  extractFromUrl(url, parameters).credentials.map(({ text, kind }) => (kind === 'secret' ? text : `public ${text}`));

describe('extractFromUrl', () => {
  it.each([
    ['/a/b?c=d', '/a/b'],
    ['/a#b', '/a'],
    ['/a', '/a'],
    ['/?', '/'],
    ['?api_key=x', ''],
    ['http://www.example.com:80/', '/'],
    ['https://example.com:443/robots.txt?x', '/robots.txt'],
    ['https://example.com', '/'],
    ['https://example.com?x=1', '/'],
    ['example.com:443', 'example.com:443'],
    ['*', '*'],
    ['s3:GetObject', 's3:GetObject'],
    ['', ''],
  ])('takes from %s the path %s', (url, path) => {
    expect(extractFromUrl(url, undefined).path).toBe(path);
  });

  it.each([
    [`/?api_key=${KEY}`, [KEY]],
    [`/?x=1&API-Key=${KEY}&y=2`, [KEY]],
    [`/?apiKey=${KEY}#api_key=other`, [KEY, 'other']],
    ['/?api%5Fkey=a%2Bb%2Fc%3D', ['a+b/c=']],
    ['/?api_key=ab+cd/ef==', ['ab+cd/ef==']],
    [`/?authorization=Bearer+${KEY}`, [KEY]],
    [`/?authorization=Bearer%20${KEY}`, [KEY]],
    [`/?a=b;api_key=${KEY}`, [KEY]],
    [`/?a=b&amp;api_key=${KEY}`, [KEY]],
    ['/?api_key=', []],
    ['/?api_key', []],
    ['/?api_key=-', []],
    [`/?Ocp-Apim-Subscription-Key=${KEY}`, [KEY]],
    [
      '/?X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20240101%2Feu%2Fs3&X-Amz-Signature=ff',
      ['public AKIAIOSFODNN7EXAMPLE'],
    ],
    ['/?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE', ['public AKIAIOSFODNN7EXAMPLE']],
    [`/?key=${KEY}`, [KEY]],
    ['/?key=name', []],
    ['/?token=nodigitsnoruppercase', []],
    ['/?token=MixedCaseButNoDigit', ['MixedCaseButNoDigit']],
    ['/?api_key=a&api_key=b', ['a', 'b']],
    [`http://anna:${KEY}@example.org/x`, [KEY]],
    [`http://${KEY}@example.org/x`, [KEY]],
    ['http://example.org/x@y:z', []],
    ['/?api_key=%FE', ['%FE']],
    ['/?__proto__=x&constructor=y', []],
  ])('finds the keys of %s', (url, expected) => {
    expect(found(url)).toEqual(expected);
  });

  it('reads the parameters that the user adds', () => {
    expect(found('/?license=abc', ['License'])).toEqual(['abc']);
    expect(found('/?license=abc')).toEqual([]);
    expect(found('/?api_key=abc', ['license'])).toEqual(['abc']);
  });
});

describe('kindOfPublicId', () => {
  it.each([
    ['AKIAIOSFODNN7EXAMPLE', 'aws_access_key'],
    ['ASIAIOSFODNN7EXAMPLE', 'aws_sts_session_key'],
    [`ASIA${'A'.repeat(124)}`, 'aws_sts_session_key'],
    [`AKIA${'A'.repeat(125)}`, 'public_id'],
    ['AKIA', 'public_id'],
    ['akiaiosfodnn7example', 'public_id'],
    ['<accesskeyId>', 'public_id'],
  ])('says of %s that it is %s', (id, kind) => {
    expect(kindOfPublicId(id)).toBe(kind);
  });
});
