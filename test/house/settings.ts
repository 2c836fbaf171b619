import fs from 'node:fs';
import path from 'node:path';
import { configSchema } from '../../src/config/schema.ts';
import { CONSTANTS, POLICY_NAMES } from '../../src/verdicts/policy.ts';
import { ROOT } from './source-files.ts';

/** One setting of `lastcall.yaml`. */
export interface Setting {
  /** `sources[].outages[].from` */
  readonly name: string;
  readonly type: string;
  /** `-`: it can be left out; `required`: it cannot. */
  readonly preset: string;
  readonly meaning: string;
  /** Of a source that is a table in ClickHouse. */
  readonly isOfTables: boolean;
}

/** Every setting, in the order of the schema, each before its members. */
export function settings(): readonly Setting[] {
  return membersOf(configSchema() as Schema, '');
}

/** The constants of `policy`: what they mean is said in its source, once. */
export function policyConstants(): readonly (readonly string[])[] {
  const source = fs.readFileSync(path.join(ROOT, 'src/verdicts/policy.ts'), 'utf8');
  return POLICY_NAMES.map((name) => {
    const comment = new RegExp(String.raw`/\*\* (?<text>[^\n]+) \*/\n  readonly ${name}: number;`).exec(source);
    const meaning = comment?.groups?.['text']?.replace(/^[A-Z]+: (?<first>.)/, (_, first: string) =>
      first.toUpperCase(),
    );
    if (meaning === undefined) throw new Error(`policy.ts does not say what ${name} means`);
    const { value, least, greatest, stricter } = CONSTANTS[name];
    return [`\`${name}\``, String(value), `${least} to ${greatest}`, stricter ?? '-', meaning];
  });
}

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | false;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
}

function membersOf({ properties = {}, required = [] }: Schema, at: string): Setting[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const inside = `${at}${name}`;
    return [settingOf(inside, schema, required.includes(name)), ...insideOf(schema, inside)];
  });
}

function insideOf(schema: Schema, at: string): Setting[] {
  const item = schema.items;
  if (item?.oneOf !== undefined) return variantsOf(item.oneOf, `${at}[].`);
  if (item !== undefined) return membersOf(item, `${at}[].`);
  const choices = schema.anyOf?.flatMap((one) => membersOf(one, `${at}.`)) ?? [];
  return [...membersOf(schema, `${at}.`), ...choices];
}

/** Of the other variant only what the first does not have. */
function variantsOf([first, ...others]: readonly Schema[], at: string): Setting[] {
  const known = membersOf(first ?? {}, at);
  const more = others.flatMap((variant) =>
    membersOf(variant, at).filter((one) => !known.some((it) => it.name === one.name && it.meaning === one.meaning)),
  );
  return [...known, ...more.map((one) => ({ ...one, isOfTables: true }))];
}

const DEFAULT = /; default (?<value>.+)$/;

function settingOf(name: string, schema: Schema, isRequired: boolean): Setting {
  const { description = '' } = schema;
  const said = DEFAULT.exec(description)?.groups?.['value'];
  const preset = isRequired ? 'required' : said === undefined ? presetOf(schema.default) : `\`${said}\``;
  return { name, type: typeOf(schema), preset, meaning: description.replace(DEFAULT, ''), isOfTables: false };
}

function presetOf(value: unknown): string {
  const isNothing = value === undefined || JSON.stringify(value) === '[]' || JSON.stringify(value) === '{}';
  return isNothing ? '-' : `\`${String(value)}\``;
}

function typeOf(schema: Schema): string {
  const { type, items, anyOf, additionalProperties, pattern = '', format } = schema;
  if (anyOf !== undefined) return [...new Set(anyOf.map(typeOf))].join(' or ');
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.enum !== undefined) return schema.enum.map((one) => `\`${one}\``).join(', ');
  if (items !== undefined) return items.type === 'string' ? 'list of texts' : 'list of mappings';
  if (type === 'object')
    return additionalProperties && additionalProperties.type === 'string' ? 'names: texts' : 'mapping';
  if (type === 'number' || type === 'integer') return numberType(schema);
  if (type === 'boolean') return 'true or false';
  if (pattern.includes('minute')) return 'duration';
  if (pattern.includes('MB')) return 'size';
  return format === 'uri' ? 'address' : 'text';
}

function numberType({ type, minimum, exclusiveMinimum, maximum }: Schema): string {
  const word = type === 'integer' ? 'whole number' : 'number';
  const from = exclusiveMinimum === undefined ? minimum : `over ${exclusiveMinimum}`;
  const bounds = [from, maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum];
  if (bounds[0] === undefined) return word;
  return bounds[1] === undefined ? `${word} from ${bounds[0]}` : `${word}, ${bounds[0]} to ${bounds[1]}`;
}
