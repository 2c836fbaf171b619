import { describe, expect, test } from 'vitest';
import type { FindingKind, KeyReport } from '../../src/model.ts';
import { judge } from '../../src/verdicts/judge.ts';
import { OTHER_RULES } from './other-rules.ts';
import { build, everySituation, FACTORS, TRUTH_TABLE } from './truth-table.ts';
import type { Situation } from './truth-table.ts';

const ALL = everySituation().map((situation) => ({ situation, report: judge(...build(situation)) }));

const titleOf = ({ use, age, callers, logs, status }: Situation) => [use, age, callers, logs, status].join(', ');

describe('the truth table of README.md', () => {
  test.each(TRUTH_TABLE)('$meaning', ({ situation, verdict, reason, findings }) => {
    expect(judge(...build(situation))).toMatchObject({ verdict, reason, findings });
  });

  test('shows every verdict, every level of every factor, and each way in which the other rules go wrong', () => {
    expect(new Set(TRUTH_TABLE.map(({ verdict }) => verdict)).size).toBe(4);
    for (const factor of Object.keys(FACTORS) as (keyof Situation)[]) {
      const shown = new Set(TRUTH_TABLE.map(({ situation }) => situation[factor]));
      // Logs that are cut short look like a hole to whoever reads the table.
      expect([factor, FACTORS[factor].filter((level) => !shown.has(level))]).toEqual([
        factor,
        factor === 'logs' ? ['cut-short'] : [],
      ]);
    }
    for (const rule of Object.values(OTHER_RULES)) {
      const reports = TRUTH_TABLE.map(({ situation }) => judge(...build(situation)));
      expect(reports.some((report) => rule(report).isRemoval && report.verdict !== 'safe')).toBe(true);
      expect(reports.some((report) => !rule(report).isRemoval && report.verdict === 'safe')).toBe(true);
    }
  });
});

test('the verdict on every combination is the one that was agreed on', async () => {
  await expect(drawMatrix()).toMatchFileSnapshot('goldens/truth-table.txt');
});

describe('in every combination', () => {
  test('a key is safe only if its use ended or never was, it is old or moved, it is told from others and its logs reach', () => {
    for (const { situation, report } of ALL) {
      if (report.verdict !== 'safe') continue;
      const { use, age, callers, logs } = situation;
      const moved = callers === 'moved' && ['stopped', 'paused', 'rare'].includes(use);
      expect(use, titleOf(situation)).not.toBe('current');
      expect(use === 'paused' ? moved : true, titleOf(situation)).toBe(true);
      expect(age === 'old' || moved, titleOf(situation)).toBe(true);
      expect(callers, titleOf(situation)).not.toBe('ambiguous');
      expect(['complete', 'hole'], titleOf(situation)).toContain(logs);
    }
  });

  test('a key that is called is in use, whatever else is true of it', () => {
    for (const { situation, report } of ALL) {
      expect(report.verdict === 'in-use', titleOf(situation)).toBe(situation.use === 'current');
    }
  });

  test('what is not safe names a blocker, and a date only if time mends it', () => {
    for (const { situation, report } of ALL) {
      expect(report.blockers[0]?.code ?? 'no-blocker', titleOf(situation)).toBe(report.reason);
      expect(report.reason === 'no-blocker', titleOf(situation)).toBe(report.verdict === 'safe');
      const isMendedByTime = report.blockers.length > 0 && report.blockers.every(({ until }) => until !== null);
      expect(report.safeOn !== null, titleOf(situation)).toBe(isMendedByTime);
      expect(report.verdict === 'waiting' && report.safeOn === null, titleOf(situation)).toBe(false);
    }
  });

  test('the status changes no verdict: what is disabled and was called lately is a zombie', () => {
    for (const { situation, report } of ALL) {
      const active = judge(...build({ ...situation, status: 'active' }));
      expect([report.verdict, report.reason], titleOf(situation)).toEqual([active.verdict, active.reason]);
      const isCalled = ['paused', 'current', 'cut-off', 'refused'].includes(situation.use);
      expectFinding('zombie', situation, report, situation.status === 'disabled' && isCalled);
    }
  });

  test('a system that calls with the old key and its successor straddles', () => {
    for (const { situation, report } of ALL) {
      const callsWithBoth = situation.use === 'current' && ['moved', 'unnamed'].includes(situation.callers);
      expectFinding('straddling', situation, report, callsWithBoth);
    }
  });

  test('less complete logs, an ambiguity, a name that proves nothing or a later birth never make a key safe', () => {
    const WORSE: readonly ((situation: Situation) => Situation)[] = [
      (situation) => ({ ...situation, logs: situation.logs === 'complete' ? 'hole' : situation.logs }),
      (situation) => ({ ...situation, logs: 'cut-short' }),
      (situation) => ({ ...situation, logs: 'none' }),
      (situation) => ({ ...situation, callers: 'ambiguous' }),
      (situation) => ({ ...situation, callers: situation.callers === 'moved' ? 'unnamed' : situation.callers }),
      // Uses that are rare are others when the key is new.
      (situation) => ({ ...situation, age: situation.use === 'rare' ? situation.age : 'new' }),
    ];
    for (const { situation, report } of ALL) {
      if (report.verdict === 'safe') continue;
      for (const change of WORSE) {
        const worse = change(situation);
        expect(judge(...build(worse)).verdict, `${titleOf(situation)} -> ${titleOf(worse)}`).not.toBe('safe');
      }
    }
  });
});

function expectFinding(finding: FindingKind, situation: Situation, report: KeyReport, isFound: boolean): void {
  expect(report.findings.includes(finding), titleOf(situation)).toBe(isFound);
}

/** A row for each use, age and attribution; a column for each state of the logs. The status changes findings only. */
function drawMatrix(): string {
  const rows = new Map<string, string[]>();
  for (const { situation, report } of ALL) {
    if (situation.status === 'disabled') continue;
    const title = [situation.use, situation.age, situation.callers].join(' ');
    const cells = rows.get(title) ?? [];
    rows.set(title, [...cells, report.verdict === 'safe' ? 'safe' : `${report.verdict}: ${report.reason}`]);
  }
  const lines = [...rows].map(([title, cells]) => [title, ...cells]);
  const all = [['use, age, callers', ...FACTORS.logs], ...lines];
  return all.map(([title = '', ...cells]) => layLine(title, cells)).join('\n') + '\n';
}

function layLine(title: string, cells: readonly string[]): string {
  return [title.padEnd(22), ...cells.map((cell) => cell.padEnd(26))].join('  ').trimEnd();
}
