import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileGlob } from '../../src/attribution/glob.ts';
import { compileSystems, normaliseIp, type Call, type SystemRule } from '../../src/attribution/systems.ts';
import { cpuMs } from '../cpu-time.ts';

const call = (more: Partial<Call>): Call => ({ source: 'gateway', identity: {}, keys: [], ...more });
const utf16 = (maxLength: number): fc.Arbitrary<string> =>
  fc.uint16Array({ maxLength }).map((units) => String.fromCharCode(...units));
const name = (rules: SystemRule[], more: Partial<Call>): string => {
  const { name: system, attribution } = compileSystems(rules)(call(more));
  return `${attribution}: ${system}`;
};

describe('compileSystems', () => {
  it.each<[string, SystemRule, Partial<Call>, boolean]>([
    ['agent', { name: 'b', userAgent: 'billing*' }, { userAgent: 'Billing/2.0 (linux; x)' }, true],
    ['agent as it was sent', { name: 'b', userAgent: 'billing (x)*' }, { userAgent: 'billing%20(x)/1' }, true],
    ['no agent', { name: 'b', userAgent: 'billing*' }, {}, false],
    ['range', { name: 'b', ip: ['10.1.0.0/16'] }, { ip: '10.1.2.3:4000' }, true],
    ['outside of the range', { name: 'b', ip: ['10.1.0.0/16'] }, { ip: '10.2.0.1' }, false],
    ['one of the addresses', { name: 'b', ip: ['10.9.9.9', '2001:db8::/32'] }, { ip: '[2001:DB8::1]:443' }, true],
    ['IPv4 in IPv6', { name: 'b', ip: ['10.0.0.0/8'] }, { ip: '::ffff:10.1.1.1' }, true],
    ['service name', { name: 'b', ip: ['cloudtrail.amazonaws.com'] }, { ip: 'CloudTrail.amazonaws.com' }, true],
    ['IPv4 rule and a name', { name: 'b', ip: ['0.0.0.0/0'] }, { ip: 'AWS Internal' }, false],
    ['identity', { name: 'b', fields: { 'identity.user': 'anna*' } }, { identity: { user: 'Anna B' } }, true],
    ['identity by its short name', { name: 'b', fields: { user: 'anna' } }, { identity: { user: 'anna' } }, true],
    ['inherited names', { name: 'b', fields: { constructor: '*' } }, {}, false],
    ['system field', { name: 'b', fields: { system: 'svc-?' } }, { system: 'svc-1' }, true],
    ['key', { name: 'b', key: 'AKIA*' }, { keys: [{ key: 'k_1' }, { key: 'AKIA1' }] }, true],
    ['source', { name: 'b', source: 'gate*' }, {}, true],
    ['other source', { name: 'b', source: 'other' }, {}, false],
    ['one of two criteria', { name: 'b', source: 'gateway', userAgent: 'x' }, { userAgent: 'y' }, false],
    ['both criteria', { name: 'b', source: 'gateway', userAgent: 'x' }, { userAgent: 'x' }, true],
  ])('matches by %s', (_, rule, more, matches) => {
    expect(name([rule], more).startsWith('rule: b')).toBe(matches);
  });

  it('takes the first rule that matches, then the field, then what it can derive', () => {
    const rules = [
      { name: 'one', userAgent: 'a*' },
      { name: 'two', userAgent: '*' },
    ];
    expect(name(rules, { userAgent: 'ab', system: 'field' })).toBe('rule: one');
    expect(name(rules, { userAgent: 'ba', system: 'field' })).toBe('rule: two');
    expect(name([], { userAgent: 'ab', system: ' my  service ' })).toBe('field: my service');
    expect(name([], { userAgent: 'ab/1', system: ' ' })).toBe('derived: ab');
  });

  it.each([
    [{ userAgent: 'curl/8', ip: '203.0.113.77' }, 'curl @ 203.0.113.0/24'],
    [{ userAgent: 'curl/8', ip: '203.0.113.77:5000' }, 'curl @ 203.0.113.0/24'],
    [{ userAgent: 'curl/8', ip: '[2001:db8:1:2::7]:443' }, 'curl @ 2001:db8:1::/48'],
    [{ userAgent: 'curl/8', ip: '::ffff:203.0.113.77' }, 'curl @ 203.0.113.0/24'],
    [{ userAgent: 'AWS Internal', ip: 'AWS Internal' }, 'AWS Internal @ AWS Internal'],
    [{ userAgent: 'curl/8', ip: '-' }, 'curl'],
    [{ ip: '::1' }, 'no agent @ ::/48'],
    [{}, 'no agent'],
  ])('derives from %j the name %s', (more, expected) => {
    expect(name([], more)).toBe(`derived: ${expected}`);
  });

  it('takes no line of a program for a caller: it is the same for all of them, and would seem to move', () => {
    const namer = compileSystems([]);
    const calling = { source: 's', userAgent: 'billing/2', ip: '10.0.4.17', identity: {}, keys: [] };
    for (const system of ['http/server.go:88', 'src/gate.ts:12', 'app/main.py:7'])
      expect(namer({ ...calling, system }).attribution).toBe('derived');
    expect(namer({ ...calling, system: 'billing:8080' })).toEqual({ name: 'billing:8080', attribution: 'field' });
  });

  it('does not mix up callers that it has seen before', () => {
    const namer = compileSystems([
      { name: 'anna', fields: { user: 'anna' } },
      { name: 'keyed', key: 'k_1' },
    ]);
    expect(namer(call({ identity: { user: 'anna' } })).name).toBe('anna');
    expect(namer(call({ identity: { user: 'bob' } })).name).toBe('no agent');
    expect(namer(call({ keys: [{ key: 'k_1' }] })).name).toBe('keyed');
    expect(namer(call({ keys: [{ key: 'k_2' }] })).name).toBe('no agent');
    expect(namer(call({ identity: { user: 'anna' } })).name).toBe('anna');
  });

  it('gives names of one line, in one spelling, of 120 characters at most, and different ones to long systems', () => {
    const namer = compileSystems([]);
    fc.assert(
      fc.property(utf16(300), (system) => {
        const named = namer(call({ system })).name;
        expect(named.length).toBeGreaterThan(0);
        expect(named.length).toBeLessThanOrEqual(120);
        expect(named).not.toMatch(/\n/);
        expect(namer(call({ system: system.toWellFormed().normalize('NFD') })).name).toBe(named);
      }),
    );
    const [one, two] = ['1', '2'].map((end) => namer(call({ system: 'x'.repeat(200) + end })).name);
    expect(one).not.toBe(two);
  });

  it.each<[string, SystemRule, RegExp]>([
    ['a wrong range', { name: 'b', ip: ['10.0.0.0/99'] }, /cannot be read: 10\.0\.0\.0\/99/],
    ['a wrong address', { name: 'b', ip: ['10.0.0'] }, /cannot be read/],
    ['no criterion', { name: 'b' }, /no criterion/],
    ['no name', { name: ' ', source: '*' }, /no name/],
    ['a field that says nothing of the caller', { name: 'b', fields: { status: '200' } }, /"status"/],
  ])('refuses a rule with %s', (_, rule, message) => {
    expect(() => compileSystems([rule])).toThrow(message);
  });
});

