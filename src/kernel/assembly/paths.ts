import { EDGES, EDGE_BYTES, INPUT, LINKS, LINK_BYTES, MASKS, MAX_EDGES, MAX_LINKS, MAX_STATES, STATES, STATE_BYTES, TEXTS, TEXTS_BYTES } from './memory';
import { clearFields, elementOf, memberOf, takeLeaves, takeText } from './trie';
import { isEscape } from './structure';
import { beginWalk, endWalk, escapePlace, hasEscape, isSpace, scalarLength, setEscapePlace, walkObject } from './walk';

/**
 * Records of a log are alike: between one value and the next there stand the same bytes as in a record before, such as
 * `,"client":{"ip":"`. An edge is such bytes, and the value behind them. What followed an edge once is linked with it, so a
 * record is walked by comparing; what it has not in common with records before is walked as ever, and learned.
 *
 * It holds for every input: the same bytes in the same state mean the same, and each value is checked as ever. The state is
 * the containers that are open, with the node of the field map for each; equal ones are one.
 *
 * An edge: place and length of its bytes, bytes of the index that they take, what stands behind them, its node of the map,
 * its first link, states before and behind. A link: edge, next link. A state: that of the container around it, node,
 * whether it is an object, index.
 */
const LENGTH: u32 = 4;
const SKIP: u32 = 8;
const KIND: u32 = 12;
const NODE: u32 = 16;
const FIRST_LINK: u32 = 20;
const BEFORE: u32 = 24;
const BEHIND: u32 = 28;

const TEXT_VALUE: u32 = 0;
const SCALAR_VALUE: u32 = 1;
const RECORD_END: u32 = 2;

const QUOTE: u32 = 0x22;
const BACKSLASH: u32 = 0x5c;

/** Ways on from one edge that are remembered, at most. */
const MAX_WAYS: u32 = 12;
/** Records from which something is learned, at most, so that a log without likeness costs no more than this. */
const MAX_LESSONS: u32 = 2048;
/** So many inputs are not compared after one in which most records were of a new kind. */
const REST: u32 = 16;

let edgeCount: u32 = 0;
let linkCount: u32 = 0;
let stateCount: u32 = 0;
let textEnd: u32 = TEXTS;
let lessons: u32 = 0;
let hits: u32 = 0;
let misses: u32 = 0;
let rest: u32 = 0;

/** The edge before every record. */
const START: u32 = EDGES;

export function forgetPaths(): void {
  edgeCount = 1;
  linkCount = 0;
  stateCount = 0;
  textEnd = TEXTS;
  lessons = 0;
  hits = 0;
  misses = 0;
  rest = 0;
  store<u32>(START, 0, FIRST_LINK);
  store<u32>(START, 0, BEHIND);
}

/** Before the first record of an input, whose index is new. */
export function beginRecords(): void {
  beginWalk();
  if (rest > 0) rest--;
  else if (misses > hits) rest = REST;
  hits = 0;
  misses = 0;
}

/** Whether records of this input are compared at all. */
export function isComparing(): bool {
  return rest == 0;
}

/** As `walkObject`, where there is an index. */
export function walkRecord(start: u32, from: u32, root: u32, slots: u32): u32 {
  if (rest > 0) return walkObject(start, from, root);
  const escape = escapePlace();
  const known = followPath(start, from);
  if (known != 0) {
    hits++;
    return known;
  }
  setEscapePlace(escape);
  clearFields(slots);
  return walkUnknown(start, from, root);
}

/** As `walkObject`, for a record that was compared in vain. */
export function walkUnknown(start: u32, from: u32, root: u32): u32 {
  misses++;
  const next = walkObject(start, from, root);
  if (next != 0 && lessons < MAX_LESSONS) learnPath(start, from, root);
  return next;
}

/** As `walkRecord`, of a record whose like was walked before: it needs no index. Ends at a control character at the latest. */
export function isAlike(start: u32): bool {
  if (followPath(start, 0) == 0) return false;
  hits++;
  return true;
}

