import type { TableConfig } from '../../config-table.ts';
import { DAY_MS, HOUR_MS } from '../../rollup.ts';
import {
  asText, asTime, firstOf, quoteName, quoteText, splitAlternatives, type TimeExpression, typed,
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
  return names.flatMap((field) => {
    const text = table.fields[field];
    return text === undefined ? [] : splitAlternatives(text).map((sql) => ({ field, sql }));
  });
}

/** Asks for the types of all expressions, and reads no row. */
export function typesQuery({ table }: TableFields, parts: readonly Part[]): string {
  const columns = parts.map(({ sql }, index) => `(${sql}) AS lc_${index}`).join(', ');
  return `SELECT ${columns}\nFROM ${fromOf(table)}${table.where === undefined ? '' : `\nWHERE (${table.where})`}\nLIMIT 0`;
}

/** A column of the answer, and the field that it is. */
export interface GroupColumn {
  readonly name: string;
  readonly field: string;
}

/** The queries of one table. None holds a secret. */
export interface TableQueries {
  /** How many rows there are. */
  readonly total: string;
  /** Rows per hour since 1970, of all days or of one. `lc_calls`: less those that repeat an event id. */
  hours(day?: number): string;
  /** Calls of a day by all on which a rollup depends. */
  calls(day: number): string;
  readonly columns: readonly GroupColumn[];
  /** Changes when the queries do. */
  readonly text: string;
}

/** `types`: as the server gave them for `partsOf`. Throws UnreadTable for a column of a type that cannot be used. */
export function planQueries(fields: TableFields, types: readonly string[]): TableQueries {
  const { table, keyParameters } = fields;
  const parts = partsOf(fields);
  const typedParts = parts.map(({ field, sql }, index) => ({ field, ...typed(sql, types[index] ?? '') }));
  const times = typedParts.filter(({ field }) => field === 'time').map((part) => asTime(part));
  const time = times.length === 1 ? times[0] : undefined;
  if (time === undefined) throw new UnreadTable('the field time is no one time', { hint: TIME_HINT });
  const texts = (name: string): readonly string[] =>
    typedParts.filter(({ field }) => field === name).map((part) => asText(part) ?? refuse(part.field, part.type));
  const keys = ['key', 'keyId'].flatMap((field) =>
    texts(field).map((sql, index) => ({ name: `lc_${field}${index}`, field, sql })),
  );
  const action = texts('action');
  if (action.length > 0)
    keys.push({ name: 'lc_action', field: 'action', sql: keyPart(firstOf(action), keyParameters) });
  const isKeyed = keys.length === 0 ? '0' : keys.map(({ name }) => `${name} != ''`).join(' OR ');
  const grouped = parts
    .map(({ field }) => field)
    .filter((field) => !['time', 'eventId', 'key', 'keyId', 'action'].includes(field));
  const others = [...new Set(grouped)].map((field, index) => {
    const first = firstOf(texts(field));
    // Calls without a key make no rollup: they are counted together.
    const sql = `if(${isKeyed}, ${field === 'error' ? `if(${first} != '', '1', '')` : first}, '')`;
    return { name: `lc_f${index}`, field, sql };
  });
  const columns = [...keys, ...others];
  const id = texts('eventId');
  const calls =
    id.length === 0 ? 'count()' : `uniqExactIf(${firstOf(id)}, ${firstOf(id)} != '') + countIf(${firstOf(id)} = '')`;
  const figures = `count() AS lc_rows, ${calls} AS lc_calls, min(${time.millis}) AS lc_first, max(${time.millis}) AS lc_last`;
  const from = fromOf(table);
  const select = columns.map(({ name, sql }) => `  ${sql} AS ${name},\n`).join('');
  const names = columns.map(({ name }) => name);
  const callsOf = (where: string): string =>
    `SELECT\n${select}  ${figures}\nFROM ${from}${where}${names.length === 0 ? '' : `\nGROUP BY ${names.join(', ')}`}`;
  const hoursOf = (where: string): string =>
    `SELECT\n  floor((${time.millis}) / ${HOUR_MS}) AS lc_hour,\n  ${figures}\nFROM ${from}${where}\nGROUP BY lc_hour`;
  return {
    total: `SELECT count() AS lc_rows\nFROM ${from}${conditions(table, sinceOf(table, time))}`,
    hours: (day) => hoursOf(conditions(table, day === undefined ? sinceOf(table, time) : dayRange(time, day))),
    calls: (day) => callsOf(conditions(table, dayRange(time, day))),
    columns,
    text: callsOf(conditions(table, undefined)),
  };
}

const TIME_HINT =
  "It must be a DateTime, a DateTime64 or a whole number since 1970, e.g. parseDateTime64BestEffort(text, 3, 'UTC').";

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

function dayRange(time: TimeExpression, day: number): string {
  return time.between(day * DAY_MS, (day + 1) * DAY_MS);
}

/** Rows without a time may be of any day. */
function sinceOf({ since }: TableConfig, time: TimeExpression): string | undefined {
  if (since === undefined) return undefined;
  const from = `${time.millis} >= ${since * DAY_MS}`;
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
