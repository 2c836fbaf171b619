import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { JudgedKeys } from '../../src/report/key-reports.ts';
import type { KeyReport, Verdict } from '../../src/model.ts';
import { sampleKey } from '../reporters/sample-report.ts';

const VERDICTS: readonly Verdict[] = ['safe', 'in-use', 'waiting', 'unknown'];

describe('reports on keys', () => {
  it('come back by verdict, and within one in the order in which they were added', () => {
    const keys = judged([
      ['a', 'unknown'],
      ['b', 'safe'],
      ['c', 'waiting'],
      ['d', 'safe'],
      ['e', 'in-use'],
      ['f', 'unknown'],
    ]);
    expect([...keys].map(({ key, verdict }) => `${verdict} ${key}`)).toEqual([
      'safe b',
      'safe d',
      'in-use e',
      'waiting c',
      'unknown a',
      'unknown f',
    ]);
    expect(keys).toHaveLength(6);
  });

  it('are none at first', () => {
    expect([[...new JudgedKeys()], new JudgedKeys().length]).toEqual([[], 0]);
  });

  it('are the same whether they are held or lie in files, again and again', () => {
    const key = fc.record({
      key: fc.string({ unit: 'binary', maxLength: 30 }),
      verdict: fc.constantFrom(...VERDICTS),
      label: fc.option(fc.constantFrom('Zürich', '鍵 🔑', 'a\nb\r\u2028c', '"\\', '\ud800', '')),
    });
    fc.assert(
      fc.property(fc.array(key, { maxLength: 60, size: 'max' }), fc.integer({ min: 1, max: 20 }), (made, maxHeld) => {
        const reports = made.map((one) => sampleKey(one));
        const [held, spilled] = [filled(reports), filled(reports, maxHeld)];
        const expected = VERDICTS.flatMap((verdict) => reports.filter((one) => one.verdict === verdict));
        expect([...held]).toEqual(expected);
        expect([...spilled]).toEqual(expected);
        expect([...spilled]).toEqual(expected);
        expect([held.length, spilled.length]).toEqual([reports.length, reports.length]);
      }),
      { numRuns: 25 },
    );
  });

  it('are whole where a file is read in chunks that cut lines and characters', () => {
    // A chunk is a mebibyte: lines of every length up to three of them.
    const lengths = [1, 400_000, 700_001, 1_048_576, 3_300_003, 2, 1_048_577, 5];
    const reports = lengths.map((length, n) => sampleKey({ key: `k_${n}`, label: '鍵'.repeat(length / 3) + 'ü' }));
    for (const maxHeld of [1, 3, 8]) expect([...filled(reports, maxHeld)]).toEqual(reports);
    const many = Array.from({ length: 4500 }, (_, n) => sampleKey({ key: `k_${n}`, label: 'ü'.repeat(n % 13) }));
    expect([...filled(many, 4000)]).toEqual(many);
  });

  it('can be walked through by two at once, in part, and while more are added', () => {
    const reports = Array.from({ length: 50 }, (_, n) => sampleKey({ key: `k_${n}` }));
    const keys = filled(reports, 7);
    const [one, other] = [keys[Symbol.iterator](), keys[Symbol.iterator]()];
    for (const report of reports) expect([one.next().value, other.next().value]).toEqual([report, report]);
    expect(one.next().done).toBe(true);
    for (const report of keys) {
      expect(report).toEqual(reports[0]);
      break;
    }
    const late = sampleKey({ key: 'k_late' });
    keys.add(late);
    expect([...keys]).toEqual([...reports, late]);
  });
});

describe('files of reports', () => {
  afterEach(() => vi.restoreAllMocks());

  it('have no name by which others could open them, and nothing is left of them', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-reports-'));
    vi.spyOn(os, 'tmpdir').mockReturnValue(folder);
    const open = vi.spyOn(fs, 'openSync');
    const keys = filled(
      Array.from({ length: 9 }, (_, n) => sampleKey({ key: `k_${n}` })),
      2,
    );
    expect([...keys]).toHaveLength(9);
    expect(open).toHaveBeenCalledTimes(1);
    expect(open.mock.calls[0]?.[2]).toBe(0o600);
    expect(path.dirname(String(open.mock.calls[0]?.[0]))).toBe(folder);
    expect(fs.readdirSync(folder)).toEqual([]);
    fs.rmdirSync(folder);
  });

  it('are not made for what fits in memory', () => {
    const open = vi.spyOn(fs, 'openSync');
    filled(Array.from({ length: 500 }, (_, n) => sampleKey({ key: `k_${n}` })));
    expect(open).not.toHaveBeenCalled();
  });
});

function filled(reports: readonly KeyReport[], maxHeld?: number): JudgedKeys {
  const keys = maxHeld === undefined ? new JudgedKeys() : new JudgedKeys(maxHeld);
  for (const report of reports) keys.add(report);
  return keys;
}

function judged(keys: readonly (readonly [string, Verdict])[]): JudgedKeys {
  return filled(keys.map(([key, verdict]) => sampleKey({ key, verdict })));
}
