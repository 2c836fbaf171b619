import { assert, constantFrom, nat, property, tuple } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { didYouMean, nearMiss } from '../src/near-miss.ts';

const KNOWN = ['scan', 'ingest', 'report', 'explain', 'check', 'coverage', 'parse'];

describe('nearMiss', () => {
  test.each([
    ['scna', 'scan'],
    ['reprot', 'report'],
    ['Report', 'report'],
    ['explian', 'explain'],
    ['chek', 'check'],
    ['cov', 'coverage'],
    ['injest', 'ingest'],
  ])('takes %s for %s', (typed, meant) => {
    expect(nearMiss(typed, KNOWN)).toBe(meant);
  });

  test('takes a singular for its plural', () => {
    expect(nearMiss('inventory', ['sources', 'inventories'])).toBe('inventories');
    expect(nearMiss('policies', ['sources', 'policy'])).toBe('policy');
    expect(nearMiss('invent', ['inverted'])).toBeUndefined();
  });

  test.each(['', 'destroy', 'xyz'])('finds nothing near %j', (typed) => {
    expect(nearMiss(typed, KNOWN)).toBeUndefined();
  });

  test('does not take a short name for another that shares no letter with it', () => {
    expect(nearMiss('ip', ['db'])).toBeUndefined();
  });

  test('takes the first of two names that are equally near', () => {
    expect(nearMiss('bat', ['cat', 'hat'])).toBe('cat');
    expect(nearMiss('bat', ['hat', 'cat'])).toBe('hat');
  });

  test('forgives one mistake of any kind in a name', () => {
    const name = 'coverage';
    const mistake = tuple(nat(name.length - 2), constantFrom('drop', 'add', 'replace', 'swap'));
    assert(
      property(mistake, ([at, kind]) => {
        const rest = { drop: name.slice(at + 1), add: `x${name.slice(at)}`, replace: `x${name.slice(at + 1)}` };
        const swapped = `${name[at + 1]}${name[at]}${name.slice(at + 2)}`;
        const typed = name.slice(0, at) + (kind === 'swap' ? swapped : rest[kind]);
        expect(nearMiss(typed, KNOWN)).toBe(name);
      }),
    );
  });
});

test('didYouMean asks only when a name is near', () => {
  expect(didYouMean('scna', KNOWN)).toBe('Did you mean "scan"?');
  expect(didYouMean('destroy', KNOWN)).toBeUndefined();
});
