import { describe, expect, it } from 'vitest';
import { LineCursor } from '../../src/formats/line-cursor.ts';
import { hostOf, withoutPort } from '../../src/formats/text-lines.ts';

describe('a cursor on a line', () => {
  it('takes bare, quoted and bracketed words in turn', () => {
    const cursor = new LineCursor('a [b c] "d \\" e" - "f"');
    expect([cursor.word(), cursor.bracketed(), cursor.quoted(), cursor.quoted(), cursor.isAtEnd]).toEqual([
      'a',
      'b c',
      'd \\" e',
      '-',
      false,
    ]);
    expect([cursor.quoted(), cursor.isAtEnd, cursor.word()]).toEqual(['f', true, '']);
  });

  it.each([
    ['"a "b" c" d', 'a "b'],
    ['"a\\" b" c', 'a\\" b'],
    ['"a\\\\" b', 'a\\\\'],
    ['"a', undefined],
    ['""', ''],
  ])('ends a quoted word at a quote that ends a word: %s', (line, expected) => {
    expect(new LineCursor(line).quoted()).toBe(expected);
  });

  it('ends a quoted word where what follows it fits', () => {
    const line = '"a " b " 200 c';
    expect(new LineCursor(line).quoted((after) => /^ \d/.test(line.slice(after)))).toBe('a " b ');
  });

  it('is where it was when a word is of another kind', () => {
    const cursor = new LineCursor('a b');
    expect([cursor.bracketed(), cursor.word()]).toEqual([undefined, 'a']);
  });
});

it.each([
  ['192.0.2.1:80', '192.0.2.1'],
  ['2001:db8::7:51234', '2001:db8::7'],
  ['[2001:db8::7]:51234', '2001:db8::7'],
  ['unix:1', 'unix'],
  ['-', '-'],
])('an address without its port: %s', (text, expected) => {
  expect(withoutPort(text)).toBe(expected);
});
it.each([
  ['https://api.example.com:443/a?b=http://x/', 'api.example.com'],
  ['https://user:password@api.example.com/', 'api.example.com'],
  ['https://[2001:db8::1]:443/', '[2001:db8::1]'],
  ['/a', undefined],
  [undefined, undefined],
])('the host of %s', (url, expected) => {
  expect(hostOf(url)).toBe(expected);
});
