import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { InventoryEntry } from '../../src/model.ts';
import { explain } from '../../src/verdicts/explain.ts';
import { judge } from '../../src/verdicts/judge.ts';
import { DEFAULT_POLICY, POLICY_NAMES, checkPolicy, checkStricter } from '../../src/verdicts/policy.ts';
import type { Policy } from '../../src/verdicts/policy.ts';
import { policiesOf } from '../../src/verdicts/stricter-policy.ts';
import type { StricterPolicy } from '../../src/verdicts/stricter-policy.ts';
import {
  daily,
  every,
  gap,
  key,
  logs,
  noonOf,
  system,
  unlistedKey,
  worldOf,
  callsPerDay,
  placesOf,
} from './history.ts';

const PROD = { label: 'prod-billing', owner: 'payments', metadata: { environment: 'production' } };

function policyOf(rules: readonly StricterPolicy[], entry: Partial<InventoryEntry>): Policy {
  const evidence = key([], entry);
  return policiesOf(DEFAULT_POLICY, rules, () => [evidence.entry!])(evidence);
}

function rule(match: Record<string, string>, floorDays: number): StricterPolicy {
  return { match, constants: { floorDays } };
}

describe('the policy of a key', () => {
  test.each<readonly [Record<string, string>, boolean]>([
    [{ label: 'prod-*' }, true],
    [{ label: 'PROD-*', owner: 'payments', environment: 'prod*' }, true],
    [{ label: 'prod-*', owner: 'platform' }, false],
    [{ id: 'key-?' }, true],
    [{ status: 'active' }, true],
    [{ source: '*' }, false],
  ])('with the match %o: %s', (match, applies) => {
    expect(policyOf([rule(match, 90)], PROD).floorDays).toBe(applies ? 90 : 30);
  });

  test('takes the strictest value of each constant, whatever the order of the rules', () => {
    const rules = [
      { match: { label: 'prod-*' }, constants: { floorDays: 90, movedWithinDays: 30 } },
      { match: { owner: 'payments' }, constants: { floorDays: 60, watchDays: 730, movedWithinDays: 10 } },
      { match: { owner: 'platform' }, constants: { floorDays: 900 } },
    ];
    const expected = { ...DEFAULT_POLICY, floorDays: 90, watchDays: 730, movedWithinDays: 10 };
    expect(policyOf(rules, PROD)).toEqual(expected);
    expect(policyOf(rules.toReversed(), PROD)).toEqual(expected);
  });

  test('is one object for all keys that match the same rules', () => {
    const policies = policiesOf(DEFAULT_POLICY, [rule({ label: 'prod-*' }, 90)], () => []);
    expect(policies(key([], PROD))).toBe(policies(key([], { label: 'prod-export' })));
    expect(policies(key([]))).toBe(DEFAULT_POLICY);
  });

  test('of a key that several inventories list is the strictest that any of them asks for', () => {
    const evidence = key([], { ...PROD, metadata: { environment: 'test' } });
    const olderEntries = [{ ...evidence.entry!, owner: 'platform', metadata: { environment: 'production' } }];
    const rules = [rule({ environment: 'prod*' }, 90), rule({ owner: 'platform' }, 60), rule({ owner: 'nobody' }, 900)];
    const policies = policiesOf(DEFAULT_POLICY, rules, () => olderEntries);
    expect(policies(evidence).floorDays).toBe(30);
    expect(policies({ ...evidence, olderEntries }).floorDays).toBe(90);
  });

  test('of a key in no inventory can be told by its id and status only', () => {
    const of = (match: Record<string, string>) =>
      policiesOf(DEFAULT_POLICY, [rule(match, 90)], () => [])(unlistedKey([])).floorDays;
    expect([of({ id: 'key-1' }), of({ status: 'unlisted' }), of({ label: '*' })]).toEqual([90, 90, 30]);
  });
});

test('a column that no listed key has is refused with the near miss', () => {
  expect(() => policyOf([rule({ label: '*' }, 90), rule({ enviroment: 'production' }, 90)], PROD)).toThrow(
    expect.objectContaining({
      code: 'config',
      message: 'policy.stricter[1].match: no listed key has the column "enviroment"',
      hint: 'Did you mean "environment"?',
    }),
  );
});

