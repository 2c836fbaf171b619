import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY_MS, dayOf, isWeekend, isoDay, isoInstant } from '../../src/verdicts/calendar.ts';

const instant = fc.integer({ min: -8_640_000_000_000_000, max: 8_640_000_000_000_000 });

test('instants and days are written as the calendar writes them', () => {
  fc.assert(
    fc.property(instant, (at) => {
      const text = new Date(at).toISOString();
      expect(isoInstant(at)).toBe(text);
      expect(isoDay(dayOf(at))).toBe(text.split('T')[0]);
    }),
  );
});

test('days beyond the calendar are written as its ends', () => {
  expect([isoDay(-200_000_000), isoDay(200_000_000)]).toEqual(['-271821-04-20', '+275760-09-13']);
});

test('Saturday and Sunday are the weekend', () => {
  fc.assert(
    fc.property(fc.integer({ min: -100_000, max: 100_000 }), (day) => {
      expect(isWeekend(day)).toBe([0, 6].includes(new Date(day * DAY_MS).getUTCDay()));
    }),
  );
});
