import type { Evidence, FindingKind, KeyReport, SourceCoverage, Verdict } from '../../src/model.ts';
import type { World } from '../../src/verdicts/world.ts';
import { daily, every, gap, key, logs, noonOf, system, TODAY, worldOf } from './history.ts';
import type { DaysAgo } from './history.ts';

// What a key can look like, as data: every combination is judged (truth-table.test.ts), the telling ones are the rows of
// the table in README.md (house/page-tables.ts).

/** What each part of a situation can be. The first of each is the plain one. */
export const FACTORS = {
  use: ['stopped', 'paused', 'current', 'rare', 'cut-off', 'refused', 'never'],
  age: ['old', 'new'],
  callers: ['plain', 'moved', 'unnamed', 'ambiguous'],
  logs: ['complete', 'hole', 'cut-short', 'none'],
  status: ['active', 'disabled'],
} as const;

export type Situation = { readonly [Factor in keyof typeof FACTORS]: (typeof FACTORS)[Factor][number] };

/** A row of the table in README.md. */
export interface TruthCase {
  readonly situation: Situation;
  /** What was seen, and what it means. */
  readonly meaning: string;
  readonly verdict: Verdict;
  readonly reason: KeyReport['reason'];
  readonly findings: readonly FindingKind[];
}

/** Every combination, in the order of the factors. */
export function everySituation(): readonly Situation[] {
  const { use, age, callers, logs: coverage, status } = FACTORS;
  return use.flatMap((one) =>
    age.flatMap((two) =>
      callers.flatMap((three) =>
        coverage.flatMap((four) =>
          status.map((five) => ({ use: one, age: two, callers: three, logs: four, status: five })),
        ),
      ),
    ),
  );
}

/** The evidence and the world of a situation. */
export function build(situation: Situation): readonly [Evidence, World] {
  const { use, age, callers, status } = situation;
  const first = age === 'old' ? 795 : 70;
  const { used, refused } = CALLS[use](first);
  const attribution = callers === 'unnamed' ? 'derived' : 'rule';
  const calling = used.length + refused.length === 0 ? [] : [system('billing', { used, refused, attribution })];
  const isMoving = callers === 'moved' || callers === 'unnamed';
  const evidence = key(
    calling,
    {
      createdAt: noonOf(age === 'old' ? 2000 : 70),
      status,
      successor: isMoving ? 'key-2' : undefined,
      source: situation.logs === 'none' ? 'eu' : undefined,
    },
    { ambiguousWith: callers === 'ambiguous' ? ['key-7'] : [] },
  );
  const takenUp = Math.min(30, ...used) === 1 ? 30 : Math.min(60, ...used) - 1;
  const successor = key([system('billing', { used: daily(takenUp, 1), attribution })], {}, { key: 'key-2' });
  return [evidence, worldOf(isMoving ? [evidence, successor] : [evidence], COVERAGE[situation.logs])];
}

interface Calls {
  readonly used: readonly DaysAgo[];
  readonly refused: readonly DaysAgo[];
}

/** Since the first of these days ago. */
const CALLS: Readonly<Record<Situation['use'], (first: DaysAgo) => Calls>> = {
  stopped: (first) => ({ used: daily(first, 60), refused: [] }),
  paused: (first) => ({ used: daily(first, 25), refused: [] }),
  current: (first) => ({ used: daily(first, 1), refused: [] }),
  rare: (first) => ({ used: first < 95 ? [65] : every(91, 732, 95), refused: [] }),
  'cut-off': (first) => ({ used: daily(first, 60), refused: daily(59, 1) }),
  refused: (first) => ({ used: [], refused: daily(first, 1) }),
  never: () => ({ used: [], refused: [] }),
};

const WHOLE = logs(800);

const COVERAGE: Readonly<Record<Situation['logs'], readonly SourceCoverage[]>> = {
  complete: [WHOLE],
  hole: [logs(800, [gap(50, 20, 'few-records')])],
  'cut-short': [logs(800, [gap(20, 1)], { lastDay: TODAY - 21, silent: true })],
  none: [WHOLE],
};

