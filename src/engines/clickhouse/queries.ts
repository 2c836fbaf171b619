import type { TableConfig } from '../../config/table.ts';
import type { DayNumber } from '../../model.ts';
import { DAY_MS, HOUR_MS } from '../../tally/rollup.ts';
import {
  asText, asTime, firstOf, quoteName, quoteText, splitAlternatives, type TimeExpression, type Typed, typed,
} from './expressions.ts'; // prettier-ignore
import { UnreadTable } from './server.ts';

/** What is asked of a table, and what its user wants of each call. */
export interface TableFields {
  readonly table: TableConfig;
  readonly keyParameters: readonly string[];
  /** The fields of the identity on which the name of a system depends. */
  readonly identity: readonly string[];
}

/** One expression of the map. */
interface Part {
  readonly field: string;
  readonly sql: string;
}

/** Fields that are read: those by which a rollup is told from others. */
const GROUPED = ['key', 'keyId', 'action', 'system', 'ip', 'userAgent', 'status', 'outcome', 'error', 'issuer'];

export function partsOf({ table, identity }: TableFields): readonly Part[] {
  const names = ['time', ...GROUPED, 'eventId', ...identity.map((name) => `identity.${name}`)];
  const texts: readonly (readonly [string, string | undefined])[] = [
    ...names.map((name) => [name, table.fields[name]] as const),
    ['ingested', table.ingested],
  ];
  return texts.flatMap(([field, text]) =>
    text === undefined ? [] : splitAlternatives(text).map((sql) => ({ field, sql })),
  );
}

/** Asks for the types of all expressions, and reads no row. */
export function typesQuery({ table }: TableFields, parts: readonly Part[]): string {
  const columns = parts.map(({ sql }, index) => `  (${sql}) AS lc_${index}`).join(',\n');
  return `SELECT\n${columns}\nFROM ${fromOf(table)}${table.where === undefined ? '' : `\nWHERE (${table.where})`}\nLIMIT 0`;
}

/** A column of the answer, and the field that it is. */
export interface GroupColumn {
  readonly name: string;
  readonly field: string;
}

/** Days in a row; both are of them. */
export interface DayRange {
  readonly first: DayNumber;
  readonly last: DayNumber;
}

/** The queries of one table. None holds a secret. */
export interface TableQueries {
  /** How many rows there are. */
  readonly total: string;
  /** Rows of each day since 1970, and when the newest of them came. */
  days(range?: DayRange): string;
  /** Records per hour. `lc_calls`: less those that repeat an event id. */
  hours(range: DayRange): string;
  /** Calls of each day by all on which a rollup depends. */
  calls(range: DayRange): string;
  readonly columns: readonly GroupColumn[];
  /** Changes when the queries do. */
  readonly text: string;
}

/** `types`: as the server gave them for `partsOf`. Throws UnreadTable for a column of a type that cannot be used. */
export function planQueries(fields: TableFields, types: readonly string[]): TableQueries {
  const { table } = fields;
  const parts = partsOf(fields).map(({ field, sql }, index) => ({ field, ...typed(sql, types[index] ?? '') }));
  const time = timeOf(parts, 'time');
  const came = table.ingested === undefined ? '' : `, max(${timeOf(parts, 'ingested').millis}) AS lc_ingested`;
  const columns = columnsOf(parts, fields.keyParameters);
  const from = fromOf(table);
  const per = (ms: number): string => `floor((${time.millis}) / ${ms})`;
  const figures = `count() AS lc_rows, ${callsOf(parts)} AS lc_calls, min(${time.millis}) AS lc_first, max(${time.millis}) AS lc_last`;
  const select = columns.map(({ name, sql }) => `  ${sql} AS ${name},\n`).join('');
  const names = ['lc_day', ...columns.map(({ name }) => name)].join(', ');
  const since = table.since === undefined ? undefined : sinceOf(time, table.since);
  const within = ({ first, last }: DayRange): string => time.between(first * DAY_MS, (last + 1) * DAY_MS);
  const calls = (where: string): string =>
    `SELECT\n  ${per(DAY_MS)} AS lc_day,\n${select}  ${figures}\nFROM ${from}${where}\nGROUP BY ${names}`;
  return {
    total: `SELECT count() AS lc_rows\nFROM ${from}${conditions(table, since)}`,
    days: (range) => {
      const where = conditions(table, range === undefined ? since : within(range));
      return `SELECT\n  ${per(DAY_MS)} AS lc_day,\n  count() AS lc_rows${came}\nFROM ${from}${where}\nGROUP BY lc_day`;
    },
    hours: (range) =>
      `SELECT\n  ${per(HOUR_MS)} AS lc_hour,\n  ${figures}\nFROM ${from}${conditions(table, within(range))}\nGROUP BY lc_hour`,
    calls: (range) => calls(conditions(table, within(range))),
    columns,
    text: calls(conditions(table, undefined)),
  };
}

type TypedPart = Part & Typed;

function timeOf(parts: readonly TypedPart[], field: 'time' | 'ingested'): TimeExpression {
  const times = parts.filter((part) => part.field === field).map((part) => asTime(part));
  if (times.length === 1 && times[0] !== undefined) return times[0];
  throw new UnreadTable(`${field === 'time' ? 'the field time' : '"ingested"'} is no one time`, { hint: TIME_HINT });
}

