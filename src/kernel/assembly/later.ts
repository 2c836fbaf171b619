import { onLaterFull } from './host';
import { LATER, LATER_BYTES, MAX_LATER } from './memory';

// Calls whose event may have been counted before, where the host finds that out later: the digest of the event (a UUID, 16
// bytes), instant, group, outcome, place and length of the record.
const AT: u32 = 16;
const GROUP: u32 = 24;
const OUTCOME: u32 = 28;
const RECORD: u32 = 32;
const LENGTH: u32 = 36;

const UUID_LENGTH: u32 = 36;
const DASH: u32 = 0x2d;

/** How many are not taken by the host yet. */
export let laterCount: u32 = 0;
let isDeferring: bool = false;

export function setDeferring(defers: bool): void {
  isDeferring = defers;
  laterCount = 0;
}

export function takeLater(): void {
  laterCount = 0;
}

/** Leaves a call for later. False: the host must look at the id of its event. */
// @ts-ignore: decorator
@inline
export function isLeft(start: u32, length: u32, group: u32, outcome: u32, at: f64, record: u32, bytes: u32): bool {
  if (!isDeferring || length != UUID_LENGTH) return false;
  if (laterCount == MAX_LATER) onLaterFull();
  const call = LATER + laterCount * LATER_BYTES;
  if (!readUuid(start, call)) return false;
  laterCount++;
  store<f64>(call, at, AT);
  store<u32>(call, group, GROUP);
  store<u32>(call, outcome, OUTCOME);
  store<u32>(call, record, RECORD);
  store<u32>(call, bytes, LENGTH);
  return true;
}

/** Lower case alone: another spelling is another id. */
function readUuid(start: u32, to: u32): bool {
  let at = start;
  for (let byte: u32 = 0; byte < 16; byte++) {
    if (byte == 4 || byte == 6 || byte == 8 || byte == 10) {
      if (load<u8>(at) != DASH) return false;
      at++;
    }
    const high = digit(load<u8>(at));
    const low = digit(load<u8>(at, 1));
    if ((high | low) > 15) return false;
    store<u8>(to + byte, (high << 4) | low);
    at += 2;
  }
  return true;
}

/** More than 15 for what is no digit. */
// @ts-ignore: decorator
@inline
function digit(c: u32): u32 {
  const decimal = c - 0x30;
  if (decimal <= 9) return decimal;
  const letter = c - 0x61;
  return letter <= 5 ? letter + 10 : 256;
}
