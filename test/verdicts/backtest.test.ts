import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Backtest, Caller, Evidence, SourceActivity } from '../../src/model.ts';
import { backtest, firstSafe } from '../../src/verdicts/backtest.ts';
import { findBlockers, isSafe } from '../../src/verdicts/blockers.ts';
import { DAY_MS, dayOf, isoDay } from '../../src/verdicts/calendar.ts';
import { inferCoverage } from '../../src/verdicts/coverage.ts';
import { factsOf } from '../../src/verdicts/facts.ts';
import { judge } from '../../src/verdicts/judge.ts';
import { evidenceOn, worldsOn } from '../../src/verdicts/past.ts';
import { DEFAULT_POLICY } from '../../src/verdicts/policy.ts';
import type { World } from '../../src/verdicts/world.ts';
import { activity, AS_OF, daily, every, key, noonOf, system, TODAY, unlistedKey, worldOf } from './history.ts';
import type { DaysAgo } from './history.ts';

const LOGS = activity(daily(800, 0));

function worldNow(keys: readonly Evidence[], sources: readonly SourceActivity[], rest: Partial<World> = {}): World {
  const coverage = sources.map((each) => inferCoverage(each, AS_OF, DEFAULT_POLICY));
  return worldOf(keys, coverage, rest);
}

function replay(
  keys: readonly Evidence[],
  {
    sources = [LOGS],
    everyDays = 7,
    rest = {},
  }: { sources?: SourceActivity[]; everyDays?: number; rest?: Partial<World> } = {},
): Omit<Backtest, 'tool'> {
  const daysOf = (_: Evidence, { useDays, refusedDays }: Caller) => [
    ...useDays.map((day) => ({ day, requests: 5, refused: 0 })),
    ...refusedDays.map((day) => ({ day, requests: 5, refused: 5 })),
  ];
  return backtest({ evidence: keys, activity: sources, world: worldNow(keys, sources, rest), daysOf }, everyDays);
}

const scoreOf = (result: Omit<Backtest, 'tool'>, days: number | null) =>
  result.rules.find((rule) => rule.days === days);

const day = (daysAgo: DaysAgo) => isoDay(TODAY - daysAgo);

