import { describe, expect, test } from 'vitest';
import type { SourceActivity } from '../../src/model.ts';
import { DAY_MS } from '../../src/verdicts/calendar.ts';
import { inferCoverage } from '../../src/verdicts/coverage.ts';
import { judge } from '../../src/verdicts/judge.ts';
import { DEFAULT_POLICY } from '../../src/verdicts/policy.ts';
import { withClockFaults } from '../../src/verdicts/wrong-clock.ts';
import { activity, AS_OF, daily, key, system, TODAY, world } from './history.ts';

const HOUR_MS = DAY_MS / 24;
const source = activity(daily(300, -3));
const faultsAt = (now: number, runs: readonly number[] = [], one: SourceActivity = source): readonly string[] =>
  withClockFaults(one, runs, now, DEFAULT_POLICY).faults.map(({ reason, detail }) => `${reason}: ${detail}`);

describe('the clock of this machine', () => {
  test('is right when it is later than all records, or a day behind them', () => {
    expect(faultsAt((TODAY + 4) * DAY_MS)).toEqual([]);
    expect(faultsAt((TODAY + 2.5) * DAY_MS)).toEqual([]);
  });

  test.each([2, 30, 200, 301])('is a fault when records of its source are later: %i days behind', (days) => {
    expect(faultsAt((TODAY + 4 - days) * DAY_MS)).toEqual([
      expect.stringMatching(/^clock: .* records are later, up to/),
    ]);
  });

  test('is a fault of no source with a few stray stamps, as long as they are few', () => {
    const busy = activity(Object.fromEntries([...daily(300, 0), -700].map((day) => [day, day < 0 ? 10 : 100])));
    expect(faultsAt(AS_OF, [], busy)).toEqual([]);
    const odd = activity(Object.fromEntries([...daily(300, 0), -700].map((day) => [day, day < 0 ? 40 : 100])));
    expect(faultsAt(AS_OF, [], odd)).toHaveLength(1);
  });

  test('is a fault when one of the last runs was later', () => {
    const now = (TODAY + 4) * DAY_MS;
    expect(faultsAt(now, [now, now - DAY_MS])).toEqual([]);
    expect(faultsAt(now, [now, now + HOUR_MS])).toEqual([]);
    expect(faultsAt(now, [now, now + HOUR_MS + 1])).toEqual([expect.stringMatching(/^clock: .* a run began at/)]);
  });

  test('keeps every key from being safe while it is a fault', () => {
    const quiet = key([system('billing', { used: daily(780, 200) })]);
    const judged = (runs: readonly number[]): string => {
      const seen = withClockFaults(activity(daily(800, 1)), runs, AS_OF, DEFAULT_POLICY);
      const { verdict, reason } = judge(quiet, world([inferCoverage(seen, AS_OF, DEFAULT_POLICY)]));
      return `${verdict}: ${reason}`;
    };
    expect(judged([AS_OF])).toBe('safe: no-blocker');
    expect(judged([AS_OF + DAY_MS])).toBe('unknown: clock');
  });
});
