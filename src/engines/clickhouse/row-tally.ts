import { interpret, type Interpretation } from '../../ingest/interpret.ts';
import type { DayNumber, EpochMs, RawFields } from '../../model.ts';
import { addCalls, addHour, type Tally } from '../../tally/rollup.ts';
import type { DayCount } from './day-plan.ts';
import type { GroupColumn } from './queries.ts';
import { type Row, UnreadTable } from './server.ts';

/** What a server says of one hour or one group of calls. */
export interface Figures {
  readonly rows: number;
  readonly calls: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

export interface Hour extends Figures {
  /** Since 1970. */
  readonly hour: number;
}

export function hourOf(row: Row): Hour {
  return { hour: whole(row, 'lc_hour'), ...figuresOf(row) };
}

/** The day is undefined for rows without a time. */
export function dayCountOf(row: Row): readonly [day: DayNumber | undefined, count: DayCount] {
  const day = row['lc_day'] === null ? undefined : whole(row, 'lc_day');
  return [day, { rows: whole(row, 'lc_rows'), ingestedAt: ingestedOf(row) }];
}

/** No row of the day may say when it came. */
function ingestedOf(row: Row): EpochMs | undefined {
  const text = row['lc_ingested'];
  return text === undefined ? undefined : text === null ? 0 : whole(row, 'lc_ingested');
}

function figuresOf(row: Row): Figures {
  return {
    rows: whole(row, 'lc_rows'),
    calls: whole(row, 'lc_calls'),
    firstAt: whole(row, 'lc_first'),
    lastAt: whole(row, 'lc_last'),
  };
}

/** Servers write large numbers as texts. */
export function whole(row: Row, name: string): number {
  const value = row[name];
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'number' && Number.isSafeInteger(number)) return number;
  throw new UnreadTable('the server gave a figure that is none');
}

/** Adds the calls of one group. What they say is read as the first record of a log that says it would be. */
export function addGroup(tally: Tally, row: Row, columns: readonly GroupColumn[], how: Interpretation): Figures {
  const figures = figuresOf(row);
  const usage = interpret(fieldsOf(row, columns, figures.firstAt), how);
  if ('skip' in usage) throw new UnreadTable('the server gave a time that is none');
  addCalls(tally, usage, figures);
  return figures;
}

/** Adds the records of one hour, with or without a key. */
export function addRecords(tally: Tally, source: string, { hour, calls, firstAt, lastAt }: Hour): void {
  tally.counts.records += calls;
  addHour(tally, { source, hour, records: calls, firstAt, lastAt });
}

function fieldsOf(row: Row, columns: readonly GroupColumn[], at: number): RawFields {
  const fields: RawFields = { time: new Date(at).toISOString(), keys: [], identity: {} };
  for (const { name, field } of columns) {
    const text = row[name];
    if (typeof text !== 'string') throw new UnreadTable('the server left out a column');
    if (text !== '') setField(fields, field, text);
  }
  return fields;
}

function setField(fields: RawFields, field: string, text: string): void {
  if (field === 'key') fields.keys.push({ text, kind: 'secret' });
  else if (field === 'keyId') fields.keys.push({ text, kind: 'public' });
  else if (field.startsWith('identity.')) fields.identity[field.slice('identity.'.length)] = text;
  else fields[field as 'ip'] = text;
}
