import { INPUT } from './memory';

/** Hash table of quoted texts: the last eight bytes of each, whatever their case. Written by the host; 0: there are none. */
let marks: u32 = 0;

export function setMarks(table: u32): void {
  marks = table;
}

const CASE: u64 = 0x2020_2020_2020_2020;

export function hasMarks(): bool {
  return marks != 0;
}

/** Of the eight bytes before a place. */
export function markHash(end: u32): u32 {
  return hashOf(load<u64>(end - 8) | CASE);
}

// @ts-ignore: decorator
@inline
function hashOf(word: u64): u32 {
  return <u32>((word * 0x9e37_79b9_7f4a_7c15) >> 56);
}

/** Whether one of the strings that end at these places of the index may be a mark. */
export function hasMark(from: u32, to: u32): bool {
  if (marks == 0) return false;
  for (let ip = from; ip < to; ip += 4) {
    const word = load<u64>(INPUT + load<u32>(ip) - 8) | CASE;
    let i = hashOf(word);
    while (true) {
      const known = load<u64>(marks + (i << 3));
      if (known == word) return true;
      if (known == 0) break;
      i = (i + 1) & 255;
    }
  }
  return false;
}
