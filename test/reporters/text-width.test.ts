import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inert } from '../../src/reporters/inert.ts';
import { displayWidth, pad, truncate, viewWidth, wrap } from '../../src/reporters/text-width.ts';
import { HOSTILE_STRINGS } from './hostile.ts';
import { cpuMs } from '../cpu-time.ts';

const inertText = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...HOSTILE_STRINGS)).map(inert);

describe('displayWidth', () => {
  it.each([
    ['billing', 7],
    ['漢字', 4],
    ['ｶﾅ', 2],
    ['Ａ１', 4],
    ['한국어', 6],
    ['e\u0301', 1],
    ['हिन्दी', 5],
    ['🫠', 2],
    ['é', 1],
    ['…→│', 3],
  ])('measures %j as %i', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });
});

describe('truncate', () => {
  it.each([
    ['billing', 7, 'billing'],
    ['billing', 5, 'bill…'],
    ['漢字漢字', 5, '漢字…'],
    ['漢字漢字', 6, '漢字…'],
    ['ab\\x1b[2J', 5, 'ab…'],
    ['ab\\x1b[2J', 7, 'ab\\x1b…'],
    ['a\\u{e0001}b', 9, 'a…'],
    ['e\u0301e\u0301e\u0301', 2, 'e\u0301…'],
    ['billing', 0, ''],
  ])('cuts %j to %i columns: %j', (text, width, shown) => {
    expect(truncate(text, width)).toBe(shown);
  });

  it('is never too wide and never cuts an escape in two', () => {
    fc.assert(
      fc.property(inertText, fc.integer({ min: 1, max: 60 }), (text, width) => {
        const shown = truncate(text, width);
        expect(displayWidth(shown)).toBeLessThanOrEqual(width);
        if (shown === text) return;
        const start = shown.slice(0, -1);
        expect(text.startsWith(start)).toBe(true);
        const cut = [...text.matchAll(/\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|\\u\{[0-9a-f]{1,6}\}/g)].some(
          (escape) => escape.index < start.length && escape.index + escape[0].length > start.length,
        );
        expect(cut).toBe(false);
      }),
    );
  });
});

describe('wrap', () => {
  it('breaks at spaces, hard where there are none, and ends in an ellipsis', () => {
    expect(wrap('one two three', 8, 9)).toEqual(['one two', 'three']);
    expect(wrap('abcdefghij', 4, 9)).toEqual(['abcd', 'efgh', 'ij']);
    expect(wrap('one two three four', 8, 2)).toEqual(['one two', 'three f…']);
    expect(wrap('', 8, 2)).toEqual([]);
  });

  it('keeps every character but spaces, in lines that fit', () => {
    fc.assert(
      fc.property(inertText, fc.integer({ min: 12, max: 60 }), (text, width) => {
        const lines = wrap(text, width, 1e9);
        for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
        expect(lines.join('').replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''));
      }),
    );
  });

  it('takes time in proportion to what it shows, not to what it gets', () => {
    expect(cpuMs(() => wrap('漢'.repeat(2_000_000), 80, 4))).toBeLessThan(5000);
  });
});

it('pads to a width on either side', () => {
  expect([pad('漢', 4), pad('12', 4, true), pad('12345', 4)]).toEqual(['漢  ', '  12', '12345']);
});

it('lays out for widths that can be read, whatever the terminal says', () => {
  expect([0, Number.NaN, 10, 80.9, 500].map(viewWidth)).toEqual([120, 120, 40, 80, 240]);
});
