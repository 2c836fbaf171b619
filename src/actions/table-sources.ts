import type { Fingerprinter } from '../attribution/fingerprint.ts';
import type { TableConfig } from '../config/table.ts';
import type { SourceConfig } from '../config/config.ts';
import { tableAddress } from '../config/table-address.ts';
import type { Tables } from '../engines/clickhouse/tables.ts';
import { LastcallError } from '../errors.ts';
import { interpretationOf } from '../ingest/log-settings.ts';
import { didYouMean } from '../near-miss.ts';
import type { Options } from '../options.ts';

/** The logs that are none of this machine: tables, by the names of their sources. */
export interface SplitLogs {
  readonly logs: readonly string[];
  readonly tables: readonly string[];
}

export function splitLogs(logs: readonly string[]): SplitLogs {
  return { logs: logs.filter((log) => !isTable(log)), tables: [...new Set(logs.filter(isTable))] };
}

function isTable(log: string): boolean {
  return log.startsWith(tableAddress(''));
}

/** Throws `input` for a table that the configuration does not have. */
export async function openTableSources(
  places: readonly string[],
  options: Options,
  fingerprinter: Fingerprinter,
): Promise<Tables | undefined> {
  const logins = places.map((place) => {
    const source = tableSourceOf(place, options);
    const { name, table, keyParameters, deliveryLagDays } = source;
    const interpretation = interpretationOf(source, options, fingerprinter);
    const one = { source: name, place, table, keyParameters, deliveryLagDays, interpretation };
    return { one, password: options.passwords[name] };
  });
  if (logins.length === 0) return undefined;
  // Most installations do without.
  const { openTables } = await import('../engines/clickhouse/tables.ts');
  return openTables(logins);
}

/** Throws `input` when the configuration has no such table. */
export function tableSourceOf(place: string, options: Options): SourceConfig & { readonly table: TableConfig } {
  const source = options.sources.find(({ name, table }) => table !== undefined && tableAddress(name) === place);
  if (source?.table === undefined) throw noTable(place, options);
  return { ...source, table: source.table };
}

function noTable(place: string, { sources }: Options): LastcallError {
  const known = sources.flatMap(({ name, table }) => (table === undefined ? [] : [tableAddress(name)]));
  return new LastcallError('input', `There is no source of type clickhouse for "${place}"`, {
    hint: didYouMean(place, known) ?? 'Tables are described in lastcall.yaml: sources, type: clickhouse.',
  });
}
