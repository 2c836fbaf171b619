import { LastcallError } from '../errors.ts';
import type { EpochMs } from '../model.ts';

export type TimeError = 'no-time' | 'impossible-time';

/**
 * Reads a time stamp as logged; fractions are cut to milliseconds. `zone` (IANA name or offset, default UTC) is for
 * stamps that carry none. Never rolls an impossible date over, and never depends on the zone of the machine.
 * On the hot path: the usual forms are read from char codes, without a regex or a Date.
 */
export function parseTime(text: string, zone: string | undefined): EpochMs | TimeError {
  let at = NOT_THIS_FORM;
  if (text.charCodeAt(4) === DASH) at = parseIso(text, zone);
  else if (text.charCodeAt(2) === SLASH) at = parseClf(text, zone);
  else if (isDigit(text.charCodeAt(0))) at = parseEpoch(text);
  if (Number.isNaN(at)) at = parseRare(text.trim(), zone);
  if (Number.isNaN(at)) return 'no-time';
  return at >= FIRST_INSTANT && at < END_OF_TIME ? at : 'impossible-time';
}

const DASH = 45;
const SLASH = 47;
const COLON = 58;
const SPACE = 32;
const SECOND = 1000;
const MINUTE = 60_000;
const DAY = 86_400_000;
const FIRST_YEAR = 1990;
const LAST_YEAR = 2200;
/** The text has another form; another parser may know it. */
const NOT_THIS_FORM = Number.NaN;
/** The form is right, but no such instant exists. */
const IMPOSSIBLE = Number.POSITIVE_INFINITY;
const FIRST_INSTANT = daysFromCivil(FIRST_YEAR, 1, 1) * DAY;
const END_OF_TIME = daysFromCivil(LAST_YEAR + 1, 1, 1) * DAY;
const MONTHS = 'janfebmaraprmayjunjulaugsepoctnovdec';

/** `2022-02-08T09:23:37.123+11:00`: T or space, seconds, fraction and zone optional. */
function parseIso(text: string, zone: string | undefined): number {
  const separator = text.charCodeAt(10) | 32;
  if (text.charCodeAt(7) !== DASH || (separator !== 116 && separator !== SPACE)) return NOT_THIS_FORM;
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  return parseClock(text, 11, dateOf(year, month, twoDigits(text, 8)), zone);
}

/** `17/May/2015:10:05:03 +0000`; the fraction of HAProxy and a missing zone are fine. */
function parseClf(text: string, zone: string | undefined): number {
  if (text.charCodeAt(6) !== SLASH || text.charCodeAt(11) !== COLON) return NOT_THIS_FORM;
  const month = monthOf(text.slice(3, 6));
  if (Number.isNaN(month)) return NOT_THIS_FORM;
  const year = twoDigits(text, 7) * 100 + twoDigits(text, 9);
  return parseClock(text, 12, dateOf(year, month, twoDigits(text, 0)), zone);
}

/** Reads `hh:mm[:ss[.fraction]][zone]` from `start` to the end of the text. */
function parseClock(text: string, start: number, date: number, zone: string | undefined): number {
  const hour = twoDigits(text, start);
  const minute = twoDigits(text, start + 3);
  if (Number.isNaN(date + hour + minute) || text.charCodeAt(start + 2) !== COLON) return NOT_THIS_FORM;
  let second = 0;
  let millis = 0;
  let index = start + 5;
  if (text.charCodeAt(index) === COLON) {
    second = twoDigits(text, index + 1);
    if (Number.isNaN(second)) return NOT_THIS_FORM;
    index += 3;
    const mark = text.charCodeAt(index);
    if (mark === 46 || mark === 44) {
      const first = ++index;
      for (let unit = 100; isDigit(text.charCodeAt(index)); unit = Math.trunc(unit / 10)) {
        millis += (text.charCodeAt(index++) - 48) * unit;
      }
      if (index === first) return NOT_THIS_FORM;
    }
  }
  const time = clockOf(hour, minute, second, millis);
  return toUtc(date + time, text, index, zone);
}

