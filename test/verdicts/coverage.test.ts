import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Fault, SourceActivity, SourceCoverage } from '../../src/model.ts';
import { isWeekend } from '../../src/verdicts/calendar.ts';
import { inferCoverage } from '../../src/verdicts/coverage.ts';
import { DEFAULT_POLICY } from '../../src/verdicts/policy.ts';
import { judge } from '../../src/verdicts/judge.ts';
import { activity, AS_OF, daily, every, gap, key, noonOf, steadyCaller, system, TODAY, world } from './history.ts';
import type { DaysAgo } from './history.ts';

const infer = (each: SourceActivity): SourceCoverage => inferCoverage(each, AS_OF, DEFAULT_POLICY);

const nothingDeclared = { deliveryLagDays: undefined, sampling: undefined, outages: [], carriesKeys: undefined };

const workdays = (from: DaysAgo, to: DaysAgo) => daily(from, to).filter((day) => !isWeekend(TODAY - day));

const steady = (share: (day: DaysAgo, caller: number) => number, callers = 6): SourceActivity => {
  const days = daily(200, 0);
  return activity(days, {
    steadyCallers: Array.from({ length: callers }, (_, caller) =>
      steadyCaller(days.map((day) => [TODAY - day, Math.round(100 * share(day, caller))] as const)),
    ),
  });
};

const withFault = (fault: Partial<Fault>): SourceCoverage =>
  infer(
    activity(daily(100, 0), {
      faults: [{ reason: 'unread-input', detail: 'a.log', fromAt: undefined, toAt: undefined, ...fault }],
    }),
  );

test('of unknown extent cover nothing', () => {
  expect(withFault({})).toMatchObject({ coveredDays: 0, gaps: [gap(100, 1, 'unread-input')] });
});

const withQuarantine = (quarantined: number, dated: boolean): SourceCoverage => {
  const whole = activity(Object.fromEntries(daily(9, 0).map((day) => [day, 10_000])));
  const days = whole.days.map((day) => (dated && day.day === TODAY - 5 ? { ...day, quarantined } : day));
  return infer({ ...whole, days, quarantined });
};

describe('a source with records on every day', () => {
  test('is covered from its first record to yesterday', () => {
    const coverage = infer(activity(daily(100, 0)));
    expect(coverage).toMatchObject({
      firstDay: TODAY - 100,
      lastDay: TODAY,
      coveredDays: 100,
      gaps: [],
      silent: false,
    });
  });

  test('is covered in the newest days too, when they look complete', () => {
    expect(infer(activity(daily(100, 1))).gaps).toEqual([]);
  });

  test('has a hole where nothing arrived', () => {
    const coverage = infer(activity([...daily(100, 51), ...daily(39, 0)]));
    expect(coverage.gaps).toEqual([gap(50, 40, 'no-records')]);
    expect(coverage.coveredDays).toBe(89);
  });

  test('is late, and has no hole, where nothing arrived in the newest 14 days', () => {
    expect(infer(activity([...daily(100, 15), ...daily(12, 0)])).gaps).toEqual([gap(14, 13, 'late-window')]);
    expect(infer(activity(daily(100, 4))).gaps).toEqual([gap(3, 1, 'late-window')]);
  });

  test('has a hole, then late days, after it stopped; it is silent from the eighth day on', () => {
    const stopped = infer(activity(daily(300, 60)));
    expect(stopped).toMatchObject({ silent: true, gaps: [gap(59, 15, 'no-records'), gap(14, 1, 'late-window')] });
    expect(infer(activity(daily(300, 9))).silent).toBe(true);
    expect(infer(activity(daily(300, 8))).silent).toBe(false);
  });

  test('is not silent where an outage was declared or input was left unread: that says why nothing came', () => {
    const stopped = activity(daily(300, 60));
    const outage = { ...nothingDeclared, outages: [{ from: TODAY - 59, to: TODAY - 9 }] };
    expect(infer({ ...stopped, declared: outage }).silent).toBe(true);
    expect(
      infer({ ...stopped, declared: { ...outage, outages: [{ from: TODAY - 59, to: TODAY - 8 }] } }),
    ).toMatchObject({
      silent: false,
      gaps: [gap(59, 8, 'declared-outage'), gap(7, 1, 'late-window')],
    });
    const unread = { reason: 'unread-input', detail: 'a.log', fromAt: noonOf(60), toAt: undefined } as const;
    expect(infer({ ...stopped, faults: [unread] })).toMatchObject({
      silent: false,
      gaps: [gap(60, 1, 'unread-input')],
    });
    expect(infer({ ...stopped, faults: [{ ...unread, toAt: noonOf(30) }] }).silent).toBe(true);
  });

  test('stays a hole however long the silence lasts', () => {
    expect(infer(activity([...daily(800, 700), ...daily(99, 0)])).gaps).toEqual([gap(699, 100, 'no-records')]);
  });

  test('is not made older by one stray record with an old stamp', () => {
    const coverage = infer(activity([5000, ...daily(100, 0)]));
    expect(coverage.gaps).toEqual([gap(5000, 101, 'few-records')]);
    expect(coverage.coveredDays).toBe(100);
  });

  test('is not made more alive by one record stamped in the future', () => {
    expect(infer(activity([...daily(100, 50), -3000]))).toMatchObject({ silent: true, lastDay: TODAY - 50 });
  });
});

