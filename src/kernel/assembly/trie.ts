import { FRAMES, INPUT, KEYS, MAX_KEYS, SLOTS, SLOT_BYTES } from './memory';

/**
 * The field map as a table. A node is eight words: number of leaves, where they are, hash table of member names (0: none)
 * and its shift, node of every element, list of elements by index and its length, and whether a string here is read as
 * JSON. A name is four words: node (0: free place), length, place of its lower-case bytes, padded to 16. A leaf is four
 * words: what it is, slot, rank. An element: index, node.
 */
export const LEAF_SLOT: u32 = 0;
// A leaf of any other kind is a key.

export const NO_RANK: u32 = 0xffff_ffff;

/** Keys of the record at hand. */
export let keyCount: u32 = 0;

/** Where an open container stands in the table. */
// @ts-ignore: decorator
@inline
export function frameOf(depth: u32): u32 {
  return FRAMES + (depth << 4);
}

export function clearFields(slots: u32): void {
  keyCount = 0;
  for (let at = SLOTS, end = SLOTS + slots * SLOT_BYTES; at < end; at += SLOT_BYTES) store<u32>(at, NO_RANK);
}

/** The node of a member name, 0 when it is not wanted. One with dots is that of nested members: see `memberNode`. */
export function memberOf(node: u32, start: u32, length: u32): u32 {
  const found = exactMemberOf(node, start, length);
  return found != 0 || load<u32>(node, 8) == 0 ? found : nestedMemberOf(node, start, start + length);
}

function nestedMemberOf(node: u32, start: u32, end: u32): u32 {
  let below = node;
  let from = start;
  for (let at = start; at < end && below != 0; at++) {
    if (load<u8>(at) != DOT) continue;
    below = exactMemberOf(below, from, at - from);
    from = at + 1;
  }
  return from == start || below == 0 ? 0 : exactMemberOf(below, from, end - from);
}

const DOT: u32 = 0x2e;

// @ts-ignore: decorator
@inline
function exactMemberOf(node: u32, start: u32, length: u32): u32 {
  const table = load<u32>(node, 8);
  if (table == 0) return 0;
  const shift = load<u32>(node, 12);
  const last = (1 << (32 - shift)) - 1;
  let i = nameHash(start, length) >> shift;
  while (true) {
    const entry = table + (i << 4);
    const found = load<u32>(entry);
    if (found == 0) return 0;
    if (load<u32>(entry, 4) == length && isName(start, load<u32>(entry, 8), length)) return found;
    i = (i + 1) & last;
  }
}

export function elementOf(node: u32, index: u32): u32 {
  let at = load<u32>(node, 20);
  for (const end = at + (load<u32>(node, 24) << 3); at < end; at += 8) {
    if (load<u32>(at) == index) return load<u32>(at, 4);
  }
  return load<u32>(node, 16);
}

/** Of the first and last eight bytes, whatever their case. Reads beyond the name. */
export function nameHash(start: u32, length: u32): u32 {
  let word: u64;
  if (length > 8) {
    word = load<u64>(start) | CASE;
    word ^= rotl(load<u64>(start + length - 8) | CASE, 29);
  } else word = length == 0 ? 0 : (load<u64>(start) | CASE) & ((~(<u64>0)) >> ((8 - length) << 3));
  return <u32>(((word ^ <u64>length) * 0x9e37_79b9_7f4a_7c15) >> 32);
}

const CASE: u64 = 0x2020_2020_2020_2020;

function isName(start: u32, lower: u32, length: u32): bool {
  const caseBit = i8x16.splat(0x20);
  for (let at: u32 = 0; at < length; at += 16) {
    const bytes = v128.load(start + at);
    const isUpper = i8x16.le_u(i8x16.sub(bytes, i8x16.splat(0x41)), i8x16.splat(25));
    const lowered = v128.or(bytes, v128.and(isUpper, caseBit));
    const same = <u32>i8x16.bitmask(i8x16.eq(lowered, v128.load(lower + at)));
    const wanted: u32 = length - at >= 16 ? 0xffff : (1 << (length - at)) - 1;
    if ((same & wanted) != wanted) return false;
  }
  return true;
}

/** Takes a wanted text. False: the plain reader must see this record. */
export function takeText(node: u32, start: u32, length: u32, isEscaped: bool): bool {
  const readsJson = load<u32>(node, 28);
  if (length == 0) return true;
  const first = load<u8>(start);
  if (readsJson != 0 && (first == 0x7b || first == 0x5b || first == 0x20 || first == 0x5c || first >= 0x80)) return false;
  if (length == 1 && first == 0x2d) return true;
  // As short as an escape can be: it may stand for nothing, or for "-".
  if (isEscaped && length <= 6) return false;
  return takeLeaves(node, start, length);
}

/** Of several alternatives that with the lowest rank stands, and of its values the last; keys all count. */
export function takeLeaves(node: u32, start: u32, length: u32): bool {
  let leaf = load<u32>(node, 4);
  for (const end = leaf + (load<u32>(node) << 4); leaf < end; leaf += 16) {
    const kind = load<u32>(leaf);
    if (kind == LEAF_SLOT) {
      const slot = SLOTS + load<u32>(leaf, 4) * SLOT_BYTES;
      const rank = load<u32>(leaf, 8);
      if (rank > load<u32>(slot)) continue;
      store<u32>(slot, rank);
      store<u32>(slot, start, 4);
      store<u32>(slot, length, 8);
    } else {
      if (keyCount == MAX_KEYS) return false;
      const key = KEYS + keyCount * SLOT_BYTES;
      store<u32>(key, kind);
      store<u32>(key, start, 4);
      store<u32>(key, length, 8);
      keyCount++;
    }
  }
  return true;
}
