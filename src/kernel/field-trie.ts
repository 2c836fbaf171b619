import { lowerAscii, parsePath, splitAlternatives, type Step } from './field-path.ts';
import type { FieldMap, UsageField } from '../formats/format.ts';

/** A wanted place in a JSON value. The scanners walk the trie beside the value and skip whatever is not in it. */
export interface TrieNode {
  /** Members by lower-case name, in which there are no dots. */
  readonly members: Map<string, TrieNode>;
  /** The same names as bytes, so that a scanner can compare without decoding. */
  readonly names: { readonly bytes: Uint8Array; readonly node: TrieNode }[];
  elements: ReadonlyMap<number, TrieNode>;
  everyElement: TrieNode | undefined;
  /** What is wanted of a list of pairs, by the lower-case name in them. */
  pairs: ReadonlyMap<string, Leaf[]>;
  readonly leaves: Leaf[];
}

export interface Leaf {
  readonly field: UsageField;
  /** Place among the alternatives: the lowest that is present wins. */
  readonly rank: number;
  /** The alternative, as the map has it. */
  readonly path: string;
}

/** Compiles a field map into one trie, which is not to be changed. A wanted value that is an array stands for each of its elements. */
export function compileTrie(fields: FieldMap): TrieNode {
  const text = JSON.stringify(fields);
  if (latest?.text !== text) latest = { text, root: compile(fields) };
  return latest.root;
}

/** Logs of one directory are mostly of one format: for a small one, to compile its map would take as long as to read it. */
let latest: { readonly text: string; readonly root: TrieNode } | undefined;

function compile(fields: FieldMap): TrieNode {
  const root = newNode();
  for (const [field, paths] of Object.entries(fields) as [UsageField, string][]) {
    for (const [rank, path] of splitAlternatives(paths).entries()) {
      leavesAt(root, parsePath(path)).push({ field, rank, path });
    }
  }
  inheritElements(root);
  return root;
}

/**
 * The node for a member name given as text; undefined when nothing below it is wanted. A member that is called `a.b` is the
 * same as a member `b` of `a`: many a logger writes what is nested with dots in its names.
 */
export function memberNode(node: TrieNode, name: string): TrieNode | undefined {
  const lower = lowerAscii(name);
  const known = node.members.get(lower);
  if (known !== undefined || node.members.size === 0 || !lower.includes('.')) return known;
  let below: TrieNode | undefined = node;
  for (const part of lower.split('.')) below = below?.members.get(part);
  return below;
}

export function elementNode(node: TrieNode, index: number): TrieNode | undefined {
  return node.elements.get(index) ?? node.everyElement;
}

function leavesAt(root: TrieNode, steps: readonly Step[]): Leaf[] {
  const last = steps.at(-1);
  if (last === undefined || !('pair' in last)) return nodeAt(root, steps).leaves;
  const node = nodeAt(root, steps.slice(0, -1));
  const leaves = node.pairs.get(last.pair) ?? [];
  node.pairs = new Map(node.pairs).set(last.pair, leaves);
  return leaves;
}

const ENCODER = new TextEncoder();

/** Few nodes have any, and there are very many nodes. */
const NO_ELEMENTS: TrieNode['elements'] = new Map();
const NO_PAIRS: TrieNode['pairs'] = new Map();

export function newNode(): TrieNode {
  return { members: new Map(), names: [], elements: NO_ELEMENTS, everyElement: undefined, pairs: NO_PAIRS, leaves: [] };
}

export function nodeAt(root: TrieNode, steps: readonly Step[]): TrieNode {
  let node = root;
  for (const step of steps) node = child(node, step);
  return node;
}

function child(node: TrieNode, step: Step): TrieNode {
  if ('pair' in step) throw new Error('A pair is the last step of a path');
  if ('every' in step) return (node.everyElement ??= newNode());
  if ('index' in step) return elementAt(node, step.index);
  const known = node.members.get(step.member);
  if (known !== undefined) return known;
  const added = newNode();
  node.members.set(step.member, added);
  node.names.push({ bytes: ENCODER.encode(step.member), node: added });
  return added;
}

function elementAt(node: TrieNode, index: number): TrieNode {
  const known = node.elements.get(index);
  if (known !== undefined) return known;
  const added = newNode();
  node.elements = new Map(node.elements).set(index, added);
  return added;
}

/** From the bottom up, since a list stands for its own elements, and not for those of a list in it. */
function inheritElements(node: TrieNode): void {
  const { everyElement } = node;
  if (everyElement !== undefined) for (const element of node.elements.values()) mergeInto(element, everyElement);
  const below = [...node.members.values(), ...node.elements.values()];
  for (const one of everyElement === undefined ? below : [...below, everyElement]) inheritElements(one);
  if (node.leaves.length === 0) return;
  node.everyElement ??= newNode();
  for (const element of [node.everyElement, ...node.elements.values()]) element.leaves.push(...node.leaves);
}

/** What is wanted of every element is wanted of this one too. */
function mergeInto(node: TrieNode, every: TrieNode): void {
  node.leaves.push(...every.leaves);
  for (const [name, leaves] of every.pairs)
    node.pairs = new Map(node.pairs).set(name, [...(node.pairs.get(name) ?? []), ...leaves]);
  for (const [name, below] of every.members) mergeInto(child(node, { member: name }), below);
  for (const [index, below] of every.elements) mergeInto(elementAt(node, index), below);
  if (every.everyElement !== undefined) mergeInto((node.everyElement ??= newNode()), every.everyElement);
}
