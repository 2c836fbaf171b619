import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { count } from '../../src/reporters/figures.ts';

const ENGLISH = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });

it('writes numbers as one does in English, without the tables that it takes to know that', () => {
  expect(count(30_477)).toBe('30,477');
  expect(count(1234.5)).toBe('1,234.5');
  fc.assert(fc.property(fc.nat({ max: Number.MAX_SAFE_INTEGER }), (value) => count(value) === ENGLISH.format(value)));
  fc.assert(fc.property(fc.nat(1_000_000), (tenths) => count(tenths / 10) === ENGLISH.format(tenths / 10)));
});
