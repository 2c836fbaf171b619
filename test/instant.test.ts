import { expect, test } from 'vitest';
import { parseInstant } from '../src/instant.ts';

test('a date stands for its first to its last millisecond, UTC', () => {
  expect(parseInstant('2026-01-31')).toEqual({
    fromAt: Date.UTC(2026, 0, 31),
    toAt: Date.UTC(2026, 1, 1) - 1,
  });
});

test.each([
  ['2026-01-31T12:00Z', Date.UTC(2026, 0, 31, 12)],
  ['2026-01-31T12:00', Date.UTC(2026, 0, 31, 12)],
  ['2026-01-31 12:00:05', Date.UTC(2026, 0, 31, 12, 0, 5)],
  ['2026-01-31T12:00:05.250+02:00', Date.UTC(2026, 0, 31, 10, 0, 5, 250)],
  ['2026-01-31t12:00z', Date.UTC(2026, 0, 31, 12)],
])('%s is one instant, UTC when it names no offset', (text, at) => {
  expect(parseInstant(text)).toEqual({ fromAt: at, toAt: at });
});

test.each(['', 'now', '2026-02-30', '2026-13-01', '2026-1-1', '31.01.2026', '2026-01-31T25:00Z', '1767225600'])(
  '%j is neither a date nor an instant',
  (text) => {
    expect(parseInstant(text)).toBeUndefined();
  },
);
