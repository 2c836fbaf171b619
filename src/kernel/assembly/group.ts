import {
  ACCEPTED,
  addCount,
  addTo,
  beginCount,
  clearCount,
  countAt,
  FAILED,
  isCleared,
  isCurrent,
  nextDocument,
  NEXT,
  numberOf,
  OF_GROUP,
  OF_GROUP_ALONE,
  REFUSED,
} from './count';
import { onCountsFull, onEvent, onFull, onGroup, onTime } from './host';
import {
  ARENA,
  ARENA_BYTES,
  BUCKETS,
  COUNT_BYTES,
  GROUPS,
  HASH_BITS,
  HOURS,
  HOUR_PLACES,
  HOUR_TABLE,
  KEYS,
  KINDS,
  MAX_BUCKETS,
  MAX_GROUPS,
  MAX_GROUP_BYTES,
  MAX_HOURS,
  MAX_SLOTS,
  MASKS,
  OWN_QUERY,
  PARTS,
  PART_BYTES,
  QUERY,
  SLOTS,
  SLOT_BYTES,
  TABLE,
  TABLE_BYTES,
} from './memory';
import { withoutPort } from './address';
import { line } from './index';
import { isLeft } from './later';
import { hasMark } from './marks';
import { find, isKeyCookie, takeQuery } from './query';
import { NOT_READ, readTime } from './time';
import { keyCount, NO_RANK } from './trie';

/** Slots with a meaning of their own; what follows them is what records are grouped by. */
const TIME_SLOT: u32 = SLOTS;
const ACTION_SLOT: u32 = SLOTS + SLOT_BYTES;
const EVENT_SLOT: u32 = SLOTS + 2 * SLOT_BYTES;
const QUERY_SLOT: u32 = SLOTS + 3 * SLOT_BYTES;
export const FIRST_GROUP_SLOT: u32 = 4;

// A group: the count of its latest day (see `count.ts`), in whose spare bytes stand its size and whether its calls count
// here; then what its parts are, one word each and zeros up to 16 bytes; then the bytes of each part, padded to 16. All of it
// begins at a multiple of 64 bytes: most groups are three or four lines of the cache.
const BYTES_AND_COUNTS_HERE: u32 = OF_GROUP_ALONE;
const COUNTS_HERE: u32 = 1;
/** What a part is stands before its length: the number of its slot, or one of these. */
const KIND_SHIFT: u32 = 24;
const KEY_PART: u32 = MAX_SLOTS;
const QUERY_PART: u32 = KEY_PART + 3;
const OWN_QUERY_PART: u32 = KEY_PART + 4;

const HOUR_MS: f64 = 3_600_000;
const DAY_MS: f64 = 86_400_000;
const MAX_PROBES: u32 = 64;

/** Lengths of what QUERY and OWN_QUERY hold of the record at hand. */
export let queryLength: u32 = 0;
export let ownQueryLength: u32 = 0;

export let slotCount: u32 = FIRST_GROUP_SLOT;
let groupsKeyless: bool = false;
let bucketMs: f64 = DAY_MS;

export let groupCount: u32 = 0;
/** Days of groups beside the latest one of each. */
export let olderCount: u32 = 0;
/** All of them. */
export let bucketCount: u32 = 0;
export let hourCount: u32 = 0;
/** Records counted since the host last took them: how many, their bytes, and the ends of their time. */
export let records: u32 = 0;
export let recordBytes: f64 = 0;
/** Instant of the record that was last counted; NaN before the first. */
export let lastAt: f64 = NaN;

/** How many there were when the document began that is open, or was last. */
export let openRecords: u32 = 0;
export let openRecordBytes: f64 = 0;

/** Behind the last group. */
export let arenaEnd: u32 = ARENA;
let hourAt: u32 = 0;
let hourNumber: i32 = i32.MIN_VALUE;

/**
 * `keyless`: records without keys are told apart like others, since the host decides by their fields. `byHour`: calls
 * are counted by the hour, since each says itself which source it is of; else by the day, and hours for all together.
 */
