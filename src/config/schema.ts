import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { isAddressText } from '../attribution/network.ts';
import { keyPathProblem } from '../attribution/path-credentials.ts';
import type { SystemRule } from '../attribution/systems.ts';
import { type HandoffConfig, handoffSchema } from './handoff.ts';
import { type TableConfig, tableMembers, tableOf } from './table.ts';
import { lag, namedTexts, text } from './values.ts';
import { inventoryColumnProblem, matchColumnProblem, ruleFieldProblem, usageFieldProblem } from './field-names.ts';
import { parseInstant } from '../instant.ts';
import type { DayNumber, EpochMs, SourceDeclaration } from '../model.ts';

/** What `lastcall.yaml` says, checked. Absent lists are empty, other absent values undefined. */
export interface Config {
  readonly db?: string | undefined;
  readonly secretFile?: string | undefined;
  readonly timezone?: string | undefined;
  /** Modules with log formats of the user's. */
  readonly formats: readonly string[];
  readonly sources: readonly SourceConfig[];
  readonly s3?: S3Config | undefined;
  readonly inventories: readonly InventoryConfig[];
  /** Ordered: the first rule that matches names the system. */
  readonly systems: readonly SystemRule[];
  readonly policy: PolicyConfig;
  readonly exemptions: readonly ExemptionConfig[];
  /** Id of a key -> id of the key that replaces it. */
  /** Files among the logs that are none. */
  readonly exclude: readonly string[];
  readonly successors: Readonly<Record<string, string>>;
  readonly handoff: HandoffConfig;
  readonly outputs?: readonly OutputConfig[] | undefined;
  readonly failOn?: readonly string[] | undefined;
}

export type { TableConfig } from './table.ts';

export interface SourceConfig extends SourceDeclaration {
  readonly name: string;
  /** Files, folders, globs, `-` or addresses. */
  readonly paths: readonly string[];
  /** `auto` or the name of a format. */
  readonly format: string;
  /** Usage field -> path, column or capture. */
  readonly fields: Readonly<Record<string, string>>;
  /** Where the records sit in JSON documents. */
  readonly records?: string | undefined;
  /** Of nginx, Apache, HAProxy, Envoy or API Gateway. */
  readonly logFormatString?: string | undefined;
  readonly columns?: readonly string[] | undefined;
  readonly delimiter?: string | undefined;
  readonly timezone?: string | undefined;
  readonly outages: readonly Outage[];
  /** Query parameters and request headers that carry keys. */
  readonly keyParameters: readonly string[];
  readonly keyHeaders: readonly string[];
  /** Templates of paths in which keys stand. */
  readonly keyPaths?: readonly string[] | undefined;
  /** Request headers whose redacted values are no keys. */
  readonly sessionHeaders: readonly string[];
  /** Its records are rows of a table, and not in `paths`. */
  readonly table?: TableConfig | undefined;
}

/** How `s3://` is reached. What is not said here comes from the environment and the files of the AWS SDK. */
export interface S3Config {
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  readonly pathStyle?: boolean | undefined;
}

/** `to` is inclusive. */
export interface Outage {
  readonly from: DayNumber;
  readonly to: DayNumber;
  readonly reason?: string | undefined;
}

export interface InventoryConfig {
  readonly path: string;
  readonly format: 'auto' | 'csv' | 'json';
  /** Inventory column -> its name in the file. */
  readonly columns: Readonly<Record<string, string>>;
  /** The log source that would show these keys. */
  readonly source?: string | undefined;
}

/** The verdicts check the names of the constants. */
export interface PolicyConfig {
  readonly constants: Readonly<Record<string, number>>;
  readonly stricter: readonly {
    /** Inventory column -> glob; a key must match them all. */
    readonly match: Readonly<Record<string, string>>;
    readonly constants: Readonly<Record<string, number>>;
  }[];
}

export interface ExemptionConfig {
  readonly key: string;
  readonly reason: string;
  readonly untilAt: EpochMs;
}

export interface OutputConfig {
  readonly reporter: string;
  readonly file?: string | undefined;
}

/** Checks what the YAML reader returned. */
export function checkConfig(value: unknown): z.ZodSafeParseResult<Config> {
  return configFile.safeParse(value, { reportInput: true });
}

/** The JSON Schema of `lastcall.yaml`, for editors. */
export function configSchema(): Readonly<Record<string, unknown>> {
  return { ...z.toJSONSchema(configFile, { io: 'input' }), title: 'lastcall.yaml' };
}

const path = text.refine((value) => !value.startsWith('~'), {
  error: '"~" is not expanded in the configuration: write the whole path',
});
const timezone = text.refine(isTimezone, { error: 'is no time zone; an example is "Europe/Berlin"' });

// Some logs name a service of the provider in place of an address.
const address = text.refine((value) => !isAddressText(value) || isAddress(value), {
  error: 'is no IP address or range; an example is "10.0.0.0/8"',
});

