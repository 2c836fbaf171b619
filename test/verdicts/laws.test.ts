import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Caller, Evidence, Gap, GapReason, SourceCoverage } from '../../src/model.ts';
import { audit } from '../../src/verdicts/audit.ts';
import { judge } from '../../src/verdicts/judge.ts';
import type { World } from '../../src/verdicts/world.ts';
import {
  AS_OF,
  TODAY,
  daily,
  every,
  gap,
  key,
  logs,
  noonOf,
  system,
  together,
  unlistedKey,
  worldOf,
} from './history.ts';
import type { DaysAgo } from './history.ts';

const SOURCES = ['gateway', 'eu'] as const;
const REASONS: readonly GapReason[] = [
  'no-records',
  'few-records',
  'unread-input',
  'quarantine',
  'declared-outage',
  'rewritten-log',
  'late-window',
];

const uses: fc.Arbitrary<readonly DaysAgo[]> = fc.oneof(
  fc
    .tuple(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 100, max: 790 }), fc.integer({ min: 0, max: 500 }))
    .map(([step, from, to]) => every(step, from, Math.min(from, to))),
  fc.uniqueArray(fc.integer({ min: 0, max: 790 }), { maxLength: 8 }),
);

const caller: fc.Arbitrary<Caller> = fc
  .record({
    name: fc.constantFrom('billing', 'export', 'py'),
    used: uses,
    refused: fc.uniqueArray(fc.integer({ min: 0, max: 200 }), { maxLength: 2 }),
    source: fc.constantFrom(...SOURCES),
    attribution: fc.constantFrom('rule', 'derived'),
  })
  .map(({ name, ...calls }) => system(name, calls));

const callers = fc.uniqueArray(caller, { maxLength: 3, selector: (each) => each.system.name });

const evidence: fc.Arbitrary<Evidence> = fc
  .record({
    callers,
    createdAt: fc.option(fc.integer({ min: 0, max: 900 }).map(noonOf), { nil: undefined }),
    source: fc.constantFrom(undefined, ...SOURCES),
    isListed: fc.boolean(),
  })
  .map((each) =>
    each.isListed
      ? key(each.callers, { createdAt: each.createdAt, source: each.source, successor: 'key-2' })
      : unlistedKey(each.callers),
  );

const successor = fc
  .tuple(fc.integer({ min: 1, max: 200 }), fc.constantFrom('rule' as const, 'derived' as const))
  .map(([from, attribution]) => key([system('billing', { used: daily(from, 1), attribution })], {}, { key: 'key-2' }));

const someGap: fc.Arbitrary<Gap> = fc
  .tuple(fc.integer({ min: 1, max: 790 }), fc.integer({ min: 0, max: 120 }), fc.constantFrom(...REASONS))
  .map(([from, length, reason]) => gap(from, Math.max(1, from - length), reason));

const coverage: fc.Arbitrary<readonly SourceCoverage[]> = fc.tuple(
  fc
    .tuple(fc.integer({ min: 300, max: 800 }), fc.array(someGap, { maxLength: 2 }))
    .map(([from, gaps]) => logs(from, disjoint(gaps))),
  fc
    .tuple(fc.integer({ min: 300, max: 800 }), fc.array(someGap, { maxLength: 2 }))
    .map(([from, gaps]) => logs(from, disjoint(gaps), { source: 'eu' })),
);

const scene = fc
  .tuple(evidence, successor, coverage)
  .map(([each, other, days]) => ({ evidence: each, other, coverage: days }));

type Scene = typeof scene extends fc.Arbitrary<infer Value> ? Value : never;

const verdictOf = ({ evidence: each, other, coverage: days }: Scene, rest: Partial<World> = {}) =>
  judge(each, worldOf([each, other], days, rest));

const RUNS = { numRuns: 600 };

