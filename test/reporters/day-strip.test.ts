import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cellOf,
  dayNumber,
  daysInCells,
  daysOfCell,
  isoDay,
  layStrip,
  monthAxis,
} from '../../src/reporters/day-strip.ts';

describe('a strip of days', () => {
  it('gives a day its cell, and days outside the first or the last', () => {
    const strip = layStrip('2026-01-01', '2026-01-10', 5);
    expect(strip).toMatchObject({ daysPerCell: 2, cells: 5 });
    expect(
      ['2025-12-31', '2026-01-01', '2026-01-02', '2026-01-03', '2026-01-10', '2027-01-01'].map((day) =>
        cellOf(strip, day),
      ),
    ).toEqual([0, 0, 0, 1, 4, 4]);
  });

  it('counts days of overlapping spans once, and only those within', () => {
    const strip = layStrip('2026-01-01', '2026-01-07', 4);
    const spans = [
      { from: '2026-01-04', to: '2026-01-05' },
      { from: '2025-12-01', to: '2026-01-01' },
      { from: '2026-01-04', to: '2027-01-01' },
    ];
    expect(daysInCells(strip, spans)).toEqual([1, 1, 2, 1]);
    expect([0, 1, 2, 3].map((cell) => daysOfCell(strip, cell))).toEqual([2, 2, 2, 1]);
  });

  it('fits any width and covers every day', () => {
    const day = fc.integer({ min: 0, max: 40_000 }).map(isoDay);
    fc.assert(
      fc.property(day, day, fc.integer({ min: 1, max: 240 }), (from, to, width) => {
        const strip = layStrip(from, to, width);
        expect(strip.cells).toBeLessThanOrEqual(width);
        const days = Array.from({ length: strip.cells }, (_, cell) => daysOfCell(strip, cell));
        expect(Math.min(...days)).toBeGreaterThan(0);
        expect(days.reduce((sum, each) => sum + each, 0)).toBe(Math.max(1, dayNumber(to) - dayNumber(from) + 1));
        expect(monthAxis(strip).length).toBeLessThanOrEqual(strip.cells);
      }),
    );
  });

  it('names months where they begin, and the year with the first of each year that has room', () => {
    const strip = layStrip('2025-11-15', '2026-03-05', 111);
    const axis = monthAxis(strip);
    expect(axis).toMatch(/^ +Dec 2025 +Jan 2026 +Feb +Mar$/);
    expect(axis.indexOf('Jan')).toBe(cellOf(strip, '2026-01-01'));
    expect(monthAxis(layStrip('2025-01-14', '2026-12-01', 56))).toMatch(/ Dec +Feb 2026 +Jun /);
  });
});
