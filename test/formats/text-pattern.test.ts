import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { customLogFormat } from '../../src/formats/custom-format.ts';
import { isTextPattern, textPattern } from '../../src/formats/text-pattern.ts';
import { cpuMs } from '../cpu-time.ts';

const read = (pattern: string, line: string): unknown => {
  const { syntax } = textPattern(pattern);
  return syntax.kind === 'text' ? syntax.match(line) : undefined;
};

describe('a pattern with named groups', () => {
  it('is told from the format string of a server', () => {
    expect(['pattern:a', '(?<time>.)', '(?P<time>.)'].every(isTextPattern)).toBe(true);
    expect(['$remote_addr [$time_local]', '%h %t "%r"', 'auto', 'csv'].some(isTextPattern)).toBe(false);
    expect(customLogFormat('pattern:(?<time>.+)').name).toBe('pattern');
  });

  it('names usage fields, or fields of the identity', () => {
    const { fields } = textPattern('(?<time>.)(?<user_agent>.)(?<KEYID>.)(?<team>.)(?<identity_user>.)(?<request>.)');
    expect(fields).toEqual({
      time: 'time',
      userAgent: 'user_agent',
      keyId: 'KEYID',
      'identity.team': 'team',
      'identity.user': 'identity_user',
      method: 'request.method',
      action: 'request.action',
    });
  });

  it('reads a part of a line, and splits a request', () => {
    expect(read('at (?<time>\\S+) .*"(?<request>[^"]*)"', 'x at 2026-09-01 "GET /a HTTP/1.1" y')).toMatchObject({
      time: '2026-09-01',
      'request.method': 'GET',
      'request.action': '/a',
    });
    expect(read('^(?<time>\\d+)$', 'x 1')).toBeUndefined();
  });

  it('takes no key whose word goes on: it would be another key', () => {
    const pattern = '(?<time>\\d+) key=(?<key>[a-z]+)';
    expect(read(pattern, '1 key=abc;')).toMatchObject({ key: 'abc' });
    expect(read(pattern, '1 key=abc1')).toBeUndefined();
  });

  it('leaves out a group that took no part', () => {
    expect(read('(?<time>\\d+)(?: key=(?<key>\\w+))?', '1')).toEqual({ time: '1' });
  });

  it.each([
    ['(?<time>.) (?=x)', /invalid or unsupported/],
    ['(?<time>.) (?<key>', /./],
    ['(?<time>a)\\1', /escape/],
    ['(?<ip>.)', /no group for the time/],
  ])('%s is refused', (pattern, message) => {
    expect(() => textPattern(pattern)).toThrow(message);
  });

  it('takes linear time, whatever the pattern and the line', () => {
    const match = textPattern('(?<time>1)(?:(?:a*)*)*b(?<key>(?:.*)*x)$').syntax;
    const ms = cpuMs(() => {
      if (match.kind === 'text') match.match(`1${'a'.repeat(50_000)}`);
    });
    expect(ms).toBeLessThan(2000);
  });

  it('returns any key that its own class covers', () => {
    const pattern = '^(?<time>\\d+) "(?<key>[^"]*)" (?<ip>\\S+)$';
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (key) => {
        fc.pre(!/["\n\r]/.test(key) && key === key.normalize());
        expect(read(pattern, `1 "${key}" 192.0.2.1`)).toMatchObject({ key });
      }),
      { numRuns: 200 },
    );
  });
});
