import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { lookUp, objects, walk, walkInPieces, write } from './json-oracle.ts';

type Way = readonly (string | number | '*')[];

/** What a user writes after `--field`, with the ways that it stands for. */
interface Expression {
  readonly text: string;
  readonly ways: readonly Way[];
}

const NAMES = ['a', 'A', 'key', 'Key', 'b', 'time', 'headers', 'a.b', '__proto__', 'constructor', 'ключ', '', 'c-d', 'x|y', "it's", '* *', '{n}']; // prettier-ignore
const STEP = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 2, arbitrary: fc.nat(2) },
  { weight: 2, arbitrary: fc.constant('*' as const) },
);
const WAY: fc.Arbitrary<Way> = fc.array(STEP, { minLength: 1, maxLength: 4 });

const EXPRESSION: fc.Arbitrary<Expression> = fc
  .tuple(fc.array(WAY, { minLength: 1, maxLength: 4 }), fc.infiniteStream(fc.nat(9)))
  .map(([ways, styles]) => {
    const style = (): number => styles.next().value as number;
    const bar = (): string => [' || ', '||', ' ||', '  ||  '][style() % 4] as string;
    const texts = ways.map((way) => way.map((step, i) => stepText(step, i === 0, style())).join(''));
    return { ways, text: texts.reduce((all, text) => `${all}${bar()}${text}`) };
  });

/** A step as one may write it: a plain name where that is possible, else in brackets. */
function stepText(step: Way[number], isFirst: boolean, style: number): string {
  if (typeof step === 'number') return `[${step}]`;
  const dot = isFirst ? '' : '.';
  if (step === '*') return style % 2 === 0 ? '[*]' : `${dot}*`;
  if (/^[\w\u0400-\u04ff-]+$/.test(step) && style % 3 !== 0) return dot + step;
  const quote = step.includes("'") || style % 2 === 0 ? '"' : "'";
  return `[${quote}${step}${quote}]`;
}

it('an expression of any form finds what looking for each of its alternatives finds, in one piece and in many', () => {
  let [found, second] = [0, 0];
  fc.assert(
    fc.property(objects, EXPRESSION, fc.integer({ min: 1, max: 30 }), (tree, { text, ways }, size) => {
      const values = ways.map((way) => lookUp(tree, way));
      const map = { key: text, time: text, 'identity.x': text };
      const json = write(tree, () => 0);
      const first = values.find((one) => one.length > 0)?.at(-1);
      for (const { result, fields } of [walk(json, map), walkInPieces(json, map, size)]) {
        expect(result).toBe('ok');
        expect(new Set(fields.keys.map((key) => key.text)), text).toEqual(new Set(values.flat()));
        expect([fields.time, fields.identity['x']], text).toEqual([first, first]);
      }
      if (first !== undefined) found++;
      if (first !== undefined && values[0]?.length === 0) second++;
    }),
    { seed: 20260901, numRuns: 2000 },
  );
  expect(found).toBeGreaterThan(50);
  expect(second).toBeGreaterThan(5);
});
