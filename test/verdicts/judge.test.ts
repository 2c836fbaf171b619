import { describe, expect, test } from 'vitest';
import { judge } from '../../src/verdicts/judge.ts';
import { AS_OF, daily, every, gap, key, logs, noonOf, system, unlistedKey, world, worldOf } from './history.ts';
import type { DaysAgo } from './history.ts';

const WHOLE = [logs(800)];
const DEAD = system('billing', { used: daily(790, 40) });
const LIVE = system('export', { used: daily(790, 1) });

describe('a verdict', () => {
  test('is safe when every system was silent for long enough', () => {
    const report = judge(key([DEAD, system('export', { used: daily(790, 35) })]), world(WHOLE));
    expect(report).toMatchObject({ verdict: 'safe', reason: 'no-blocker', safeOn: null });
    expect(report.systems.map(({ state }) => state)).toEqual(['gone', 'gone']);
  });

  test('is in-use when one of many systems still calls, and its date is that of the latest', () => {
    const report = judge(key([DEAD, LIVE]), world(WHOLE));
    expect(report).toMatchObject({ verdict: 'in-use', reason: 'recent-use', safeOn: '2027-01-19' });
    expect(report.systems.map(({ system: name, state }) => [name, state])).toEqual([
      ['export', 'active'],
      ['billing', 'gone'],
    ]);
  });

  test('is in-use while the silence is within 7 days or the longest pause', () => {
    expect([verdictOf(31, 32 + 620, 32), verdictOf(31, 33 + 620, 33)]).toEqual(['in-use', 'waiting']);
    expect([verdictOf(1, 790, 8), verdictOf(1, 790, 9)]).toEqual(['in-use', 'waiting']);
  });

  test('is safe on the date that was promised, and not a day before', () => {
    const uses = every(31, 790, 77);
    const { safeOn } = judge(key([system('billing', { used: uses })]), world(WHOLE));
    expect(safeOn).toBe('2027-01-06');
    const later = (days: number) =>
      judge(key([system('billing', { used: uses })]), world(WHOLE, { asOf: AS_OF + days * 86_400_000 })).verdict;
    expect([later(16), later(17)]).toEqual(['waiting', 'safe']);
  });

  test('is waiting, not unknown, when time lacks for longer than logs', () => {
    const young = system('trial', { used: daily(140, 100) });
    const report = judge(key([DEAD, young], { createdAt: noonOf(795) }), world([logs(800, [gap(35, 20)])]));
    expect(report).toMatchObject({ verdict: 'waiting' });
    expect(report.blockers.map(({ code }) => code)).toContain('coverage-gap');
  });

  test('is unknown, not in-use, when the logs ended while the key was called', () => {
    const dead = logs(800, [gap(99, 15), gap(14, 1, 'late-window')], { silent: true });
    const report = judge(key([system('billing', { used: daily(790, 100) })]), world([dead]));
    expect(report).toMatchObject({ verdict: 'unknown', reason: 'silent-source', safeOn: null });
    expect(report.systems[0]).toMatchObject({ silentDays: 99, silentCoveredDays: 0, state: 'quiet' });
  });

  test('of a key called once yesterday is in-use', () => {
    expect(judge(key([system('new', { used: [1] })]), world(WHOLE)).verdict).toBe('in-use');
  });

  test('takes a call a minute after the report began for a recent call, not for a wrong clock', () => {
    const today = system('export', { used: [0] });
    const caller = { ...today, totals: { ...today.totals, lastUsedAt: AS_OF + 60_000 } };
    expect(judge(key([caller]), world(WHOLE)).blockers.map(({ code }) => code)).toEqual(['recent-use']);
  });

  test('does not hide calls after a report date in the past', () => {
    const report = judge(key([LIVE]), world(WHOLE, { asOf: noonOf(300) }));
    expect(report).toMatchObject({ verdict: 'in-use', reason: 'clock' });
  });

  test('on a key whose calls were all refused is that of a key never used', () => {
    const caller = system('billing', { refused: daily(790, 1) });
    expect(judge(key([caller]), world(WHOLE))).toMatchObject({
      verdict: 'safe',
      requests: 790,
      refused: 790,
      lastUsedAt: null,
    });
  });

  test('of no evidence at all is unknown', () => {
    expect(judge(unlistedKey([]), world([]))).toMatchObject({ verdict: 'unknown', reason: 'coverage-gap' });
  });
});