const PLAIN: Situation = { use: 'stopped', age: 'old', callers: 'plain', logs: 'complete', status: 'active' };

/** The rows of README.md. */
export const TRUTH_TABLE: readonly TruthCase[] = [
  {
    situation: { ...PLAIN, use: 'current' },
    meaning: 'called yesterday: it is needed',
    verdict: 'in-use',
    reason: 'recent-use',
    findings: [],
  },
  {
    situation: PLAIN,
    meaning: 'called daily for two years, silent for 60 days: its system is gone',
    verdict: 'safe',
    reason: 'no-blocker',
    findings: [],
  },
  {
    situation: { ...PLAIN, use: 'rare' },
    meaning: 'called each quarter, last 95 days ago: the next call is late, but a job may be late',
    verdict: 'waiting',
    reason: 'rhythm',
    findings: [],
  },
  {
    situation: { ...PLAIN, use: 'rare', age: 'new' },
    meaning: 'new, called once 65 days ago: it could be a yearly job',
    verdict: 'waiting',
    reason: 'too-few-uses',
    findings: [],
  },
  {
    situation: { ...PLAIN, use: 'never' },
    meaning: 'never used, watched for more than a year: nobody needs it',
    verdict: 'safe',
    reason: 'no-blocker',
    findings: [],
  },
  {
    situation: { ...PLAIN, use: 'never', age: 'new' },
    meaning: 'never used, 70 days old: its first call may be to come',
    verdict: 'waiting',
    reason: 'too-new',
    findings: [],
  },
  {
    situation: { ...PLAIN, use: 'refused' },
    meaning: 'every call refused for two years: who tries it depends on nothing',
    verdict: 'safe',
    reason: 'no-blocker',
    findings: [],
  },
  {
    situation: { ...PLAIN, use: 'cut-off', status: 'disabled' },
    meaning: 'disabled 60 days ago and refused since: its system still needs a key',
    verdict: 'waiting',
    reason: 'refused-recently',
    findings: ['zombie'],
  },
  {
    situation: { ...PLAIN, use: 'current', status: 'disabled' },
    meaning: 'disabled in the inventory, yet calls get through: the list or the gateway is wrong',
    verdict: 'in-use',
    reason: 'recent-use',
    findings: ['zombie'],
  },
  {
    situation: { ...PLAIN, use: 'paused', callers: 'moved' },
    meaning: 'its one system moved to the successor 24 days ago: rotated',
    verdict: 'safe',
    reason: 'no-blocker',
    findings: [],
  },
  {
    situation: { ...PLAIN, use: 'current', callers: 'moved' },
    meaning: 'its system calls with the old key and the successor: half rotated',
    verdict: 'in-use',
    reason: 'recent-use',
    findings: ['straddling'],
  },
  {
    situation: { ...PLAIN, use: 'paused', callers: 'unnamed' },
    meaning: 'seems to have moved 24 days ago, but only agent and network name the system: it may be two',
    verdict: 'waiting',
    reason: 'rhythm',
    findings: [],
  },
  {
    situation: { ...PLAIN, callers: 'ambiguous' },
    meaning: 'silent for 60 days, but masked in the logs like another key: the calls of that one may be its own',
    verdict: 'unknown',
    reason: 'ambiguous-key',
    findings: [],
  },
  {
    situation: { ...PLAIN, logs: 'hole' },
    meaning: 'silent for 60 days, the logs of 31 of them incomplete: too little was seen',
    verdict: 'unknown',
    reason: 'coverage-gap',
    findings: [],
  },
  {
    situation: { ...PLAIN, use: 'paused', callers: 'moved', logs: 'none' },
    meaning: 'moved 24 days ago, but there are no logs of its source: others may call there',
    verdict: 'unknown',
    reason: 'uncovered-source',
    findings: [],
  },
];
