import { SLOTS, SLOT_BYTES } from './memory';
import { find } from './query';

const LF: u32 = 0x0a;
const CR: u32 = 0x0d;
const SPACE: u32 = 0x20;
const QUOTE: u32 = 0x22;
const COMMA: u32 = 0x2c;
const DASH: u32 = 0x2d;
const SLASH: u32 = 0x2f;
const COLON: u32 = 0x3a;
const OPEN_BRACKET: u32 = 0x5b;
const OPEN_BRACE: u32 = 0x7b;

const TIME_SLOT: u32 = SLOTS;
const ACTION_SLOT: u32 = SLOTS + SLOT_BYTES;
const TIME_WIDTH: u32 = 26;
const MAX_METHOD: u32 = 32;
const LONGEST_PROTOCOL: u32 = 12;
/** What begins a word that is looked at to see whether it is an address, as the plain reader has it. */
const MAX_ADDRESS: u32 = 64;

let address: u32 = 0;
let agent: u32 = 0;
let status: u32 = 0;
let user: u32 = 0;
let referer: u32 = 0;
let vhost: u32 = 0;

/** Slots of what is wanted; 0: it is not. */
export function setCombined(
  addressSlot: u32,
  agentSlot: u32,
  statusSlot: u32,
  userSlot: u32,
  refererSlot: u32,
  vhostSlot: u32,
): void {
  address = placeOf(addressSlot);
  agent = placeOf(agentSlot);
  status = placeOf(statusSlot);
  user = placeOf(userSlot);
  referer = placeOf(refererSlot);
  vhost = placeOf(vhostSlot);
}

function placeOf(slot: u32): u32 {
  return slot == 0 ? 0 : SLOTS + slot * SLOT_BYTES;
}

/** Where the line ends, without its line feed; 0 when the plain reader must see it: for a control character, a backslash, or what is not ASCII. */
export function plainEnd(start: u32): u32 {
  const space = i8x16.splat(0x20);
  const backslash = i8x16.splat(0x5c);
  let at = start;
  while (true) {
    const bytes = v128.load(at);
    // Signed: what is not ASCII is below zero.
    const unusual = i8x16.bitmask(v128.or(i8x16.lt_s(bytes, space), i8x16.eq(bytes, backslash)));
    if (unusual != 0) {
      at += ctz(unusual);
      break;
    }
    at += 16;
  }
  const c: u32 = load<u8>(at);
  return c == LF || (c == CR && load<u8>(at, 1) == LF) ? at : 0;
}

/**
 * Takes `[vhost] ip - user [time] "METHOD target HTTP/1.1" status bytes ["referer" ["agent" [more]]]` apart. False: it is
 * not exactly that, and for the plain reader (`formats/combined.ts`) to judge.
 */
export function takeCombined(start: u32, end: u32): bool {
  // JSON, for which the plain reader may know another format.
  if (load<u8>(start) == OPEN_BRACE) return false;
  const bracket = takeCaller(start, end);
  if (bracket == 0 || bracket + TIME_WIDTH + 4 >= end) return false;
  if (load<u8>(bracket) != OPEN_BRACKET || load<u8>(bracket, 3) != SLASH || load<u8>(bracket, 12) != COLON) return false;
  // ] "
  if ((load<u32>(bracket, TIME_WIDTH + 1) & 0xff_ffff) != 0x22_205d) return false;
  take(TIME_SLOT, bracket + 1, bracket + 1 + TIME_WIDTH);
  const request = bracket + TIME_WIDTH + 4;
  const closing = find(request, end, <u8>QUOTE);
  return takeRequest(request, closing) && takeRest(closing + 1, end);
}

/** Returns where the time begins; 0: see above. */
// @ts-ignore: decorator
@inline
function takeCaller(start: u32, end: u32): u32 {
  let from = start;
  let to = find(start, end, <u8>SPACE);
  if (to == start) return 0;
  if (!isNoIdent(to)) {
    from = to + 1;
    to = find(from, end, <u8>SPACE);
    if (!isIpv4(from, to) || !isNoAddress(start, from - 1) || !isNoIdent(to)) return 0;
    take(vhost, start, from - 1);
  }
  // A list of addresses goes on.
  if (load<u8>(to - 1) == COMMA) return 0;
  take(address, from, to);
  const name = to + 3;
  const nameEnd = find(name, end, <u8>SPACE);
  if (nameEnd == name || load<u8>(name) == QUOTE) return 0;
  take(user, name, nameEnd);
  return nameEnd + 1;
}

