import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inert, inertJson } from '../../src/reporters/inert.ts';
import { ciCommands, firstHazard } from './hazards.ts';
import { HOSTILE_STRINGS } from './hostile.ts';

describe('inert', () => {
  it.each([
    ['\x1b[2J', '\\x1b[2J'],
    ['a\nb\tc', 'a\\x0ab\\x09c'],
    ['\u009b31m', '\\x9b31m'],
    ['\u202egpj.exe', '\\u202egpj.exe'],
    ['\u2028', '\\u2028'],
    ['\u200b\ufeff\u00ad', '\\u200b\\ufeff\\xad'],
    ['\u{e0041}\ufe0f', '\\u{e0041}\\ufe0f'],
    ['\ud800x\udc00', '\\ud800x\\udc00'],
    ['##[set-env name=x]', '\\x23#[set-env name=x]'],
    ['###vso[task]', '#\\x23#vso[task]'],
  ])('shows %j as %j', (text, shown) => {
    expect(inert(text)).toBe(shown);
  });

  it.each([
    'billing (EU)',
    '請求書サービス',
    'مرحبا ٣',
    'שָׁלוֹם',
    'हिन्दी',
    'ไทย',
    '한국어',
    'Ünïcödé',
    '👍🏽🫠',
    '\u0600١٢',
    '# 1 ## two',
    'C:\\logs\\a',
    '\u3000・',
    '2001:db8::1',
  ])('leaves %j as it is', (text) => {
    expect(inert(text)).toBe(text);
  });

  it('leaves nothing that acts, and nothing more to do a second time', () => {
    const anyText = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }),
      fc.constantFrom(...HOSTILE_STRINGS),
    );
    fc.assert(
      fc.property(anyText, (text) => {
        const shown = inert(text);
        expect(firstHazard(shown)).toBeUndefined();
        expect(shown).not.toContain('\n');
        expect(inert(shown)).toBe(shown);
      }),
      { numRuns: 2000 },
    );
  });

  it('writes out every code point that acts, one by one', () => {
    for (let first = 0; first <= 0x10ffff; first += 0x1000) {
      const codes = Array.from({ length: 0x1000 }, (_, index) => first + index);
      expect(firstHazard(inert(codes.map((code) => `${String.fromCodePoint(code)} `).join('')))).toBeUndefined();
    }
  });

  it('ends piles of marks after eight', () => {
    expect(inert(`e${'\u0301'.repeat(10)}`)).toBe(`e${'\u0301'.repeat(8)}\\u0301\\u0301`);
  });
});

describe('inertJson', () => {
  it.each(HOSTILE_STRINGS.map((text) => [text.slice(0, 40), text]))(
    'loses nothing of %j and makes it inert',
    (_, text) => {
      const json = inertJson(JSON.stringify({ text }, null, 2));
      expect(JSON.parse(json)).toEqual({ text });
      expect(firstHazard(json)).toBeUndefined();
      expect(ciCommands(json)).toEqual([]);
    },
  );
});
