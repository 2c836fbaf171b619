/** What `readTime` says of a text that it leaves to the host. */
export const NOT_READ: i64 = i64.MIN_VALUE;

/** Whether a time without zone is UTC. Otherwise the host reads it. */
let isUtc: bool = true;

export function setZone(readsAsUtc: bool): void {
  isUtc = readsAsUtc;
}

// 1990 to 2200, as the host has it.
const FIRST_INSTANT: i64 = 631_152_000_000;
const END_OF_TIME: i64 = 7_289_654_400_000;
const DAY: i64 = 86_400_000;

/**
 * Epoch milliseconds of the usual forms: ISO 8601 with seconds, that of the common log format, and epoch seconds, milli-,
 * micro- and nanoseconds. All others, whatever is rare and whatever is wrong, are left to the host, so that there is one judge of them.
 */
export function readTime(start: u32, length: u32): i64 {
  const at =
    load<u8>(start, 4) == 0x2d
      ? readIso(start, length)
      : load<u8>(start, 2) == 0x2f
        ? readClf(start, length)
        : readEpoch(start, length);
  return at >= FIRST_INSTANT && at < END_OF_TIME ? at : NOT_READ;
}

/** A log is in the order of time: the minute is mostly that of the record before. */
let knownMinute: v128 = i8x16.splat(0);
let minuteAt: i64 = 0;

/** `2026-09-01T10:20:30.123+02:00`: T or blank; fraction and zone optional. */
function readIso(start: u32, length: u32): i64 {
  if (length < 19) return NOT_READ;
  const upToMinute = v128.load(start);
  if (!i8x16.all_true(i8x16.eq(upToMinute, knownMinute))) {
    const minute = readMinute(start);
    if (minute == NOT_READ) return NOT_READ;
    knownMinute = upToMinute;
    minuteAt = minute;
  }
  const second = twoDigits(start + 17);
  if (load<u8>(start, 16) != 0x3a || second > 59) return NOT_READ;
  let at = minuteAt + <i64>(second * 1000);
  let next = start + 19;
  const end = start + length;
  if (next == end) return isUtc ? at : NOT_READ;
  let c: u32 = load<u8>(next);
  if (c == 0x2e || c == 0x2c) {
    next++;
    const first = next;
    let unit: u32 = 100;
    let millis: u32 = 0;
    for (; next < end; next++) {
      const digit = <u32>load<u8>(next) - 0x30;
      if (digit > 9) break;
      millis += digit * unit;
      unit /= 10;
    }
    if (next == first) return NOT_READ;
    at += <i64>millis;
    if (next == end) return isUtc ? at : NOT_READ;
    c = load<u8>(next);
  }
  if ((c | 0x20) == 0x7a) return next + 1 == end ? at : NOT_READ;
  if (c != 0x2b && c != 0x2d) return NOT_READ;
  const hours = twoDigits(next + 1);
  const isColon = load<u8>(next, 3) == 0x3a;
  const minutes = twoDigits(next + (isColon ? 4 : 3));
  if (next + (isColon ? 6 : 5) != end || hours > 15 || minutes > 59) return NOT_READ;
  const offset = <i64>((hours * 60 + minutes) * 60_000);
  return c == 0x2d ? at + offset : at - offset;
}

/** `2026-09-01T10:20`. */
function readMinute(start: u32): i64 {
  const less = i8x16.sub(
    v128.load(start),
    i8x16(0x30, 0x30, 0x30, 0x30, 0x2d, 0x30, 0x30, 0x2d, 0x30, 0x30, 0, 0x30, 0x30, 0x3a, 0x30, 0x30),
  );
  const fits = i8x16.le_u(less, i8x16(9, 9, 9, 9, 0, 9, 9, 0, 9, 9, -1, 9, 9, 0, 9, 9));
  const separator = load<u8>(start, 10);
  if (!i8x16.all_true(fits) || ((separator | 0x20) != 0x74 && separator != 0x20)) return NOT_READ;
  const hour = twoDigits(start + 11);
  const minute = twoDigits(start + 14);
  if (hour > 23 || minute > 59) return NOT_READ;
  const days = daysOf(twoDigits(start) * 100 + twoDigits(start + 2), twoDigits(start + 5), twoDigits(start + 8));
  return days < 0 ? NOT_READ : days * DAY + <i64>((hour * 60 + minute) * 60_000);
}