describe('normaliseIp', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7:443', '203.0.113.7'],
    ['[2001:DB8:0:0::1]:443', '2001:db8::1'],
    ['[::1]', '::1'],
    ['::1', '::1'],
    ['2001:db8:1:2:3:4:5:6:443', '2001:db8:1:2:3:4:5:6'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['198.51.100.66, 203.0.113.7', '203.0.113.7'],
    ['203.0.113.7, -', '203.0.113.7'],
    ['unknown, 10.0.0.1', '10.0.0.1'],
    ['localhost:8080', 'localhost'],
    ['cloudtrail.amazonaws.com', 'cloudtrail.amazonaws.com'],
    ['AWS Internal', 'AWS Internal'],
    [' "10.0.0.1" ', '10.0.0.1'],
    ['999.1.1.1', '999.1.1.1'],
    ['', undefined],
    ['-', undefined],
    ['unknown', undefined],
    ['unix:', undefined],
  ])('reads %j as %j', (text, expected) => {
    expect(normaliseIp(text)).toBe(expected);
  });

  it('is settled after one pass, and quick on hostile text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), (text) => {
        const once = normaliseIp(text);
        if (once !== undefined && /^[\da-f.:]+$/.test(once) && once.includes('.') === text.includes('.')) {
          expect(normaliseIp(once)).toBe(once);
        }
      }),
    );
    const ms = cpuMs(() => {
      for (const part of [':', '1', '1.', ',', '[', '%', '"']) normaliseIp(part.repeat(100_000));
    });
    expect(ms).toBeLessThan(200);
  });
});

describe('compileGlob', () => {
  it.each([
    ['*', '', true],
    ['*', 'a b/c', true],
    ['', '', true],
    ['', 'a', false],
    ['abc', 'ABC', true],
    ['abc', 'abcd', false],
    ['a*c', 'ac', true],
    ['a*c', 'a/b c', true],
    ['a*c', 'acd', false],
    ['*bc*', 'abcd', true],
    ['aba*aba', 'ababa', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['*?b*', 'xb', true],
    ['*?b*', 'b', false],
    ['**a**', 'bab', true],
    ['[a](b){c}', '[a](b){c}', true],
  ])('lets %j match %j: %j', (glob, text, expected) => {
    expect(compileGlob(glob)(text)).toBe(expected);
  });

  it('agrees with a regex on short texts', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ab*?]{0,6}$/), fc.stringMatching(/^[ab]{0,8}$/), (glob, text) => {
        const regex = new RegExp(`^${glob.replaceAll('*', '.*').replaceAll('?', '.')}$`);
        expect(compileGlob(glob)(text)).toBe(regex.test(text));
      }),
      { numRuns: 500 },
    );
  });

  it('does not blow up where a backtracking regex does', () => {
    const ms = cpuMs(() => {
      compileGlob('*a*a*a*a*a*a*a*b')('a'.repeat(100_000));
      compileGlob('*a?a*a?a*a?b')('a'.repeat(100_000));
    });
    expect(ms).toBeLessThan(500);
  });
});