describe('findings', () => {
  test('shadow: in traffic and in no inventory, if there is one', () => {
    expect(findings(unlistedKey([LIVE]), world(WHOLE))).toEqual(['shadow']);
    expect(findings(unlistedKey([LIVE]), world(WHOLE, { hasInventory: false }))).toEqual([]);
    expect(findings(key([DEAD]), world(WHOLE))).toEqual([]);
  });

  test('zombie: disabled or deleted and still called, refused or not', () => {
    const refused = system('billing', { refused: [30] });
    expect(findings(key([refused], { status: 'disabled' }), world(WHOLE))).toEqual(['zombie']);
    expect(findings(key([LIVE], { status: 'deleted' }), world(WHOLE))).toEqual(['zombie']);
    expect(findings(key([DEAD], { status: 'disabled' }), world(WHOLE))).toEqual([]);
    expect(findings(key([LIVE]), world(WHOLE))).toEqual([]);
  });

  test('zombie: only calls since it was disabled count, where that is known', () => {
    const before = system('billing', { used: [12], refused: [11] });
    const since = (daysAgo: number) => ({ status: 'disabled', disabledAt: noonOf(daysAgo) + 1 }) as const;
    expect(findings({ ...key([before], { status: 'disabled' }), ...since(10) }, world(WHOLE))).toEqual([]);
    expect(findings({ ...key([before], { status: 'disabled' }), ...since(12) }, world(WHOLE))).toEqual(['zombie']);
    const after = system('cron', { refused: [3] });
    expect(findings({ ...key([before, after], { status: 'disabled' }), ...since(10) }, world(WHOLE))).toEqual([
      'zombie',
    ]);
  });

  test('revived: was safe, and was called again', () => {
    const earlier = { withdrawnAt: () => noonOf(0) };
    expect(findings(key([LIVE]), world(WHOLE, earlier))).toEqual(['revived']);
    expect(findings(key([system('late', { used: daily(790, 20) })]), world(WHOLE, earlier))).toEqual(['revived']);
    expect(findings(key([DEAD]), world(WHOLE, earlier))).toEqual([]);
    expect(findings(key([DEAD]), world([logs(800, [], { sampled: true })], earlier))).toEqual([]);
    expect(findings(key([LIVE]), world(WHOLE))).toEqual([]);
  });

  test.each([
    [7, ['revived']],
    [8, []],
  ])('revived lasts for a week: withdrawn %i days ago', (daysAgo, expected) => {
    expect(findings(key([LIVE]), world(WHOLE, { withdrawnAt: () => noonOf(daysAgo) }))).toEqual(expected);
  });

  test.each([
    ['used', 30, ['shadow']],
    ['used', 31, []],
    ['refused', 30, ['shadow']],
    ['refused', 31, []],
  ] as const)('shadow lasts for a month after the last call: %s %i days ago', (how, daysAgo, expected) => {
    const caller = system('billing', { used: [400], [how]: [daysAgo] });
    expect(findings(unlistedKey([caller]), world(WHOLE))).toEqual(expected);
  });

  test('silent-source and provider-disagrees go with their blockers', () => {
    const report = findings(key([DEAD], { lastUsedAt: noonOf(1) }), world([logs(800, [], { silent: true })]));
    expect(report).toEqual(['silent-source', 'provider-disagrees']);
  });
});

describe('sentences', () => {
  test('tell silence, rhythm and date', () => {
    const job = key([system('billing', { used: every(31, 790, 77) })]);
    expect(sentence(job, world([logs(800, [gap(20, 19, 'late-window')])]))).toBe(
      'billing: silent 74 days (76 less 2 without complete logs); longest pause 31 days (monthly job), needs 93: safe on 2027-01-08 if nothing calls',
    );
  });

  test('name three systems at most', () => {
    const callers = ['a', 'b', 'c', 'd', 'e'].map((name) => system(name, { used: daily(790, 2) }));
    expect(sentence(key(callers), world(WHOLE))).toBe(
      'a called 2 days ago (2026-12-18); b called 2 days ago (2026-12-18); c called 2 days ago (2026-12-18); and 2 more: safe on 2027-01-18 if nothing calls',
    );
  });

  test('say why a key is safe', () => {
    expect(sentence(key([system('billing', { used: daily(795, 40) })]), world(WHOLE))).toBe(
      'billing: silent 39 days; longest pause 1 day (continuous use), needs 30. Safe to delete',
    );
    expect(sentence(key([], { createdAt: noonOf(500) }), world(WHOLE))).toBe(
      'never used in 499 days since 2025-08-07. Safe to delete',
    );
  });

  test('say of a safe key what was done to it already', () => {
    const dead = [system('billing', { used: daily(795, 40) })];
    const off = key(dead, { status: 'disabled' }, { handedOffAt: noonOf(3) });
    expect(sentence(off, world(WHOLE))).toMatch(/\. Disabled on 2026-12-17, safe to delete after its quiet days$/);
    expect(sentence(key(dead, { status: 'disabled' }), world(WHOLE))).toMatch(/\. Safe to delete$/);
    expect(sentence(key(dead, { status: 'deleted' }), world(WHOLE))).toMatch(/\. Deleted already$/);
  });

  test('say for how long a caller was only refused', () => {
    const callers = [system('billing', { used: daily(795, 40) }), system('probe', { refused: [1] })];
    expect(sentence(key(callers), world(WHOLE))).toContain(
      'probe: only ever refused in 799 days; still tried on 2026-12-19 and was refused, needs 90',
    );
  });

  test('say what the logs cannot answer', () => {
    expect(sentence(key([DEAD]), world([logs(800, [], { sampled: true })]))).toBe(
      'last used on 2026-11-10 by billing; only a sample of the requests is logged by gateway: no silence can be proven',
    );
  });

  test('tell a move', () => {
    const keys = [
      key([system('billing', { used: daily(790, 25) })]),
      key([system('billing', { used: daily(24, 1) })], {}, { key: 'key-2' }),
    ] as const;
    expect(sentence(keys[0], worldOf(keys, WHOLE))).toBe(
      'billing: moved to key-2 on 2026-11-26 (discovered), silent 24 days, needs 21. Safe to delete',
    );
  });
});

function findings(...args: Parameters<typeof judge>) {
  return judge(...args).findings;
}

function sentence(...args: Parameters<typeof judge>) {
  return judge(...args).sentence;
}

function verdictOf(step: number, from: DaysAgo, to: DaysAgo) {
  return judge(key([system('billing', { used: every(step, from, to) })]), world(WHOLE)).verdict;
}