/** `01/Sep/2026:10:20:30 +0200`. */
function readClf(start: u32, length: u32): i64 {
  if (length != 26 || !isClf(start)) return NOT_READ;
  const month = monthOf(start + 3);
  const days = daysOf(twoDigits(start + 7) * 100 + twoDigits(start + 9), month, twoDigits(start));
  const hour = twoDigits(start + 12);
  const minute = twoDigits(start + 15);
  const second = twoDigits(start + 18);
  const hours = twoDigits(start + 22);
  const minutes = twoDigits(start + 24);
  if (days < 0 || hour > 23 || minute > 59 || second > 59 || hours > 15 || minutes > 59) return NOT_READ;
  const at = days * DAY + <i64>((hour * 60 + minute) * 60_000 + second * 1000);
  const offset = <i64>((hours * 60 + minutes) * 60_000);
  return load<u8>(start, 21) == 0x2d ? at + offset : at - offset;
}

function isClf(start: u32): bool {
  const sign = load<u8>(start, 21);
  return (
    load<u8>(start, 6) == 0x2f &&
    load<u8>(start, 11) == 0x3a &&
    load<u8>(start, 14) == 0x3a &&
    load<u8>(start, 17) == 0x3a &&
    load<u8>(start, 20) == 0x20 &&
    (sign == 0x2b || sign == 0x2d)
  );
}

/** 1 to 12, whatever the case; 0 when it is none. */
function monthOf(start: u32): u32 {
  const name = (<u32>load<u8>(start) << 16) | (<u32>load<u8>(start, 1) << 8) | <u32>load<u8>(start, 2);
  switch (name | 0x20_2020) {
    case 0x6a_616e:
      return 1;
    case 0x66_6562:
      return 2;
    case 0x6d_6172:
      return 3;
    case 0x61_7072:
      return 4;
    case 0x6d_6179:
      return 5;
    case 0x6a_756e:
      return 6;
    case 0x6a_756c:
      return 7;
    case 0x61_7567:
      return 8;
    case 0x73_6570:
      return 9;
    case 0x6f_6374:
      return 10;
    case 0x6e_6f76:
      return 11;
    case 0x64_6563:
      return 12;
    default:
      return 0;
  }
}

/** Whole units of 10, 13, 16 or 19 digits or so, or seconds with a fraction. */
function readEpoch(start: u32, length: u32): i64 {
  if (length > 40 || load<u8>(start) == 0x30) return NOT_READ;
  let value: i64 = 0;
  let at = start;
  const end = start + length;
  for (; at < end; at++) {
    const digit = <u32>load<u8>(at) - 0x30;
    if (digit > 9) break;
    value = value * 10 + <i64>digit;
  }
  const whole = at - start;
  // Fourteen digits may be a date.
  if (whole == 0 || whole == 14 || whole > 18 + <u32>(load<u8>(start) < 0x39)) return NOT_READ;
  let millis: i64 = 0;
  if (at < end) {
    if (load<u8>(at) != 0x2e) return NOT_READ;
    at++;
    let unit: u32 = 100;
    for (; at < end; at++) {
      const digit = <u32>load<u8>(at) - 0x30;
      if (digit > 9) return NOT_READ;
      millis += <i64>(digit * unit);
      unit /= 10;
    }
  }
  if (whole <= 10) return value * 1000 + millis;
  if (whole <= 13) return value;
  return whole <= 16 ? value / 1000 : value / 1_000_000;
}

/** Days since 1970-01-01, -1 for a date that does not exist. The year starts in March so that the leap day comes last. */
function daysOf(year: u32, month: u32, day: u32): i64 {
  if (year < 1990 || year > 2200 || month - 1 > 11 || day - 1 >= daysIn(year, month)) return -1;
  const y = month <= 2 ? year - 1 : year;
  const era = y / 400;
  const yearOfEra = y - era * 400;
  const dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return <i64>(era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear) - 719_468;
}

function daysIn(year: u32, month: u32): u32 {
  if (month != 2) return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
}

/** More than 99 when these are no digits. */
// @ts-ignore: decorator
@inline
function twoDigits(at: u32): u32 {
  const tens = <u32>load<u8>(at) - 0x30;
  const ones = <u32>load<u8>(at, 1) - 0x30;
  return tens > 9 || ones > 9 ? 1000 : tens * 10 + ones;
}
