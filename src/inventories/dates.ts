import { parseInstant } from '../instant.ts';
import type { Stretch } from '../instant.ts';
import type { EpochMs } from '../model.ts';

const ABSENT = new Set([
  '',
  '-',
  '--',
  'n/a',
  'na',
  'null',
  'none',
  'nil',
  'undefined',
  'no_information',
  'not_supported',
]);
const NO_DATE = new Set(['never', 'unknown', 'no_expiry', 'unlimited', '0']);
/** How programs write "no date" as a date: the zero times of Unix, Go and .NET, and the end of time. */
const NO_INSTANT = /^(?:0001-01-01|1970-01-01(?:T00:00:00|$)|9999-12-31)/i;
const FAR_YEAR = /^(?:210[1-9]|21[1-9]\d|2[2-9]\d\d|[3-9]\d{3})-\d\d-\d\d/;
const MAIL_DATE =
  /^(?:(?:mon|tue|wed|thu|fri|sat|sun), )?(\d{1,2}) (jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec) (\d{4} \d\d:\d\d.*)$/i;
const MONTHS = 'janfebmaraprmayjunjulaugsepoctnovdec';
const FIRST_AT = Date.UTC(2001, 0, 1);
const END_AT = Date.UTC(2101, 0, 1);

/** Whether a cell stands for nothing. */
export function isAbsent(text: string): boolean {
  return ABSENT.has(text.trim().toLowerCase());
}

/**
 * Reads an ISO 8601 date or instant of 2001 to 2100, or seconds or milliseconds since 1970. Without a zone it is UTC.
 * Undefined: there is no date, as in `never`.
 */
export function readDate(text: string): EpochMs | 'impossible' | undefined {
  return readAs('fromAt', text);
}

/** The same for the end of a key: beyond 2100 there is none in effect. */
export function readExpiry(text: string): EpochMs | 'impossible' | undefined {
  return FAR_YEAR.test(text.trim()) ? undefined : readDate(text);
}

/** The same for a date that ends something: a day stands for its last moment, and a word such as `never` for no end that we know. */
export function readEnd(text: string): EpochMs | 'impossible' | undefined {
  return readAs('toAt', text) ?? (isAbsent(text) ? undefined : 'impossible');
}

function readAs(edge: keyof Stretch, text: string): EpochMs | 'impossible' | undefined {
  const trimmed = text.trim();
  if (isAbsent(trimmed) || NO_DATE.has(trimmed.toLowerCase()) || NO_INSTANT.test(trimmed.replace(' ', 'T'))) {
    return undefined;
  }
  const at = /^\d+(?:\.\d+)?$/.test(trimmed) ? readEpoch(Number(trimmed)) : parseInstant(plainIso(trimmed))?.[edge];
  return at !== undefined && at >= FIRST_AT && at < END_AT ? at : 'impossible';
}

/** The two ranges are a factor of 250 apart, so the unit is never in doubt. */
function readEpoch(value: number): EpochMs {
  return Math.floor(value < END_AT / 1000 ? value * 1000 : value);
}

/**
 * Rewrites what databases and Go print: `2026-01-02 03:04:05 +0000 UTC`, `...+00`, `... UTC`; the dates of mail,
 * `Fri, 02 Jan 2026 03:04:05 +0000`; and the leap second.
 */
function plainIso(text: string): string {
  return text
    .replace(MAIL_DATE, (_, day: string, month: string, rest: string) => {
      const number = MONTHS.indexOf(month.toLowerCase()) / 3 + 1;
      return `${rest.slice(0, 4)}-${String(number).padStart(2, '0')}-${day.padStart(2, '0')}${rest.slice(4)}`;
    })
    .replace(/^(\d{4})\/(\d\d)\/(\d\d)/, '$1-$2-$3')
    .replace(/\s*([+-]\d\d:?\d\d)(?: [A-Z]{3,4})?$/, '$1')
    .replace(/(:\d\d(?:\.\d+)?)\s*([+-]\d\d)$/, '$1$2:00')
    .replace(/(:\d\d(?:\.\d+)?) ?(?:UTC|GMT)$/i, '$1Z')
    .replace(/^(.{10}[T ]\d\d:\d\d:)60/i, (_, head: string) => `${head}59`);
}
