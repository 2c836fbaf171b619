import { expect, it } from 'vitest';
import { reporters } from '../../src/reporters/index.ts';
import { sampleReport } from './sample-report.ts';

it('lists every reporter once, by a name that can be typed, with a title of one line', () => {
  expect(reporters.map(({ name }) => name)).toEqual([
    'table',
    'html',
    'json',
    'csv',
    'markdown',
    'sarif',
    'ocsf',
    'prometheus',
  ]);
  for (const { title } of reporters) expect(title).toMatch(/^[^\n]{10,100}$/);
});

it.each(reporters.map((reporter) => [reporter.name, reporter] as const))(
  '%s gives the same bytes for the same report, and changes nothing in it',
  async (_, entry) => {
    const reporter = await entry.load();
    expect(reporter.renderChanges !== undefined).toBe(entry.saysChanges === true);
    const report = sampleReport();
    const before = JSON.stringify(report);
    const view = { columns: 100, color: true };
    expect([...reporter.render(report, view)].join('')).toBe(
      [...reporter.render(structuredClone(report), view)].join(''),
    );
    expect(JSON.stringify(report)).toBe(before);
  },
);
