import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { ByteReader, ByteWriter } from '../../../src/engines/sqlite/leb128.ts';
import { DAY_MS } from '../../../src/tally/rollup.ts';

const EDGES = [0, 127, 128, 16_383, 16_384, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 52, Number.MAX_SAFE_INTEGER];
const numbers = fc.array(fc.oneof(fc.maxSafeNat(), fc.constantFrom(...EDGES)));

it('whole numbers come back as they were written, up to the greatest safe one', () => {
  fc.assert(
    fc.property(numbers, (values) => {
      const writer = new ByteWriter();
      for (const value of values) writer.number(value);
      const reader = new ByteReader(writer.taken());
      const found: number[] = [];
      while (reader.hasMore()) found.push(reader.number());
      expect(found).toEqual(values);
    }),
  );
});

it('so do numbers below zero, and instants and their absence', () => {
  const signed = fc.integer({ min: -(2 ** 51), max: 2 ** 51 });
  const instants = fc.option(fc.integer({ min: 0, max: 2 ** 50 }), { nil: undefined });
  fc.assert(
    fc.property(
      fc.array(signed),
      fc.array(instants),
      fc.integer({ min: -3_000_000, max: 3_000_000 }),
      (values, afters, day) => {
        const ats = afters.map((after) => (after === undefined ? undefined : day * DAY_MS + after));
        const writer = new ByteWriter();
        for (const value of values) writer.signed(value);
        for (const at of ats) writer.instant(at, day);
        const reader = new ByteReader(writer.taken());
        expect(values.map(() => reader.signed())).toEqual(values.map((value) => value + 0));
        expect(ats.map(() => reader.instant(day))).toEqual(ats);
        expect(reader.hasMore()).toBe(false);
      },
    ),
  );
});