test('a key is safe if, and only if, no blocker is left; the decision names a blocker', () => {
  fc.assert(
    fc.property(scene, (each) => {
      const report = verdictOf(each);
      expect(report.verdict === 'safe').toBe(report.blockers.length === 0);
      expect(report.reason).toBe(report.blockers[0]?.code ?? 'no-blocker');
      expect(report.sentence).not.toMatch(/undefined|NaN|\n/);
      if (report.verdict === 'safe') expect(report.systems.filter(({ safeOn }) => safeOn !== null)).toEqual([]);
    }),
    RUNS,
  );
});

describe('never makes a key safe:', () => {
  test('a gap', () => {
    checkLaw((each, more) => [withCoverage(each, (one) => ({ ...one, gaps: disjoint([...one.gaps, more]) }))]);
  });

  test('a fault', () => {
    const faults = [{ reason: 'unread-input', detail: 'a.log', fromAt: noonOf(90), toAt: noonOf(80) }] as const;
    checkLaw((each) => [withCoverage(each, (one) => ({ ...one, faults }))]);
  });

  test('a sample', () => {
    checkLaw((each) => [withCoverage(each, (one) => ({ ...one, sampled: true }))]);
  });

  test('a silent source', () => {
    checkLaw((each) => [withCoverage(each, (one) => ({ ...one, silent: true }))]);
  });

  test('an ambiguity', () => {
    checkLaw((each) => [{ ...each, evidence: { ...each.evidence, ambiguousWith: ['key-7'] } }]);
  });

  test('an exemption', () => {
    checkLaw((each) => [each, { exemptions: new Map([['key-1', { reason: 'drill', untilAt: undefined }]]) }]);
  });

  test('another caller', () => {
    checkLaw((each) => [
      {
        ...each,
        evidence: { ...each.evidence, callers: [...each.evidence.callers, system('late', { used: [300, 200, 100] })] },
      },
    ]);
  });
});

test('an exemption or a successor of one key never changes the verdict on another', () => {
  fc.assert(
    fc.property(scene, evidence, fc.boolean(), (each, otherEvidence, isSuccessor) => {
      const third = { ...otherEvidence, key: 'key-3' };
      const keys = [each.evidence, each.other, third];
      const said: Partial<World> = isSuccessor
        ? { successors: new Map([['key-3', 'key-1']]) }
        : { exemptions: new Map([['key-3', { reason: 'drill', untilAt: undefined }]]) };
      for (const one of [each.evidence, each.other]) {
        expect(judge(one, worldOf(keys, each.coverage, said))).toEqual(judge(one, worldOf(keys, each.coverage)));
      }
    }),
    RUNS,
  );
});

test('a call within the last three weeks leaves no key safe, whoever makes it', () => {
  fc.assert(
    fc.property(scene, fc.integer({ min: -400, max: 21 }), fc.nat(2), (each, daysAgo, which) => {
      const [first = system('billing', {}), ...others] = rotate(each.evidence.callers, which);
      const call = system(first.system.name, { used: [daysAgo], attribution: first.system.attribution });
      const changed = { ...each, evidence: { ...each.evidence, callers: [together({ ...first }, call), ...others] } };
      expect(verdictOf(changed).verdict).not.toBe('safe');
    }),
    RUNS,
  );
});