/** Whether ` - ` stands here. */
// @ts-ignore: decorator
@inline
function isNoIdent(at: u32): bool {
  return (load<u32>(at) & 0xff_ffff) == 0x20_2d20;
}

function isIpv4(start: u32, end: u32): bool {
  let digits: u32 = 0;
  let dots: u32 = 0;
  for (let at = start; at < end; at++) {
    const c: u32 = load<u8>(at);
    if (isDigit(c)) {
      if (++digits > 3) return false;
    } else {
      if (c != 0x2e || digits == 0) return false;
      dots++;
      digits = 0;
    }
  }
  return dots == 3 && digits != 0;
}

/** It holds a letter that is no hexadecimal digit. */
function isNoAddress(start: u32, end: u32): bool {
  const last = min(end, start + MAX_ADDRESS);
  for (let at = start; at < last; at++) if ((<u32>load<u8>(at) | 0x20) - 0x67 < 20) return true;
  return false;
}

// @ts-ignore: decorator
@inline
function takeRequest(start: u32, end: u32): bool {
  let at = start;
  while (<u32>load<u8>(at) - 0x41 < 26) at++;
  if (at == start || at - start > MAX_METHOD || load<u8>(at) != SPACE) return false;
  const target = at + 1;
  let space = end - 1;
  while (space > target && load<u8>(space) != SPACE) {
    if (end - space > LONGEST_PROTOCOL) return false;
    space--;
  }
  // HTTP/1
  const isProtocol = load<u32>(space + 1) == 0x5054_5448 && load<u8>(space, 5) == SLASH && isDigit(load<u8>(space, 6));
  if (space <= target || !isProtocol) return false;
  // Blanks around the target are not part of it.
  if (load<u8>(target) == SPACE || load<u8>(space - 1) == SPACE) return false;
  take(ACTION_SLOT, target, space);
  return true;
}

/** What follows the request. */
// @ts-ignore: decorator
@inline
function takeRest(start: u32, end: u32): bool {
  if (start >= end || load<u8>(start) != SPACE) return false;
  const code = start + 1;
  const codeEnd = numberEnd(code);
  if (codeEnd == code || codeEnd - code > 3 || load<u8>(codeEnd) != SPACE) return false;
  take(status, code, codeEnd);
  const bytes = codeEnd + 1;
  const bytesEnd = numberEnd(bytes);
  if (bytesEnd == bytes || (bytesEnd != end && load<u8>(bytesEnd) != SPACE)) return false;
  // - "agent"
  if ((load<u32>(bytesEnd) == 0x2220_2d20) & (bytesEnd + 3 < end)) return false;
  if (bytesEnd + 1 >= end || load<u8>(bytesEnd, 1) != QUOTE) return true;
  const from = bytesEnd + 2;
  const fromEnd = find(from, end, <u8>QUOTE);
  if (!endsField(fromEnd, end)) return false;
  take(referer, from, fromEnd);
  if (fromEnd + 2 >= end || load<u8>(fromEnd, 2) != QUOTE) return true;
  const by = fromEnd + 3;
  const byEnd = find(by, end, <u8>QUOTE);
  if (!endsField(byEnd, end) || hasOddQuotes(byEnd + 1, end)) return false;
  take(agent, by, byEnd);
  return true;
}

/** Digits or a dash. */
// @ts-ignore: decorator
@inline
function numberEnd(start: u32): u32 {
  if (load<u8>(start) == DASH) return start + 1;
  let at = start;
  while (isDigit(load<u8>(at))) at++;
  return at;
}

// @ts-ignore: decorator
@inline
function endsField(quote: u32, end: u32): bool {
  return quote < end && (quote + 1 == end || load<u8>(quote, 1) == SPACE);
}

/** Then one of them stands in the agent. */
function hasOddQuotes(start: u32, end: u32): bool {
  let isOdd = false;
  for (let at = find(start, end, <u8>QUOTE); at < end; at = find(at + 1, end, <u8>QUOTE)) isOdd = !isOdd;
  return isOdd;
}

/** As written; "-" and nothing stand for nothing. */
// @ts-ignore: decorator
@inline
function take(slot: u32, start: u32, end: u32): void {
  const length = end - start;
  if (slot == 0 || length == 0 || (length == 1 && load<u8>(start) == DASH)) return;
  store<u32>(slot, 0);
  store<u32>(slot, start, 4);
  store<u32>(slot, length, 8);
}

// @ts-ignore: decorator
@inline
function isDigit(c: u32): bool {
  return c - 0x30 <= 9;
}
