import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileKeyPaths, keyPathProblem } from '../../src/attribution/path-credentials.ts';

const textsIn = (template: string, path: string): string[] | undefined =>
  compileKeyPaths([template])?.(path).map(({ text }) => text);

describe('a template of paths', () => {
  it.each([
    ['/v3/{key}', '/v3/example-0001', ['example-0001']],
    ['/v3/{key}', '/v3/example-0001/blocks/7', ['example-0001']],
    ['/v3/{key}/', '/v3/example-0001', ['example-0001']],
    ['/v3/{key}', '/v4/example-0001', []],
    ['/v3/{key}', '/v3', []],
    ['/v3/{key}', '/v3/', []],
    ['/bot{key}/', '/bot123:EXAMPLE/getUpdates', ['123:EXAMPLE']],
    ['/bot{key}', '/robots.txt', []],
    ['/hooks/*/{key}.json', '/hooks/T00/example-0001.json', ['example-0001']],
    ['/hooks/*/{key}/send', '/hooks/T00/example-0001', []],
    ['/{key}', '/a%2Fb%3D', ['a/b=']],
    ['/{key}', '/100%', ['100%']],
  ])('%s finds in %s the key %j', (template, path, found) => {
    expect(textsIn(template, path)).toEqual(found);
  });

  it('finds whatever key stands at its place', () => {
    const key = fc
      .stringMatching(/^[\w.~-]{8,40}$/)
      .filter((text) => /\w/.test(text) && !/redact|null|none/i.test(text));
    fc.assert(
      fc.property(key, fc.webSegment(), (text, more) => {
        expect(textsIn('/v1/*/{key}', `/v1/any/${text}/${more}`)?.[0]).toBe(text);
      }),
    );
  });

  it.each(['v3/{key}', '/v3', '/{key}/{key}', ''])('%j is refused', (template) => {
    expect(keyPathProblem(template)).toBeDefined();
    expect(() => compileKeyPaths([template])).toThrow(template);
  });

  it('is none where none is given', () => {
    expect(compileKeyPaths(undefined)).toBeUndefined();
    expect(compileKeyPaths([])).toBeUndefined();
  });
});