describe('a source that rests on weekends', () => {
  test('has no hole on weekends', () => {
    expect(infer(activity(workdays(400, 2))).gaps.filter(({ reason }) => reason !== 'late-window')).toEqual([]);
  });

  test('has a hole on workdays, and on the weekend between them', () => {
    // From Monday 48 days ago to Thursday 38 days ago; the weekend before may have been part of it.
    const coverage = infer(activity(workdays(400, 2).filter((day) => day > 48 || day < 38)));
    expect(coverage.gaps[0]).toEqual(gap(50, 38, 'no-records'));
  });
});

describe('a source with few records', () => {
  test('counts the days between its records, and none after the last', () => {
    const coverage = infer(activity(every(7, 400, 20)));
    expect(coverage).toMatchObject({ silent: false, gaps: [gap(21, 15, 'no-records'), gap(14, 1, 'late-window')] });
  });

  test('does not count a silence far beyond what is usual for it', () => {
    expect(infer(activity([2000, ...every(7, 399, 0)])).gaps).toEqual([gap(1999, 400, 'no-records')]);
  });
});

describe('steady callers', () => {
  test('show a day with less than 60 % of their calls', () => {
    expect(infer(steady((day) => (day === 50 ? 0.59 : 1))).gaps).toEqual([gap(50, 50, 'few-records')]);
    expect(infer(steady((day) => (day === 50 ? 0.6 : 1))).gaps).toEqual([]);
  });

  test('show it as late in the newest 14 days', () => {
    expect(infer(steady((day) => (day === 10 ? 0.1 : 1))).gaps).toEqual([gap(10, 10, 'late-window')]);
  });

  test('are five at least', () => {
    expect(infer(steady((day) => (day === 50 ? 0.1 : 1), 4)).gaps).toEqual([]);
  });

  test('may leave one by one', () => {
    expect(infer(steady((day, caller) => (caller < 2 && day < 50 ? 0 : 1))).gaps).toEqual([]);
  });

  test('that vanish together are an outage of their part of the source', () => {
    const { gaps } = infer(steady((day, caller) => (caller < 4 && day < 50 ? 0 : 1)));
    expect(gaps).toEqual([gap(49, 15, 'few-records'), gap(14, 1, 'late-window')]);
  });

  test('are compared with weekends on weekends', () => {
    const { gaps } = infer(steady((day) => (isWeekend(TODAY - day) ? 0.2 : 1)));
    expect(gaps).toEqual([]);
  });
});

