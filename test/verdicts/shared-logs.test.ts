import { describe, expect, test } from 'vitest';
import type { SourceActivity } from '../../src/model.ts';
import { inferCoverage } from '../../src/verdicts/coverage.ts';
import { judge } from '../../src/verdicts/judge.ts';
import { DEFAULT_POLICY } from '../../src/verdicts/policy.ts';
import { shareLogs } from '../../src/verdicts/shared-logs.ts';
import type { NamedSources } from '../../src/verdicts/shared-logs.ts';
import { activity, AS_OF, daily, key, noonOf, system, TODAY, world } from './history.ts';

const EU = activity(daily(800, 1), { source: 'eu' });
const US = activity(daily(800, 1), { source: 'us' });
const GATEWAY = activity([], { source: 'gateway', bytes: 1000 });
const NAMED: NamedSources = new Map([['gateway', ['eu', 'us']]]);

describe('where the records of a log name their source', () => {
  test('the source of the log is none of its own, unless some records are its own', () => {
    expect(names(shareLogs([EU, GATEWAY, US], NAMED))).toEqual(['eu', 'us']);
    const own = activity(daily(9, 1), { source: 'gateway' });
    expect(names(shareLogs([EU, own, US], NAMED))).toEqual(['eu', 'gateway', 'us']);
  });

  test('a source of which nothing was read yet stays what is missing', () => {
    expect(names(shareLogs([EU, GATEWAY, US], new Map()))).toEqual(['eu', 'gateway', 'us']);
  });

  test('what is declared of the log holds for each source that it names, and what they declare themselves wins', () => {
    const outage = { from: TODAY - 9, to: TODAY - 8 };
    const declared = { deliveryLagDays: 3, sampling: 0.5, outages: [outage], carriesKeys: undefined };
    const own = { deliveryLagDays: 1, sampling: 0.9, outages: [], carriesKeys: true };
    const shared = shareLogs([{ ...EU, declared: own }, { ...GATEWAY, declared }, US], NAMED);
    expect(shared.map((each) => each.declared)).toEqual([{ ...own, sampling: 0.5, outages: [outage] }, declared]);
  });

  describe('a retirement', () => {
    const end = TODAY - 100;
    const gone = (source: string, rest: Partial<SourceActivity> = {}) => activity(daily(800, 100), { source, ...rest });
    const ending = (each: SourceActivity, retiredOn: number) => ({
      ...each,
      declared: { ...each.declared, retiredOn },
    });
    const retired = (activities: readonly SourceActivity[], named = NAMED) =>
      shareLogs(activities, named).map(({ source, declared }) => [source, declared.retiredOn]);

    test('of the log ends the sources that it names', () => {
      expect(retired([gone('eu'), ending(GATEWAY, end), gone('us')])).toEqual([
        ['eu', end],
        ['us', end],
      ]);
    });

    test('ends no source that has a log of its own or another log, nor one beside which a source goes on', () => {
      const own = gone('us', { bytes: 1 });
      expect(retired([gone('eu'), ending(GATEWAY, end), own])[1]).toEqual(['us', undefined]);
      const other = activity([], { source: 'other', bytes: 1 });
      const both = new Map([...NAMED, ['other', ['us']]]);
      const logs = [gone('eu'), ending(GATEWAY, end), other, gone('us')];
      expect(retired(logs, both)).toEqual([
        ['eu', end],
        ['us', undefined],
      ]);
      expect(retired(logs.with(2, ending(other, end + 9)), both)[1]).toEqual(['us', end + 9]);
      expect(retired([gone('eu'), ending(GATEWAY, end), US])).toEqual([
        ['eu', undefined],
        ['us', end],
      ]);
    });

    test('of the source itself holds, from the later day on', () => {
      expect(retired([ending(gone('eu'), end), GATEWAY, gone('us')])[0]).toEqual(['eu', end]);
      expect(retired([ending(gone('eu'), end), ending(GATEWAY, end + 5), gone('us')])[0]).toEqual(['eu', end + 5]);
    });
  });

  test('what was unreadable on a day may be of each of them', () => {
    const torn = { ...GATEWAY, quarantined: 4, days: [{ day: TODAY - 30, records: 0, quarantined: 4 }] };
    for (const each of shareLogs([EU, torn, US], NAMED)) {
      const gap = { from: TODAY - 30, to: TODAY - 30, reason: 'quarantine' };
      expect(inferCoverage(each, AS_OF, DEFAULT_POLICY).gaps).toEqual([gap]);
    }
  });

  test('what was unreadable without a date counts as the share that it is of the whole log', () => {
    const small = activity([3, 2, 1], { source: 'eu' });
    const gapsOf = (log: SourceActivity) =>
      shareLogs([small, log, US], NAMED).map((each) => inferCoverage(each, AS_OF, DEFAULT_POLICY).gaps.length);
    expect(gapsOf({ ...GATEWAY, quarantined: 100 })).toEqual([1, 1]);
    expect(gapsOf({ ...GATEWAY, quarantined: 80 })).toEqual([0, 0]);
  });

  test('what was left unread may hide calls of each of them, and is told once', () => {
    const [file, run] = ['a.log', 'run 7'].map((detail) => fault(detail));
    const shared = shareLogs([{ ...EU, faults: [run!] }, { ...GATEWAY, faults: [file!, run!] }, US], NAMED);
    expect(shared.map((each) => each.faults)).toEqual([
      [run, file],
      [file, run],
    ]);
  });

  test('an inventory that names the source of the log means each of them', () => {
    const listed = key([], { source: 'gateway' });
    const seen = key([system('billing', { used: daily(790, 60), source: 'eu' })], { source: 'gateway' });
    const quiet = activity(daily(800, 100), { source: 'us' });
    const verdictOf = (evidence: typeof listed, us: SourceActivity) => {
      const coverage = shareLogs([EU, GATEWAY, us], NAMED).map((each) => inferCoverage(each, AS_OF, DEFAULT_POLICY));
      return judge(evidence, world(coverage, { partsOf: (source) => NAMED.get(source) ?? [] }));
    };
    expect([verdictOf(listed, US).verdict, verdictOf(seen, US).verdict]).toEqual(['safe', 'safe']);
    expect(verdictOf(listed, quiet)).toMatchObject({ verdict: 'unknown', reason: 'silent-source' });
    expect(verdictOf(seen, quiet)).toMatchObject({ verdict: 'unknown', reason: 'silent-source' });
  });
});

function names(activities: readonly SourceActivity[]) {
  return activities.map(({ source }) => source);
}

function fault(detail: string) {
  return { reason: 'unread-input', detail, fromAt: noonOf(90), toAt: noonOf(80) } as const;
}
