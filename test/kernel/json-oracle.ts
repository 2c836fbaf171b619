import * as fc from 'fast-check';
import type { FieldMap } from '../../src/formats/format.ts';
import { FieldCollector } from '../../src/kernel/field-collector.ts';
import { compileTrie } from '../../src/kernel/field-trie.ts';
import { walkJson, type WalkResult } from '../../src/kernel/json-walk.ts';
import { LargeJson } from '../../src/kernel/large-json.ts';
import type { RawFields } from '../../src/model.ts';

export interface Walked {
  readonly result: WalkResult;
  readonly fields: RawFields;
}

export function walk(json: string | Buffer, fields: FieldMap): Walked {
  const bytes = Buffer.from(json);
  // Bytes around the value must not be looked at.
  const padded = Buffer.concat([Buffer.from('"}{'), bytes, Buffer.from('}]"')]);
  const collector = new FieldCollector();
  const result = walkJson(padded, 3, 3 + bytes.length, compileTrie(fields), collector);
  return { result, fields: collector.take() };
}

export function walkInPieces(json: string | Buffer, fields: FieldMap, size: number): Walked {
  const bytes = Buffer.from(json);
  const collector = new FieldCollector();
  const large = new LargeJson(compileTrie(fields), collector);
  for (let at = 0; at < bytes.length; at += size) {
    const lent = Buffer.from(bytes.subarray(at, at + size));
    large.piece(lent, 0, lent.length);
    lent.fill(0);
  }
  return { result: large.end(), fields: collector.take() };
}

export function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}

/** Names that are easily taken for each other or for something else. */
const NAME = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom('a', 'key', 'headers', 'constructor') },
  {
    weight: 8,
    arbitrary: fc.constantFrom(
      'key',
      'Key',
      'KEY',
      'a',
      'A',
      'b',
      'time',
      'headers',
      '__proto__',
      'constructor',
      'ключ',
      'ky',
      'a.b',
      '',
    ),
  },
  fc.string({ unit: 'binary', maxLength: 4 }),
);

const SCALAR = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('-', '{"key":"inside"}', ' [ {"a":"1"} ]', '{"key":', 'null', '\u2028', '\ud800', '\u0000'),
  fc.integer(),
  fc.double({ noDefaultInfinity: true, noNaN: true }),
  fc.boolean(),
  fc.constant(null),
);

/** A JSON value as a tree that may repeat members, which objects cannot. */
export type Tree = { members: [string, Tree][] } | { elements: Tree[] } | { scalar: unknown };

export const trees: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, depthSize: 'small', withCrossShrink: true },
    SCALAR.map((scalar) => ({ scalar })),
    fc.array(fc.tuple(NAME, tie('tree')), { maxLength: 5 }).map((members) => ({ members })),
    fc.array(tie('tree'), { maxLength: 4 }).map((elements) => ({ elements })),
  ),
})).tree;

export const objects: fc.Arbitrary<Tree> = fc
  .array(fc.tuple(NAME, trees), { maxLength: 6 })
  .map((members) => ({ members }));

/** Writes a tree with blanks and escapes chosen by `choose`. */
export function write(tree: Tree, choose: () => number): string {
  const blank = (): string => ['', '', '', ' ', '\n', '\t\r\n'][choose() % 6] as string;
  const text = (value: string): string =>
    `"${[...value].map((c) => (choose() % 4 === 0 ? escaped(c) : JSON.stringify(c).slice(1, -1))).join('')}"`;
  const put = (node: Tree): string => {
    if ('members' in node)
      return `{${blank()}${node.members.map(([name, value]) => `${text(name)}${blank()}:${put(value)}`).join(`${blank()},${blank()}`)}}`;
    if ('elements' in node) return `[${blank()}${node.elements.map(put).join(',')}${blank()}]`;
    return blank() + (typeof node.scalar === 'string' ? text(node.scalar) : JSON.stringify(node.scalar)) + blank();
  };
  return put(tree);
}

function escaped(c: string): string {
  return [...Array(c.length).keys()].map((i) => `\\u${c.charCodeAt(i).toString(16).padStart(4, '0')}`).join('');
}

/**
 * What stands at a path, found by looking: every value of every member whose name fits, in the order of the text. A name
 * with dots is that of nested members.
 */
export function lookUp(tree: Tree, path: readonly (string | number | '*')[]): string[] {
  const steps = path.flatMap<string | number>((step) => (typeof step === 'string' ? step.split('.') : [step]));
  const [step, ...rest] = steps;
  if ('scalar' in tree) return lookUpScalar(tree.scalar, steps);
  if (step === undefined) {
    // A list of keys stands for each of them.
    return 'elements' in tree ? tree.elements.flatMap((one) => ('scalar' in one ? textOf(one.scalar) : [])) : [];
  }
  if ('members' in tree)
    return tree.members.flatMap(([name, value]) => {
      const names = lower(name).split('.');
      const fits = names.every((one, i) => steps[i] !== '*' && typeof steps[i] === 'string' && lower(steps[i]) === one);
      return fits ? lookUp(value, steps.slice(names.length)) : [];
    });
  return tree.elements.flatMap((value, i) => (step === '*' || step === i ? lookUp(value, rest) : []));
}

function lookUpScalar(scalar: unknown, steps: readonly (string | number)[]): string[] {
  if (steps.length === 0) return textOf(scalar);
  if (typeof scalar !== 'string' || !/^\s*[{[]/.test(scalar)) return [];
  try {
    return lookUp(treeOf(JSON.parse(scalar)), steps);
  } catch {
    return [];
  }
}

function treeOf(value: unknown): Tree {
  if (Array.isArray(value)) return { elements: value.map(treeOf) };
  if (typeof value === 'object' && value !== null)
    return { members: Object.entries(value).map(([name, below]) => [name, treeOf(below)]) };
  return { scalar: value };
}

function textOf(scalar: unknown): string[] {
  if (scalar === null || scalar === '' || scalar === '-') return [];
  return [typeof scalar === 'string' ? scalar : JSON.stringify(scalar)];
}

function lower(text: string): string {
  return text.replace(/[A-Z]/g, (c) => c.toLowerCase());
}
