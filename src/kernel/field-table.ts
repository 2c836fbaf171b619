import type { FieldMap, UsageField } from '../formats/format.ts';
import { compileTrie, type Leaf, type TrieNode } from './field-trie.ts';
import type { ScanExports } from './scan-module.ts';

/** Slots that the kernel knows by number; see `assembly/group.ts`. All other fields follow. */
export const TIME_SLOT = 0;
export const ACTION_SLOT = 1;
export const EVENT_SLOT = 2;
export const QUERY_SLOT = 3;
export const FIRST_GROUP_SLOT = 4;

/**
 * What a leaf is, where it is not a slot: a place in which keys are sent, by a number of its own, so that keys in two places
 * make two groups. In a group a byte says what a part is: these numbers from 128 on, round to the slots, but for the
 * first ones, which `assembly/group.ts` has for other parts.
 */
const FIRST_KEY_LEAF = 5;
const LAST_KEY_LEAF = 255;
const SLOT_NUMBERS = 128;

/**
 * Writes a field map and the names of query parameters into the kernel's memory, as `assembly/trie.ts` and
 * `assembly/query.ts` read them. Returns the places of keys by their numbers; undefined when it does not all fit.
 */
export function writeTables(
  kernel: ScanExports,
  fields: FieldMap,
  slotOf: (field: UsageField) => number,
  slots: number,
  { queryNames, marks }: { readonly queryNames: readonly string[]; readonly marks: readonly string[] },
): readonly (Leaf | undefined)[] | undefined {
  const writer = new TableWriter(kernel, slots);
  try {
    kernel.setMap(writer.node(compileTrie(fields), slotOf));
    writer.queryNames(queryNames);
    writer.marks(marks);
    return writer.keyLeaves;
  } catch (error) {
    if (error instanceof TableFull) return undefined;
    throw error;
  }
}

class TableFull extends Error {}

const MARK_PLACES = 256;
const NODE_BYTES = 32;
const ENTRY_BYTES = 16;

class TableWriter {
  /** By their numbers. Each once: it may be wanted of several elements. */
  readonly keyLeaves: (Leaf | undefined)[] = [];
  readonly #keyNumbers = new Map<string, number>();
  #nextKeyLeaf = FIRST_KEY_LEAF;
  readonly #slots: number;
  readonly #kernel: ScanExports;
  readonly #bytes: Uint8Array;
  readonly #words: DataView;
  readonly #end: number;
  #next: number;

  constructor(kernel: ScanExports, slots: number) {
    this.#slots = slots;
    this.#kernel = kernel;
    this.#bytes = new Uint8Array(kernel.memory.buffer);
    this.#words = new DataView(kernel.memory.buffer);
    this.#next = kernel.TRIE.value;
    this.#end = this.#next + kernel.TRIE_BYTES.value;
  }

  node(node: TrieNode, slotOf: (field: UsageField) => number): number {
    const at = this.#take(NODE_BYTES);
    const readsJson = node.members.size > 0 || node.elements.size > 0;
    const leaves = this.#leaves(node, slotOf);
    const [names, shift] = this.#members(node, slotOf);
    const every = node.everyElement === undefined ? 0 : this.node(node.everyElement, slotOf);
    const elements = this.#elements(node, slotOf);
    const words = [node.leaves.length, leaves, names, shift, every, elements, node.elements.size, readsJson ? 1 : 0];
    this.#write(at, words);
    return at;
  }

