import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Evidence, SourceActivity } from '../../src/model.ts';
import { DAY_MS } from '../../src/verdicts/calendar.ts';
import { inferCoverage } from '../../src/verdicts/coverage.ts';
import { holesUntil, inferHoles } from '../../src/verdicts/holes.ts';
import { endOf, evidenceOn, worldsOn } from '../../src/verdicts/past.ts';
import { DEFAULT_POLICY } from '../../src/verdicts/policy.ts';
import {
  activity,
  daily,
  every,
  key,
  logs,
  noonOf,
  steadyCaller,
  system,
  TODAY,
  unlistedKey,
  worldOf,
} from './history.ts';
import type { DaysAgo } from './history.ts';

const on = (daysAgo: DaysAgo, sources: readonly SourceActivity[], keys: readonly Evidence[] = []) =>
  worldsOn([TODAY - daysAgo], sources, worldOf(keys, [logs(800)]))[0]!;

const whole = activity(daily(800, 0));

describe('the evidence of a past day', () => {
  const billing = system('billing', { used: [300, 200, 100], refused: [250, 50] });

  test('has the calls up to that day and no later ones', () => {
    const [caller] = evidenceOn(key([billing]), on(200, [whole]))?.callers ?? [];
    expect(caller).toMatchObject({
      useDays: [TODAY - 300, TODAY - 200],
      refusedDays: [TODAY - 250],
      totals: { requests: 3, refused: 1, lastUsedAt: (TODAY - 200) * DAY_MS, lastRefusedAt: (TODAY - 250) * DAY_MS },
    });
  });

  test('counts the calls of these days where they are known', () => {
    const calls = [300, 250, 50].map((daysAgo) => ({ day: TODAY - daysAgo, requests: 7, refused: 2 }));
    const [caller] = evidenceOn(key([billing]), on(200, [whole]), () => calls)?.callers ?? [];
    expect(caller?.totals).toMatchObject({ requests: 14, refused: 4 });
  });

  test('knows no caller that came later, and no source that sent its first record later', () => {
    const late = system('late', { used: [100] });
    const both = { ...billing, sources: ['eu', 'gateway'] };
    const eu = activity(daily(150, 0), { source: 'eu' });
    const evidence = evidenceOn(key([both, late]), on(200, [whole, eu]));
    expect(evidence?.callers).toMatchObject([{ system: { name: 'billing' }, sources: ['gateway'] }]);
    expect([...on(200, [whole, eu]).coverage.keys()]).toEqual(['gateway']);
    expect([...on(150, [whole, eu]).coverage.keys()]).toEqual(['gateway', 'eu']);
  });

  test('knows nothing of a key that was not made, listed or seen yet', () => {
    const world = on(200, [whole]);
    expect(evidenceOn(key([], { createdAt: noonOf(199) }), world)).toBeUndefined();
    expect(evidenceOn(key([], { createdAt: noonOf(200) }), world)).toBeDefined();
    expect(evidenceOn(key([], { createdAt: undefined }, { listedSince: noonOf(100) }), world)).toBeUndefined();
    expect(evidenceOn(key([], { createdAt: undefined }), world)).toBeDefined();
    expect(evidenceOn(unlistedKey([system('late', { used: [100] })]), world)).toBeUndefined();
  });

  test('leaves out what the provider says now', () => {
    const evidence = evidenceOn(key([billing], { lastUsedAt: noonOf(1) }), on(200, [whole]));
    expect(evidence?.entry?.lastUsedAt).toBeUndefined();
  });
});

describe('the world of a past day', () => {
  test('does not know what a system took up later', () => {
    const heir = key([system('billing', { used: daily(100, 1) })], {}, { key: 'heir' });
    expect(on(101, [whole], [heir]).keysOf('billing')).toEqual([]);
    const [other] = on(90, [whole], [heir]).keysOf('billing');
    expect(other?.useDays()).toHaveLength(11);
    expect(other?.use().useDays).toHaveLength(11);
    expect(on(90, [whole], [heir]).others('heir')?.callers[0]?.useDays).toHaveLength(11);
  });

  test('has no fault of later days; one that goes on has no end yet', () => {
    const fault = { reason: 'unread-input', detail: 'a.log' } as const;
    const faults = [{ ...fault, fromAt: noonOf(120), toAt: noonOf(80) }];
    expect(on(150, [{ ...whole, faults }]).coverage.get('gateway')).toMatchObject({ faults: [], gaps: [] });
    const later = on(100, [{ ...whole, faults }]);
    expect(later.coverage.get('gateway')?.faults).toEqual([{ ...faults[0], toAt: later.asOf }]);
  });

  test('has neither exemptions nor earlier verdicts', () => {
    const now = worldOf([], [logs(800)], {
      exemptions: new Map([['key-1', { reason: 'drill', untilAt: undefined }]]),
      withdrawnAt: () => TODAY,
    });
    const [world] = worldsOn([TODAY - 9], [whole], now);
    expect(world?.exemptions.size).toBe(0);
    expect(world?.withdrawnAt('key-1')).toBeUndefined();
  });
});

const someDays = fc
  .tuple(fc.constantFrom(1, 1, 2, 7, 40), fc.integer({ min: 60, max: 300 }), fc.array(fc.integer({ min: 0, max: 300 })))
  .map(([step, from, without]) => every(step, from, 0).filter((day) => !without.includes(day)));

const someActivity = fc
  .tuple(
    someDays,
    fc.array(fc.tuple(someDays, fc.integer({ min: 1, max: 9 })), { minLength: 5, maxLength: 7 }),
    fc.boolean(),
  )
  .map(([records, callers, hasCallers]) =>
    activity(records, {
      steadyCallers: !hasCallers
        ? []
        : callers.map(([days, calls]) =>
            steadyCaller(
              days
                .toReversed()
                .map((day) => [TODAY - day, calls + (day % 3)] as const)
                .toSorted(([a], [b]) => a - b),
            ),
          ),
    }),
  );

const upToDay = (one: SourceActivity, day: number): SourceActivity => ({
  ...one,
  days: one.days.filter((each) => each.day <= day),
  records: one.days.filter((each) => each.day <= day).reduce((sum, { records }) => sum + records, 0),
  steadyCallers: one.steadyCallers.map(({ days, calls }) => ({ days: days.filter((each) => each <= day), calls })),
});

test('how a past day looks depends on what had arrived by then, and is the same when all days are asked for at once', () => {
  fc.assert(
    fc.property(someActivity, fc.array(fc.integer({ min: 0, max: 310 }), { minLength: 1 }), (one, daysAgo) => {
      const holesOn = holesUntil(one, TODAY, DEFAULT_POLICY);
      for (const day of daysAgo.map((ago) => TODAY - ago)) {
        expect(holesOn(day)).toEqual(inferHoles(upToDay(one, day), day, DEFAULT_POLICY));
      }
    }),
    { numRuns: 300 },
  );
});

test('coverage of past days is inferred as it would have been then', () => {
  fc.assert(
    fc.property(someActivity, fc.uniqueArray(fc.integer({ min: 0, max: 250 }), { minLength: 1 }), (one, daysAgo) => {
      const days = daysAgo.map((ago) => TODAY - ago).toSorted((a, b) => a - b);
      const worlds = worldsOn(days, [one], worldOf([], []));
      for (const [index, day] of days.entries()) {
        const known = upToDay(one, day);
        if (known.records === 0) continue;
        expect(worlds[index]?.coverage.get('gateway')).toEqual(inferCoverage(known, endOf(day), DEFAULT_POLICY));
      }
    }),
    { numRuns: 200 },
  );
});
