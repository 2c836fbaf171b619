import { ESCAPES, INPUT, MAX_FRAMES } from './memory';
import { elementOf, frameOf, memberOf, takeLeaves, takeText } from './trie';

const QUOTE: u32 = 0x22;
export const COMMA: u32 = 0x2c;
const COLON: u32 = 0x3a;
const OPEN_BRACKET: u32 = 0x5b;
const CLOSE_BRACKET: u32 = 0x5d;
export const OPEN_BRACE: u32 = 0x7b;
const CLOSE_BRACE: u32 = 0x7d;

/** The next escape of the input, at or behind the place that was last asked for: its entry, and the place itself. */
let nextEscape: u32 = ESCAPES;
let escapeAt: u32 = 0;

export function beginWalk(): void {
  nextEscape = ESCAPES;
  escapeAt = load<u32>(nextEscape);
}

/** Where escapes are looked for, to go back to. */
export function escapePlace(): u32 {
  return nextEscape;
}

export function setEscapePlace(place: u32): void {
  nextEscape = place;
  escapeAt = load<u32>(place);
}

/** Behind the object that was walked last. */
export let walkEnd: u32 = 0;

export function endWalk(at: u32): void {
  walkEnd = at;
}

/** Whether a line feed is white space like any other: in documents. Between lines it ends the record. */
let lineFeed: u32 = 0x0d;

/** False: it was so before. */
export function setLineFeed(isBlankThere: bool): bool {
  const before = lineFeed;
  lineFeed = isBlankThere ? 0x0a : 0x0d;
  return lineFeed != before;
}

/**
 * Walks the object whose brace is at `start`, with `from` the next place of the index, checking all of it as strictly as
 * the plain reader and taking what the table wants. Returns where the index goes on behind it, or 0 when the plain reader
 * must see this record: because it is malformed, too deep, or has something wanted in an unusual form.
 *
 * `at` is where the walk stands. What it looks for is there, or, behind white space, at the next place of the index.
 */
export function walkObject(start: u32, from: u32, root: u32): u32 {
  let ip = from;
  let node = root;
  let depth: u32 = 0;
  let isObject = true;
  let index: u32 = 0;
  let at = start + 1;
  let c: u32;
  // Whether the container was just opened: only then it may end where a name or value is awaited.
  let isNew = true;
  while (true) {
    let child: u32 = 0;
    c = load<u8>(at);
    if (c <= 0x20) {
      do {
        at = INPUT + load<u32>(ip);
        ip += 4;
        c = load<u8>(at);
      } while (isBlank(c));
    }
    if (!isNew || c != (isObject ? CLOSE_BRACE : CLOSE_BRACKET)) {
      if (isObject) {
        if (c != QUOTE) return 0;
        const end = INPUT + load<u32>(ip);
        ip += 4;
        if (load<u8>(end) != QUOTE) return 0;
        if (node != 0) {
          if (!hasEscape(at, end)) child = memberOf(node, at + 1, end - at - 1);
          else if (load<u32>(node, 8) != 0) return 0;
        }
        at = end + 1;
        c = load<u8>(at);
        if (c <= 0x20) {
          do {
            at = INPUT + load<u32>(ip);
            ip += 4;
            c = load<u8>(at);
          } while (isBlank(c));
        }
        if (c != COLON) return 0;
        at++;
        c = load<u8>(at);
        if (c <= 0x20) {
          do {
            at = INPUT + load<u32>(ip);
            ip += 4;
            c = load<u8>(at);
          } while (isBlank(c));
        }
      } else {
        if (node != 0) child = elementOf(node, index);
        index++;
      }
      // The value.
      if (c == QUOTE) {
        const end = INPUT + load<u32>(ip);
        ip += 4;
        if (load<u8>(end) != QUOTE) return 0;
        if (child != 0 && !takeText(child, at + 1, end - at - 1, hasEscape(at, end))) return 0;
        at = end + 1;
      } else if (c == OPEN_BRACE || c == OPEN_BRACKET) {
        if (depth == MAX_FRAMES) return 0;
        const frame = frameOf(depth);
        depth++;
        store<u32>(frame, node);
        store<u32>(frame, isObject ? 1 : 0, 4);
        store<u32>(frame, index, 8);
        node = child;
        isObject = c == OPEN_BRACE;
        index = 0;
        isNew = true;
        at++;
        continue;
      } else {
        const length = scalarLength(at, c);
        if (length == 0) return 0;
        if (child != 0 && c != 0x6e && !takeLeaves(child, at, length)) return 0;
        at += length;
      }
      c = load<u8>(at);
    }
    // Behind a value: a comma, or the end of this container and perhaps of those around it.
    while (c != COMMA) {
      if (c <= 0x20) {
        do {
          at = INPUT + load<u32>(ip);
          ip += 4;
          c = load<u8>(at);
        } while (isBlank(c));
        if (c == COMMA) break;
      }
      if (c != (isObject ? CLOSE_BRACE : CLOSE_BRACKET)) return 0;
      at++;
      if (depth == 0) {
        walkEnd = at;
        return ip;
      }
      depth--;
      const frame = frameOf(depth);
      node = load<u32>(frame);
      isObject = load<u32>(frame, 4) != 0;
      index = load<u32>(frame, 8);
      c = load<u8>(at);
    }
    at++;
    isNew = false;
  }
  return 0;
}