/** With `from` 0 there is no index: where texts end is looked for. */
// @ts-ignore: decorator
@inline
function followPath(start: u32, from: u32): u32 {
  let at = start;
  let ip = from;
  let edge = START;
  while (true) {
    edge = wayOn(edge, at);
    if (edge == 0) return 0;
    at += load<u32>(edge, LENGTH);
    const kind = load<u32>(edge, KIND);
    const node = load<u32>(edge, NODE);
    if (kind == TEXT_VALUE) {
      let end: u32;
      let isEscaped: bool;
      if (from != 0) {
        ip += load<u32>(edge, SKIP);
        end = INPUT + load<u32>(ip);
        ip += 4;
        if (load<u8>(end) != QUOTE) return 0;
        isEscaped = node != 0 && hasEscape(at, end);
      } else {
        end = specialFrom(at);
        isEscaped = load<u8>(end) == BACKSLASH;
        if (isEscaped) end = endOfEscaped(end);
        if (load<u8>(end) != QUOTE) return 0;
      }
      if (node != 0 && !takeText(node, at, end - at, isEscaped)) return 0;
      at = end + 1;
    } else {
      if (from != 0) ip += load<u32>(edge, SKIP);
      if (kind == RECORD_END) {
        endWalk(at);
        return from != 0 ? ip : 1;
      }
      const c: u32 = load<u8>(at);
      const length = scalarLength(at, c);
      if (length == 0) return 0;
      if (node != 0 && c != 0x6e && !takeLeaves(node, at, length)) return 0;
      at += length;
    }
  }
  return 0;
}

/** The first quote, backslash or control character. */
// @ts-ignore: decorator
@inline
function specialFrom(start: u32): u32 {
  let at = start;
  while (true) {
    const bytes = v128.load(at);
    const quotes = i8x16.eq(bytes, i8x16.splat(0x22));
    const backslashes = i8x16.eq(bytes, i8x16.splat(0x5c));
    const controls = i8x16.le_u(bytes, i8x16.splat(0x1f));
    const found = i8x16.bitmask(v128.or(v128.or(quotes, backslashes), controls));
    if (found != 0) return at + <u32>ctz(found);
    at += 16;
  }
  return 0;
}

/** The quote that ends a text, or what is wrong in it; from a backslash on. */
function endOfEscaped(backslash: u32): u32 {
  let at = backslash;
  while (load<u8>(at) == BACKSLASH && isEscape(at + 1)) at = specialFrom(at + 2);
  return at;
}

