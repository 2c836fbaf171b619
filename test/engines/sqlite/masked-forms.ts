import * as fc from 'fast-check';
import type { Masked } from '../../../src/attribution/masked.ts';

const letters = fc.constantFrom('a', 'b', '-');

const textOf = (atMost: number): fc.Arbitrary<string> => fc.string({ unit: letters, maxLength: atMost });

/** What keys show of themselves: both ends, one, none, fewer than four characters of the end, or all of it. */
export const displays: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(textOf(3), textOf(4)).map(([start, end]) => `${start}...${end}`) },
  { weight: 1, arbitrary: fc.tuple(textOf(3), textOf(6)).map(([start, end]) => `${start}...${end}`) },
  { weight: 1, arbitrary: fc.string({ unit: letters, minLength: 1, maxLength: 7 }) },
);

export const maskedForms: fc.Arbitrary<Masked> = fc.record({ prefix: textOf(3), suffix: textOf(6) });