export function setGrouping(slots: u32, keyless: bool, byHour: bool): void {
  slotCount = slots;
  groupsKeyless = keyless;
  bucketMs = byHour ? HOUR_MS : DAY_MS;
  lastAt = NaN;
  forgetGroups();
}

/**
 * Of the status only the outcome matters, of an error only that it is there, of an address all but the port, unless the
 * host reads more in them; and cookies only where one may be a key.
 * Slots; 0: leave alone.
 */
export function setReduced(statusSlot: u32, errorSlot: u32, cookieSlot: u32, addressSlot: u32): void {
  address = addressSlot == 0 ? 0 : SLOTS + addressSlot * SLOT_BYTES;
  status = statusSlot == 0 ? 0 : SLOTS + statusSlot * SLOT_BYTES;
  error = errorSlot == 0 ? 0 : SLOTS + errorSlot * SLOT_BYTES;
  cookie = cookieSlot == 0 ? 0 : SLOTS + cookieSlot * SLOT_BYTES;
  v128.store(MASKS, i8x16.splat(-1));
}

let status: u32 = 0;
let error: u32 = 0;
let cookie: u32 = 0;
let address: u32 = 0;

/** By the status: where a call is counted in its group. Without one that says it, all are counted as accepted. */
let outcome: u32 = ACCEPTED;
/** Of the status, that part of which groups are told apart by; none where it says the outcome. */
let statusLength: u32 = 0;

/** Only what is three digits says an outcome here: the host reads the rest. */
// @ts-ignore: decorator
@inline
function reduceOutcome(): void {
  outcome = ACCEPTED;
  if (status != 0 && load<u32>(status) != NO_RANK) {
    statusLength = load<u32>(status, 8);
    if (statusLength == 3) {
      const at = load<u32>(status, 4);
      const hundreds = <u32>load<u8>(at) - 0x30;
      const tens = <u32>load<u8>(at, 1) - 0x30;
      const ones = <u32>load<u8>(at, 2) - 0x30;
      if (hundreds <= 9 && tens <= 9 && ones <= 9) {
        const code = hundreds * 100 + tens * 10 + ones;
        const isRefused = code == 401 || code == 403 || code == 407;
        outcome = isRefused ? REFUSED : code >= 400 || code == 0 ? FAILED : ACCEPTED;
        statusLength = 0;
      }
    }
  }
  if (error != 0 && load<u32>(error) != NO_RANK) {
    store<u32>(error, MASKS, 4);
    store<u32>(error, 1, 8);
  }
}

/** After the host has read the counts. Groups stay known. */
export function clearCounts(): void {
  for (let i: u32 = 0; i < groupCount; i++) clearCount(load<u32>(GROUPS + (i << 2)));
  olderCount = 0;
  bucketCount = 0;
  memory.fill(HOUR_TABLE, 0, HOUR_PLACES * 4);
  hourCount = 0;
  hourNumber = i32.MIN_VALUE;
  records = 0;
  recordBytes = 0;
  beginOpen();
}

/** What is counted from now on is counted apart. */
export function beginOpen(): void {
  nextDocument();
  openRecords = records;
  openRecordBytes = recordBytes;
}

export function forgetGroups(): void {
  clearCounts();
  memory.fill(TABLE, 0, TABLE_BYTES);
  groupCount = 0;
  arenaEnd = ARENA;
}

/** Takes over the groups that the host has put in place of those that were known, but for what was counted of them. */
export function adoptGroups(count: u32, end: u32): void {
  groupCount = count;
  arenaEnd = end;
  clearCounts();
}

export function setLastAt(at: f64): void {
  lastAt = at;
}

/**
 * Counts the record whose fields were taken and whose places in the index are these. False: the plain reader must see it.
 */
