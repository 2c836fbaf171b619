import { describe, expect, test } from 'vitest';
import type { GapReason, KeyReport, SourceReport, Verdict } from '../../src/model.ts';
import { changesOf, CountingChanges, lastingGaps, sourceChanges } from '../../src/verdicts/changes.ts';
import { sampleKey, sampleSource } from '../reporters/sample-report.ts';

describe('what is new about a key', () => {
  const now = (verdict: Verdict, findings: KeyReport['findings'] = []): KeyReport => sampleKey({ verdict, findings });

  test.each([
    ['newly safe', now('safe'), { verdict: 'waiting', findings: [] }, ['newly-safe']],
    ['safe as before', now('safe'), { verdict: 'safe', findings: [] }, []],
    ['safe and not known before', now('safe'), undefined, ['newly-safe']],
    ['safe since it is deleted', sampleKey({ verdict: 'safe', status: 'deleted' }), undefined, []],
    ['safe no more', now('unknown'), { verdict: 'safe', findings: [] }, ['withdrawn']],
    ['safe no more, since it is called', now('in-use', ['revived']), { verdict: 'safe', findings: [] }, ['revived']],
    ['on its way', now('waiting'), { verdict: 'in-use', findings: [] }, []],
    ['a shadow', now('in-use', ['shadow']), undefined, ['shadow']],
    ['a shadow as before', now('in-use', ['shadow']), { verdict: 'in-use', findings: ['shadow'] }, []],
    ['a zombie now', now('waiting', ['shadow', 'zombie']), { verdict: 'waiting', findings: ['shadow'] }, ['zombie']],
  ] as const)('%s', (_, key, earlier, changes) => {
    expect(changesOf(key, earlier)).toEqual(changes);
  });

  test('counts for --fail-on as what it is now', () => {
    const counting = new CountingChanges();
    counting.add('safe', ['newly-safe']);
    counting.add('unknown', ['withdrawn', 'silent-source']);
    counting.add('in-use', []);
    expect(counting.result()).toEqual({
      keys: { 'newly-safe': 1, withdrawn: 1, 'silent-source': 1 },
      alarms: { safe: 1, unknown: 1, 'silent-source': 1 },
    });
  });
});

describe('what is new of sources', () => {
  const gap = (from: string, to: string, reason: GapReason = 'no-records') => ({ from, to, reason });
  const source = (gaps: SourceReport['gaps'], state: SourceReport['state'] = 'active') => sampleSource({ gaps, state });

  test('are the days of gaps that did not stand there before', () => {
    const then = [source([gap('2026-03-02', '2026-03-04'), gap('2026-03-08', '2026-03-09')])];
    const [change] = sourceChanges([source([gap('2026-03-01', '2026-03-10')])], then);
    expect(change?.newGaps).toEqual([
      gap('2026-03-01', '2026-03-01'),
      gap('2026-03-05', '2026-03-07'),
      gap('2026-03-10', '2026-03-10'),
    ]);
    expect(sourceChanges(then, then)).toEqual([]);
    expect(sourceChanges([source([])], then)).toEqual([]);
  });

  test('are not the newest days, which may be late every morning', () => {
    const late = [
      gap('2026-03-09', '2026-03-10', 'late-window'),
      gap('2026-01-01', '2026-01-02', 'before-first-record'),
    ];
    expect(sourceChanges([source(late)], [])).toEqual([]);
    expect(lastingGaps([...late, gap('2026-03-08', '2026-03-08')])).toEqual([gap('2026-03-08', '2026-03-08')]);
  });

  test('is that one fell silent, told once', () => {
    const [change] = sourceChanges([source([], 'silent')], [source([])]);
    expect(change).toMatchObject({ fellSilent: true, newGaps: [] });
    expect(sourceChanges([source([], 'silent')], [source([], 'silent')])).toEqual([]);
  });
});