describe('declared facts', () => {
  const whole = daily(100, 0);
  const declare = (declared: Partial<SourceActivity['declared']>, days = whole): SourceCoverage =>
    infer(activity(days, { declared: { ...nothingDeclared, ...declared } }));

  test('a lag covers no day that may still be late, however it looks', () => {
    expect(declare({ deliveryLagDays: 3 }).gaps).toEqual([gap(3, 1, 'late-window')]);
    expect(declare({ deliveryLagDays: 0.25 }).gaps).toEqual([]);
  });

  test('without lag, a new empty day is a hole at once', () => {
    expect(declare({ deliveryLagDays: 0 }, daily(100, 3)).gaps).toEqual([gap(2, 1, 'no-records')]);
  });

  test('an outage is a gap', () => {
    expect(declare({ outages: [gap(20, 18)] }).gaps).toEqual([gap(20, 18, 'declared-outage')]);
    expect(declare({ outages: [gap(500, 400)] }).gaps).toEqual([]);
  });

  test('a share under 1 is a sample', () => {
    expect(declare({ sampling: 0.5 }).sampled).toBe(true);
    expect(declare({ sampling: Number.NaN }).sampled).toBe(true);
    expect(declare({ sampling: 1 }).sampled).toBe(false);
  });
});

describe('faults', () => {
  test('that are open reach until now', () => {
    expect(withFault({ fromAt: noonOf(30) }).gaps).toEqual([gap(30, 1, 'unread-input')]);
  });

  test('with an end are a gap', () => {
    const gaps = [gap(30, 28, 'rewritten-log')];
    expect(withFault({ reason: 'rewritten-log', fromAt: noonOf(30), toAt: noonOf(28) }).gaps).toEqual(gaps);
  });

  test('that begin behind a record with a stamp yet to come may have begun at any time', () => {
    expect(withFault({ fromAt: noonOf(-3) }).gaps).toEqual([gap(100, 1, 'unread-input')]);
    expect(withFault({ fromAt: noonOf(-3), toAt: noonOf(28) }).gaps).toEqual([gap(100, 28, 'unread-input')]);
  });

  test('that end before they began have no known end', () => {
    expect(withFault({ fromAt: noonOf(30), toAt: noonOf(50) }).gaps).toEqual([gap(30, 1, 'unread-input')]);
  });

  test('of the clock are told, and hide no day', () => {
    expect(withFault({ reason: 'clock' })).toMatchObject({ gaps: [], faults: [{ reason: 'clock' }] });
  });
});

describe('quarantine', () => {
  test('over the share of a day uncovers the day', () => {
    expect(withQuarantine(11, true).gaps).toEqual([gap(5, 5, 'quarantine')]);
    expect(withQuarantine(10, true).gaps).toEqual([]);
  });

  test('without a date over the share uncovers the source', () => {
    expect(withQuarantine(110, false).gaps).toEqual([gap(9, 1, 'quarantine')]);
    expect(withQuarantine(90, false).gaps).toEqual([]);
  });

  test('behind a record with a stamp yet to come is without a date', () => {
    const whole = activity(Object.fromEntries([...daily(9, 0), -3].map((day) => [day, day < 0 ? 1 : 10_000])));
    const days = whole.days.map((day) => (day.day > TODAY ? { ...day, quarantined: 110 } : day));
    expect(infer({ ...whole, days, quarantined: 110 }).gaps).toEqual([gap(9, 1, 'quarantine')]);
  });
});

test('a source without records has no first day and no covered day', () => {
  expect(infer(activity([]))).toMatchObject({ firstDay: undefined, lastDay: undefined, coveredDays: 0, gaps: [] });
});

test('a source that began today covers nothing yet', () => {
  expect(infer(activity([0]))).toMatchObject({ firstDay: TODAY, coveredDays: 0, gaps: [] });
});

test('an outage, a fault or unreadable records never cover a day that was not covered', () => {
  const days = fc.uniqueArray(fc.integer({ min: 0, max: 120 }), { maxLength: 110 });
  const span = fc.tuple(fc.integer({ min: 0, max: 130 }), fc.integer({ min: 0, max: 130 }));
  fc.assert(
    fc.property(days, span, fc.integer({ min: 0, max: 120 }), fc.nat(3), (arrived, [a, b], badDay, kind) => {
      const before = activity(arrived);
      const [from, to] = [TODAY - Math.max(a, b), TODAY - Math.min(a, b)];
      const after = worsen(before, kind, { from, to }, badDay);
      const stillUncovered = uncovered(infer(after));
      expect([...uncovered(infer(before))].filter((day) => !stillUncovered.has(day))).toEqual([]);
    }),
  );
});