const instant = text.transform((value, context) => {
  const stretch = parseInstant(value);
  if (stretch !== undefined) return stretch;
  context.addIssue({
    code: 'custom',
    message: 'is no date or instant; examples are "2026-01-31" and "2026-01-31T12:00Z"',
  });
  return z.NEVER;
});

const keyPath = text.superRefine((template, context) => {
  const problem = keyPathProblem(template);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

const outage = z
  .strictObject({
    from: instant.describe('its first day'),
    to: instant.describe('its last day'),
    reason: text.optional().describe('for people'),
  })
  .refine(({ from, to }) => from.fromAt <= to.toAt, { error: 'ends before it begins', path: ['to'] })
  .transform(({ from, to, reason }) => ({ from: dayOf(from.fromAt), to: dayOf(to.toAt), reason }));

const declarations = {
  name: text.describe('what reports call it'),
  deliveryLag: lag.optional().describe('after how long no more late records come, e.g. 14 days'),
  sampling: z
    .number()
    .gt(0, { error: 'must be over 0' })
    .max(1, { error: 'must be 1 at most' })
    .optional()
    .describe('the share of requests that is logged; under 1 no silence can be proven'),
  outages: z.array(outage).default([]).describe('when nothing was logged, as you know'),
  retired: instant
    .optional()
    .describe('its last day: afterwards nothing comes from it any more, and no key can be used there'),
  carriesKeys: z.boolean().optional().describe('false: no record carries a key, and no listed key is used there'),
  keyParameters: z.array(text).default([]).describe('query parameters that carry keys'),
};

const logSource = z
  .strictObject({
    ...declarations,
    type: z.literal('files').optional().describe('logs in files or object stores, which is the default'),
    paths: z
      .array(path)
      .min(1, { error: 'must name at least one path' })
      .describe('files, folders, globs, s3:// addresses, or - for standard input'),
    format: text
      .default('auto')
      .describe('auto, a name that `lastcall formats` lists, or pattern:<regular expression with named groups>'),
    fields: namedTexts(usageFieldProblem).default({}).describe('usage field: path, column or capture'),
    records: text.optional().describe('where the records sit in JSON documents, e.g. Records[*]'),
    logFormatString: text.optional().describe('the log format string of nginx, Apache, HAProxy, Envoy or API Gateway'),
    columns: z
      .array(text)
      .min(1, { error: 'must name at least one column' })
      .optional()
      .describe('the columns of delimited rows that have no header line'),
    delimiter: z
      .string()
      .length(1, { error: 'must be one character' })
      .optional()
      .describe('what separates the columns of delimited rows'),
    timezone: timezone.optional().describe('what times without an offset are in'),
    keyHeaders: z.array(text).default([]).describe('request headers that carry keys'),
    keyPaths: z.array(keyPath).optional().describe('paths in which keys stand, e.g. /v3/{key} or /hooks/*/{key}'),
    sessionHeaders: z
      .array(text)
      .default([])
      .describe('request headers that carry sessions of people and no listed key: redacted, they count for nothing'),
  })
  .transform((log) => declared(log));

const tableSource = z
  .strictObject({ ...declarations, ...tableMembers, since: instant.optional().describe('days before are not read') })
  .refine(({ url, tls }) => tls === undefined || url.startsWith('https:'), {
    error: 'needs an https address',
    path: ['tls'],
  })
  .transform(({ name, deliveryLag, sampling, outages, retired, carriesKeys, keyParameters, since, ...rest }) => ({
    ...declared({ name, deliveryLag, sampling, outages, retired, carriesKeys, keyParameters }),
    ...NO_LOG,
    table: tableOf(rest, since === undefined ? undefined : dayOf(since.fromAt)),
  }));

const NO_LOG = { paths: [], format: 'auto', fields: {}, keyHeaders: [], sessionHeaders: [] };

type Declared = Pick<SourceConfig, 'sampling' | 'carriesKeys' | 'deliveryLagDays' | 'retiredOn'>;
interface Declarations {
  readonly deliveryLag?: number | undefined;
  readonly retired?: { readonly toAt: EpochMs } | undefined;
  readonly sampling?: number | undefined;
  readonly carriesKeys?: boolean | undefined;
}

function declared<T extends Declarations>(
  source: T,
): Omit<T, 'deliveryLag' | 'sampling' | 'carriesKeys' | 'retired'> & Declared {
  const { deliveryLag, sampling, carriesKeys, retired, ...rest } = source;
  const retiredOn = retired === undefined ? undefined : dayOf(retired.toAt);
  return { ...rest, sampling, carriesKeys, deliveryLagDays: deliveryLag, retiredOn };
}

const source = z.discriminatedUnion('type', [logSource, tableSource], {
  error: 'must be a mapping, of type files or clickhouse',
});

const inventory = z.strictObject({
  path: path.describe('a list of issued keys; with * or ? in its name, of the files that fit the last one by name'),
  format: z.enum(['auto', 'csv', 'json']).default('auto').describe('auto recognises what vendors print, too'),
  columns: namedTexts(inventoryColumnProblem).default({}).describe('inventory column: its name in the file'),
  source: text.optional().describe('the log source that would show these keys'),
});

// A rule without a criterion would name every caller, and so hide that nobody knows who calls.
const system = z
  .strictObject({
    name: text.describe('what the system is called'),
    userAgent: text.optional().describe('a glob'),
    ip: z
      .union([address, z.array(address).min(1)], {
        error: 'must be an IP address or range such as "10.0.0.0/8", or a list of them',
      })
      .transform((value) => (typeof value === 'string' ? [value] : value))
      .optional()
      .describe('addresses or ranges'),
    fields: namedTexts(ruleFieldProblem).optional().describe('identity.<name>, or another field of a call: glob'),
    source: text.optional().describe('only calls of this source; a glob'),
    key: text.optional().describe('only calls with this key, by the id that the logs show; a glob'),
  })
  .refine(
    (rule) => (rule.userAgent ?? rule.ip ?? rule.source ?? rule.key ?? Object.keys(rule.fields ?? {})[0]) !== undefined,
    {
      error: 'needs a criterion: userAgent, ip, fields, source or key',
    },
  );

const exemption = z
  .strictObject({
    key: text.describe('its id'),
    reason: text.describe('why it must stay; shown in reports'),
    until: instant.describe('the last day of the exemption'),
  })
  .transform(({ until, ...rest }) => ({ ...rest, untilAt: until.toAt }));

const stricter = z
  .object({
    match: namedTexts(matchColumnProblem)
      .refine((match) => Object.keys(match).length > 0, { error: 'must name a column' })
      .describe('inventory column: glob; a key must match them all'),
  })
  .catchall(z.number())
  .transform(({ match, ...constants }) => ({ match, constants }));

const policy = z
  .object({
    stricter: z.array(stricter).default([]).describe('constants for some keys, stricter than those for all'),
  })
  .catchall(z.number())
  .transform(({ stricter: rules, ...constants }) => ({ constants, stricter: rules }));

const s3 = z.strictObject({
  endpoint: z
    .url({ protocol: /^https?$/, error: 'is no http address' })
    .optional()
    .describe('of another store than AWS'),
  region: text.optional().describe('else that of the environment'),
  pathStyle: z.boolean().optional().describe('the bucket stands in the path, as MinIO wants it'),
});

const configFile = z.strictObject({
  db: path.optional().describe('the database; default lastcall.db'),
  secretFile: path
    .optional()
    .describe(
      'the secret under which keys are fingerprinted; default lastcall/secret in the configuration folder of the user',
    ),
  timezone: timezone.optional().describe('what log times without an offset are in; default UTC'),
  formats: z.array(path).default([]).describe('modules with log formats of your own; they are code that runs'),
  sources: z.array(source).superRefine(refuseTwins('name')).default([]).describe('where the logs are'),
  exclude: z
    .array(path)
    .default([])
    .describe(
      'files among the logs that are none: files, directories or globs. What ever gave a record is read all the same',
    ),
  s3: s3.optional().describe('how s3:// is reached; the rest comes from the environment of the AWS SDK'),
  inventories: z
    .array(inventory)
    .superRefine(refuseTwins('path'))
    .default([])
    .describe('lists of issued keys; they are read on every run'),
  systems: z.array(system).default([]).describe('who calls; the first rule that matches counts'),
  policy: policy.prefault({}).describe('the numbers behind the verdicts'),
  exemptions: z
    .array(exemption)
    .superRefine(refuseTwins('key'))
    .default([])
    .describe('keys that must stay although nobody calls'),
  successors: z.record(text, text).default({}).describe('id of a key: id of the key that replaces it'),
  handoff: handoffSchema.prefault({}).describe('how keys are disabled and deleted'),
  outputs: z
    .array(
      z.strictObject({
        reporter: text.describe('a name that `lastcall report --help` lists, or a module of your own'),
        file: path.optional().describe('else standard output'),
      }),
    )
    .min(1)
    .optional()
    .describe('what `scan` and `report` write; default table'),
  failOn: z.array(text).optional().describe('verdicts and findings that make the exit code 1'),
});

type Twins<Name extends string> = (items: readonly Readonly<Record<Name, string>>[], context: z.RefinementCtx) => void;

function refuseTwins<Name extends string>(name: Name): Twins<Name> {
  return (items, context) => {
    const seen = new Set<string>();
    for (const [index, item] of items.entries()) {
      if (seen.has(item[name]))
        context.addIssue({ code: 'custom', path: [index, name], message: 'stands there twice' });
      seen.add(item[name]);
    }
  };
}

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function isAddress(value: string): boolean {
  const plain = value.split('/')[0] ?? '';
  const isPlain = ipaddr.IPv4.isValidFourPartDecimal(plain) || ipaddr.IPv6.isValid(plain);
  return isPlain && (plain === value || ipaddr.isValidCIDR(value));
}

function dayOf(at: EpochMs): DayNumber {
  return Math.floor(at / 86_400_000);
}
