import { describe, expect, it } from 'vitest';
import type { Explanation } from '../../src/model.ts';
import { renderExplanation } from '../../src/reporters/explanation.ts';
import { displayWidth } from '../../src/reporters/text-width.ts';
import { ciCommands, firstHazard, withoutColor } from './hazards.ts';
import { HOSTILE_STRINGS, hostileExplanation } from './hostile.ts';
import { sampleExplanation } from './sample-report.ts';

describe('an explanation', () => {
  it.each([80, 120])('looks as it should at %i columns', async (columns) => {
    await expect(render(sampleExplanation(), columns)).toMatchFileSnapshot(`goldens/explanation-${columns}.txt`);
  });

  it('draws use, some use, refusals, gaps and silence with signs of their own', () => {
    const days = [
      ...['2026-01-01', '2026-01-02', '2026-01-03'].map((day) => ({ day, requests: 5, refused: 1 })),
      { day: '2026-01-06', requests: 2, refused: 2 },
    ];
    const gaps = [{ source: 'gateway', from: '2026-01-06', to: '2026-01-08', reason: 'no-records' }] as const;
    const text = render(
      sampleExplanation({ from: '2026-01-01', to: '2026-01-10', callers: [{ system: 'x', days, rules: [] }], gaps }),
      120,
    );
    expect(stripIn(text)).toBe('███··r░░··');
  });

  it('hides no use: not under a gap, not among silent days, not after its end', () => {
    const days = ['2026-01-01', '2026-05-01', '2027-02-01'].map((day) => ({ day, requests: 1, refused: 0 }));
    const gaps = [{ source: 'gateway', from: '2026-01-01', to: '2026-12-31', reason: 'no-records' }] as const;
    const text = render(
      sampleExplanation({ from: '2026-01-01', to: '2026-12-31', callers: [{ system: 'x', days, rules: [] }], gaps }),
      60,
    );
    expect(stripIn(text).match(/[█▪]/g)).toHaveLength(3);
    expect(stripIn(text)).toMatch(/^▪░+▪░+█$/);
  });

  it('names blockers with their dates, gaps, and what would change the verdict', () => {
    const text = render(sampleExplanation(), 120);
    expect(text).toContain('- rhythm until 2027-02-03: billing is a monthly job');
    expect(text).toContain('- gateway-eu: 2026-03-02 to 2026-03-15: no records (14 days)');
    expect(text).toContain('- no call until 2027-02-03: safe');
  });

  it('says so when no caller was ever seen', () => {
    expect(render(sampleExplanation({ callers: [] }), 80)).toContain('no caller was ever seen');
  });

  it('colours only when asked, with the same words', () => {
    const colored = [...renderExplanation(sampleExplanation(), { columns: 80, color: true })].join('');
    expect(colored).not.toBe(render(sampleExplanation(), 80));
    expect(withoutColor(colored)).toBe(render(sampleExplanation(), 80));
  });

  it.each(HOSTILE_STRINGS.map((text) => [text.slice(0, 40), text]))('is inert and fits with %j', (_, text) => {
    for (const columns of [60, 80, 120, 240]) {
      const output = render(hostileExplanation(text), columns);
      expect(firstHazard(output)).toBeUndefined();
      expect(ciCommands(output)).toEqual([]);
      for (const line of output.split('\n')) if (displayWidth(line) > columns) expect.fail(`${columns}: ${line}`);
    }
  });
});

function stripIn(text: string): string {
  return (
    text
      .split('\n')
      .find((line) => /^│ {3}[█▪r░·]+$/.test(line))
      ?.slice(4) ?? ''
  );
}

function render(explanation: Explanation, columns: number): string {
  return [...renderExplanation(explanation, { columns, color: false })].join('');
}