test('no known reason for a silence makes a key safe', () => {
  const days = fc.uniqueArray(fc.integer({ min: 0, max: 500 }), { minLength: 30, maxLength: 400 });
  const span = fc.tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 200 }));
  const keys = [key([]), key([system('billing', { used: daily(490, 200) })])];
  fc.assert(
    fc.property(days, fc.nat(60), span, fc.nat(3), (arrived, stop, [a, b], kind) => {
      const before = activity(arrived.filter((day) => day >= stop));
      const after = worsen(before, kind, { from: TODAY - Math.max(a, b), to: TODAY - Math.min(a, b) }, a);
      const ended = { ...after, faults: after.faults.map((fault) => ({ ...fault, toAt: noonOf(Math.min(a, b)) })) };
      for (const each of keys) {
        if (judge(each, world([infer(before)])).verdict === 'safe') continue;
        for (const worse of [after, ended]) expect(judge(each, world([infer(worse)])).verdict).not.toBe('safe');
      }
    }),
    { numRuns: 500 },
  );
});

function worsen(
  before: SourceActivity,
  kind: number,
  outage: { from: number; to: number },
  badDay: DaysAgo,
): SourceActivity {
  const fault = {
    reason: 'unread-input',
    detail: 'a.log',
    fromAt: noonOf(TODAY - outage.from),
    toAt: undefined,
  } as const;
  switch (kind) {
    case 0:
      return { ...before, declared: { ...before.declared, outages: [outage] } };
    case 1:
      return { ...before, faults: [fault] };
    case 2:
      return { ...before, quarantined: before.quarantined + 1 };
    default: {
      const days = before.days.map((day) => (day.day === TODAY - badDay ? { ...day, quarantined: 50 } : day));
      return { ...before, days, quarantined: 50 };
    }
  }
}

function uncovered({ gaps }: SourceCoverage): Set<number> {
  return new Set(gaps.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, index) => from + index)));
}

describe('a source that is declared retired', () => {
  const retired = (retiredDaysAgo: DaysAgo, each: SourceActivity): SourceActivity => ({
    ...each,
    declared: { ...each.declared, retiredOn: TODAY - retiredDaysAgo },
  });

  test('is covered after its last day, and not silent', () => {
    const gone = activity(daily(400, 100));
    expect(infer(gone)).toMatchObject({
      silent: true,
      coveredDays: 301,
      gaps: [gap(99, 15), gap(14, 1, 'late-window')],
    });
    expect(infer(retired(100, gone))).toMatchObject({
      silent: false,
      coveredDays: 400,
      gaps: [],
      retired: { on: TODAY - 100, contradictedOn: undefined },
    });
  });

  test('is not covered between its last record and its last day', () => {
    expect(infer(retired(90, activity(daily(400, 100)))).gaps).toEqual([gap(99, 90)]);
  });

  test('keeps its faults and declared outages', () => {
    const faults = [{ reason: 'unread-input', detail: 'a.log', fromAt: noonOf(50), toAt: noonOf(40) }] as const;
    expect(infer(retired(100, activity(daily(400, 100), { faults }))).gaps).toEqual([gap(50, 40, 'unread-input')]);
  });

  test('without any record is covered after its last day only', () => {
    expect(infer(retired(100, activity([])))).toMatchObject({
      firstDay: TODAY - 99,
      lastDay: undefined,
      coveredDays: 99,
      gaps: [],
    });
    expect(infer(activity([])).firstDay).toBeUndefined();
  });

  test('is taken for what its records say as long as that day has not passed', () => {
    const each = activity(daily(400, 0));
    expect(infer(retired(0, each))).toEqual(infer(each));
    expect(infer(retired(-10, each))).toEqual(infer(each));
  });

  test('and sends records afterwards is covered as if nothing were declared', () => {
    const days = fc.uniqueArray(fc.integer({ min: 1, max: 300 }), { minLength: 1 });
    fc.assert(
      fc.property(days, fc.integer({ min: 2, max: 300 }), (arrivals, retiredDaysAgo) => {
        const each = activity([...arrivals, retiredDaysAgo - 1]);
        const { retired: said, ...coverage } = infer(retired(retiredDaysAgo, each));
        expect(said?.contradictedOn).toBeGreaterThan(TODAY - retiredDaysAgo);
        expect(coverage).toEqual(infer(each));
      }),
    );
  });
});