  queryNames(names: readonly string[]): void {
    const bits = bitsFor(names.length);
    const table = this.#take(4 << bits);
    for (const name of names) {
      const hash = this.#kernel.hashOfQueryName(...this.#text(name)) >>> 0;
      let i = Math.imul(hash, 0x9e3779b1) >>> (32 - bits);
      while (this.#word(table + i * 4) !== 0) i = (i + 1) % (1 << bits);
      this.#write(table + i * 4, [hash]);
    }
    this.#kernel.setQueryNames(table, 32 - bits);
  }

  /** By their last eight bytes, the opening quote among them where they are short. */
  marks(marks: readonly string[]): void {
    const table = marks.length === 0 ? 0 : this.#take(MARK_PLACES * 8);
    for (const mark of marks) {
      const [at, length] = this.#text(`"${mark}`);
      const end = at + length;
      let i = this.#kernel.markHash(end);
      while (this.#word(table + i * 8) !== 0) i = (i + 1) % MARK_PLACES;
      for (let byte = 0; byte < 8; byte++)
        this.#bytes[table + i * 8 + byte] = (this.#bytes[end - 8 + byte] as number) | 0x20;
    }
    this.#kernel.setMarks(table);
  }

  #leaves(node: TrieNode, slotOf: (field: UsageField) => number): number {
    const at = this.#take(node.leaves.length * ENTRY_BYTES);
    for (const [i, leaf] of node.leaves.entries()) {
      const { field, rank } = leaf;
      const isKey = field === 'key' || field === 'keyId';
      this.#write(at + i * ENTRY_BYTES, isKey ? [this.#keyLeaf(leaf), 0, rank, 0] : [0, slotOf(field), rank, 0]);
    }
    return at;
  }

  #keyLeaf(leaf: Leaf): number {
    const name = `${leaf.field} ${leaf.path}`;
    const known = this.#keyNumbers.get(name);
    if (known !== undefined) return known;
    const number = this.#nextKeyLeaf++;
    if (number > LAST_KEY_LEAF) throw new TableFull();
    this.keyLeaves[number] = leaf;
    this.#keyNumbers.set(name, number);
    if (this.#nextKeyLeaf === SLOT_NUMBERS) this.#nextKeyLeaf += this.#slots;
    return number;
  }

  #members(node: TrieNode, slotOf: (field: UsageField) => number): [table: number, shift: number] {
    if (node.names.length === 0) return [0, 0];
    const bits = bitsFor(node.names.length);
    const table = this.#take(ENTRY_BYTES << bits);
    for (const name of node.names) {
      const [text, length] = this.#bytesOf(name.bytes);
      let i = (this.#kernel.nameHash(text, length) >>> 0) >>> (32 - bits);
      while (this.#word(table + i * ENTRY_BYTES) !== 0) i = (i + 1) % (1 << bits);
      // The place is taken before the node is written, which may write more of them.
      const entry = table + i * ENTRY_BYTES;
      this.#write(entry, [this.node(name.node, slotOf), length, text, 0]);
    }
    return [table, 32 - bits];
  }

  #elements(node: TrieNode, slotOf: (field: UsageField) => number): number {
    const list = [...node.elements].flatMap(([index, below]) => [index, this.node(below, slotOf)]);
    const at = this.#take(list.length * 4);
    this.#write(at, list);
    return at;
  }

  #text(text: string): [at: number, length: number] {
    return this.#bytesOf(Buffer.from(text));
  }

  #bytesOf(bytes: Uint8Array): [at: number, length: number] {
    const at = this.#take(bytes.length);
    this.#bytes.set(bytes, at);
    return [at, bytes.length];
  }

  /** Zeroed, in steps of 16 bytes, with as many to spare: the kernel reads so many at once. */
  #take(bytes: number): number {
    const at = this.#next;
    this.#next += (bytes + 15) & ~15;
    if (this.#next + 16 > this.#end) throw new TableFull();
    this.#bytes.fill(0, at, this.#next + 16);
    return at;
  }

  #write(at: number, words: readonly number[]): void {
    for (const [i, word] of words.entries()) this.#words.setUint32(at + i * 4, word, true);
  }

  #word(at: number): number {
    return this.#words.getUint32(at, true);
  }
}

/** Half of the places stay free. */
function bitsFor(count: number): number {
  return Math.ceil(Math.log2(Math.max(count, 1) * 2)) + 1;
}
