import { expect, test } from 'vitest';
import { audit, sourceReports, Summing } from '../../src/verdicts/audit.ts';
import { DAY_MS } from '../../src/verdicts/calendar.ts';
import { explain } from '../../src/verdicts/explain.ts';
import type { EpochMs } from '../../src/model.ts';
import { judge } from '../../src/verdicts/judge.ts';
import { TODAY, activity, daily, every, gap, key, logs, noonOf, system, unlistedKey, world } from './history.ts';

const WHOLE = [logs(800, [gap(700, 699)])];
const named = (id: string, last: number, rest = {}) =>
  key([system('billing', { used: daily(790, last) })], {}, { key: id, ...rest });

const EVIDENCE = [
  named('e', 2),
  named('d', 40, { ambiguousWith: ['x'] }),
  named('c', 20),
  named('b', 50),
  named('a', 40),
  { ...unlistedKey([system('probe', { used: [1] })]), key: 'f' },
];

test('an audit lists safe, in-use, waiting and unknown keys, each by id', () => {
  const keys = audit(EVIDENCE, world(WHOLE));
  expect(keys.map(({ verdict, key: id }) => `${verdict} ${id}`)).toEqual([
    'safe a',
    'safe b',
    'in-use e',
    'in-use f',
    'waiting c',
    'unknown d',
  ]);
});

test('a summary counts verdicts, findings and records', () => {
  const summing = new Summing();
  for (const report of audit(EVIDENCE, world(WHOLE))) summing.add(report);
  expect(summing.result([activity(daily(3, 0), { quarantined: 2 })])).toEqual({
    keys: 6,
    safe: 2,
    inUse: 2,
    waiting: 1,
    unknown: 1,
    findings: { shadow: 1 },
    records: 400,
    quarantined: 2,
  });
});

test('sources are reported by name with their gaps', () => {
  const reports = sourceReports(
    [activity([], { source: 'zeta' }), activity(daily(800, 0))],
    new Map(WHOLE.map((coverage) => [coverage.source, coverage])),
  );
  expect(reports.map(({ source, coveredDays }) => [source, coveredDays])).toEqual([
    ['gateway', 800],
    ['zeta', 0],
  ]);
  expect(reports.map(({ state }) => state)).toEqual(['active', 'active']);
  expect(reports[0]?.gaps).toEqual([{ from: '2025-01-19', to: '2025-01-20', reason: 'no-records' }]);
});

test.each([
  ['silent', { silent: true }],
  ['retired', { retired: { on: TODAY - 9, contradictedOn: undefined } }],
  ['active', { retired: { on: TODAY - 9, contradictedOn: TODAY } }],
])('a source is reported as %s with %o', (state, rest) => {
  const [report] = sourceReports([activity([])], new Map([['gateway', logs(800, [], rest)]]));
  expect(report?.state).toBe(state);
});

test('an explanation shows days, rules with their numbers, gaps and what would change the verdict', () => {
  const evidence = key([system('billing', { used: every(31, 790, 77), refused: [77, 5] })]);
  const here = world(WHOLE);
  const [report] = audit([evidence], here);
  const [firstDay, lastDay] = [Date.parse('2026-10-04') / DAY_MS, Date.parse('2026-12-15') / DAY_MS];
  const explanation = explain(
    evidence,
    here,
    report!,
    (caller) =>
      caller === evidence.callers[0]
        ? [
            { day: firstDay, requests: 2, refused: 1 },
            { day: lastDay, requests: 1, refused: 1 },
          ]
        : [],
    () => [],
  );
  expect(explanation).toMatchObject({
    schema: 'lastcall.explanation/1',
    key: report,
    from: '2024-10-11',
    to: '2026-12-20',
  });
  expect(explanation.callers[0]?.days).toEqual([
    { day: '2026-10-04', requests: 2, refused: 1 },
    { day: '2026-12-15', requests: 1, refused: 1 },
  ]);
  expect(explanation.callers[0]?.rules).toEqual([
    'Used on 24 days in 24 runs; its last use came 713 days after its first.',
    'Last used on 2026-10-04: silent for 76 days since, today apart.',
    'The longest pause between days of use was 31 days.',
    'Its rhythm requires 93 days: 3 x 31 days, at least 30 days.',
    'Still tried on 2026-12-15 and was refused: 90 days are required.',
    'Required: 93 days of silence; found: 76. Long enough on 2027-01-06 if it does not call and the logs are complete.',
  ]);
  expect(explanation.gaps).toEqual([{ source: 'gateway', from: '2025-01-19', to: '2025-01-20', reason: 'no-records' }]);
  expect(explanation.whatWouldChangeIt).toEqual(['No call until 2027-01-06, with complete logs: then it is safe.']);
});

test('a zombie is told who still calls with it, and since when it is disabled', () => {
  const told = (disabledAt?: EpochMs): readonly string[] => {
    const callers = [system('billing', { used: daily(700, 8) }), system('cron', { refused: [3] })];
    const evidence = { ...key(callers, { status: 'disabled' }), disabledAt };
    const one = world([logs(800)]);
    return explain(evidence, one, judge(evidence, one), () => [], () => []).whatWouldChangeIt; // prettier-ignore
  };
  expect(told(noonOf(5))).toContain(
    'Give cron another key, or stop what still calls: this one is disabled since 2026-12-15 12:00 UTC.',
  );
  expect(told()).toContain(
    'Give billing, cron another key, or stop what still calls: this one is disabled, it is not known since when, and calls of the last 30 days count.',
  );
  expect(told(noonOf(2)).join()).not.toContain('another key');
});
