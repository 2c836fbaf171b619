/** Hash table of the names of parameters that carry keys, less case and punctuation. Written by the host. */
let names: u32 = 0;
let shift: u32 = 0;

export function setQueryNames(table: u32, tableShift: u32): void {
  names = table;
  shift = tableShift;
}

/**
 * Copies to `to` what of a logged URL, or of its query alone, may hold keys: the parameters with a name that carries keys, the whole where that
 * is not plain to see, and nothing in the usual case. Taking too much is harmless; returns how much was taken.
 */
export function takeQuery(to: u32, start: u32, length: u32, most: u32, isQuery: bool): u32 {
  const end = start + length;
  const question = isQuery ? start - 1 : find(start, end, 0x3f);
  const hasAccount = find(start, end, 0x40) < end;
  const isEscaped = find(start, end, 0x5c) < end;
  if (hasAccount && (isEscaped || mayHoldAccount(start, end))) return whole(to, start, length, most);
  // Of all escapes only \u can stand for a question mark or for an @.
  if (isEscaped && hasUnicodeEscape(start, end)) return wholeIfKeys(to, start, question, end, most);
  if (question == end) return 0;
  let taken: u32 = 0;
  let piece = question + 1;
  for (let at = piece; at <= end; at++) {
    const c: u32 = at < end ? <u32>load<u8>(at) : 0x26;
    if (c != 0x26 && c != 0x23 && c != 0x3f) continue;
    if (at > piece && mayCarryKey(piece, at)) {
      // A blank may end the URL within a request line: then the host must see it as it stands.
      if (find(start, end, 0x20) < end) return whole(to, start, length, most);
      if (taken + at - piece + 1 > most) return most + 1;
      store<u8>(to + taken, taken == 0 ? 0x3f : 0x26);
      memory.copy(to + taken + 1, piece, at - piece);
      taken += at - piece + 1;
    }
    piece = at + 1;
  }
  return taken;
}

/** Go writes & as \u0026 in JSON. Any other such escape is for the host to read, where there is a parameter at all. */
function wholeIfKeys(to: u32, start: u32, question: u32, end: u32, most: u32): u32 {
  for (let at = find(start, end, 0x5c); at < end; at = find(at + 2, end, 0x5c)) {
    if (load<u8>(at, 1) == 0x75 && load<u32>(at, 2) != 0x3632_3030) return whole(to, start, end - start, most);
  }
  let piece = question == end ? end : question + 1;
  for (let at = piece; at <= end; at++) {
    let next = at + 1;
    if (at < end) {
      const c: u32 = load<u8>(at);
      if (c == 0x5c && load<u8>(at, 1) == 0x75) next = at + 6;
      else if (c == 0x5c) {
        at++;
        continue;
      } else if (c != 0x26 && c != 0x23 && c != 0x3f) continue;
    }
    if (at > piece && mayCarryKey(piece, at)) return whole(to, start, end - start, most);
    piece = next;
    at = next - 1;
  }
  return 0;
}

function whole(to: u32, start: u32, length: u32, most: u32): u32 {
  if (length > most) return most + 1;
  memory.copy(to, start, length);
  return length;
}

function hasUnicodeEscape(start: u32, end: u32): bool {
  for (let at = find(start, end, 0x5c); at < end; at = find(at + 2, end, 0x5c)) if (load<u8>(at, 1) == 0x75) return true;
  return false;
}

/** User and password before a host: `scheme://user:password@host`. */
function mayHoldAccount(start: u32, end: u32): bool {
  for (let at = start; at + 2 < end; at++) {
    if (load<u8>(at) != 0x3a || load<u16>(at, 1) != 0x2f2f) continue;
    for (let next = at + 3; next < end; next++) {
      const c: u32 = load<u8>(next);
      if (c == 0x40) return true;
      if (c == 0x2f || c == 0x3f || c == 0x23) break;
    }
    return false;
  }
  return false;
}

/** Whether a piece of a query, or a part of it between semicolons, has a name that carries keys or cannot be told. */
function mayCarryKey(start: u32, end: u32): bool {
  let at = start;
  while (at < end) {
    let hash: u32 = 0x811c_9dc5;
    let c: u32 = 0;
    for (; at < end; at++) {
      c = load<u8>(at);
      if (c == 0x3d || c == 0x3b) break;
      if (c >= 0x7f || c == 0x25 || c == 0x5c) return true;
      hash = nextHash(hash, c);
    }
    if (c == 0x3d && at < end && isKnown(hash | 1)) return true;
    while (at < end && load<u8>(at) != 0x3b) at++;
    at++;
  }
  return false;
}

/** Whether a Cookie header may hold a key: in a cookie named after an API key, or like a parameter that carries keys. */
export function isKeyCookie(start: u32, length: u32): bool {
  const end = start + length;
  // An escape may stand for any separator.
  if (find(start, end, 0x5c) < end) return true;
  let at = start;
  while (at < end) {
    let hash: u32 = 0x811c_9dc5;
    let tail: u64 = 0;
    let c: u32 = 0;
    for (; at < end; at++) {
      c = load<u8>(at);
      if (c == 0x3d || c == 0x3b) break;
      if (c >= 0x7f) return true;
      hash = nextHash(hash, c);
      if (c != 0x2d && c != 0x5f && c != 0x2e && c > 0x20) tail = (tail << 8) | <u64>(c | 0x20);
    }
    if ((tail & 0xffff_ffff_ffff) == API_KEY || isKnown(hash | 1)) return true;
    while (at < end && load<u8>(at) != 0x3b) at++;
    at++;
  }
  return false;
}

/** "apikey", the last letter lowest. */
const API_KEY: u64 = 0x6170_696b_6579;

/** Case, `-`, `_`, `.` and blanks do not count. */
// @ts-ignore: decorator
@inline
function nextHash(hash: u32, c: u32): u32 {
  if (c == 0x2d || c == 0x5f || c == 0x2e || c <= 0x20) return hash;
  return (hash ^ (c - 0x41 < 26 ? c | 0x20 : c)) * 0x0100_0193;
}

export function hashOfQueryName(start: u32, length: u32): u32 {
  let hash: u32 = 0x811c_9dc5;
  for (let at = start; at < start + length; at++) hash = nextHash(hash, load<u8>(at));
  return hash | 1;
}

function isKnown(hash: u32): bool {
  const last: u32 = (1 << (32 - shift)) - 1;
  let i = (hash * 0x9e37_79b1) >> shift;
  while (true) {
    const known = load<u32>(names + (i << 2));
    if (known == hash) return true;
    if (known == 0) return false;
    i = (i + 1) & last;
  }
}

/** The first place of a byte, `end` when it is not there. */
export function find(start: u32, end: u32, byte: u8): u32 {
  const wanted = i8x16.splat(<i8>byte);
  for (let at = start; at < end; at += 16) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(at), wanted));
    if (found != 0) {
      const place = at + ctz(found);
      return place < end ? place : end;
    }
  }
  return end;
}
