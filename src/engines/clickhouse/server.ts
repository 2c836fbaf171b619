import fs from 'node:fs';
import https from 'node:https';
import type { ClickHouseClient, ClickHouseClientConfigOptions, ClickHouseSettings } from '@clickhouse/client';
import type { TableConfig } from '../../config/table.ts';
import { LastcallError } from '../../errors.ts';

/** The server did not answer, or not in full. The message quotes nothing that a row may hold. */
export class UnreadTable extends Error {
  readonly hint: string | undefined;
  /** The server's number for what went wrong. */
  readonly code: number | undefined;

  constructor(
    message: string,
    options: { hint?: string | undefined; code?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.hint = options.hint;
    this.code = options.code;
  }
}

export type Row = Readonly<Record<string, unknown>>;

/** A server that answers queries. Throws UnreadTable. */
export interface TableServer {
  rows(sql: string): AsyncGenerator<Row>;
  /** The types of the columns that a query returns. */
  types(sql: string): Promise<readonly string[]>;
  /** Ends the query under way. */
  abort(): void;
  close(): Promise<void>;
}

type Client = typeof import('@clickhouse/client');

/** Loads the client, which is not installed with lastcall. Connects when the first query is sent. */
export async function openServer(table: TableConfig, password: string | undefined): Promise<TableServer> {
  const { createClient, ClickHouseLogLevel } = await loadClient();
  const client = createClient({
    url: table.url,
    username: table.user,
    password: password ?? '',
    ...secured(table, password),
    database: table.database,
    application: 'lastcall',
    request_timeout: table.timeoutMs + Math.min(Math.max(table.timeoutMs, LEAST_GRACE_MS), GRACE_MS),
    compression: { response: true, request: false },
    clickhouse_settings: settingsOf(table),
    // What the client logs may quote an answer.
    log: { level: ClickHouseLogLevel.OFF },
  });
  return new HttpServer(client);
}

/**
 * The client takes our certificate for the login of the user, which goes without a password. Where the server, or what
 * stands before it, wants both, the connection is ours.
 */
function secured(
  { tls }: TableConfig,
  password: string | undefined,
): Pick<ClickHouseClientConfigOptions, 'tls' | 'http_agent'> {
  if (tls === undefined) return {};
  const ca = readPem(tls.ca, 'ca');
  if (tls.client === undefined) return { tls: { ca_cert: ca } };
  const cert = readPem(tls.client.cert, 'cert');
  const key = readPem(tls.client.key, 'key');
  if (password === undefined) return { tls: { ca_cert: ca, cert, key } };
  return { http_agent: new https.Agent({ ca, cert, key, keepAlive: true }) };
}

function readPem(file: string, member: string): Buffer {
  try {
    return fs.readFileSync(file);
  } catch (cause) {
    throw new LastcallError('config', `${file} cannot be read: "tls.${member}" of a source names it`, { cause });
  }
}

async function loadClient(): Promise<Client> {
  try {
    return await import('@clickhouse/client');
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new LastcallError('input', 'Tables in ClickHouse are read with its client, which is not installed', {
      hint: 'npm i @clickhouse/client',
      cause,
    });
  }
}

/** The server ends a query first, so that it says why; it counts in whole seconds. */
const LEAST_GRACE_MS = 2000;
const GRACE_MS = 15_000;

/**
 * Whatever a profile of the server says: no answer is cut short without an error, and no shard is passed over. These are
 * known to servers since 2018; one that does not know a setting refuses the query.
 */
export function settingsOf({ timeoutMs, maxMemory, maxThreads }: TableConfig): ClickHouseSettings {
  return {
    max_execution_time: Math.max(1, Math.ceil(timeoutMs / 1000)),
    max_memory_usage: String(maxMemory),
    max_bytes_before_external_group_by: String(Math.floor(maxMemory / 2)),
    distributed_aggregation_memory_efficient: 1,
    ...(maxThreads === undefined ? {} : { max_threads: maxThreads }),
    skip_unavailable_shards: 0,
    max_result_rows: '0',
    max_result_bytes: '0',
    max_rows_to_group_by: '0',
    timeout_overflow_mode: 'throw',
    read_overflow_mode: 'throw',
    result_overflow_mode: 'throw',
    group_by_overflow_mode: 'throw',
    output_format_json_quote_64bit_integers: 1,
  };
}

class HttpServer implements TableServer {
  readonly #client: ClickHouseClient;
  readonly #abort = new AbortController();

