import { createHash, createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFingerprinter, displayOf } from '../../src/attribution/fingerprint.ts';

const SECRET = Buffer.alloc(32, 7);
const sha256 = (text: string) => createHash('sha256').update(text, 'utf8').digest();

describe('fingerprint', () => {
  const fingerprinter = createFingerprinter(SECRET);

  it('is HMAC-SHA-256 over the SHA-256 of the key', () => {
    const hmac = createHmac('sha256', SECRET).update(sha256('a key')).digest('hex');
    expect(fingerprinter.ofKey('a key')).toEqual({ key: `k_${hmac.slice(0, 20)}`, display: '...', kind: 'secret' });
  });

  it('is HMAC-SHA-256 whatever the length of the secret', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 200 }), fc.string(), (bytes, text) => {
        const secret = Buffer.from(bytes);
        const hmac = createHmac('sha256', secret).update(sha256(text)).digest('hex');
        expect(createFingerprinter(secret).ofKey(text).key).toBe(`k_${hmac.slice(0, 20)}`);
      }),
    );
  });

  it('is the same for a key and for its digest', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(fingerprinter.ofSha256(sha256(text))).toBe(fingerprinter.ofKey(text).key);
      }),
      { examples: [['half a pair \uD800'], ['\uDC00'], ['with \0 in it'], ['']] },
    );
  });

  it('is the same when asked again', () => {
    expect(fingerprinter.ofKey('the first key')).toEqual(fingerprinter.ofKey('the first key'));
  });

  it('refuses a digest that is none', () => {
    expect(() => fingerprinter.ofSha256(Buffer.alloc(31))).toThrow(RangeError);
  });

  it('and canary differ between secrets', () => {
    const other = createFingerprinter('another secret of a good length');
    expect(other.ofKey('a key').key).not.toBe(fingerprinter.ofKey('a key').key);
    expect(other.canary()).not.toBe(fingerprinter.canary());
    expect(createFingerprinter(Buffer.from(SECRET)).canary()).toBe(fingerprinter.canary());
  });

  it('takes the text of a secret file for the secret in it', () => {
    expect(createFingerprinter(`${SECRET.toString('hex')}\n`).canary()).toBe(fingerprinter.canary());
  });

  it('refuses a short secret', () => {
    expect(() => createFingerprinter('short')).toThrow(expect.objectContaining({ code: 'secret' }));
    expect(() => createFingerprinter('')).toThrow(expect.objectContaining({ code: 'secret' }));
  });
});

describe('displayOf', () => {
  it.each([
    ['sk_live_' + 'EXAMPLE0'.repeat(4), 'sk_live_...PLE0'],
    ['sk_live_' + 'EXAMPLE0'.repeat(3), 'sk_...PLE0'],
    ['ghp_' + 'EXAMPLE0'.repeat(4) + '4242', 'ghp_...4242'],
    ['sk-proj-' + 'EXAMPLE0'.repeat(9), 'sk-proj-...PLE0'],
    ['sk-ant-api03-' + 'EXAMPLE0'.repeat(9), 'sk-ant-...PLE0'],
    ['AIza' + 'EXAMPLE0'.repeat(4) + 'abc', 'AIza...0abc'],
    ['0123456789abcdef0123456789abcdef', '...cdef'],
    ['a1b2c3d4-0000-4000-8000-000000000042', '...0042'],
    ['EXAMPLE012345678901234', '...1234'],
    ['abcdefghijkl', '...ijkl'],
    ['abcdefghijk', '...'],
    ['', '...'],
  ])('shows %j as %j', (key, display) => {
    expect(displayOf(key)).toBe(display);
  });

  it('never shows more than a third of a key', () => {
    const word = fc.stringMatching(/^[A-Za-z]{2,8}[0-9]{0,2}[-_]$/);
    const prefixed = fc
      .tuple(fc.array(word, { maxLength: 4 }), fc.string({ maxLength: 60 }))
      .map(([a, b]) => a.join('') + b);
    fc.assert(
      fc.property(fc.oneof(prefixed, fc.string({ unit: 'binary', maxLength: 60 })), (key) => {
        const display = displayOf(key);
        const [prefix = '', suffix = ''] = [
          display.slice(0, display.indexOf('...')),
          display.slice(display.lastIndexOf('...') + 3),
        ];
        expect((prefix.length + suffix.length) * 3).toBeLessThanOrEqual(key.length);
        expect(key.startsWith(prefix) && key.endsWith(suffix)).toBe(true);
        expect(display.isWellFormed() || !key.isWellFormed()).toBe(true);
      }),
    );
  });
});