describe('a history', () => {
  test('of a monthly job that stopped: the policy waits for three pauses, shorter rules delete it in between', () => {
    const job = key([system('invoices', { used: every(50, 800, 200) })]);
    const result = replay([job]);
    expect(scoreOf(result, null)).toMatchObject({ firstVerdicts: 1, misses: 0 });
    expect(scoreOf(result, null)?.medianDaysToSafe).toBeGreaterThan(150);
    expect(scoreOf(result, 45)).toMatchObject({ firstVerdicts: 1, misses: 1, missRate: 1, missRateAtMost: 1 });
    expect(scoreOf(result, 90)).toMatchObject({ firstVerdicts: 1, misses: 0, missRate: 0, missRateAtMost: 0.95 });
  });

  test('of a yearly job: 180 days of silence would have deleted it', () => {
    const job = key([system('audit', { used: [790, 425, 60] })]);
    const result = replay([job]);
    expect(scoreOf(result, null)).toMatchObject({ firstVerdicts: 0, misses: 0, missRate: null, missRateAtMost: null });
    expect(scoreOf(result, 180)).toMatchObject({ firstVerdicts: 1, misses: 1 });
  });

  test('of a daily job that comes back shows the miss as it was judged then, and who proved it wrong', () => {
    const drill = key(
      [
        system('sync', { used: daily(800, 400) }),
        system('drill', { used: [150, 149] }),
        system('also', { used: [150] }),
      ],
      { label: 'Old sync', owner: 'ops' },
    );
    const result = replay([drill]);
    expect(result.misses).toEqual([
      {
        key: 'key-1',
        label: 'Old sync',
        display: 'demo_...0001',
        owner: 'ops',
        safeOn: day(364),
        sentence: 'sync: silent 35 days; longest pause 1 day (continuous use), needs 30. Safe to delete',
        usedOn: day(150),
        systems: ['also', 'drill'],
      },
    ]);
    expect(scoreOf(result, null)).toMatchObject({ firstVerdicts: 1, misses: 1, medianDaysToSafe: 36 });
  });

  test('of a key that was first used after a year of watching is a miss; its refused calls are counted as they were', () => {
    const glass = key([system('on-call', { used: [300], refused: [700, 200] })]);
    const [miss] = replay([glass]).misses;
    expect(miss?.usedOn).toBe(day(300));
    expect(miss?.sentence).toMatch(/^never used, but refused 5 times in \d+ days/);
  });

  test('with refused calls after the verdict is no miss', () => {
    const gone = key([system('sync', { used: daily(800, 400), refused: [100, 99] })]);
    expect(scoreOf(replay([gone]), null)).toMatchObject({ firstVerdicts: 1, misses: 0 });
  });

  test('with a gap in the logs delays the verdict of the policy, which cannot be seen by the other rules', () => {
    const outage = activity([...daily(800, 391), ...daily(340, 0)]);
    const gone = key([system('sync', { used: daily(800, 400) })]);
    const [whole, holed] = [replay([gone]), replay([gone], { sources: [outage] })];
    expect(scoreOf(holed, null)!.medianDaysToSafe!).toBeGreaterThan(scoreOf(whole, null)!.medianDaysToSafe! + 40);
    expect(scoreOf(holed, 45)).toEqual(scoreOf(whole, 45));
  });

  test('of a key that was made late counts from its creation', () => {
    const young = key([], { createdAt: noonOf(100) });
    const result = replay([young]);
    expect(scoreOf(result, 45)).toMatchObject({ firstVerdicts: 1, medianDaysToSafe: null });
    expect(scoreOf(result, 180)).toMatchObject({ firstVerdicts: 0 });
    expect(replay([key([], { createdAt: noonOf(-5) })]).rules.map(({ firstVerdicts }) => firstVerdicts)).toEqual([
      0, 0, 0, 0, 0,
    ]);
  });

  test('takes no notice of exemptions, of what the provider says, or of calls after its end', () => {
    const gone = key([system('sync', { used: [...daily(800, 400), -3] })], { lastUsedAt: noonOf(0) });
    const exemptions = new Map([['key-1', { reason: 'drill', untilAt: undefined }]]);
    expect(scoreOf(replay([gone], { rest: { exemptions } }), null)).toMatchObject({ firstVerdicts: 1, misses: 0 });
  });

  test('is judged at whole steps before its end, since its first day with complete logs', () => {
    expect(replay([])).toMatchObject({
      historyDays: 800,
      audits: 114,
      from: day(798),
      to: day(7),
      everyDays: 7,
      keys: 0,
    });
    const stray = activity([5000, ...daily(400, 0)]);
    expect(replay([], { sources: [stray], everyDays: 30 })).toMatchObject({
      historyDays: 400,
      audits: 13,
      from: day(390),
    });
  });

  test('that is empty, or has no day with complete logs, shows nothing', () => {
    const nothing = { historyDays: 0, audits: 0, from: null, to: null };
    expect(replay([key([])], { sources: [] })).toMatchObject({ ...nothing, keys: 1 });
    const faults = [{ reason: 'unread-input', detail: 'run 1', fromAt: undefined, toAt: undefined } as const];
    expect(replay([key([])], { sources: [{ ...LOGS, faults }] })).toMatchObject(nothing);
  });

  test('warns of what it cannot show', () => {
    expect(replay([]).notes[0]).toContain('A history of 800 days cannot show a call that comes later than that');
  });
});

const uses: fc.Arbitrary<readonly DaysAgo[]> = fc.oneof(
  fc
    .tuple(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 100, max: 790 }), fc.integer({ min: 0, max: 700 }))
    .map(([step, from, to]) => every(step, from, Math.min(from, to))),
  fc.uniqueArray(fc.integer({ min: 0, max: 790 }), { maxLength: 8 }),
);

const callers = fc.uniqueArray(
  fc
    .record({
      name: fc.constantFrom('billing', 'export', 'py'),
      used: uses,
      refused: fc.uniqueArray(fc.integer({ min: 0, max: 790 }), { maxLength: 2 }),
      source: fc.constantFrom('gateway', 'eu'),
      attribution: fc.constantFrom('rule', 'derived'),
    })
    .map(({ name, ...calls }) => system(name, calls)),
  { maxLength: 3, selector: (each) => each.system.name },
);

const someKey = fc
  .record({
    callers,
    createdAt: fc.option(fc.integer({ min: 0, max: 900 }).map(noonOf), { nil: undefined }),
    source: fc.constantFrom(undefined, 'gateway', 'eu'),
    isListed: fc.boolean(),
  })
  .map((each): Evidence =>
    each.isListed
      ? key(each.callers, { createdAt: each.createdAt, source: each.source, successor: 'key-2' })
      : unlistedKey(each.callers),
  );

