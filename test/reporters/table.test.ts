import { describe, expect, it } from 'vitest';
import type { KeyReport, Report } from '../../src/model.ts';
import { table } from '../../src/reporters/table.ts';
import { displayWidth } from '../../src/reporters/text-width.ts';
import { ciCommands, firstHazard, withoutColor } from './hazards.ts';
import { HOSTILE_STRINGS, hostileReport } from './hostile.ts';
import { sampleKey, sampleReport, sampleSource, sampleSystem } from './sample-report.ts';

const WIDTHS = [60, 75, 76, 80, 99, 100, 120, 169, 170, 200, 240];

describe('the table', () => {
  it.each([60, 80, 120, 200])('looks as it should at %i columns', async (columns) => {
    await expect(render(sampleReport(), columns)).toMatchFileSnapshot(`goldens/table-${columns}.txt`);
  });

  it('answers the four questions in its first ten lines', () => {
    const start = render(sampleReport(), 120).split('\n').slice(0, 10).join('\n');
    expect(start).toContain('can be deleted today: partner sandbox 2024 and checkout (old)');
    expect(start).toContain('still called by checkout');
    expect(start).toContain('the next is safe on 2027-02-03');
    expect(start).toContain('the provider saw a later use (1)');
  });

  it('names a source that fell silent once, also if no key depends on it', () => {
    const silent = sampleSource({ source: 'gateway-us', state: 'silent' });
    const output = render(
      sampleReport({ keys: [], sources: [silent], summary: { ...sampleReport().summary, findings: {} } }),
      120,
    );
    expect(output).toContain('1 silent source');
    expect(output).toMatch(/silent-source {2}1 source: nothing arrives any more\n.*gateway-us, last record 2026-12-01/);
  });

  it('fits every width, with spaces at no line end', () => {
    for (const columns of WIDTHS) expectToFit(render(sampleReport(), columns), columns);
  });

  it.each(HOSTILE_STRINGS.map((text) => [text.slice(0, 40), text]))('is inert and fits with %j', (_, text) => {
    for (const columns of [60, 80, 100, 170]) {
      const output = render(hostileReport(text), columns);
      expectToFit(output, columns);
      expect(firstHazard(output)).toBeUndefined();
      expect(ciCommands(output)).toEqual([]);
    }
  });

  it.each(HOSTILE_STRINGS.map((text) => [text.slice(0, 40), text]))('puts nothing of %j into a command', (_, text) => {
    const output = render(hostileReport(text), 120);
    for (const line of output.split('\n').filter((each) => /^\s+lastcall/.test(each))) {
      expect(line).toMatch(/^ {2}lastcall (explain (<key>|[A-Za-z0-9_][A-Za-z0-9_-]*)|plan|coverage)( {2,}|$)/);
    }
  });

  it('colours only when asked, with the same words', () => {
    const colored = [...table.render(sampleReport(), { columns: 120, color: true })].join('');
    expect(colored).toContain('\x1b[32m');
    expect(withoutColor(colored)).toBe(render(sampleReport(), 120));
    for (const text of HOSTILE_STRINGS) {
      const hostile = [...table.render(hostileReport(text), { columns: 120, color: true })].join('');
      expect(firstHazard(withoutColor(hostile))).toBeUndefined();
    }
  });

  it('says so when nothing can be deleted, and offers no plan', () => {
    const output = render(
      sampleReport({ keys: [...sampleReport().keys].filter(({ verdict }) => verdict !== 'safe') }),
      120,
    );
    expect(output).toContain('nothing can be deleted today');
    expect(output).not.toContain('lastcall plan');
  });

  it('shows no day beside a key in use', () => {
    const keys = [...sampleReport().keys].filter(({ verdict }) => verdict === 'in-use');
    expect(render(sampleReport({ keys }), 120)).not.toContain('2026-12-31');
  });

  it('shows a hundred keys of a verdict and says how many more there are', () => {
    const keys = Array.from({ length: 250 }, (_, index) => sampleKey({ key: `k_${String(index).padStart(4, '0')}` }));
    const output = render(sampleReport({ keys }), 120);
    expect(output.match(/(?<!\()k_\d{4}/g)).toHaveLength(101);
    expect(output).toContain('and 150 more keys: see all with -o csv or -o json');
    expect(output).toContain('safe      250');
  });

  it('lists waiting keys by the day they become safe', () => {
    const output = render(
      sampleReport({ keys: [waiting('k_a', null), waiting('k_b', '2027-05-01'), waiting('k_c', '2027-01-01')] }),
      120,
    );
    expect(output.match(/^│ k_[abc] /gm)).toEqual(['│ k_c ', '│ k_b ', '│ k_a ']);
  });

  it('tells apart never called, only refused, and moved', () => {
    const refused = sampleSystem({ system: 'old-job', lastUsedAt: null, refused: 4, requests: 4 });
    const moved = sampleSystem({ system: 'export', movedTo: 'k_new', state: 'moved' });
    const output = render(
      sampleReport({ keys: [sampleKey({ systems: [refused, moved] }), sampleKey({ key: 'k_idle' })] }),
      120,
    );
    expect(output).toMatch(/export → k_new +2026-11-30/);
    expect(output).toMatch(/old-job +refused/);
    expect(output).toMatch(/- +never/);
  });

  it('notes what was not read and how short the history is', () => {
    const sources = [
      sampleSource({
        quarantined: 3,
        coveredDays: 90,
        gaps: [{ from: '2026-07-04', to: '2026-07-06', reason: 'unread-input' }],
      }),
    ];
    const output = render(sampleReport({ sources }), 120);
    expect(output).toContain('gateway-eu: 3 records could not be read and may hide calls');
    expect(output).toContain('gateway-eu: some input was not fully read; 3 days may miss calls');
    expect(output).toContain('The logs are complete for 90 days so far.');
  });

  it('stands for an empty report', () => {
    const output = render(sampleReport({ keys: [], sources: [], sessions: [] }), 80);
    expect(output).toContain('0 API keys');
    expect(output).toContain('lastcall formats detect <log>');
    expect(output).not.toContain('lastcall explain');
    expectToFit(output, 80);
  });
});

function expectToFit(output: string, columns: number): void {
  expect(output.endsWith('\n')).toBe(true);
  for (const line of output.split('\n')) {
    if (displayWidth(line) > columns) expect.fail(`${displayWidth(line)} > ${columns}: ${line}`);
    if (line.endsWith(' ')) expect.fail(`ends in a space: ${line}`);
  }
}

function waiting(key: string, safeOn: string | null): KeyReport {
  return sampleKey({ key, label: key, safeOn, verdict: 'waiting', reason: 'rhythm' });
}

function render(report: Report, columns: number): string {
  return [...table.render(report, { columns, color: false })].join('');
}
