import type { Fingerprinter } from '../attribution/fingerprint.ts';
import type { InventoryEntry } from '../model.ts';
import { anthropicKeys } from './anthropic-keys.ts';
import { awsAccessKeys } from './aws-access-keys.ts';
import { awsApiGatewayKeys } from './aws-apigateway-keys.ts';
import { awsCredentialReport } from './aws-credential-report.ts';
import { azureSubscriptions } from './azure-subscriptions.ts';
import { csv, objectsOf, readCsv } from './csv.ts';
import { datadogKeys } from './datadog-keys.ts';
import { decodeText } from './decode.ts';
import { entraCredentials } from './entra-credentials.ts';
import { entriesOf } from './entries.ts';
import { gcpApiKeys } from './gcp-api-keys.ts';
import { gcpServiceAccountKeys } from './gcp-service-account-keys.ts';
import { githubTokens } from './github-tokens.ts';
import { inventoryError, type InventoryFormat, type InventoryTable } from './inventory.ts';
import { isJson, json, readPages, tableOf, tableOfPages } from './json.ts';
import { kongKeys } from './kong-keys.ts';
import { litellmKeys } from './litellm-keys.ts';
import { openaiKeys } from './openai-keys.ts';
import { twoEnds } from './two-ends.ts';
import { unkeyKeys } from './unkey-keys.ts';
import { vaultAccessors } from './vault-accessors.ts';

/** The first that recognises a file reads it; `json` and `csv` take whatever is left. */
export const INVENTORY_FORMATS: readonly InventoryFormat[] = [
  awsAccessKeys,
  awsApiGatewayKeys,
  awsCredentialReport,
  anthropicKeys,
  azureSubscriptions,
  datadogKeys,
  entraCredentials,
  gcpApiKeys,
  gcpServiceAccountKeys,
  githubTokens,
  kongKeys,
  litellmKeys,
  openaiKeys,
  unkeyKeys,
  vaultAccessors,
  twoEnds,
  json,
  csv,
];

export interface InventoryOptions {
  /** Column of the file -> our name for it (see columns.ts). Wins over what the names suggest. */
  readonly columns: Readonly<Record<string, string>>;
  /** The log source of all keys that do not name their own. */
  readonly source: string | undefined;
  readonly fingerprinter: Fingerprinter;
}

export interface Inventory {
  /** The name of its format. */
  readonly format: string;
  readonly entries: InventoryEntry[];
  /** Why the inventory lists only some of the keys, or does not say all of them, when that can be seen. */
  readonly partial: string | undefined;
  /** What can be done about that, where it is something special. */
  readonly remedy?: string | undefined;
}

/** Reads a whole inventory or throws; never returns half of one. */
export function readInventory(bytes: Uint8Array, file: string, options: InventoryOptions): Inventory {
  const text = decodeText(bytes, file);
  const [format, table] = isJson(text) ? readAsJson(text, file) : readAsCsv(text, file);
  return { format: format.name, entries: entriesOf(table, format, file, options), partial: table.partial };
}

function readAsJson(text: string, file: string): [InventoryFormat, InventoryTable] {
  const pages = readPages(text, file);
  const format = INVENTORY_FORMATS.find((one) => one.json?.recognise(pages)) ?? json;
  return [format, tableOfPages(pages, format, file)];
}

function readAsCsv(text: string, file: string): [InventoryFormat, InventoryTable] {
  const table = readCsv(text, file);
  const columns = new Set(table.columns);
  const format = INVENTORY_FORMATS.find((one) => one.csv?.recognise(columns)) ?? csv;
  if (format.csv === undefined) return [format, table];
  const { items, partial } = format.csv.reshape(objectsOf(table), (what, hint) => {
    throw inventoryError(file, undefined, what, hint);
  });
  return [format, { ...tableOf(items, file, 'key'), partial }];
}