const heir = fc
  .tuple(fc.integer({ min: 1, max: 700 }), fc.constantFrom('rule' as const, 'derived' as const))
  .map(([from, attribution]) => key([system('billing', { used: daily(from, 1), attribution })], {}, { key: 'key-2' }));

const outages = fc.array(fc.tuple(fc.integer({ min: 1, max: 790 }), fc.integer({ min: 0, max: 60 })), { maxLength: 2 });

const someLogs = (source: string) =>
  fc.tuple(fc.integer({ min: 500, max: 800 }), outages).map(([from, holes]) =>
    activity(
      daily(from, 0).filter((ago) => !holes.some(([first, length]) => ago <= first && ago >= first - length)),
      { source },
    ),
  );

const scene = fc.record({ evidence: someKey, other: heir, gateway: someLogs('gateway'), eu: someLogs('eu') });
type Scene = typeof scene extends fc.Arbitrary<infer Value> ? Value : never;

const AUDITS = every(30, 780, 0).map((ago) => TODAY - ago);

function past({ evidence, other, gateway, eu }: Scene): readonly World[] {
  const sources = [gateway, eu].filter(({ days }) => days.length > 0);
  return worldsOn(AUDITS, sources, worldNow([evidence, other], sources));
}

test('the verdict of a past day is that of `judge` on what was known then', () => {
  fc.assert(
    fc.property(scene, (each) => {
      const worlds = past(each);
      const judged = worlds.find((world) => {
        const known = evidenceOn(each.evidence, world);
        return known !== undefined && judge(known, world).verdict === 'safe';
      });
      expect(dayOf(firstSafe(each.evidence, worlds)?.asOf ?? 0)).toBe(dayOf(judged?.asOf ?? 0));
    }),
    { numRuns: 200 },
  );
});

test('a key is safe to a backtest if, and only if, no blocker is found', () => {
  fc.assert(
    fc.property(scene, fc.nat(AUDITS.length - 1), (each, at) => {
      const world = past(each)[at]!;
      const known = evidenceOn(each.evidence, world);
      if (known === undefined) return;
      const facts = factsOf(known, world);
      expect(isSafe(facts)).toBe(findBlockers(facts).length === 0);
    }),
    { numRuns: 200 },
  );
});

test('nothing that comes later changes an earlier verdict', () => {
  fc.assert(
    fc.property(scene, uses, fc.integer({ min: 0, max: 700 }), (each, more, end) => {
      const later = more.filter((ago) => ago < end);
      const called = (callersBefore: readonly Caller[]): readonly Caller[] => {
        const gone = callersBefore.map((caller) => {
          const useDays = [...caller.useDays.filter((one) => one <= TODAY - end), ...later.map((ago) => TODAY - ago)];
          const [lastDay] = useDays.toSorted((a, b) => b - a);
          const lastUsedAt = lastDay === undefined ? undefined : (lastDay + 0.5) * DAY_MS;
          const totals = { ...caller.totals, lastUsedAt };
          return { ...caller, useDays: [...new Set(useDays)].toSorted((a, b) => a - b), totals };
        });
        return [...gone, system('late', { used: later })];
      };
      const changed: Scene = {
        evidence: { ...each.evidence, callers: called(each.evidence.callers) },
        other: { ...each.other, callers: called(each.other.callers) },
        gateway: { ...each.gateway, days: each.gateway.days.filter((one) => one.day <= TODAY - end) },
        eu: { ...each.eu, days: each.eu.days.filter((one) => one.day <= TODAY - end) },
      };
      const known = past(each).filter(({ asOf }) => dayOf(asOf) <= TODAY - end);
      const alike = past(changed).filter(({ asOf }) => dayOf(asOf) <= TODAY - end);
      const [one, same] = [firstSafe(each.evidence, known), firstSafe(changed.evidence, alike)];
      expect(dayOf(same?.asOf ?? 0)).toBe(dayOf(one?.asOf ?? 0));
    }),
    { numRuns: 200 },
  );
});

test('the scenes reach verdicts of both kinds', () => {
  const found = fc
    .sample(scene, { numRuns: 200, seed: TODAY })
    .map((each) => firstSafe(each.evidence, past(each)) !== undefined);
  expect(found.filter(Boolean).length).toBeGreaterThan(20);
  expect(found.filter((isFound) => !isFound).length).toBeGreaterThan(20);
});
