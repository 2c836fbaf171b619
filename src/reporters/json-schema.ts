/** The part of JSON Schema 2020-12 that our schemas use. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly $id?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly const?: string | null;
  readonly enum?: readonly (string | null)[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: false;
  readonly anyOf?: readonly JsonSchema[];
}

export const TEXT: JsonSchema = { type: 'string' };
export const TEXT_OR_NULL: JsonSchema = { type: ['string', 'null'] };
export const COUNT: JsonSchema = { type: 'integer', minimum: 0 };
export const COUNT_OR_NULL: JsonSchema = { type: ['integer', 'null'], minimum: 0 };

const INSTANT_PATTERN = String.raw`^(\d{4}|[+-]\d{6})-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`;
const DAY_PATTERN = String.raw`^(\d{4}|[+-]\d{6})-\d\d-\d\d$`;
export const INSTANT: JsonSchema = { type: 'string', pattern: INSTANT_PATTERN };
export const INSTANT_OR_NULL: JsonSchema = { type: ['string', 'null'], pattern: INSTANT_PATTERN };
export const DAY: JsonSchema = { type: 'string', pattern: DAY_PATTERN };
export const DAY_OR_NULL: JsonSchema = { type: ['string', 'null'], pattern: DAY_PATTERN };

/** An object with exactly these members. */
export function objectOf(properties: Readonly<Record<string, JsonSchema>>, description?: string): JsonSchema {
  const shape: JsonSchema = {
    type: 'object',
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  };
  return description === undefined ? shape : { description, ...shape };
}

export function orNull(schema: JsonSchema): JsonSchema {
  return { ...schema, type: ['object', 'null'] };
}

export function listOf(items: JsonSchema, description?: string): JsonSchema {
  return description === undefined ? { type: 'array', items } : { description, type: 'array', items };
}

/** The value with its members in the order of the schema, and none that the schema does not name. */
export function arrange(value: unknown, schema: JsonSchema | undefined): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { properties, items } = schema ?? {};
  if (Array.isArray(value)) return items === undefined ? value : value.map((item) => arrange(item, items));
  if (properties === undefined) return value;
  const members = value as Readonly<Record<string, unknown>>;
  const arranged: Record<string, unknown> = {};
  for (const name in properties) {
    if (Object.hasOwn(members, name)) arranged[name] = arrange(members[name], properties[name]);
  }
  return arranged;
}
