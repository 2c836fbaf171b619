import { describe, expect, it } from 'vitest';
import { isWeekend } from '../../src/verdicts/calendar.ts';
import { inferCoverage } from '../../src/verdicts/coverage.ts';
import { MOST_STEADY_CALLERS } from '../../src/verdicts/keyed-rhythm.ts';
import { DEFAULT_POLICY } from '../../src/verdicts/policy.ts';
import { activity, AS_OF, daily, gap, steadyCaller, TODAY } from './history.ts';
import type { DaysAgo } from './history.ts';

/** Records come in on each of 200 days; the days on which each caller sends its key. */
function gapsOf(...callers: (readonly DaysAgo[])[]) {
  const steadyCallers = callers.map((days) => steadyCaller(days.map((day) => [TODAY - day, 10] as const)));
  return inferCoverage(activity(daily(200, 0), { steadyCallers }), AS_OF, DEFAULT_POLICY).gaps;
}

describe('a source with few callers', () => {
  it('is not covered while its records go on and show no key any more, as they always did', () => {
    expect(gapsOf(daily(200, 60), daily(200, 60))).toEqual([gap(59, 15, 'few-records'), gap(14, 1, 'late-window')]);
  });

  it('is covered again when they show keys', () => {
    expect(gapsOf([...daily(200, 60), ...daily(30, 0)])).toEqual([gap(59, 31, 'few-records')]);
  });

  it('is covered when one of its callers is gone and another one calls', () => {
    expect(gapsOf(daily(200, 60), daily(200, 0))).toEqual([]);
  });

  it('is covered when the callers of an old key leave as those of the new one come', () => {
    expect(gapsOf(daily(200, 60), daily(59, 0))).toEqual([]);
    expect(gapsOf(daily(200, 20), daily(19, 0))).toEqual([]);
  });

  it('may be without keys on weekends, and on other days of callers that do not call each day', () => {
    const isWork = (day: DaysAgo): boolean => !isWeekend(TODAY - day);
    expect(gapsOf(daily(200, 0).filter(isWork))).toEqual([]);
    expect(gapsOf(daily(200, 0).filter((day) => day % 3 > 0))).toEqual([]);
  });

  it('never showed a key: nothing is missing', () => {
    expect(gapsOf()).toEqual([]);
  });

  it('may have more callers than are known: these alone do not tell', () => {
    const ofThirds = (caller: number): DaysAgo[] => daily(200, 60).filter((day) => day % 3 === caller % 3);
    const fewer = Array.from({ length: MOST_STEADY_CALLERS - 1 }, (_, caller) => ofThirds(caller));
    expect(gapsOf(...fewer)).not.toEqual([]);
    const old = [...fewer, ofThirds(MOST_STEADY_CALLERS - 1)];
    expect(gapsOf(...old)).toEqual([]);
  });
});

describe('a source with more callers than are known', () => {
  // One after the other: where all leave on one day, that shows by itself.
  const gone = Array.from({ length: MOST_STEADY_CALLERS }, (_, n) =>
    steadyCaller(daily(400 - n * 10, 390 - n * 10 - 20).map((day) => [TODAY - day, 10])),
  );
  const gapsWith = (...days: (readonly DaysAgo[])[]) => {
    const newestCallers = days.map((one) => steadyCaller(one.map((day) => [TODAY - day, 10] as const)));
    const seen = activity(daily(400, 0), { steadyCallers: gone, newestCallers });
    return inferCoverage(seen, AS_OF, DEFAULT_POLICY).gaps.filter(({ to }) => to >= TODAY - 60);
  };

  it('is not covered from the day on which neither the steadiest nor the newest show a key', () => {
    expect(gapsWith(daily(180, 60))).toEqual([gap(59, 15, 'few-records'), gap(14, 1, 'late-window')]);
  });

  it('is covered while one of the newest calls', () => {
    expect(gapsWith(daily(180, 60), daily(59, 0))).toEqual([]);
  });
});