test('a later use never brings forward the date of a caller whose rhythm is known', () => {
  const step = fc.integer({ min: 1, max: 40 });
  const from = fc.integer({ min: 600, max: 790 });
  const to = fc.integer({ min: 100, max: 300 });
  fc.assert(
    fc.property(step, from, to, fc.integer({ min: 1, max: 100 }), (days, first, last, later) => {
      const known = every(days, first, last);
      const more = [...known, known.at(-1)! - later];
      const [before, after] = [known, more].map((used) =>
        judge(key([system('job', { used })]), worldOf([], [logs(800)])),
      );
      if (before!.verdict === 'safe') return;
      expect(after!.verdict).not.toBe('safe');
      expect(after!.safeOn! >= before!.safeOn!).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('the year of watching ends where a rhythm becomes known: the one place where more use brings the date forward', () => {
  const made = { createdAt: noonOf(215) };
  const dateOf = (last: DaysAgo) =>
    judge(key([system('job', { used: daily(215, last) })], made), worldOf([], [logs(800)]));
  expect(dateOf(36)).toMatchObject({ verdict: 'waiting', reason: 'young-caller' });
  expect(dateOf(35)).toMatchObject({ verdict: 'safe' });
});

test('refused calls alone weigh no more than use: turning them into uses never makes a key safe', () => {
  const refusedOnly = fc.uniqueArray(fc.integer({ min: 0, max: 29 }), { minLength: 1, maxLength: 9 });
  fc.assert(
    fc.property(refusedOnly, (days) => {
      const world = worldOf([], [logs(800)]);
      const used = judge(key([system('job', { used: days })]), world);
      const refused = judge(key([system('job', { refused: days })]), world);
      expect([used.verdict === 'safe', refused.verdict]).toEqual([false, 'safe']);
    }),
    { numRuns: 200 },
  );
});

test('the order of the evidence, and of what is in it, changes nothing', () => {
  fc.assert(
    fc.property(fc.array(scene, { minLength: 1, maxLength: 5 }), fc.nat(4), (scenes, turn) => {
      const keys = scenes.map(({ evidence: each }, index) => ({ ...each, key: `key-${index}` }));
      const world = worldOf(keys, scenes[0]!.coverage);
      const turned = rotate(keys, turn).map((each) => ({ ...each, callers: each.callers.toReversed() }));
      const other = worldOf(turned, scenes[0]!.coverage.toReversed());
      expect(audit(turned, other)).toEqual(audit(keys, world));
    }),
    { numRuns: 200 },
  );
});

test('as time passes without calls, no verdict on complete logs goes back from safe', () => {
  fc.assert(
    fc.property(evidence, fc.integer({ min: 1, max: 400 }), (each, days) => {
      const complete = [logs(800), logs(800, [], { source: 'eu' })];
      const at = (asOf: number) => judge(each, worldOf([each], complete, { asOf })).verdict;
      if (at(AS_OF) === 'safe') expect(at(AS_OF + days * 86_400_000)).toBe('safe');
    }),
    RUNS,
  );
});

function checkLaw(change: (each: Scene, gap: Gap) => readonly [Scene, Partial<World>?]): void {
  fc.assert(
    fc.property(scene, someGap, (each, someNewGap) => {
      if (verdictOf(each).verdict === 'safe') return;
      expect(verdictOf(...change(each, someNewGap)).verdict).not.toBe('safe');
    }),
    RUNS,
  );
}

function withCoverage(each: Scene, change: (coverage: SourceCoverage) => SourceCoverage): Scene {
  return { ...each, coverage: each.coverage.map(change) };
}

function disjoint(gaps: readonly Gap[]): readonly Gap[] {
  const days = new Map<number, GapReason>();
  for (const { from, to, reason } of gaps) {
    // As in the inference: what was found while reading is written over what looks incomplete, and that over what is late.
    for (let day = from; day <= to; day++) if (weightOf(reason) >= weightOf(days.get(day))) days.set(day, reason);
  }
  return [...days].toSorted(([a], [b]) => a - b).map(([day, reason]) => ({ from: day, to: day, reason }));
}

function weightOf(reason: GapReason | undefined): number {
  if (reason === undefined) return 0;
  if (reason === 'late-window') return 1;
  return reason === 'unread-input' || reason === 'rewritten-log' || reason === 'quarantine' ? 3 : 2;
}

function rotate<Value>(values: readonly Value[], turn: number): readonly Value[] {
  return values.map((_, index) => values[(index + turn) % values.length]!);
}

test('the scenes reach every verdict', () => {
  const verdicts = new Set(fc.sample(scene, { numRuns: 2000, seed: TODAY }).map((each) => verdictOf(each).verdict));
  expect([...verdicts].toSorted()).toEqual(['in-use', 'safe', 'unknown', 'waiting']);
});
