import { ESCAPES, INDEX, INPUT, INSIDE } from './memory';

/**
 * Finds, 64 bytes at a time, the places that a walk cannot find by itself: where strings end, where something stands
 * behind white space, and all control characters. What directly follows something else is not among them: in compact
 * JSON these are most of the brackets, colons, commas, names and numbers, and the walk is there already.
 *
 * Errors need no channel of their own: a control character in a string, or the backslash of an impossible escape, is a
 * place where the walk expects the closing quote.
 *
 * With `isLines`, a line feed ends any string: a damaged line has no effect on the next one. Otherwise a walk that comes to
 * the end of the input finds a NUL there, as it does in damaged records.
 */
export function findStructure(from: u32, length: u32, isLines: bool): void {
  const quoteSign = i8x16.splat(0x22);
  const backslashSign = i8x16.splat(0x5c);
  const lastControl = i8x16.splat(0x1f);
  const space = i8x16.splat(0x20);
  let inString: u64 = 0;
  let isEscaped: u64 = 0;
  // As behind a line feed.
  let blankBefore: u64 = 1;
  let out: u32 = INDEX;
  let escapes: u32 = ESCAPES;
  for (let base = from; base < length; base += 64) {
    const a = v128.load(INPUT + base);
    const b = v128.load(INPUT + base, 16);
    const c = v128.load(INPUT + base, 32);
    const d = v128.load(INPUT + base, 48);
    let quotes = mask(i8x16.eq(a, quoteSign), i8x16.eq(b, quoteSign), i8x16.eq(c, quoteSign), i8x16.eq(d, quoteSign));
    const backslashes = mask(
      i8x16.eq(a, backslashSign),
      i8x16.eq(b, backslashSign),
      i8x16.eq(c, backslashSign),
      i8x16.eq(d, backslashSign),
    );
    const controls = mask(
      i8x16.le_u(a, lastControl),
      i8x16.le_u(b, lastControl),
      i8x16.le_u(c, lastControl),
      i8x16.le_u(d, lastControl),
    );
    const blanks = mask(
      i8x16.le_u(a, space),
      i8x16.le_u(b, space),
      i8x16.le_u(c, space),
      i8x16.le_u(d, space),
    );
    let wrong: u64 = 0;
    if ((backslashes | isEscaped) != 0) {
      const begins = backslashes & ~isEscaped;
      const series = (((begins << 1) | ODD) - begins) ^ ODD;
      const escaped = series ^ (backslashes | isEscaped);
      let escapeBits = series & backslashes;
      isEscaped = escapeBits >> 63;
      quotes &= ~escaped;
      while (escapeBits != 0) {
        const place = base + <u32>ctz(escapeBits);
        store<u32>(escapes, INPUT + place);
        escapes += 4;
        if (!isEscape(INPUT + place + 1)) wrong |= escapeBits & -escapeBits;
        escapeBits &= escapeBits - 1;
      }
    }
    let inside = prefixXor(quotes) ^ inString;
    if (isLines && (controls & inside) != 0) inside = endStringsAtLineFeeds(INPUT + base, inside, controls);
    store<u64>(INSIDE + ((base - from) >> 3), inside);
    inString = <u64>((<i64>inside) >> 63);
    const gaps = blanks & ~inside;
    let places = (quotes & ~inside) | controls | wrong | (~blanks & ((gaps << 1) | blankBefore));
    blankBefore = gaps >> 63;
    // What lies behind the end is of the next line.
    if (base + 64 > length) places &= ~(<u64>0) >> (64 - <u64>(length - base));
    const count = <u32>popcnt(places);
    let at = out;
    out += count << 2;
    // Eight at a time, some of them for nothing: cheaper than a branch for each.
    while (at < out) {
      store<u32>(at, base + <u32>ctz(places));
      places &= places - 1;
      store<u32>(at, base + <u32>ctz(places), 4);
      places &= places - 1;
      store<u32>(at, base + <u32>ctz(places), 8);
      places &= places - 1;
      store<u32>(at, base + <u32>ctz(places), 12);
      places &= places - 1;
      store<u32>(at, base + <u32>ctz(places), 16);
      places &= places - 1;
      store<u32>(at, base + <u32>ctz(places), 20);
      places &= places - 1;
      store<u32>(at, base + <u32>ctz(places), 24);
      places &= places - 1;
      store<u32>(at, base + <u32>ctz(places), 28);
      places &= places - 1;
      at += 32;
    }
  }
  store<u32>(escapes, 0xffff_ffff);
  indexEnd = out;
  indexedFrom = from;
  if (!isLines) {
    store<u32>(out, length);
    store<u8>(INPUT + length, 0);
  }
}

let indexedFrom: u32 = 0;

/** Whether the place is in a string, going by the index. */
export function isInString(place: u32): bool {
  const at = place - indexedFrom;
  return ((load<u64>(INSIDE + ((at >> 6) << 3)) >> (at & 63)) & 1) != 0;
}

/** Behind the last place of the index. */
export let indexEnd: u32 = INDEX;

const ODD: u64 = 0xaaaa_aaaa_aaaa_aaaa;

// @ts-ignore: decorator
@inline
function mask(a: v128, b: v128, c: v128, d: v128): u64 {
  return (
    <u64>(<u32>i8x16.bitmask(a)) |
    (<u64>(<u32>i8x16.bitmask(b)) << 16) |
    (<u64>(<u32>i8x16.bitmask(c)) << 32) |
    (<u64>(<u32>i8x16.bitmask(d)) << 48)
  );
}

/** Each bit: whether the number of bits up to it is odd. */
// @ts-ignore: decorator
@inline
function prefixXor(bits: u64): u64 {
  let x = bits;
  x ^= x << 1;
  x ^= x << 2;
  x ^= x << 4;
  x ^= x << 8;
  x ^= x << 16;
  x ^= x << 32;
  return x;
}

function endStringsAtLineFeeds(block: u32, insideBits: u64, controls: u64): u64 {
  let inside = insideBits;
  let left = controls & inside;
  while (left != 0) {
    const bit = ctz(left);
    if (load<u8>(block + <u32>bit) == 0x0a) {
      const onward = ~(<u64>0) << bit;
      inside ^= onward;
      left = controls & inside & onward;
    } else left &= left - 1;
  }
  return inside;
}

/** Whether what stands behind a backslash makes an escape. */
export function isEscape(at: u32): bool {
  const c = load<u8>(at);
  if (c == 0x75) return isHex(load<u8>(at, 1)) && isHex(load<u8>(at, 2)) && isHex(load<u8>(at, 3)) && isHex(load<u8>(at, 4));
  return c == 0x22 || c == 0x5c || c == 0x2f || c == 0x62 || c == 0x66 || c == 0x6e || c == 0x72 || c == 0x74;
}

function isHex(c: u32): bool {
  return c - 0x30 < 10 || (c | 0x20) - 0x61 < 6;
}
