import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/model.ts';
import { inert } from '../../src/reporters/inert.ts';
import { prometheus } from '../../src/reporters/prometheus.ts';
import { ciCommands, firstHazard } from './hazards.ts';
import { HOSTILE_STRINGS, hostileReport } from './hostile.ts';
import { sampleKey, sampleReport, sampleSource } from './sample-report.ts';

const HAS_PROMTOOL = spawnSync('promtool', ['--version']).status === 0;
const NEEDS_PROMTOOL = HAS_PROMTOOL ? '' : ' (skipped: there is no promtool; apt-get install prometheus)';

describe('the Prometheus gauges', () => {
  it('say how many keys, findings, records and covered days there are, and how old the report is', () => {
    const gauges = read(render(sampleReport()));
    expect(Object.fromEntries(gauges)).toMatchObject({
      'lastcall_keys verdict=safe': 2,
      'lastcall_keys verdict=in-use': 4,
      'lastcall_findings finding=zombie': 1,
      'lastcall_findings finding=revived': 0,
      lastcall_scan: 412,
      lastcall_quarantined_records: 2,
      lastcall_as_of_timestamp_seconds: Date.parse('2026-12-01T09:00:00Z') / 1000,
      'lastcall_source_covered_seconds source=aws': 355 * 86_400,
      'lastcall_source_missing_seconds source=aws': 11 * 86_400,
    });
  });

  it('tell the longest silence of the keys that are not safe', () => {
    const keys = [
      sampleKey({ lastUsedAt: '2024-01-01T00:00:00.000Z' }),
      sampleKey({ verdict: 'waiting', lastUsedAt: '2026-11-01T00:00:00.000Z' }),
      sampleKey({ verdict: 'waiting', lastUsedAt: '2026-11-21T23:59:00.000Z' }),
    ];
    const gauges = read(render(sampleReport({ keys })));
    expect(gauges.get('lastcall_longest_silence_seconds verdict=waiting')).toBe(30 * 86_400);
    expect(gauges.has('lastcall_longest_silence_seconds verdict=safe')).toBe(false);
  });

  it('do not grow with the keys, and with the sources only so far', () => {
    const keys = Array.from({ length: 5000 }, (_, index) => sampleKey({ key: `k_${index}` }));
    const sources = Array.from({ length: 1000 }, (_, index) => sampleSource({ source: `source ${index}` }));
    expect(read(render(sampleReport({ keys }))).size).toBe(read(render(sampleReport())).size);
    expect(read(render(sampleReport({ sources }))).size).toBeLessThan(1300);
    expect(read(render(sampleReport({ sources }))).get('lastcall_sources')).toBe(1000);
  });

  it('keep their shape with every hostile text', () => {
    const benign = read(render(hostileReport('benign'))).size;
    for (const hostile of HOSTILE_STRINGS) {
      const output = render(hostileReport(hostile));
      const gauges = read(output);
      expect(gauges.size, hostile).toBe(benign);
      expect(firstHazard(output), hostile).toBeUndefined();
      expect(ciCommands(output), hostile).toEqual([]);
      const label = inert(hostile).slice(0, 200).toWellFormed();
      expect(gauges.get(`lastcall_source_silent source=${label}`), hostile).toBe(1);
    }
  });

  it.skipIf(!HAS_PROMTOOL)(`pass promtool${NEEDS_PROMTOOL}`, () => {
    const reports = [sampleReport(), ...HOSTILE_STRINGS.filter((_, index) => index % 40 === 0).map(hostileReport)];
    for (const report of reports) {
      const { status, stderr } = spawnSync('promtool', ['check', 'metrics'], {
        input: render(report),
        encoding: 'utf8',
      });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    }
  });
});

const LINE =
  /^(?:# HELP (?<help>[a-zA-Z_:][\w:]*) (?:[^\\\n]|\\[\\n])+|# TYPE (?<type>[a-zA-Z_:][\w:]*) gauge|(?<name>[a-zA-Z_:][\w:]*)(?:\{(?<labels>(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*",?)+)\})? (?<value>-?\d+(?:\.\d+)?(?:e[+-]?\d+)?))$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\"n])*)"/g;

/**
 * The text exposition format 0.0.4 to the letter (prometheus.io, "Exposition formats"): each metric with one HELP, one
 * TYPE, then its samples, no series twice, a line feed at the end.
 */
function read(output: string): ReadonlyMap<string, number> {
  const lines = output.split('\n');
  expect(lines.pop()).toBe('');
  const gauges = new Map<string, number>();
  const done = new Set<string>();
  let current = '';
  for (const line of lines) {
    const groups = LINE.exec(line)?.groups;
    if (groups === undefined) throw new Error(`no line of the format: ${line.slice(0, 300)}`);
    const { help, type, name, labels = '', value } = groups;
    if (help !== undefined) {
      if (done.has(help)) throw new Error(`${help} comes twice`);
      done.add((current = help));
    } else if ((type ?? name) !== current) throw new Error(`${line} stands under ${current}`);
    if (name === undefined) continue;
    const texts = [...labels.matchAll(LABEL)].map(
      ([, label, text = '']) => `${label}=${text.replaceAll(/\\(.)/g, '$1')}`,
    );
    const series = [name, ...texts].join(' ');
    if (gauges.has(series)) throw new Error(`${series} comes twice`);
    gauges.set(series, Number(value));
  }
  return gauges;
}

function render(report: Report): string {
  return [...prometheus.render(report, { columns: 120, color: false })].join('');
}
