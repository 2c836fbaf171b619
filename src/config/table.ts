import { z } from 'zod';
import { lag, namedTexts, text } from './values.ts';
import { tableFieldProblem } from './field-names.ts';
import type { DayNumber } from '../model.ts';

/** A table in ClickHouse whose rows are the records of a source. */
export interface TableConfig {
  readonly url: string;
  readonly user: string;
  /** The environment variable that has the password. */
  readonly passwordFrom: string;
  readonly database: string;
  readonly table: string;
  /** The table is read on every shard of this cluster; undefined: as it is, or through a Distributed table. */
  readonly cluster: string | undefined;
  /** Usage field -> column or expression in ClickHouse's SQL; alternatives are separated by `||`. */
  readonly fields: Readonly<Record<string, string>>;
  /** Rows for which this does not hold are no requests of this source. */
  readonly where: string | undefined;
  readonly since: DayNumber | undefined;
  /** The column or expression that says when a row came to the table. */
  readonly ingested: string | undefined;
  readonly tls: TlsConfig | undefined;
  /** The longest that one query may take. */
  readonly timeoutMs: number;
  /** The most memory that one query may take on a server, in bytes. */
  readonly maxMemory: number;
  readonly maxThreads: number | undefined;
}

/** Files in PEM. */
export interface TlsConfig {
  /** Whoever must have signed the certificate of the server. */
  readonly ca: string;
  /** Proves who we are; without a password it is also how the user logs in. */
  readonly client: { readonly cert: string; readonly key: string } | undefined;
}

const name = text.regex(/^[^`\\\p{Cc}]+$/u, { error: 'is no name of a database, table or cluster' });
const variable = text.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'is no name of an environment variable' });

const SIZE = /^(\d+(?:\.\d+)?) (MB|GB)$/;
const BYTES_IN: Readonly<Record<string, number>> = { MB: 1e6, GB: 1e9 };
const size = text.regex(SIZE, { error: 'is no size; an example is "4 GB"' }).transform((value) => {
  const [, amount = '', unit = ''] = SIZE.exec(value) ?? [];
  return Math.round(Number(amount) * (BYTES_IN[unit] ?? Number.NaN));
});

const tls = z
  .strictObject({
    ca: text.describe('file with the certificates that the server may be signed with, PEM'),
    cert: text.optional().describe('file with our own certificate, PEM'),
    key: text.optional().describe('file with its key, PEM'),
  })
  .refine(({ cert, key }) => (cert === undefined) === (key === undefined), { error: 'needs both, cert and key' })
  .transform(({ ca, cert, key }): TlsConfig => {
    return { ca, client: cert === undefined || key === undefined ? undefined : { cert, key } };
  });

/** What a source of `type: clickhouse` has beside what is declared of every source. */
export const tableMembers: {
  readonly type: z.ZodLiteral<'clickhouse'>;
  readonly fields: z.ZodType<Record<string, string>>;
  readonly timeout: z.ZodType<number>;
  readonly maxMemory: z.ZodType<number>;
  readonly maxThreads: z.ZodType<number | undefined>;
  readonly tls: z.ZodType<TlsConfig | undefined>;
} & Readonly<Record<'url' | 'user' | 'passwordFrom' | 'database' | 'table', z.ZodType<string>>> &
  Readonly<Record<'cluster' | 'where' | 'ingested', z.ZodType<string | undefined>>> = {
  type: z.literal('clickhouse').describe('rows of a table in ClickHouse'),
  url: z
    .url({ protocol: /^https?$/, error: 'is no http address' })
    .refine(hasNoPassword, {
      error: 'must hold no user or password: set "user", and the password in the environment',
    })
    .describe('its HTTP interface'),
  user: text.default('default').describe('who asks: SELECT is enough'),
  passwordFrom: variable.default('CLICKHOUSE_PASSWORD').describe('the environment variable with the password'),
  database: name.default('default').describe('the database of the table'),
  table: name.describe('a table or view; of a cluster its Distributed table, or its local one beside `cluster`'),
  cluster: name.optional().describe('reads the table on every shard of this cluster'),
  fields: namedTexts(tableFieldProblem)
    .refine((fields) => fields['time'] !== undefined, { error: 'must say which column has the time' })
    .describe('usage field: column or expression, in the SQL of ClickHouse'),
  where: text.optional().describe('only rows for which this holds, in the SQL of ClickHouse'),
  ingested: text.optional().describe('column or expression: when a row came to the table, beside when the call was'),
  tls: tls.optional().describe('how an https address is trusted; without it, as Node.js does'),
  timeout: lag.default(10 / 1440).describe('how long one query may take; default 10 minutes'),
  maxMemory: size.default(4e9).describe('how much memory one query may take on a server; default 4 GB'),
  maxThreads: z.int().min(1).optional().describe('how many threads one query may use on a server'),
};

type Members = Omit<z.output<z.ZodObject<typeof tableMembers>>, 'type'>;

export function tableOf({ timeout, ...rest }: Members, since: DayNumber | undefined): TableConfig {
  return { ...rest, since, timeoutMs: Math.round(timeout * 86_400_000) };
}

function hasNoPassword(url: string): boolean {
  const { username, password } = new URL(url);
  return username === '' && password === '';
}
