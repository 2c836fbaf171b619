import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { joinPlaces, MOST_PLACES, type PlaceSet, placesIn } from '../../src/tally/place-set.ts';

const place = fc.constantFrom(...'abcdefghijkl');
const sets = fc.array(fc.option(place, { nil: undefined }), { maxLength: 30 });

function joined(all: readonly (PlaceSet | undefined)[]): PlaceSet | undefined {
  return all.reduce<PlaceSet | undefined>(joinPlaces, undefined);
}

test('places join to the same in any order and however they are grouped', () => {
  fc.assert(
    fc.property(sets, sets, (one, other) => {
      const all = joined([...one, ...other]);
      expect(joinPlaces(joined(one), joined(other))).toBe(all);
      expect(joined([...one, ...other].toReversed())).toBe(all);
      expect(joinPlaces(all, all)).toBe(all);
    }),
  );
});

test('of very many places the first by name are kept', () => {
  const many = Array.from({ length: 40 }, (_, n) => `parameter ${String(n).padStart(2, '0')}`);
  expect(placesIn(joined(many) ?? '')).toEqual(many.slice(0, MOST_PLACES));
});
