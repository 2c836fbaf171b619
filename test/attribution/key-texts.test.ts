import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyTextsIn } from '../../src/attribution/key-texts.ts';
import { cpuMs } from '../cpu-time.ts';

const KEY = 'example_k3y-0123456789';

describe('the texts that may be keys in an unreadable record', () => {
  it.each([
    ['alone', KEY],
    ['in torn JSON', `{"time":"2026-09-01","api_key":"${KEY}`],
    ['in JSON with escapes of its own', `{\\x22api_key\\x22:\\x22${KEY}\\x22`],
    ['in JSON within JSON', `"{\\"api_key\\":\\"${KEY}\\"}"`],
    ['as a parameter', `GET /v1/things?a=b&api_key=${KEY}&x=1 HTTP/1.1`],
    ['in a path', `/v1/${KEY}/things`],
    ['behind Bearer', `authorization: Bearer ${KEY}`],
    ['in Basic credentials', `Basic ${Buffer.from(`${KEY}:`).toString('base64')}`],
    ['in a cookie', `session=1; api_key=${KEY}; theme=dark`],
    ['before a full stop', `denied for ${KEY}.`],
    ['with every character escaped', KEY.replaceAll(/./g, (c) => `%${c.charCodeAt(0).toString(16)}`)],
    ['between NULs', `\0\0${KEY}\0`],
  ])('hold a key %s', (_, text) => {
    expect(keyTextsIn(text)).toContain(KEY);
  });

  it('hold keys in base64, with their signs', () => {
    expect(keyTextsIn('x-api-key: ab+/cd0123456789== next')).toContain('ab+/cd0123456789==');
  });

  it('are found in any text, fast', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (before, after) => {
        expect(keyTextsIn(`${before} ${KEY} ${after}`)).toContain(KEY);
      }),
      { seed: 3 },
    );
    const ms = cpuMs(() => {
      for (const text of ['%', '\\x4', 'a1=', 'basic ', '/.', 'a']) keyTextsIn(text.repeat(100_000));
    });
    expect(ms).toBeLessThan(5000);
  });
});
