import { countRecord, slotCount } from './group';
import { onPlain } from './host';
import { INDEX, INPUT } from './memory';
import { findStructure, indexEnd } from './structure';
import { clearFields } from './trie';
import { beginWalk, isBlank, walkEnd, walkObject } from './walk';

export {
  bucketCount,
  clearCounts,
  forgetGroups,
  hourCount,
  lastAt,
  ownQueryLength,
  queryLength,
  recordBytes,
  records,
  setGrouping,
  setLastAt,
  setReduced,
} from './group';
export {
  BUCKETS,
  BUCKET_BYTES,
  HOURS,
  HOUR_BYTES,
  HOUR_SLOTS,
  INPUT,
  INPUT_BYTES,
  KEYS,
  MAX_SLOTS,
  OWN_QUERY,
  QUERY,
  SLOTS,
  SLOT_BYTES,
  TRIE,
  TRIE_BYTES,
} from './memory';
export { markHash, setMarks } from './marks';
export { hashOfQueryName, setQueryNames } from './query';
export { setZone } from './time';
export { keyCount, nameHash } from './trie';

let root: u32 = 0;

/** Where the line of the record at hand begins, and its length without line end. */
export let line: u32 = INPUT;
export let lineBytes: u32 = 0;

export function setMap(rootNode: u32): void {
  root = rootNode;
}

/** Counts the records in the first `length` bytes of the input: whole lines, each with its line feed. */
export function scanLines(length: u32): void {
  findStructure(length, true);
  beginWalk();
  const end = indexEnd;
  let ip: u32 = INDEX;
  line = INPUT;
  while (ip < end) {
    clearFields(slotCount);
    const first = ip;
    const next = walkObject(ip, root);
    let isCounted = false;
    // Nothing but white space may follow.
    if (next != 0 && load<u8>(walkEnd) <= 0x20) {
      ip = next;
      while (isBlank(load<u8>(INPUT + load<u32>(ip)))) ip += 4;
      const place = INPUT + load<u32>(ip);
      if (load<u8>(place) == 0x0a) {
        lineBytes = place - line - <u32>(load<u8>(place - 1) == 0x0d);
        isCounted = countRecord(lineBytes, first, ip);
      }
    }
    // The line feed that ends this line.
    while (load<u8>(INPUT + load<u32>(ip)) != 0x0a) ip += 4;
    const after = INPUT + load<u32>(ip) + 1;
    ip += 4;
    if (!isCounted) onPlain(line, after);
    line = after;
  }
}
