import { USAGE_FIELDS } from '../formats/usage-fields.ts';
import type { InventoryColumn } from '../inventories/columns.ts';
import { didYouMean } from '../near-miss.ts';

/** Columns of an inventory that mean something to us; every other column is metadata. */
export const INVENTORY_COLUMNS: readonly string[] = Object.keys({
  id: true,
  label: true,
  owner: true,
  created: true,
  expires: true,
  status: true,
  successor: true,
  source: true,
  lastUsed: true,
  keepUntil: true,
  keepReason: true,
  key: true,
  sha256: true,
  masked: true,
} satisfies Record<InventoryColumn, true>);

/** Fields of a call that a system rule can match, beside `identity.<name>`. */
const RULE_FIELDS = ['system', 'source', 'ip', 'userAgent', 'key'];

/** What is wrong with the name of a usage field or an inventory column. */
export interface NameProblem {
  readonly message: string;
  readonly hint: string;
}

/** Undefined when the name is a usage field. */
export function usageFieldProblem(name: string): NameProblem | undefined {
  if (USAGE_FIELDS.includes(name) || isIdentityField(name)) return undefined;
  return {
    message: `"${name}" is no usage field`,
    hint: didYouMean(name, USAGE_FIELDS) ?? `Usage fields are ${USAGE_FIELDS.join(', ')} and identity.<name>.`,
  };
}

/** Fields that are not asked of a table, and what to do instead. */
const NOT_OF_TABLES: Readonly<Record<string, string>> = {
  source: 'Make each of its sources one of its own, with "where".',
  cookie: "Map the key in it: key: extract(cookie, 'api_key=([^;]+)').",
  method: 'Leave it out: no verdict depends on it.',
};

/** Undefined when a table can be asked for the field. */
export function tableFieldProblem(name: string): NameProblem | undefined {
  const hint = Object.hasOwn(NOT_OF_TABLES, name) ? NOT_OF_TABLES[name] : undefined;
  return hint === undefined ? usageFieldProblem(name) : { message: `"${name}" is not read from tables`, hint };
}

/** Undefined when a system rule can match the field. */
export function ruleFieldProblem(name: string): NameProblem | undefined {
  if (RULE_FIELDS.includes(name) || isIdentityField(name)) return undefined;
  const hint = USAGE_FIELDS.includes(name) ? undefined : (didYouMean(name, RULE_FIELDS) ?? `Write "identity.${name}".`);
  return {
    message: `"${name}" is no field that a rule can match`,
    hint: hint ?? `Rules match ${RULE_FIELDS.join(', ')} and identity.<name>.`,
  };
}

/** Undefined when the name is a column of an inventory. */
export function inventoryColumnProblem(name: string): NameProblem | undefined {
  if (INVENTORY_COLUMNS.includes(name)) return undefined;
  return {
    message: `"${name}" is no inventory column`,
    hint: didYouMean(name, INVENTORY_COLUMNS) ?? `Inventory columns are ${INVENTORY_COLUMNS.join(', ')}.`,
  };
}

/** Columns of which a policy cannot match the text: dates, and what tells the key. */
const UNMATCHED_COLUMNS = ['created', 'expires', 'lastUsed', 'keepUntil', 'keepReason', 'key', 'sha256', 'masked'];

/** Undefined when a policy for some keys can match the column: also one that means something to the user only. */
export function matchColumnProblem(name: string): NameProblem | undefined {
  if (!UNMATCHED_COLUMNS.includes(name)) return undefined;
  const columns = INVENTORY_COLUMNS.filter((column) => !UNMATCHED_COLUMNS.includes(column));
  return {
    message: `"${name}" is no column that can be matched`,
    hint: `Match ${columns.join(', ')}, or a column of your own.`,
  };
}

function isIdentityField(name: string): boolean {
  return /^identity\.[^.\s]/.test(name);
}