export function countRecord(bytes: u32, from: u32, to: u32): bool {
  if (load<u32>(TIME_SLOT) == NO_RANK) return false;
  const at = timeOf(load<u32>(TIME_SLOT, 4), load<u32>(TIME_SLOT, 8));
  if (isNaN(at)) return false;
  if (keyCount == 0 && hasMark(from, to)) return false;
  if (!takeQueries()) return false;
  const hasCookie = takeCookie();
  const isCountedAlone = keyCount == 0 && !hasCookie && queryLength == 0 && ownQueryLength == 0 && !groupsKeyless;
  let group: u32 = 0;
  if (!isCountedAlone || load<u32>(EVENT_SLOT) != NO_RANK) {
    const size = listParts();
    if (size == 0) return false;
    group = groupOf(size, at);
    if (group == 0 || (load<u32>(group, BYTES_AND_COUNTS_HERE) & COUNTS_HERE) == 0) return false;
    if (load<u32>(EVENT_SLOT) != NO_RANK && isRepeated(group, at, bytes)) return true;
    countCall(group, at);
  }
  records++;
  recordBytes += <f64>bytes;
  lastAt = at;
  countHour(at);
  return true;
}

// @ts-ignore: decorator
@inline
function isRepeated(group: u32, at: f64, bytes: u32): bool {
  const start = load<u32>(EVENT_SLOT, 4);
  const length = load<u32>(EVENT_SLOT, 8);
  const number = load<u32>(group, OF_GROUP);
  return (
    isLeft(start, length, number, outcome, at, line, bytes) ||
    onEvent(number, outcome, at, start, length, line, bytes)
  );
}

// @ts-ignore: decorator
@inline
function takeCookie(): bool {
  if (cookie == 0 || load<u32>(cookie) == NO_RANK) return false;
  if (isKeyCookie(load<u32>(cookie, 4), load<u32>(cookie, 8))) return true;
  store<u32>(cookie, NO_RANK);
  return false;
}

/** A query of its own counts only where the action has none: the host joins them so. False: they are too long. */
function takeQueries(): bool {
  const most = MAX_GROUP_BYTES / 2;
  queryLength = 0;
  ownQueryLength = 0;
  const start = load<u32>(ACTION_SLOT, 4);
  const length = load<u32>(ACTION_SLOT) == NO_RANK ? 0 : load<u32>(ACTION_SLOT, 8);
  if (length != 0) queryLength = takeQuery(QUERY, start, length, most, false);
  if (load<u32>(QUERY_SLOT) != NO_RANK && (length == 0 || find(start, start + length, 0x3f) == start + length))
    ownQueryLength = takeQuery(OWN_QUERY, load<u32>(QUERY_SLOT, 4), load<u32>(QUERY_SLOT, 8), most, true);
  return queryLength <= most && ownQueryLength <= most;
}

// @ts-ignore: decorator
@inline
function timeOf(start: u32, length: u32): f64 {
  const at = readTime(start, length);
  return at == NOT_READ ? onTime(start, length) : <f64>at;
}

/**
 * Lists what the record is grouped by: for each part its place and length, and apart from that what it is. Returns the bytes
 * that a group of it takes, 0 when they are too many.
 */
function listParts(): u32 {
  reduceOutcome();
  if (address != 0 && load<u32>(address) != NO_RANK) store<u32>(address, withoutPort(load<u32>(address, 4), load<u32>(address, 8)), 8);
  partsEnd = PARTS;
  kindsEnd = KINDS;
  let bytes: u32 = 0;
  for (let i: u32 = FIRST_GROUP_SLOT; i < slotCount; i++) {
    const slot = SLOTS + i * SLOT_BYTES;
    if (load<u32>(slot) != NO_RANK) bytes += addPart(i, load<u32>(slot, 4), slot == status ? statusLength : load<u32>(slot, 8));
  }
  for (let key = KEYS, last = KEYS + keyCount * SLOT_BYTES; key < last; key += SLOT_BYTES) {
    bytes += addPart(KEY_PART + load<u32>(key), load<u32>(key, 4), load<u32>(key, 8));
  }
  if (queryLength != 0) bytes += addPart(QUERY_PART, QUERY, queryLength);
  if (ownQueryLength != 0) bytes += addPart(OWN_QUERY_PART, OWN_QUERY, ownQueryLength);
  v128.store(kindsEnd, i8x16.splat(0));
  bytes = (COUNT_BYTES + padded(kindsEnd - KINDS) + bytes + 63) & ~63;
  return bytes > MAX_GROUP_BYTES ? 0 : bytes;
}