describe('a stricter policy', () => {
  const worldWith = (constants: Partial<Policy>) => {
    const policies = policiesOf(DEFAULT_POLICY, [{ match: { label: 'prod-*' }, constants }], () => []);
    return (evidence: ReturnType<typeof key>) => worldOf([evidence], [logs(1000)], { policyOf: policies });
  };

  test('shows its own numbers in the blocker, the sentence and the explanation', () => {
    const evidence = key([system('billing', { used: daily(997, 60) })], PROD);
    const world = worldWith({ floorDays: 90 })(evidence);
    const report = judge(evidence, world);
    expect(report).toMatchObject({ verdict: 'waiting', reason: 'rhythm' });
    expect(report.blockers[0]?.text).toContain('needs 90');
    expect(report.sentence).toContain('needs 90');
    const explanation = explain(evidence, world, report, callsPerDay, placesOf);
    expect(explanation.callers[0]?.rules.join(' ')).toContain('at least 90 days');
    expect(explanation.stricterPolicy).toEqual(['floorDays 90 instead of 30']);
    expect(judge({ ...evidence, entry: { ...evidence.entry!, label: 'test' } }, world).verdict).toBe('safe');
  });

  test('holds for a key that was never used, and says what its watch adds up to', () => {
    const never = key([], PROD);
    const young = key([system('billing', { used: daily(997, 900) })], PROD);
    expect(judge(never, worldWith({ watchDays: 1200 })(never)).sentence).toContain('needs 1,200');
    expect(judge(young, worldWith({ watchDays: 1200 })(young)).sentence).toContain('needs 1,103 to make 1,200 days');
  });

  test('holds for moves', () => {
    const moved = key([system('billing', { used: daily(997, 25) })], PROD);
    const successor = key([system('billing', { used: every(2, 24, 0) })], {}, { key: 'key-2' });
    const verdict = (constants: Partial<Policy>) => {
      const policies = policiesOf(DEFAULT_POLICY, [{ match: { label: 'prod-*' }, constants }], () => []);
      return judge(moved, worldOf([moved, successor], [logs(1000)], { policyOf: policies })).verdict;
    };
    expect(verdict({ fewRuns: 4 })).toBe('safe');
    expect(verdict({ movedFloorDays: 40 })).toBe('waiting');
    expect(verdict({ movedMaxKeys: 1 })).toBe('waiting');
    expect(verdict({ movedUseDays: 30 })).toBe('waiting');
    expect(verdict({ movedPace: 0.9 })).toBe('waiting');
  });
});

describe('never makes a key safe that the general policy does not:', () => {
  const fraction = (most: number) => fc.double({ min: 1, max: most, noNaN: true });
  const STEPS: Readonly<Record<string, fc.Arbitrary<number>>> = {
    pauseFactor: fraction(10),
    movedPace: fc.double({ min: 0.01, max: 1, noNaN: true }),
    movedPauseFactor: fraction(10),
    watchDays: fc.integer({ min: 1, max: 800 }),
    steadyDays: fc.integer({ min: 1, max: 800 }),
    movedMaxKeys: fc.integer({ min: 0, max: 3 }),
    holeMarginPauseDays: fc.integer({ min: 0, max: 40 }),
  };
  const constants = POLICY_NAMES.filter((name) => isOfKeys(name)).map(
    (name) => [name, STEPS[name] ?? fc.integer({ min: 1, max: 100 })] as const,
  );
  const partial = fc.record(Object.fromEntries(constants), { requiredKeys: [] });
  const uses = fc
    .tuple(
      fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 90 })),
      fc.oneof(fc.integer({ min: 700, max: 799 }), fc.integer({ min: 1, max: 799 })),
      fc.oneof(fc.integer({ min: 15, max: 120 }), fc.integer({ min: 1, max: 500 })),
    )
    .map(([step, from, to]) => every(step, from, Math.min(from, to)));

  test.each(constants)('%s', (name, arbitrary) => {
    check(fc.record({ [name]: arbitrary }));
  });

  test('any constants together', () => {
    check(partial);
  });

  function check(arbitrary: fc.Arbitrary<Record<string, number | undefined>>): void {
    const scene = fc.record({
      one: arbitrary,
      other: arbitrary,
      uses,
      refused: fc.uniqueArray(fc.integer({ min: 0, max: 120 }), { maxLength: 1 }),
      cron: fc.option(uses, { nil: [] }),
      hole: fc.integer({ min: 1, max: 100 }),
      createdAgo: fc.oneof(fc.constant(1200), fc.integer({ min: 0, max: 1200 })),
      next: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 100 })),
      successor: fc.constantFrom('key-2', undefined),
    });
    fc.assert(
      fc.property(scene, ({ one, other, uses: used, refused, cron, hole, createdAgo, next, successor: declared }) => {
        const general = checkPolicy(one);
        const stricter = Object.fromEntries(
          Object.entries(other).filter(([name, value]) => isStricter(name, value, general)),
        );
        fc.pre(Object.keys(stricter).length > 0);
        const rules = [{ match: { id: 'key-1' }, constants: checkStricter(stricter, general, 'p') }];
        const old = key(
          [
            system('billing', { used, refused }),
            ...(cron.length === 0 ? [] : [system('cron', { used: cron, attribution: 'derived' })]),
          ],
          { createdAt: noonOf(createdAgo), successor: declared },
        );
        const successor = key([system('billing', { used: every(next[0], next[1], 1) })], {}, { key: 'key-2' });
        const rest = { policy: general, policyOf: policiesOf(general, rules, () => []) };
        const worlds = [rest, { policy: general }].map((each) =>
          worldOf([old, successor], [logs(800, [gap(hole, hole)])], each),
        );
        const [strict, loose] = worlds.map((each) => judge(old, each));
        if (loose!.verdict !== 'safe') expect(strict!.verdict).not.toBe('safe');
        expect(judge(successor, worlds[0]!)).toEqual(judge(successor, worlds[1]!));
      }),
      { numRuns: 400 },
    );
  }
});

function isOfKeys(name: keyof Policy): boolean {
  try {
    checkStricter({ [name]: DEFAULT_POLICY[name] }, DEFAULT_POLICY, 'p');
    return true;
  } catch {
    return false;
  }
}

function isStricter(name: string, value: number | undefined, general: Policy): boolean {
  try {
    checkStricter({ [name]: value }, general, 'p');
    return true;
  } catch {
    return false;
  }
}
