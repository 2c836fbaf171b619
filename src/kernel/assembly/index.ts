import { plainEnd, takeCombined } from './combined';
import { countRecord, slotCount } from './group';
import { onPlain } from './host';
import { INDEX, INPUT } from './memory';
import { hasMarks } from './marks';
import { beginRecords, forgetPaths, isAlike, isComparing, walkRecord, walkUnknown } from './paths';
import { find } from './query';
import { findStructure, isInString } from './structure';
import { clearFields, keyCount } from './trie';
import { beginWalk, bracketsEnd, COMMA, isBlank, OPEN_BRACE, setLineFeed, walkEnd, walkObject } from './walk';

export {
  adoptGroups,
  arenaEnd,
  bucketCount,
  beginOpen,
  clearCounts,
  forgetGroups,
  groupCount,
  hourCount,
  lastAt,
  ownQueryLength,
  queryLength,
  openRecordBytes,
  openRecords,
  recordBytes,
  records,
  setGrouping,
  setLastAt,
  setReduced,
} from './group';
export {
  ARENA,
  COUNT_BYTES,
  GROUPS,
  HOURS,
  INPUT,
  INPUT_BYTES,
  KEYS,
  LATER,
  LATER_BYTES,
  MAX_SLOTS,
  OWN_QUERY,
  QUERY,
  SLOTS,
  SLOT_BYTES,
  TABLE,
  TRIE,
  TRIE_BYTES,
} from './memory';
export { setCombined } from './combined';
export { documentNumber } from './count';
export { markHash, setMarks } from './marks';
export { hashOfQueryName, setQueryNames } from './query';
export { isInString } from './structure';
export { laterCount, setDeferring, takeLater } from './later';
export { setZone } from './time';
export { keyCount, nameHash } from './trie';

let root: u32 = 0;

/** Where the record at hand or its line begins, and its length without line end. */
export let line: u32 = INPUT;
let lineBytes: u32 = 0;

export function setMap(rootNode: u32): void {
  root = rootNode;
  forgetPaths();
}

/** Counts the records in the first `length` bytes of the input: whole lines, each with its line feed. */
export function scanLines(length: u32): void {
  if (setLineFeed(false)) forgetPaths();
  beginRecords();
  const end = INPUT + length;
  const isCompared = isComparing();
  let indexedTo: u32 = INPUT;
  line = INPUT;
  while (line < end) {
    clearFields(slotCount);
    if (isCompared && countAlike()) continue;
    if (line >= indexedTo) {
      indexedTo = isCompared ? find(line, end, 0x0a) + 1 : end;
      findStructure(line - INPUT, indexedTo - INPUT, true);
      beginWalk();
      place = INDEX;
    }
    clearFields(slotCount);
    countLine(isCompared);
  }
}

/** Counts the line that begins here if records before were like it. */
// @ts-ignore: decorator
@inline
function countAlike(): bool {
  if (!isAlike(line) || (keyCount == 0 && hasMarks())) return false;
  const c = load<u8>(walkEnd);
  if (c != 0x0a && (c != 0x0d || load<u8>(walkEnd, 1) != 0x0a)) return false;
  const after = walkEnd + (c == 0x0a ? 1 : 2);
  lineBytes = walkEnd - line;
  if (!countRecord(lineBytes, 0, 0)) onPlain(line, after);
  line = after;
  return true;
}

/** Counts the line that begins here, by the index. */
function countLine(isCompared: bool): void {
  let ip = place;
  while (isBlank(load<u8>(INPUT + load<u32>(ip)))) ip += 4;
  const start = INPUT + load<u32>(ip);
  let isCounted = false;
  let next: u32 = 0;
  if (load<u8>(start) == OPEN_BRACE) next = isCompared ? walkUnknown(start, ip + 4, root) : walkObject(start, ip + 4, root);
  // Nothing but white space may follow.
  if (next != 0 && load<u8>(walkEnd) <= 0x20) {
    ip = next;
    while (isBlank(load<u8>(INPUT + load<u32>(ip)))) ip += 4;
    const lineFeed = INPUT + load<u32>(ip);
    if (load<u8>(lineFeed) == 0x0a) {
      lineBytes = lineFeed - line - <u32>(load<u8>(lineFeed - 1) == 0x0d);
      isCounted = countRecord(lineBytes, place, ip);
    }
  }
  // The line feed that ends this line.
  while (load<u8>(INPUT + load<u32>(ip)) != 0x0a) ip += 4;
  const after = INPUT + load<u32>(ip) + 1;
  place = ip + 4;
  if (!isCounted) onPlain(line, after);
  line = after;
}

/** As `scanLines`, for lines of an access log. */
export function scanCombined(length: u32): void {
  const end = INPUT + length;
  line = INPUT;
  while (line < end) {
    clearFields(slotCount);
    const lineEnd = plainEnd(line);
    let isCounted = false;
    if (lineEnd != 0 && takeCombined(line, lineEnd)) {
      lineBytes = lineEnd - line;
      isCounted = countRecord(lineBytes, 0, 0);
    }
    const after = find(max(line, lineEnd), end, 0x0a) + 1;
    if (!isCounted) onPlain(line, after);
    line = after;
  }
}

/** Where the index goes on. */
let place: u32 = INDEX;

/** What follows is a document: looks for its structure between these places of the input, the first of which is in no string. */
export function indexDocument(from: u32, length: u32): void {
  findStructure(from, length, false);
  if (setLineFeed(true)) forgetPaths();
  beginRecords();
  place = INDEX;
}

/** Why `scanRecords` stopped. */
export let stop: u32 = 0;
/** What follows is no record. */
const AT_OTHER: u32 = 0;
/** What follows begins a record, whose end the input does not hold. */
const AT_CUT: u32 = 1;
/** A damaged record is followed by bytes for which the index does not hold. */
const AT_DAMAGE: u32 = 2;

/**
 * Counts the record that begins here, and all behind it up to something that is neither a record nor a blank or comma, or to a second comma.
 * Returns where the last of them ends, `from` when there was none.
 */
export function scanRecords(from: u32, length: u32): u32 {
  const end = INPUT + length;
  let at = INPUT + from;
  let done = from;
  let hasComma = false;
  stop = AT_OTHER;
  while (at < end) {
    const c: u32 = load<u8>(at);
    if (c == 0x20 || c == 0x0a || c == 0x0d || c == 0x09 || (c == COMMA && !hasComma)) {
      if (c == COMMA) hasComma = true;
      at++;
      continue;
    }
    if (c != OPEN_BRACE) break;
    hasComma = false;
    while (INPUT + load<u32>(place) <= at) place += 4;
    clearFields(slotCount);
    line = at;
    const next = walkRecord(at, place, root, slotCount);
    if (next != 0) {
      lineBytes = walkEnd - at;
      at = walkEnd;
      if (!countRecord(lineBytes, place, next)) onPlain(line, at);
      place = next;
    } else {
      at = bracketsEnd(line, end);
      if (at == 0) {
        stop = AT_CUT;
        break;
      }
      onPlain(line, at);
      if (isInString(at - 1 - INPUT)) {
        stop = AT_DAMAGE;
        return at - INPUT;
      }
    }
    done = at - INPUT;
  }
  return done;
}