/** Applies the offset that stands at `index`, else the given zone. */
function toUtc(local: number, text: string, start: number, zone: string | undefined): number {
  let index = start;
  while (text.charCodeAt(index) === SPACE) index++;
  if (index === text.length) return fromZone(local, zone);
  const sign = text.charCodeAt(index);
  if ((sign | 32) === 122 && index + 1 === text.length) return local;
  if (sign !== 43 && sign !== DASH) return ZERO_ZONE.test(text.slice(index)) ? local : NOT_THIS_FORM;
  const hours = twoDigits(text, index + 1);
  index += 3;
  if (text.charCodeAt(index) === COLON) index++;
  const hasMinutes = isDigit(text.charCodeAt(index));
  const minutes = hasMinutes ? twoDigits(text, index) : 0;
  if (hasMinutes) index += 2;
  if (Number.isNaN(hours + minutes)) return NOT_THIS_FORM;
  if (index !== text.length && !ZONE_NAME_AFTER_OFFSET.test(text.slice(index))) return NOT_THIS_FORM;
  if (hours > 15 || minutes > 59) return IMPOSSIBLE;
  const offset = (hours * 60 + minutes) * MINUTE;
  return sign === DASH ? local + offset : local - offset;
}

const ZERO_ZONE = /^(?:z|utc|gmt)$/i;
/** Java's `+01:00[Europe/Paris]`, Go's `+1100 AEDT m=+0.01`. */
const ZONE_NAME_AFTER_OFFSET = /^(?:\[[\w/+-]{1,40}\]| [A-Z]{1,6}| [+-]\d{2,4})(?: m=[+-][\d.]{1,30})?$/;

/**
 * Epoch seconds (whole or with a fraction), milliseconds, microseconds or nanoseconds: the ranges of the years
 * 1990 to 2200 do not overlap. Cut from the text where it is plain digits, since a double cannot hold nanoseconds.
 */
function parseEpoch(text: string): number {
  if (text.length > 40) return NOT_THIS_FORM;
  const parts = EPOCH.exec(text);
  if (parts === null) return NOT_THIS_FORM;
  const [, whole = '', fraction = '', exponent] = parts;
  if (exponent === undefined && whole.length === 14) return NOT_THIS_FORM;
  const value = Number(text);
  if (value < 1e10) {
    return exponent === undefined
      ? Number(whole) * SECOND + Number(fraction.slice(0, 3).padEnd(3, '0'))
      : Math.floor(value * SECOND);
  }
  const unit = value < 1e13 ? 0 : value < 1e16 ? 3 : value < 1e19 ? 6 : -1;
  if (unit < 0) return IMPOSSIBLE;
  return exponent === undefined ? Number(whole.slice(0, whole.length - unit)) : Math.floor(value / 10 ** unit);
}

const EPOCH = /^(\d+)(?:\.(\d*))?([eE][+]?\d{1,2})?$/;

/** The forms that no busy log uses. */
function parseRare(text: string, zone: string | undefined): number {
  if (text.length > 80) return NOT_THIS_FORM;
  if (text.startsWith('[') && text.endsWith(']')) return parseKnown(text.slice(1, -1), zone);
  const named =
    RFC_1123.exec(text) ?? ASCTIME.exec(text) ?? SLASHED.exec(text) ?? DOTTED.exec(text) ?? COMPACT.exec(text);
  if (named?.groups === undefined) return text === '' ? NOT_THIS_FORM : parseIsoOrClf(text, zone);
  const { year, month, day, time, rest, hh, mm, ss } = named.groups;
  const date = dateOf(Number(year), monthNumber(month ?? ''), Number(day));
  return parseClock(`${time ?? `${hh}:${mm}:${ss}`}${rest ?? ''}`, 0, date, zone);
}

/** `Sun, 06 Nov 1994 08:49:37 GMT`. */
const RFC_1123 =
  /^(?:[A-Za-z]{3,9}, ?)?(?<day>\d{1,2}) (?<month>[A-Za-z]{3}) (?<year>\d{4}) (?<time>\d\d:\d\d(?::\d\d)?)(?<rest>.*)$/;
/** `Sun Mar 13 22:49:12.880562 2016`. */
const ASCTIME =
  /^(?:[A-Za-z]{3} +)?(?<month>[A-Za-z]{3}) +(?<day>\d{1,2}) (?<time>\d\d:\d\d:\d\d(?:\.\d{1,9})?) (?<year>\d{4})$/;
/** `2022/02/08 09:23:37`. */
const SLASHED = /^(?<year>\d{4})\/(?<month>\d\d)\/(?<day>\d\d)[ T](?<time>\d\d:\d\d)(?<rest>.*)$/;
/** `8.2.2022 09:23:37`: with dots, the day comes first everywhere. */
const DOTTED = /^(?<day>\d{1,2})\.(?<month>\d{1,2})\.(?<year>\d{4}),?[ T](?<time>\d\d:\d\d)(?<rest>.*)$/;
/** `20220208T092337Z` and `20220208092337`. */
const COMPACT = /^(?<year>\d{4})(?<month>\d\d)(?<day>\d\d)T?(?<hh>\d\d)(?<mm>\d\d)(?<ss>\d\d)(?<rest>.*)$/;

