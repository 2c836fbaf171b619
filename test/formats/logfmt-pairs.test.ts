import { array, assert, constantFrom, property, string, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logfmtPairs } from '../../src/formats/logfmt-pairs.ts';
import { cpuMs } from '../cpu-time.ts';

describe('the pairs of a line', () => {
  it.each<[string, [string, string][]]>([
    ['a=1 b="two words" c=', [['a', '1'], ['b', 'two words'], ['c', '']]],
    ['a="x \\"y\\" \\\\" b=\\u', [['a', 'x "y" \\'], ['b', '\\u']]],
    ['loose a=1, more b=2; "loose too"', [['a', '1'], ['b', '2']]],
    ['a={"b": "c d=1 }"} e=[1, 2]', [['a', '{"b": "c d=1 }"}'], ['e', '[1, 2]']]],
    ['a={open b=2', [['a', '{open'], ['b', '2']]],
    ["error='it's a=b' b=2", [['error', "it's a=b"], ['b', '2']]],
    ['url=/x?y=1&z=2 b=c==', [['url', '/x?y=1&z=2'], ['b', 'c==']]],
    ['key=one key=two', [['key', 'one'], ['key', 'two']]],
    ['__proto__=x b=1', [['__proto__', 'x'], ['b', '1']]],
  ])('of %s', (line, pairs) => {
    expect(logfmtPairs(line)).toEqual(pairs);
  }); // prettier-ignore

  it('are none where there are fewer than two, or a quote is left open', () => {
    expect(['a=1', 'no pairs', '', 'a=1 b="x', 'a == b'].map((line) => logfmtPairs(line))).toEqual(
      Array.from({ length: 5 }, () => undefined),
    );
  });

  it('have values of several words where the next name ends them', () => {
    expect(logfmtPairs('agent=Mozilla/5.0 (X11; Linux) Gecko  time=2026-09-01 10:00:00 +0000', 'phrases')).toEqual([
      ['agent', 'Mozilla/5.0 (X11; Linux) Gecko'],
      ['time', '2026-09-01 10:00:00 +0000'],
    ]);
  });

  it('are what was written, whatever the values', () => {
    const quoted = array(tuple(constantFrom('a', 'b.c', '_d'), string({ unit: 'grapheme' })), {
      minLength: 2,
    });
    assert(
      property(quoted, (pairs) => {
        const line = pairs.map(([name, text]) => `${name}=${JSON.stringify(text)}`).join(' ');
        expect(logfmtPairs(line)).toEqual(pairs);
      }),
    );
  });

  it('take time in line with the length of the line', () => {
    for (const part of ['a={ ', "a='", 'a=" ', '  ', 'a=[" ', '= ', 'a=1 ', '{"', "a='x ", 'aaaa']) {
      for (const bare of ['words', 'phrases'] as const) {
        const ms = (times: number): number => cpuMs(() => logfmtPairs(`x=1 ${part.repeat(times)}`, bare));
        ms(1000);
        expect(ms(100_000), part).toBeLessThan(400);
      }
    }
  });
});
