import { expect, test } from 'vitest';
import { DEFAULT_POLICY, checkPolicy } from '../../src/verdicts/policy.ts';

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
