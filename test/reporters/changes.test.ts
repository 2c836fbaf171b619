import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'parse5';
import { describe, expect, it } from 'vitest';
import type { KeyChange, Report } from '../../src/model.ts';
import { changesSchema } from '../../src/reporters/changes-schema.ts';
import { html } from '../../src/reporters/html.ts';
import { json } from '../../src/reporters/json.ts';
import { markdown } from '../../src/reporters/markdown.ts';
import { table } from '../../src/reporters/table.ts';
import { displayWidth } from '../../src/reporters/text-width.ts';
import { CHANGES, changedReport } from './changed-report.ts';
import { ciCommands, firstHazard } from './hazards.ts';
import { HOSTILE_STRINGS, hostileReport } from './hostile.ts';
import { sampleReport } from './sample-report.ts';

const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true });
const isChanges = ajv.compile(changesSchema);

const NOTHING: KeyChange = { earlier: 'safe', changes: [] };
const changed = changedReport(sampleReport(), (index) => CHANGES[index] ?? NOTHING);
const same: Report = {
  ...changedReport(sampleReport(), () => NOTHING),
  since: { ...changed.since!, keys: {}, alarms: {}, sources: [] },
};

describe('what has changed', () => {
  it.each([
    ['table', table, 'changes.txt'],
    ['markdown', markdown, 'changes.md'],
  ] as const)('is told in the words of the %s', async (_, reporter, golden) => {
    await expect(render(reporter, changed)).toMatchFileSnapshot(`goldens/${golden}`);
  });

  it('is no word at all when nothing has: a cron job sends no mail', () => {
    expect(render(table, same)).toBe('');
    expect(render(markdown, same)).toBe('');
  });

  it('is a valid object for programs, also when nothing has', () => {
    for (const report of [changed, same, hostile('benign')]) {
      const value: unknown = JSON.parse(render(json, report));
      expect(isChanges(value), ajv.errorsText(isChanges.errors)).toBe(true);
    }
    expect(JSON.parse(render(json, same))).toMatchObject({ summary: {}, keys: [], sources: [] });
    const { keys } = JSON.parse(render(json, changed)) as { keys: { changes: string[]; earlier: string | null }[] };
    expect(keys.map(({ changes }) => changes)).toEqual(
      CHANGES.map(({ changes }) => changes).filter(({ length }) => length > 0),
    );
  });

  it('stands first on the page', () => {
    const text = render(html, changed);
    expect(text.indexOf('Changes since scan 411')).toBeGreaterThan(0);
    expect(text.indexOf('Changes since scan 411')).toBeLessThan(text.indexOf('can be deleted today</h2>'));
  });

  it('shows a hundred keys of a kind and says how many more there are', () => {
    const [key] = sampleReport().keys;
    const keys = Array.from({ length: 130 }, (_, index) => ({ ...key!, key: `k_${index}` }));
    const report = changedReport(sampleReport({ keys }), () => ({ earlier: null, changes: ['newly-safe'] }));
    expect(render(table, report)).toContain('and 30 more keys');
    expect(render(markdown, report)).toContain('- and 30 more keys\n');
  });

  it('is inert with every hostile text, and keeps its shape', () => {
    const shapes = (report: Report): unknown => [
      render(markdown, report)
        .split('\n')
        .map((line) => /^(?:## |### |- |$)/.exec(line)?.[0]),
      elementCount(render(html, report)),
    ];
    const benign = shapes(hostile('benign'));
    for (const text of HOSTILE_STRINGS) {
      const report = hostile(text);
      expect(shapes(report), text).toEqual(benign);
      const outputs = [table, markdown, json].map((reporter) => render(reporter, report));
      for (const output of outputs) {
        expect(firstHazard(output), text).toBeUndefined();
        expect(ciCommands(output), text).toEqual([]);
      }
      expect(
        outputs[0]?.split('\n').filter((line) => displayWidth(line) > 100),
        text,
      ).toEqual([]);
      expect(isChanges(JSON.parse(outputs[2] ?? '')), text).toBe(true);
    }
  });
});

function hostile(text: string): Report {
  return changedReport(hostileReport(text), () => ({ earlier: null, changes: ['newly-safe', 'shadow', 'withdrawn'] }));
}

function elementCount(text: string): number {
  return JSON.stringify(parse(text), (name, value: unknown) => (name === 'parentNode' ? undefined : value)).split(
    '"tagName"',
  ).length;
}

function render(reporter: typeof table, report: Report): string {
  return [...(reporter.renderChanges?.(report, { columns: 100, color: false }) ?? [])].join('');
}