function parseKnown(text: string, zone: string | undefined): number {
  const at = parseTime(text, zone);
  return at === 'no-time' ? NOT_THIS_FORM : at === 'impossible-time' ? IMPOSSIBLE : at;
}

/** Surrounding white space kept the fast path from seeing them. */
function parseIsoOrClf(text: string, zone: string | undefined): number {
  if (text.charCodeAt(4) === DASH) return parseIso(text, zone);
  if (text.charCodeAt(2) === SLASH) return parseClf(text, zone);
  return isDigit(text.charCodeAt(0)) ? parseEpoch(text) : NOT_THIS_FORM;
}

function monthNumber(text: string): number {
  return isDigit(text.charCodeAt(0)) ? Number(text) : monthOf(text);
}

function monthOf(name: string): number {
  const index = MONTHS.indexOf(name.toLowerCase());
  return name.length === 3 && index >= 0 && index % 3 === 0 ? index / 3 + 1 : Number.NaN;
}

/** Milliseconds at the start of the day, IMPOSSIBLE for 30 February. */
function dateOf(year: number, month: number, day: number): number {
  if (Number.isNaN(year + month + day)) return NOT_THIS_FORM;
  if (year < FIRST_YEAR || year > LAST_YEAR || month < 1 || month > 12) return IMPOSSIBLE;
  return day < 1 || day > daysInMonth(year, month) ? IMPOSSIBLE : daysFromCivil(year, month, day) * DAY;
}

/** A leap second is the last millisecond of its minute; 24:00:00 is the next midnight, as ISO 8601 has it. */
function clockOf(hour: number, minute: number, second: number, millis: number): number {
  if (hour === 24 && minute + second + millis === 0) return DAY;
  if (hour > 23 || minute > 59 || second > 60) return IMPOSSIBLE;
  const minutes = (hour * 60 + minute) * MINUTE;
  return second === 60 ? minutes + 59_999 : minutes + second * SECOND + millis;
}

function daysInMonth(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

/** Days since 1970-01-01 in the Gregorian calendar; the year starts in March so that the leap day comes last. */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return (
    era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
  );
}

function twoDigits(text: string, index: number): number {
  const tens = text.charCodeAt(index) - 48;
  const ones = text.charCodeAt(index + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** A local time that exists twice is the later instant, since a use must never look older than it may be. */
function fromZone(local: number, zone: string | undefined): number {
  if (zone === undefined || zone === 'UTC' || !Number.isFinite(local)) return local;
  const cache = offsetsByMinute(zone);
  const minute = Math.floor(local / MINUTE);
  let offset = cache.get(minute);
  if (offset === undefined) {
    offset = laterOffset(zone, minute * MINUTE);
    if (cache.size >= 10_000) cache.clear();
    cache.set(minute, offset);
  }
  return local - offset;
}

/** In the hour that spring skips, no offset fits: the one from before the change gives the later instant. */
function laterOffset(zone: string, local: number): number {
  const candidates = [zoneOffset(zone, local - DAY), zoneOffset(zone, local + DAY)];
  const fitting = candidates.filter((offset) => zoneOffset(zone, local - offset) === offset);
  return Math.min(...(fitting.length > 0 ? fitting : candidates));
}

const offsetCaches = new Map<string, Map<number, number>>();

function offsetsByMinute(zone: string): Map<number, number> {
  let cache = offsetCaches.get(zone);
  if (cache === undefined) offsetCaches.set(zone, (cache = new Map()));
  return cache;
}

const zoneFormats = new Map<string, Intl.DateTimeFormat>();

function zoneOffset(zone: string, at: number): number {
  const name = zoneFormat(zone)
    .formatToParts(at)
    .find((part) => part.type === 'timeZoneName')?.value;
  const parts = /^GMT(?:([+-])(\d\d):(\d\d))?$/.exec(name ?? '');
  const minutes = Number(parts?.[2] ?? 0) * 60 + Number(parts?.[3] ?? 0);
  return (parts?.[1] === '-' ? -minutes : minutes) * MINUTE;
}

function zoneFormat(zone: string): Intl.DateTimeFormat {
  let format = zoneFormats.get(zone);
  if (format === undefined) {
    try {
      format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    } catch (cause) {
      const hint = 'Give an IANA name such as Europe/Berlin, or an offset such as +02:00.';
      throw new LastcallError('config', `There is no time zone called ${JSON.stringify(zone)}.`, { hint, cause });
    }
    zoneFormats.set(zone, format);
  }
  return format;
}
