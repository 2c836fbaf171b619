import { describe, expect, it } from 'vitest';
import { createFingerprinter } from '../../src/attribution/fingerprint.ts';
import { createKeyResolver, redactor } from '../../src/attribution/key-resolver.ts';

const fingerprinter = createFingerprinter('0'.repeat(64));
const resolve = createKeyResolver(fingerprinter);
const KEY = 'acme_EXAMPLE_key_0001';

describe('resolving keys', () => {
  it.each([
    KEY,
    `Bearer ${KEY}`,
    `bearer  ${KEY}`,
    `ApiKey ${KEY}`,
    `Basic ${Buffer.from(`${KEY}:`).toString('base64')}`,
    `Basic ${Buffer.from(`api:${KEY}`).toString('base64')}`,
  ])('finds the same key in %s', (text) => {
    expect(resolve({ text, kind: 'secret' }).map(({ ref }) => ref)).toEqual([fingerprinter.ofKey(KEY)]);
  });

  it('keeps public ids as they are', () => {
    const [key] = resolve({ text: 'AKIAIOSFODNN7EXAMPLE', kind: 'public' });
    expect(key).toEqual({
      ref: { key: 'AKIAIOSFODNN7EXAMPLE', display: 'AKIAIOSFODNN7EXAMPLE', kind: 'aws_access_key' },
      secret: undefined,
    });
  });

  it('keeps what a log shows of a masked key apart from whole keys', () => {
    expect(resolve({ text: 'sk_...4242', kind: 'secret' })[0]?.ref).toEqual({
      key: 'masked:sk_...4242',
      display: 'sk_...4242',
      kind: 'masked',
    });
  });

  it.each(['[REDACTED]', '***', 'Bearer [FILTERED]'])('takes %j for a key of which nothing is known', (text) => {
    expect(resolve({ text, kind: 'secret' })).toEqual([
      { ref: { key: 'masked:...', display: '...', kind: 'masked' }, secret: undefined },
    ]);
  });

  it.each(['-', '', 'null'])('finds no key in %j', (text) => {
    expect(resolve({ text, kind: 'secret' })).toEqual([]);
  });
});

describe('redaction', () => {
  it('takes the keys of a record out of its other texts', () => {
    const redact = redactor(resolve({ text: `Bearer ${KEY}`, kind: 'secret' }));
    expect(redact(`agent/1 (${KEY}; ${KEY})`)).toBe('agent/1 ([key]; [key])');
    expect(redact(undefined)).toBeUndefined();
  });

  it('leaves public ids alone', () => {
    const redact = redactor(resolve({ text: 'AKIAIOSFODNN7EXAMPLE', kind: 'public' }));
    expect(redact('by AKIAIOSFODNN7EXAMPLE')).toBe('by AKIAIOSFODNN7EXAMPLE');
  });
});