/** Any white space. */
// @ts-ignore: decorator
@inline
export function isSpace(c: u32): bool {
  return c == 0x20 || isBlank(c);
}

/** White space that has places in the index, as all control characters have. */
// @ts-ignore: decorator
@inline
export function isBlank(c: u32): bool {
  return c == 0x0d || c == 0x09 || c == lineFeed;
}

/** Whether a string between these quotes has an escape. To be asked in the order of the text. */
// @ts-ignore: decorator
@inline
export function hasEscape(open: u32, close: u32): bool {
  return escapeAt < close && findEscape(open, close);
}

function findEscape(open: u32, close: u32): bool {
  while (escapeAt < open) {
    nextEscape += 4;
    escapeAt = load<u32>(nextEscape);
  }
  return escapeAt < close;
}

/** Length of the number or word that begins here, 0 when it is none. What may follow it is for the caller to see. */
// @ts-ignore: decorator
@inline
export function scalarLength(start: u32, first: u32): u32 {
  if (first - 0x30 < 10 || first == 0x2d) return numberLength(start, first);
  if (first == 0x74) return load<u32>(start) == 0x6575_7274 ? 4 : 0;
  if (first == 0x66) return load<u32>(start, 1) == 0x6573_6c61 ? 5 : 0;
  return first == 0x6e && load<u32>(start) == 0x6c6c_756e ? 4 : 0;
}

/** -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)? */
// @ts-ignore: decorator
@inline
function numberLength(start: u32, first: u32): u32 {
  const whole = first == 0x2d ? start + 1 : start;
  let at = digitsEnd(whole);
  if (at == whole || (load<u8>(whole) == 0x30 && at > whole + 1)) return 0;
  let c: u32 = load<u8>(at);
  if (c == 0x2e) {
    const fraction = at + 1;
    at = digitsEnd(fraction);
    if (at == fraction) return 0;
    c = load<u8>(at);
  }
  if ((c | 0x20) == 0x65) {
    at = exponentEnd(at + 1);
    if (at == 0) return 0;
  }
  return at - start;
}

function exponentEnd(start: u32): u32 {
  const sign = load<u8>(start);
  const digits = sign == 0x2b || sign == 0x2d ? start + 1 : start;
  const end = digitsEnd(digits);
  return end == digits ? 0 : end;
}

/** Eight at a time: the length of a number cannot be foreseen, and a wrong guess costs more than the digits. */
// @ts-ignore: decorator
@inline
function digitsEnd(start: u32): u32 {
  let at = start;
  while (true) {
    const bytes = load<u64>(at);
    const others = ((bytes + 0x4646_4646_4646_4646) | (bytes - 0x3030_3030_3030_3030)) & 0x8080_8080_8080_8080;
    if (others != 0) return at + <u32>(ctz(others) >> 3);
    at += 8;
  }
  return 0;
}

/**
 * Behind the object that begins here, going by brackets outside of strings alone, as documents are framed whatever is in
 * their records; 0 when it does not end before `end`.
 */
export function bracketsEnd(start: u32, end: u32): u32 {
  let depth: u32 = 0;
  let inString = false;
  for (let at = start; at < end; at++) {
    const c: u32 = load<u8>(at);
    if (inString) {
      if (c == 0x5c) at++;
      else if (c == QUOTE) inString = false;
    } else if (c == QUOTE) inString = true;
    else if (c == OPEN_BRACE || c == OPEN_BRACKET) depth++;
    else if ((c == CLOSE_BRACE || c == CLOSE_BRACKET) && --depth == 0) return at + 1;
  }
  return 0;
}