const TIME_HINT =
  "It must be a DateTime, a DateTime64 or a whole number since 1970, e.g. parseDateTime64BestEffort(text, 3, 'UTC').";

/** By which calls are told from each other. Alternatives of a key are columns of their own: each may hold one. */
function columnsOf(
  parts: readonly TypedPart[],
  keyParameters: readonly string[],
): readonly (GroupColumn & { readonly sql: string })[] {
  const keys = ['key', 'keyId'].flatMap((field) =>
    textsOf(parts, field).map((sql, index) => ({ name: `lc_${field}${index}`, field, sql })),
  );
  const action = textsOf(parts, 'action');
  if (action.length > 0)
    keys.push({ name: 'lc_action', field: 'action', sql: keyPart(firstOf(action), keyParameters) });
  const isKeyed = keys.length === 0 ? '0' : keys.map(({ name }) => `${name} != ''`).join(' OR ');
  const grouped = parts.map(({ field }) => field).filter((field) => !NOT_GROUPED_AS_TEXT.has(field));
  const others = [...new Set(grouped)].map((field, index) => {
    const first = firstOf(textsOf(parts, field));
    // Calls without a key make no rollup: they are counted together.
    const sql = `if(${isKeyed}, ${field === 'error' ? `if(${first} != '', '1', '')` : first}, '')`;
    return { name: `lc_f${index}`, field, sql };
  });
  return [...keys, ...others];
}

const NOT_GROUPED_AS_TEXT: ReadonlySet<string> = new Set(['time', 'ingested', 'eventId', 'key', 'keyId', 'action']);

function textsOf(parts: readonly TypedPart[], name: string): readonly string[] {
  return parts.filter(({ field }) => field === name).map((part) => asText(part) ?? refuse(part.field, part.type));
}

function callsOf(parts: readonly TypedPart[]): string {
  const ids = textsOf(parts, 'eventId');
  if (ids.length === 0) return 'count()';
  return `uniqExactIf(${firstOf(ids)}, ${firstOf(ids)} != '') + countIf(${firstOf(ids)} = '')`;
}

function refuse(field: string, type: string): never {
  const shown = /^[\w(), .'-]{1,60}$/.test(type) ? type : 'its type';
  throw new UnreadTable(`the field ${field} is no text or number (${shown})`, {
    hint: "Pick one value, e.g. headers['x-api-key'] of a Map, or cast it: toString(...).",
  });
}

function fromOf({ cluster, database, table }: TableConfig): string {
  if (cluster === undefined) return `${quoteName(database)}.${quoteName(table)}`;
  return `cluster(${quoteText(cluster)}, ${quoteName(database)}, ${quoteName(table)})`;
}

function conditions({ where }: TableConfig, stretch: string | undefined): string {
  const all = [stretch, where].filter((one) => one !== undefined).map((one) => `(${one})`);
  return all.length === 0 ? '' : `\nWHERE ${all.join(' AND ')}`;
}

/** Rows without a time may be of any day. */
function sinceOf(time: TimeExpression, day: DayNumber): string {
  const from = time.since(day * DAY_MS);
  return time.isNullable ? `${from} OR isNull(${time.millis})` : from;
}

/** Of an action: user and password before its host, and those parameters of its query that may hold a key. */
function keyPart(action: string, more: readonly string[]): string {
  const url = `replaceRegexpOne(${action}, '^[A-Za-z]+ +', '')`;
  const clean = `replaceRegexpOne(${url}, ' +HTTP/[0-9.]+$', '')`;
  const query = `arrayStringConcat(extractAll(${clean}, ${quoteText(keyParameterPattern(more))}), '&')`;
  const user = `extract(${clean}, ${quoteText('^([A-Za-z][A-Za-z0-9+.-]{0,30}://[^/?#]*@)')})`;
  return `if(${query} = '' AND ${user} = '', '', concat(${user}, '?', ${query}))`;
}

/** What is in every known name of a parameter for keys. With all the names in it, to compile the pattern took 50 ms a query. */
const STEMS = ['key', 'token', 'secret', 'auth', 'appid', 'accessid', 'credential'];

/**
 * Finds parameters that may hold a key, in RE2: rather too many than too few, since they are looked at again. Names are
 * compared without case, `-`, `_` and `.`, and may be encoded.
 */
export function keyParameterPattern(more: readonly string[]): string {
  const names = [...STEMS, ...more.map(plain)].filter((name) => name !== '');
  const name = `[^=&#?;]*(?:[%+]|${names.map(loosely).join('|')})[^=&#?;]*`;
  return `(?i)[?&#;](${name}=[^&#?]*|[\\s_.-]*k[\\s_.-]*=[^&#?]*)`;
}

function plain(name: string): string {
  return name.trim().replace(/[-_.]/g, '').toLowerCase();
}

/** Letters with any of `-`, `_` and `.` between them. */
function loosely(name: string): string {
  const letters = [...name].map((letter) =>
    /\w/.test(letter) ? letter : `\\x{${letter.codePointAt(0)?.toString(16)}}`,
  );
  return letters.join('[-_.]*');
}
