import { describe, expect, test } from 'vitest';
import { DEFAULT_POLICY, checkPolicy, checkStricter, strictestOf } from '../../src/verdicts/policy.ts';

test('the default policy is valid and frozen', () => {
  expect(checkPolicy({})).toEqual(DEFAULT_POLICY);
  expect(Object.isFrozen(DEFAULT_POLICY) && Object.isFrozen(checkPolicy({}))).toBe(true);
});

test('single constants can be set', () => {
  expect(checkPolicy({ floorDays: 45, pauseFactor: 3.5, watchDays: undefined })).toEqual({
    ...DEFAULT_POLICY,
    floorDays: 45,
    pauseFactor: 3.5,
  });
});

test.each([
  [{ floorDays: 0 }, /policy\.floorDays must be from 1 to 3650, not 0/],
  [{ pauseFactor: 0.5 }, /policy\.pauseFactor must be from 1 to 100/],
  [{ watchDays: Number.NaN }, /policy\.watchDays must be from/],
  [{ watchDays: 300.5 }, /policy\.watchDays must be a whole number/],
  [{ coverageRhythmDays: 29 }, /coverageRhythmDays must not be over coverageWindowDays/],
])('%o is refused', (partial, message) => {
  expect(() => checkPolicy(partial)).toThrow(message);
});

test('a mistyped constant is refused with the near miss', () => {
  expect(() => checkPolicy({ florDays: 30 })).toThrow(
    expect.objectContaining({
      code: 'config',
      message: 'policy.florDays is no constant of the policy',
      hint: 'Did you mean "floorDays"?',
    }),
  );
});

describe('constants for some keys', () => {
  const general = checkPolicy({ floorDays: 40 });
  const refusal = (partial: Record<string, number>) => {
    try {
      return checkStricter(partial, general, 'policy.stricter[0]');
    } catch (error) {
      return error;
    }
  };

  test('may be stricter or the same, and say which direction that is', () => {
    expect(refusal({ floorDays: 40, watchDays: 730, movedWithinDays: 10 })).toEqual({
      floorDays: 40,
      watchDays: 730,
      movedWithinDays: 10,
    });
    expect(refusal({ floorDays: 39 })).toMatchObject({
      code: 'config',
      message: 'policy.stricter[0].floorDays: 39 is less strict than 40, which holds for every key',
      hint: 'For this constant, more is stricter.',
    });
    expect(refusal({ movedWithinDays: 61 })).toMatchObject({ hint: 'For this constant, less is stricter.' });
  });

  test.each([
    [{ coverageShare: 0.9 }, 'policy.stricter[0].coverageShare is about sources, not about keys', /Set it in policy/],
    [{ florDays: 90 }, 'policy.stricter[0].florDays is no constant of the policy', /Did you mean "floorDays"\?/],
    [{ floorDays: 4000 }, 'policy.stricter[0].floorDays must be from 1 to 3650, not 4000', undefined],
    [{}, 'policy.stricter[0] sets no constant', undefined],
  ])('%o is refused', (partial, message, hint) => {
    expect(refusal(partial)).toMatchObject({
      message,
      hint: hint === undefined ? undefined : expect.stringMatching(hint),
    });
  });

  test('of several the strictest value of each counts', () => {
    const others = [
      { floorDays: 60, movedWithinDays: 10 },
      { floorDays: 50, movedWithinDays: 5, watchDays: 730 },
    ];
    expect(strictestOf(general, others)).toEqual({ ...general, floorDays: 60, movedWithinDays: 5, watchDays: 730 });
  });
});