let partsEnd: u32 = PARTS;
let kindsEnd: u32 = KINDS;

// @ts-ignore: decorator
@inline
function addPart(kind: u32, start: u32, length: u32): u32 {
  store<u32>(partsEnd, start);
  store<u32>(partsEnd, length, 4);
  store<u32>(kindsEnd, (kind << KIND_SHIFT) | length);
  partsEnd += PART_BYTES;
  kindsEnd += 4;
  return padded(length);
}

// @ts-ignore: decorator
@inline
function padded(length: u32): u32 {
  return (length + 15) & ~15;
}

/** Sixteen bytes of a part, zeros behind its end. */
// @ts-ignore: decorator
@inline
function piece(start: u32, left: u32): v128 {
  const bytes = v128.load(start);
  return left >= 16 ? bytes : v128.and(bytes, v128.load(MASKS + 16 - left));
}

/** Read where they stand in the log: to gather them first costs more than all the rest. */
// @ts-ignore: decorator
@inline
function hashOf(): u64 {
  let a: u64 = 0x9e37_79b9_7f4a_7c15;
  let b: u64 = 0xd6e8_feb8_6659_fd93;
  let kind = KINDS;
  for (let part = PARTS; part < partsEnd; part += PART_BYTES) {
    const start = load<u32>(part);
    const length = load<u32>(part, 4);
    a = rotl(a, 5) ^ <u64>load<u32>(kind);
    kind += 4;
    for (let done: u32 = 0; done < length; done += 16) {
      const bytes = piece(start + done, length - done);
      a = (a ^ i64x2.extract_lane(bytes, 0)) * 0xff51_afd7_ed55_8ccd;
      b = (b ^ i64x2.extract_lane(bytes, 1)) * 0xc4ce_b9fe_1a85_ec53;
      a ^= a >> 32;
      b ^= b >> 29;
    }
  }
  let hash = (a ^ rotl(b, 31)) * 0x9e37_79b9_7f4a_7c15;
  hash ^= hash >> 32;
  return hash * 0xd6e8_feb8_6659_fd93;
}

function groupOf(bytes: u32, at: f64): u32 {
  const hash = hashOf();
  while (true) {
    const last: u32 = (1 << HASH_BITS) - 1;
    const tag = <u32>hash | 1;
    let i = <u32>(hash >> (64 - <u64>HASH_BITS));
    for (let probes: u32 = 0; probes < MAX_PROBES; probes++) {
      const entry = TABLE + (i << 3);
      const known = load<u32>(entry);
      if (known == 0) {
        if (groupCount == MAX_GROUPS || arenaEnd + bytes > ARENA + ARENA_BYTES) break;
        return addGroup(entry, tag, bytes, at);
      }
      if (known == tag) {
        const group = load<u32>(entry, 4);
        if (isOf(group, bytes)) return group;
      }
      i = (i + 1) & last;
    }
    onFull();
  }
  return 0;
}

/** Whether the record is of this group: what its parts are and how long, then their bytes. */
// @ts-ignore: decorator
@inline
function isOf(group: u32, bytes: u32): bool {
  if (load<u32>(group, BYTES_AND_COUNTS_HERE) >> 1 != bytes) return false;
  let text = group + COUNT_BYTES;
  for (let kind = KINDS; kind < kindsEnd; kind += 16) {
    if (v128.any_true(v128.xor(v128.load(text), v128.load(kind)))) return false;
    text += 16;
  }
  for (let part = PARTS; part < partsEnd; part += PART_BYTES) {
    const start = load<u32>(part);
    const length = load<u32>(part, 4);
    for (let done: u32 = 0; done < length; done += 16) {
      if (v128.any_true(v128.xor(v128.load(text), piece(start + done, length - done)))) return false;
      text += 16;
    }
  }
  return true;
}