  constructor(client: ClickHouseClient) {
    this.#client = client;
  }

  async *rows(query: string): AsyncGenerator<Row> {
    try {
      const answer = await this.#client.query({ query, format: 'JSONEachRow', abort_signal: this.#abort.signal });
      for await (const rows of answer.stream<Row>()) for (const row of rows) yield row.json();
    } catch (error) {
      throw unread(error);
    }
  }

  async types(query: string): Promise<readonly string[]> {
    try {
      const answer = await this.#client.query({ query, format: 'JSONCompact', abort_signal: this.#abort.signal });
      const { meta = [] } = await answer.json<unknown>();
      return meta.map(({ type }) => type);
    } catch (error) {
      throw unread(error);
    }
  }

  abort(): void {
    this.#abort.abort();
  }

  async close(): Promise<void> {
    await this.#client.close();
  }
}

/** Messages of a server may quote what stands in a row: only its number and the name of the error are taken over. */
function unread(error: unknown): UnreadTable {
  const { message = '', code: word, type } = error as { message?: string; code?: unknown; type?: unknown };
  const said = /^\s*Code: (\d+)/m.exec(message)?.[1] ?? (/^\d+$/.test(String(word)) ? String(word) : undefined);
  if (said === undefined) return new UnreadTable(transportTrouble(error), { cause: error });
  const code = Number(said);
  const [meaning, hint] = MEANINGS[code] ?? [];
  const name = typeof type === 'string' && /^[A-Z0-9_]{1,60}$/.test(type) ? ` ${type}` : '';
  return new UnreadTable(`${meaning ?? 'the server gave an error'} (${said}${name})`, { hint, code, cause: error });
}

function transportTrouble(error: unknown): string {
  const { code, name, message = '' } = error as { code?: unknown; name?: string; message?: string };
  if (name === 'AbortError' || message.includes('aborted'))
    return 'the query was given up, or the connection broke off';
  if (/timeout/i.test(message)) return 'the server did not answer in time';
  if (error instanceof SyntaxError) return 'its answer broke off';
  if (typeof code === 'string' && /^[A-Z_]{1,40}$/.test(code)) return `the server cannot be reached (${code})`;
  return 'the server gave an answer that cannot be read';
}

const MEANINGS: Readonly<Record<number, readonly [meaning: string, hint?: string]>> = {
  16: ['a column is missing'],
  47: ['a column is missing'],
  60: ['there is no such table', 'Check "database" and "table" of the source, and the rights of its user.'],
  62: ['an expression cannot be read', 'Check "fields" and "where" of the source.'],
  81: ['there is no such database', 'Check "database" of the source.'],
  115: ['the server does not know a setting that keeps answers whole'],
  159: ['a query took too long', 'Allow it more: "timeout" of the source.'],
  // Foreseen by the server before the time was over.
  160: ['a query took too long', 'Allow it more: "timeout" of the source.'],
  164: [
    'its user may not set limits',
    'Give the user readonly = 2: it may then read and set limits, and change nothing.',
  ],
  192: ['user or password is wrong'],
  193: ['user or password is wrong'],
  194: ['user or password is wrong'],
  516: ['user or password is wrong'],
  241: ['a query needed too much memory', 'Allow it more: "maxMemory" of the source.'],
  279: ['a shard of the cluster cannot be reached'],
  394: ['a query was ended by the server'],
  497: ['its user may not read the table'],
};
