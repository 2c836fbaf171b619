import type { TableConfig } from '../../config/table.ts';
import { BATCH_ROWS } from './day-plan.ts';
import type { DayRange, TableQueries } from './queries.ts';
import { settingsOf } from './server.ts';

/** What is asked of days that are to be read. */
export interface NextDays {
  readonly queries: TableQueries;
  readonly range: DayRange;
  /** Which days these are, as a sentence. */
  readonly about: string;
}

/** What a run asks of a table, as a script for its server. `next` is undefined when the types are not known. */
export function renderScript(place: string, table: TableConfig, types: string, next: NextDays | undefined): string {
  const settings = Object.entries(settingsOf(table)).map(([name, value]) => `  ${name} = ${literal(value)}`);
  return [
    `-- ${place}: ${table.url}, as user ${table.user} with the password from ${table.passwordFrom}`,
    '-- With each query, whatever the profile of the user says:',
    `SET\n${settings.join(',\n')};\n`,
    '-- 1. Of which types the mapped expressions are. No row is read.',
    `${types};\n`,
    ...(next === undefined ? ['-- The others depend on these types, which the server did not say.\n'] : asksOf(next)),
  ].join('\n');
}

function asksOf({ queries, range, about }: NextDays): readonly string[] {
  return [
    '-- 2. How many rows there are. Counted by day they must be no fewer.',
    `${queries.total};\n`,
    '-- 3. Rows of each day: which days are new, open, or have other rows than are stored.',
    `${queries.days()};\n`,
    `-- Then of the days that are to be read, as many at once as have ${BATCH_ROWS.toLocaleString('en')} rows together.`,
    `-- ${about}\n`,
    '-- 4. Rows of each hour.',
    `${queries.hours(range)};\n`,
    '-- 5. Calls of each day by key, caller and outcome. Keys come as they are logged, and are hashed on receipt.',
    `${queries.calls(range)};\n`,
    '-- 6. Rows of each day again: no fewer than became calls.',
    `${queries.days(range)};\n`,
  ];
}

function literal(value: unknown): string {
  return /^\d+$/.test(String(value)) ? String(value) : `'${String(value)}'`;
}
