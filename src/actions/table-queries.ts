import fs from 'node:fs';
import { compileSystems } from '../attribution/systems.ts';
import { type DayRange, partsOf, type TableFields, typesQuery } from '../engines/clickhouse/queries.ts';
import { askQueries } from '../engines/clickhouse/read-table.ts';
import { renderScript } from '../engines/clickhouse/script.ts';
import { openServer, UnreadTable } from '../engines/clickhouse/server.ts';
import { openForReading } from '../engines/sqlite/store.ts';
import { readTableDays, type TableDay } from '../engines/sqlite/table-days.ts';
import { type ExitCode, LastcallError } from '../errors.ts';
import type { DayNumber, EpochMs } from '../model.ts';
import type { Options } from '../options.ts';
import type { Outside } from '../outside.ts';
import { DAY_MS } from '../tally/rollup.ts';
import { tableSourceOf } from './table-sources.ts';

/** `lastcall sql`: prints what a run would ask of tables, and asks for the types of their columns only. Else exit code 3. */
export async function showQueries(options: Options, outside: Outside): Promise<ExitCode> {
  if (options.logs.length === 0) {
    throw new LastcallError('usage', 'lastcall sql has no table to ask', {
      hint: 'Tables are described in lastcall.yaml: sources, type: clickhouse.',
    });
  }
  let code: ExitCode = 0;
  for (const place of options.logs) {
    const { name, table, keyParameters } = tableSourceOf(place, options);
    const fields: TableFields = { table, keyParameters, identity: compileSystems(options.systems).identity };
    const server = await openServer(table, options.passwords[name]);
    const types = typesQuery(fields, partsOf(fields));
    const next = nextRange(storedDays(place, options.db), options.now);
    try {
      const queries = await askQueries(fields, server);
      await outside.write(undefined, [renderScript(place, table, types, { queries, ...next })]);
    } catch (error) {
      if (!(error instanceof UnreadTable)) throw error;
      await outside.write(undefined, [renderScript(place, table, types, undefined)]);
      outside.warn({ file: place, message: error.message, hint: error.hint, isIncomplete: true });
      code = 3;
    } finally {
      await server.close();
    }
  }
  return code;
}

function storedDays(place: string, file: string): ReadonlyMap<DayNumber, TableDay> {
  if (!fs.existsSync(file)) return new Map();
  const store = openForReading(file, undefined);
  try {
    return readTableDays(store.db, place);
  } finally {
    store.close();
  }
}

/** The days that the next run reads, as far as the database can tell: rows that came late are seen by the server only. */
function nextRange(
  stored: ReadonlyMap<DayNumber, TableDay>,
  now: EpochMs,
): { readonly range: DayRange; readonly about: string } {
  const today = Math.floor(now / DAY_MS);
  const open = [...stored].filter(([, { isSealed }]) => !isSealed).map(([day]) => day);
  if (stored.size === 0) {
    return {
      range: { first: today - 1, last: today },
      about: 'Nothing is stored: all days are read; here the last two.',
    };
  }
  const first = Math.min(Math.max(...stored.keys()) + 1, ...open);
  return { range: { first, last: Math.max(first, today) }, about: 'Here those that are not sealed yet.' };
}
