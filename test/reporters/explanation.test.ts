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
      sampleExplanation({ from: '2026-01-01', to: '2026-01-10', callers: [caller('x', days)], gaps }),
      120,
    );
    expect(stripIn(text)).toBe('███··r░░··');
  });

  it('shows each caller the gaps of its own sources only', () => {
    const gaps = [{ source: 'eu', from: '2026-01-02', to: '2026-01-03', reason: 'no-records' }] as const;
    const callers = [caller('x', []), { ...caller('y', []), sources: ['eu', 'us'] }];
    const text = render(sampleExplanation({ from: '2026-01-01', to: '2026-01-04', callers, gaps }), 120);
    expect(stripsIn(text)).toEqual(['····', '·░░·']);
  });

  it('draws the watch of a key that nobody used', () => {
    const gaps = [{ source: 'eu', from: '2026-01-02', to: '2026-01-03', reason: 'no-records' }] as const;
    const watch = { sources: ['eu'], rules: ['The logs begin on 2026-01-01.'] };
    const explanation = sampleExplanation({ from: '2026-01-01', to: '2026-01-04', callers: [], gaps, watch });
    const text = render({ ...explanation, key: { ...explanation.key, lastUsedAt: null } }, 120);
    expect(stripsIn(text)).toEqual(['·░░·']);
    expect(text).toContain('│ never used\n│   ·░░·\n');
    expect(text).toContain('│   - The logs begin on 2026-01-01.');
  });

  it('draws the watch of a key that was made after its last call', () => {
    const explanation = sampleExplanation({ watch: { sources: ['eu'], rules: ['Created on 2026-01-01.'] } });
    const key = { ...explanation.key, lastUsedAt: '2025-12-01T00:00:00.000Z' };
    expect(render({ ...explanation, key }, 120)).toContain('│ not used since it was made\n');
  });

  it('tells two callers of one name apart', () => {
    const [system] = sampleExplanation().key.systems;
    const systems = (['rule', 'derived'] as const).map((attribution, index) => ({
      ...system!,
      system: 'x',
      attribution,
      requests: 11 + index,
    }));
    const callers = (['derived', 'rule'] as const).map((attribution) => ({ ...caller('x', []), attribution }));
    const text = render(sampleExplanation({ key: { ...sampleExplanation().key, systems }, callers }), 120);
    expect(text.match(/1[12] calls/g)).toEqual(['12 calls', '11 calls']);
  });

  it('shows the first of many callers in full, more with their strip, and says how many are left', () => {
    const callers = Array.from({ length: 100 }, (_, n) => ({ ...caller(`svc-${n}`, []), rules: [`rule of ${n}.`] }));
    const text = render(sampleExplanation({ callers }), 120);
    expect(stripsIn(text)).toHaveLength(60);
    expect(text.match(/rule of/g)).toHaveLength(12);
    expect(text).toContain('│ and 40 more callers: -o json shows all');
  });

  it('sums up the older ones of very many gaps', () => {
    const gaps = Array.from({ length: 40 }, (_, n) => {
      const day = `2026-${String(1 + Math.floor(n / 20)).padStart(2, '0')}-${String(1 + (n % 20)).padStart(2, '0')}`;
      return { source: 'eu', from: day, to: day, reason: n % 2 === 0 ? 'few-records' : 'no-records' } as const;
    });
    const lines = render(sampleExplanation({ gaps }), 120).match(/- eu: .*/g);
    expect(lines).toHaveLength(10);
    expect(lines?.slice(0, 3)).toEqual([
      '- eu: 2026-01-02 to 2026-02-12, 16 gaps: no records (16 days)',
      '- eu: 2026-01-01 to 2026-02-11, 16 gaps: fewer records than usual (16 days)',
      '- eu: 2026-02-13: fewer records than usual (1 day)',
    ]);
  });

  it('hides no use: not under a gap, not among silent days, not after its end', () => {
    const days = ['2026-01-01', '2026-05-01', '2027-02-01'].map((day) => ({ day, requests: 1, refused: 0 }));
    const gaps = [{ source: 'gateway', from: '2026-01-01', to: '2026-12-31', reason: 'no-records' }] as const;
    const text = render(
      sampleExplanation({ from: '2026-01-01', to: '2026-12-31', callers: [caller('x', days)], gaps }),
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

  it('does not say of a disabled key that it can be deleted today', () => {
    const explanation = sampleExplanation({});
    const headOf = (status: 'active' | 'disabled' | 'deleted'): string =>
      render({ ...explanation, key: { ...explanation.key, verdict: 'safe', status } }, 120).split('\n')[0] ?? '';
    expect(headOf('active')).toContain('can be deleted today');
    expect(headOf('disabled')).toContain('disabled: lastcall plan says when it can go');
    expect(headOf('deleted')).toContain('deleted already');
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

function caller(system: string, days: Explanation['callers'][number]['days']): Explanation['callers'][number] {
  return { system, attribution: 'rule', sources: ['gateway'], days, places: [], rules: [] };
}

function stripIn(text: string): string {
  return stripsIn(text)[0] ?? '';
}

function stripsIn(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => /^│ {3}[█▪r░·]+$/.test(line))
    .map((line) => line.slice(4));
}

function render(explanation: Explanation, columns: number): string {
  return [...renderExplanation(explanation, { columns, color: false })].join('');
}
