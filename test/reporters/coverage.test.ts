import { describe, expect, it } from 'vitest';
import type { Report, SourceReport } from '../../src/model.ts';
import { renderCoverage } from '../../src/reporters/coverage.ts';
import { displayWidth } from '../../src/reporters/text-width.ts';
import { ciCommands, firstHazard, withoutColor } from './hazards.ts';
import { HOSTILE_STRINGS, hostileReport } from './hostile.ts';
import { sampleReport, sampleSource } from './sample-report.ts';

describe('the coverage', () => {
  it.each([80, 120])('looks as it should at %i columns', async (columns) => {
    await expect(render(sampleReport(), columns)).toMatchFileSnapshot(`goldens/coverage-${columns}.txt`);
  });

  it('draws complete, incomplete and not yet logged days, a day a sign where there is room', () => {
    const early = sampleSource({
      source: 'early',
      firstAt: '2026-11-22T01:00:00.000Z',
      gaps: [{ from: '2026-11-25', to: '2026-11-26', reason: 'no-records' }],
    });
    const late = sampleSource({
      source: 'late',
      firstAt: '2026-11-28T01:00:00.000Z',
      gaps: [{ from: '2026-11-30', to: '2026-11-30', reason: 'late-window' }],
    });
    // The day of the report is not over and is not shown.
    expect(stripsOf([early, late], 120)).toEqual(['███░░████', '······██░']);
  });

  it('calls a sign partly covered when some of its days are missing', () => {
    const source = sampleSource({
      firstAt: '2025-12-01T00:00:00.000Z',
      gaps: [{ from: '2026-06-01', to: '2026-06-01', reason: 'no-records' }],
    });
    expect(stripsOf([source], 60)[0]).toMatch(/^█+▒█+$/);
  });

  it('says nothing is covered of a source without records', () => {
    const empty = sampleSource({ firstAt: null, lastAt: null, records: 0, bytes: 0, coveredDays: 0, gaps: [] });
    const text = render(sampleReport({ sources: [empty] }), 80);
    expect(text).toContain('no records');
    expect(text).not.toMatch(/^│ {3}.*█/m);
  });

  it('lists every gap with its reason and length, and what was read', () => {
    const text = render(sampleReport(), 120);
    expect(text).toContain('- 2026-07-04: input not fully read (1 day)');
    expect(text).toContain('355 days covered, 1,204,332 records, 2 unreadable, 240,118 skipped, 1.4 GB');
  });

  it('stands for no source at all', () => {
    expect(render(sampleReport({ sources: [] }), 80)).toBe('lastcall: 0 sources as of 2026-12-01\n');
  });

  it('colours only when asked, with the same words', () => {
    const colored = [...renderCoverage(sampleReport(), { columns: 80, color: true })].join('');
    expect(withoutColor(colored)).toBe(render(sampleReport(), 80));
  });

  it.each(HOSTILE_STRINGS.map((text) => [text.slice(0, 40), text]))('is inert and fits with %j', (_, text) => {
    for (const columns of [60, 80, 120, 240]) {
      const output = render(hostileReport(text), columns);
      expect(firstHazard(output)).toBeUndefined();
      expect(ciCommands(output)).toEqual([]);
      for (const line of output.split('\n')) if (displayWidth(line) > columns) expect.fail(`${columns}: ${line}`);
    }
  });
});

function stripsOf(sources: readonly SourceReport[], columns: number): string[] {
  const lines = render(sampleReport({ sources }), columns).split('\n');
  return lines.filter((line) => /^│ {3}[█▒░·]+$/.test(line)).map((line) => line.slice(4));
}

function render(report: Report, columns: number): string {
  return [...renderCoverage(report, { columns, color: false })].join('');
}