/** The edge whose bytes stand here, 0 when none is known. What was found last is tried first. */
// @ts-ignore: decorator
@inline
function wayOn(edge: u32, at: u32): u32 {
  const first = load<u32>(edge, FIRST_LINK);
  let link = first;
  while (link != 0) {
    const next = load<u32>(link);
    if (standsAt(next, at)) {
      if (link != first) {
        store<u32>(link, load<u32>(first));
        store<u32>(first, next);
      }
      return next;
    }
    link = load<u32>(link, 4);
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function standsAt(edge: u32, at: u32): bool {
  const length = load<u32>(edge, LENGTH);
  let text = load<u32>(edge);
  let place = at;
  let left = length;
  while (left > 16) {
    if (v128.any_true(v128.xor(v128.load(place), v128.load(text)))) return false;
    place += 16;
    text += 16;
    left -= 16;
  }
  return !v128.any_true(v128.and(v128.xor(v128.load(place), v128.load(text)), v128.load(MASKS + 16 - left)));
}

/** Of a record that was walked whole, so nothing is checked here. */
function learnPath(start: u32, from: u32, root: u32): void {
  lessons++;
  let edge = START;
  let container = stateOf(0, root, 1, 0);
  let bytes = start;
  let at = start + 1;
  let ip = from;
  while (container != 0) {
    while (isSpace(load<u8>(at))) at++;
    let c: u32 = load<u8>(at);
    if (c == 0x7d || c == 0x5d) {
      at++;
      if (load<u32>(container) == 0) {
        linkEdge(edge, bytes, at, indexBytes(ip, at - 1), RECORD_END, 0, 0);
        return;
      }
      container = load<u32>(container);
      continue;
    }
    const node = load<u32>(container, 4);
    if (c == 0x2c) {
      at++;
      if (load<u32>(container, 8) == 0) container = stateOf(load<u32>(container), node, 0, load<u32>(container, 12) + countsFrom(node));
      continue;
    }
    let child: u32 = 0;
    if (load<u32>(container, 8) != 0) {
      // Behind the quote that opens the name; those before it were counted with the bytes that they are part of.
      const end = closingQuote(ip, at);
      if (node != 0) child = memberOf(node, at + 1, end - at - 1);
      at = end + 1;
      while (isSpace(load<u8>(at))) at++;
      at++;
      while (isSpace(load<u8>(at))) at++;
      c = load<u8>(at);
    } else if (node != 0) child = elementOf(node, load<u32>(container, 12));
    if (c == 0x7b || c == 0x5b) {
      container = stateOf(container, child, c == 0x7b ? 1 : 0, 0);
      at++;
      continue;
    }
    const skip = indexBytes(ip, at);
    const isText = c == QUOTE;
    edge = linkEdge(edge, bytes, isText ? at + 1 : at, skip, isText ? TEXT_VALUE : SCALAR_VALUE, child, container);
    if (edge == 0) return;
    ip += skip;
    if (isText) {
      at = INPUT + load<u32>(ip) + 1;
      ip += 4;
    } else at += scalarLength(at, c);
    bytes = at;
  }
}

/** Places only tell elements apart where the map asks for some of them. */
function countsFrom(node: u32): u32 {
  return node != 0 && load<u32>(node, 24) != 0 ? 1 : 0;
}

/** Bytes of the index for the places up to this one. */
function indexBytes(from: u32, place: u32): u32 {
  let ip = from;
  while (INPUT + load<u32>(ip) <= place) ip += 4;
  return ip - from;
}

function closingQuote(from: u32, open: u32): u32 {
  return INPUT + load<u32>(from + indexBytes(from, open));
}

/** 0: there is no room for more. */
function stateOf(around: u32, node: u32, isObject: u32, index: u32): u32 {
  for (let i: u32 = 0; i < stateCount; i++) {
    const state = STATES + i * STATE_BYTES;
    if (
      load<u32>(state) == around &&
      load<u32>(state, 4) == node &&
      load<u32>(state, 8) == isObject &&
      load<u32>(state, 12) == index
    )
      return state;
  }
  if (stateCount == MAX_STATES) return 0;
  const state = STATES + stateCount * STATE_BYTES;
  stateCount++;
  store<u32>(state, around);
  store<u32>(state, node, 4);
  store<u32>(state, isObject, 8);
  store<u32>(state, index, 12);
  return state;
}

/** The edge for these bytes behind that one, new or known; 0 when there is no room for it. */
function linkEdge(from: u32, start: u32, end: u32, skip: u32, kind: u32, node: u32, behind: u32): u32 {
  const before = load<u32>(from, BEHIND);
  let link = load<u32>(from, FIRST_LINK);
  let ways: u32 = 0;
  while (link != 0) {
    const edge = load<u32>(link);
    if (isEdge(edge, before, start, end - start, kind)) return edge;
    ways++;
    link = load<u32>(link, 4);
  }
  if (ways == MAX_WAYS || linkCount == MAX_LINKS) return 0;
  let edge: u32 = 0;
  for (let i: u32 = 1; i < edgeCount && edge == 0; i++) {
    if (isEdge(EDGES + i * EDGE_BYTES, before, start, end - start, kind)) edge = EDGES + i * EDGE_BYTES;
  }
  if (edge == 0) edge = addEdge(before, start, end - start, skip, kind, node, behind);
  if (edge == 0) return 0;
  const added = LINKS + linkCount * LINK_BYTES;
  linkCount++;
  store<u32>(added, edge);
  store<u32>(added, load<u32>(from, FIRST_LINK), 4);
  store<u32>(from, added, FIRST_LINK);
  return edge;
}

function isEdge(edge: u32, before: u32, start: u32, length: u32, kind: u32): bool {
  return (
    load<u32>(edge, BEFORE) == before &&
    load<u32>(edge, LENGTH) == length &&
    load<u32>(edge, KIND) == kind &&
    standsAt(edge, start)
  );
}

function addEdge(before: u32, start: u32, length: u32, skip: u32, kind: u32, node: u32, behind: u32): u32 {
  const size = (length + 15) & ~15;
  if (edgeCount == MAX_EDGES || textEnd + size > TEXTS + TEXTS_BYTES) return 0;
  const edge = EDGES + edgeCount * EDGE_BYTES;
  edgeCount++;
  memory.copy(textEnd, start, length);
  store<u32>(edge, textEnd);
  store<u32>(edge, length, LENGTH);
  store<u32>(edge, skip, SKIP);
  store<u32>(edge, kind, KIND);
  store<u32>(edge, node, NODE);
  store<u32>(edge, 0, FIRST_LINK);
  store<u32>(edge, before, BEFORE);
  store<u32>(edge, behind, BEHIND);
  textEnd += size;
  return edge;
}
