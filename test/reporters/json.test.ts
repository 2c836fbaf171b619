import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import type { KeyReport, Report } from '../../src/model.ts';
import { json, renderExplanationJson } from '../../src/reporters/json.ts';
import { explanationSchema, reportSchema } from '../../src/reporters/report-schema.ts';
import { ciCommands, firstHazard } from './hazards.ts';
import { HOSTILE_STRINGS, hostileExplanation, hostileReport } from './hostile.ts';
import { sampleExplanation, sampleKey, sampleReport } from './sample-report.ts';

const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true });
const isReport = ajv.compile(reportSchema);
const isExplanation = ajv.compile(explanationSchema);

describe('the JSON report', () => {
  it('is valid, ends in one line feed, and says what the report says', () => {
    const text = render(sampleReport());
    expect(text.endsWith('}\n')).toBe(true);
    expect(JSON.parse(text)).toEqual(sampleReport());
    expect(isReport(JSON.parse(text)), ajv.errorsText(isReport.errors)).toBe(true);
  });

  it('has the bytes of one JSON.stringify, with and without keys', () => {
    for (const report of [sampleReport(), sampleReport({ keys: [], sources: [], sessions: [] })]) {
      expect(render(report)).toBe(`${JSON.stringify(report, null, 2)}\n`);
    }
  });

  it('comes in one piece per key', () => {
    const keys = Array.from({ length: 100 }, (_, index) => sampleKey({ key: `k_${index}` }));
    expect([...json.render(sampleReport({ keys }), VIEW)]).toHaveLength(102);
  });

  it('has the same bytes whatever the order in which the report was built', () => {
    expect(render(reversed(sampleReport()))).toBe(render(sampleReport()));
  });

  it('says nothing that the contract does not name', () => {
    const leaking = { ...sampleKey(), rawKey: 'never', systems: [] };
    expect(render(sampleReport({ keys: [leaking] }))).not.toContain('never"');
  });

  it.each(HOSTILE_STRINGS.map((text) => [text.slice(0, 40), text]))('carries %j without loss, inert', (_, text) => {
    const output = render(hostileReport(text));
    expect(JSON.parse(output)).toEqual(asReported(hostileReport(text)));
    expect(isReport(JSON.parse(output)), ajv.errorsText(isReport.errors)).toBe(true);
    expect(firstHazard(output)).toBeUndefined();
    expect(ciCommands(output)).toEqual([]);
  });
});

describe('the schema', () => {
  const blocker = { code: 'rhythm', text: 'not yet', until: null } as const;
  it.each<[string, Partial<KeyReport>]>([
    ['safe with a blocker', { verdict: 'safe', blockers: [blocker] }],
    ['safe for the reason of a blocker', { verdict: 'safe', reason: 'rhythm' }],
    ['waiting without a blocker', { verdict: 'waiting', reason: 'rhythm', blockers: [] }],
    ['unknown for no blocker', { verdict: 'unknown', reason: 'no-blocker', blockers: [blocker] }],
    ['a day with a time', { safeOn: '2026-12-01T00:00:00.000Z' }],
    ['an instant without milliseconds', { lastUsedAt: '2026-12-01T00:00:00Z' }],
    ['a negative count', { requests: -1 }],
  ])('refuses %s', (_, wrong) => {
    expect(isReport(sampleReport({ keys: [sampleKey(wrong)] }))).toBe(false);
  });

  it('refuses members that it does not name and reports that lack one', () => {
    expect(isReport({ ...sampleReport(), extra: 1 })).toBe(false);
    expect(isReport({ ...sampleReport(), keys: undefined })).toBe(false);
    expect(isReport({ ...sampleReport(), schema: 'lastcall.report/2' })).toBe(false);
  });
});

describe('the JSON explanation', () => {
  it('is valid and says what the explanation says', () => {
    const text = [...renderExplanationJson(sampleExplanation())].join('');
    expect(text).toBe(`${JSON.stringify(sampleExplanation(), null, 2)}\n`);
    expect(isExplanation(JSON.parse(text)), ajv.errorsText(isExplanation.errors)).toBe(true);
  });

  it.each(HOSTILE_STRINGS.map((text) => [text.slice(0, 40), text]))('carries %j without loss, inert', (_, text) => {
    const output = [...renderExplanationJson(hostileExplanation(text))].join('');
    expect(JSON.parse(output)).toEqual(asReported(hostileExplanation(text)));
    expect(firstHazard(output)).toBeUndefined();
  });
});

/** What the contract names: the trace of a key is for reporters that draw it. */
function asReported(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (name, member: unknown) => (name === 'trace' ? undefined : member)));
}

const VIEW = { columns: 120, color: false };

function render(report: Report): string {
  return [...json.render(report, VIEW)].join('');
}

function reversed<Value>(value: Value): Value {
  const turned: unknown = Array.isArray(value)
    ? value.map(reversed)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .toReversed()
            .map(([name, member]) => [name, reversed(member)]),
        )
      : value;
  return turned as Value;
}