function addGroup(entry: u32, tag: u32, bytes: u32, at: f64): u32 {
  const group = arenaEnd;
  clearCount(group);
  store<u32>(group, groupCount, OF_GROUP);
  memory.copy(group + COUNT_BYTES, KINDS, padded(kindsEnd - KINDS));
  let text = group + COUNT_BYTES + padded(kindsEnd - KINDS);
  for (let part = PARTS; part < partsEnd; part += PART_BYTES) {
    const start = load<u32>(part);
    const length = load<u32>(part, 4);
    for (let done: u32 = 0; done < length; done += 16) {
      v128.store(text, piece(start + done, length - done));
      text += 16;
    }
  }
  store<u32>(group, (bytes << 1) | (onGroup(groupCount, at) ? COUNTS_HERE : 0), BYTES_AND_COUNTS_HERE);
  store<u32>(GROUPS + (groupCount << 2), group);
  groupCount++;
  arenaEnd += bytes;
  store<u32>(entry, tag);
  store<u32>(entry, group, 4);
  return group;
}

/** Logs are in the order of time: mostly it is of the group's latest day. */
// @ts-ignore: decorator
@inline
function countCall(group: u32, at: f64): void {
  const day = <i32>Math.floor(at / bucketMs);
  addTo(numberOf(group) == day && isCurrent(group) ? group : countOf(group, day), at, outcome);
}

/** The count of a day that is not the latest of the group yet, or of a document that is new to it. */
function countOf(group: u32, day: i32): u32 {
  if (isCleared(group)) {
    bucketCount++;
    beginCount(group, day);
    store<u32>(group, 0, NEXT);
    return group;
  }
  let settled: u32 = 0;
  for (let older = load<u32>(group, NEXT); older != 0; older = load<u32>(older, NEXT)) {
    if (isCurrent(older)) {
      if (numberOf(older) == day) return older;
    } else if (numberOf(older) == numberOf(group)) settled = older;
  }
  const isSettled = !isCurrent(group);
  if (isSettled && settled != 0) {
    addCount(settled, group);
    beginCount(group, day);
    return group;
  }
  if (olderCount == MAX_BUCKETS) {
    onCountsFull();
    return countOf(group, day);
  }
  const older = countAt(BUCKETS, olderCount);
  olderCount++;
  bucketCount++;
  memory.copy(older, group, COUNT_BYTES);
  store<u32>(group, older, NEXT);
  const count = isSettled || day > numberOf(group) ? group : older;
  beginCount(count, day);
  return count;
}

// @ts-ignore: decorator
@inline
function countHour(at: f64): void {
  const hour = <i32>Math.floor(at / HOUR_MS);
  if (hour != hourNumber || !isCurrent(hourAt)) {
    hourAt = hourPlace(hour);
    hourNumber = hour;
  }
  addTo(hourAt, at, ACCEPTED);
}

function hourPlace(hour: i32): u32 {
  let i = (<u32>hour * 0x9e37_79b1) & (HOUR_PLACES - 1);
  while (true) {
    const entry = HOUR_TABLE + (i << 2);
    const known = load<u32>(entry);
    if (known != 0 && numberOf(known) != hour) {
      i = (i + 1) & (HOUR_PLACES - 1);
      continue;
    }
    if (known != 0 && isCurrent(known)) return known;
    const settled = known == 0 ? 0 : load<u32>(known, NEXT);
    if (settled != 0) addCount(settled, known);
    else if (hourCount == MAX_HOURS) {
      onCountsFull();
      return hourPlace(hour);
    }
    let place = known;
    if (settled == 0) {
      const added = countAt(HOURS, hourCount);
      hourCount++;
      if (known == 0) {
        place = added;
        store<u32>(entry, place);
        store<u32>(place, 0, NEXT);
      } else {
        memory.copy(added, known, COUNT_BYTES);
        store<u32>(known, added, NEXT);
      }
    }
    beginCount(place, hour);
    return place;
  }
}
