import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayOf } from '../../src/attribution/fingerprint.ts';
import { fitsMasked, parseMasked } from '../../src/attribution/masked.ts';
import { cpuMs } from '../cpu-time.ts';

describe('parseMasked', () => {
  it.each([
    ['sk_live_...4242', 'sk_live_', '4242'],
    ['sk-ab***wxyz', 'sk-ab', 'wxyz'],
    ['••••1234', '', '1234'],
    ['sk-…wxyz', 'sk-', 'wxyz'],
    ['AKIA****ABCD', 'AKIA', 'ABCD'],
    ['****-****-****-1234', '', '1234'],
    ['xxxx-1234', '', '1234'],
    ['XXXXXXXXXXXXab12', '', 'ab12'],
    ['sk_test_xxxxxxxxxxxx', 'sk_test_', ''],
    ['xxxx-xxxx-xxxx-12', '', '12'],
    ['ghp_********', 'ghp_', ''],
    ['************', '', ''],
    ['[REDACTED]', '', ''],
    ['acme_production_a...0123456789', 'acme_product', '6789'],
  ])('reads %j', (text, prefix, suffix) => {
    expect(parseMasked(text)).toEqual({ prefix, suffix });
  });

  it.each([
    'acme_live_EXAMPLE00004242',
    'AKIAIOSFODNN7EXAMPLE',
    '4242',
    'xx-1234',
    'eyJa.eyJb.c',
    'boxxxxer-EXAMPLE-0001',
    'a*b',
    'the old key ... of billing',
    'x'.repeat(30) + 'EXAMPLE0123456789',
  ])('leaves %j alone', (text) => {
    expect(parseMasked(text)).toBeUndefined();
  });

  it('takes no long time over a long text', () => {
    const ms = cpuMs(() => {
      for (const part of ['x', 'x-', 'a-', 'xxxx-', '*a', '.', '....a']) parseMasked(`${part.repeat(50_000)}!`);
    });
    expect(ms).toBeLessThan(2000);
  });
});

describe('fitsMasked', () => {
  it.each([
    ['sk_live_...4242', 'sk_live_...4242', true],
    ['sk_live_...4242', 'sk_...4242', true],
    ['sk_live_...4242', '...4242', true],
    ['sk_live_...4242', '...', true],
    ['sk_live_...4242', 'sk_test_...4242', false],
    ['sk_live_...4242', 'sk_live_...4243', false],
    ['sk_live_...4242', '...9999', false],
    ['sk-ab***wxyz', 'sk-...wxyz', true],
    ['••12', '...3412', true],
    ['••12', '...3413', false],
    ['ghp_****', '...4242', true],
    ['AKIA****MPLE', 'AKIAIOSFODNN7EXAMPLE', true],
    ['AKIA****ABCD', 'AKIAIOSFODNN7EXAMPLE', false],
    ['****', 'anything', true],
  ])('%j and %j: %j', (masked, display, fits) => {
    expect(fitsMasked(parseMasked(masked)!, display)).toBe(fits);
  });

  it('never excludes the key that was masked, however it was masked', () => {
    const key = fc.tuple(
      fc.constantFrom('', 'sk_live_', 'ghp_', 'AIza', 'acme-prod-'),
      fc.stringMatching(/^[A-Za-z0-9]{6,60}$/),
    );
    fc.assert(
      fc.property(
        key,
        fc.nat(14),
        fc.nat(9),
        fc.constantFrom('...', '***', '…', '••••'),
        ([scheme, rest], head, tail, mask) => {
          const text = scheme + rest;
          const masked = parseMasked(text.slice(0, head) + mask + text.slice(text.length - tail));
          expect(fitsMasked(masked!, displayOf(text))).toBe(true);
        },
      ),
    );
  });
});
