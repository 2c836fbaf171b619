import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FieldMap } from '../../src/formats/format.ts';
import { objects, walk, walkInPieces, write } from './json-oracle.ts';

const FIELDS: FieldMap = {
  key: 'key || a[*].key || headers.key',
  time: 'time || b',
  'identity.x': 'a.b',
  ip: 'a[1]',
  action: '__proto__',
};

describe('LargeJson', () => {
  it('finds the same as walkJson, whatever the size of the pieces', () => {
    fc.assert(
      fc.property(objects, fc.nat(), fc.integer({ min: 1, max: 64 }), (tree, seed, size) => {
        let state = seed;
        const json = write(tree, () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 8));
        expect(walkInPieces(json, FIELDS, size)).toEqual(walk(json, FIELDS));
      }),
      { seed: 7, numRuns: 500 },
    );
  });

  it('agrees with walkJson on what is well formed', () => {
    fc.assert(
      fc.property(objects, fc.nat(), fc.nat(), fc.integer({ min: 1, max: 64 }), (tree, at, byte, size) => {
        const bytes = Buffer.from(write(tree, () => 1));
        bytes[at % bytes.length] = byte % 128;
        expect(walkInPieces(bytes, FIELDS, size).result === 'ok', bytes.toString()).toBe(
          walk(bytes, FIELDS).result === 'ok',
        );
      }),
      { seed: 8, numRuns: 1000 },
    );
  });

  it('refuses what is nested too deep, whatever the size of the pieces', () => {
    for (const depth of [256, 257, 5000]) {
      const json = `{"key":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
      for (const size of [1, 100, 1_000_000])
        expect(walkInPieces(json, FIELDS, size).result, `${depth} ${size}`).toBe(walk(json, FIELDS).result);
    }
  });

  it('holds little of a text that is longer than any field', () => {
    const large = `{"b":"${'x'.repeat(1_000_000)}","key":"K"}`;
    const { result, fields } = walkInPieces(large, FIELDS, 1000);
    expect(result).toBe('ok');
    expect(fields.keys[0]?.text).toBe('K');
    expect(fields.time?.length).toBeLessThan(100_000);
  });
});
