import { dirname, isAbsolute, posix, resolve } from 'node:path';
import { isCollection, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import type { z } from 'zod';
import { checkConfig, configSchema } from './schema.ts';
import type { HandoffAction, HandoffProvider } from './handoff.ts';
import type { Config } from './schema.ts';
import { LastcallError } from '../errors.ts';
import { isModulePath } from '../module-path.ts';
import { didYouMean } from '../near-miss.ts';

export type {
  Config,
  ExemptionConfig,
  InventoryConfig,
  OutputConfig,
  S3Config,
  SourceConfig,
  TableConfig,
} from './schema.ts';
export type { HandoffAction, HandoffConfig, HandoffProvider } from './handoff.ts';
export type { SystemRule } from '../attribution/systems.ts';
export { configSchema } from './schema.ts';

/** Reads the text of `lastcall.yaml`. Paths in it count from the folder of `file`; the paths returned can be opened. */
export function parseConfig(text: string, file: string): Config {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault !== undefined) {
    throw new LastcallError('config', `${file}:${lines.linePos(fault.pos[0]).line}: is no YAML: ${fault.message}`);
  }
  const checked = checkConfig(toValue(document, file) ?? {});
  if (checked.success) return fromFolder(checked.data, dirname(file));
  const problem = describe(foremost(checked.error.issues));
  const line = lineOf(document, lines, problem.path);
  throw new LastcallError(
    'config',
    `${file}:${line}: ${problem.message}`,
    problem.hint === undefined ? {} : { hint: problem.hint },
  );
}

/** Reads the members of a configuration that a program has as an object. Paths in it count from its own folder. */
export function parseMembers(members: object): Config {
  const checked = checkConfig(members);
  if (checked.success) return checked.data;
  const { message, hint } = describe(foremost(checked.error.issues));
  throw new LastcallError('config', message, hint === undefined ? {} : { hint });
}

function toValue(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    throw new LastcallError('config', `${file}: its aliases cannot be followed`, { cause });
  }
}

/** One problem for people. `path` leads to the node whose line is named. */
interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly hint: string | undefined;
}

// A mistyped name also makes the right one missing: the mistyped name is what to show.
function foremost(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue {
  const first = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  if (first === undefined) throw new Error('zod refused the configuration without an issue');
  return first;
}

function describe(issue: z.core.$ZodIssue): Problem {
  const at = pathText(issue.path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const key = issue.keys[0] ?? '';
      const known = namesAt(issue.path);
      const hint = didYouMean(key, known) ?? `Known here: ${known.join(', ')}.`;
      return { path: [...issue.path, key], message: `${pathText([...issue.path, key])} is not known`, hint };
    }
    case 'invalid_type': {
      if (issue.input === undefined) return { path: issue.path, message: `${at} is missing`, hint: undefined };
      const isUnquoted = issue.expected === 'string' && ['number', 'boolean', 'bigint'].includes(typeof issue.input);
      const message = `${at}: expected ${kindName(issue.expected)}, got ${kindName(kindOf(issue.input))}`;
      return { path: issue.path, message, hint: isUnquoted ? 'Put it in quotes.' : undefined };
    }
    case 'invalid_value': {
      const known = issue.values.map(String);
      const hint = typeof issue.input === 'string' ? didYouMean(issue.input, known) : undefined;
      return { path: issue.path, message: `${at}: expected one of ${known.join(', ')}`, hint };
    }
    case 'custom': {
      const hint: unknown = issue.params?.['hint'];
      return {
        path: issue.path,
        message: `${at}: ${issue.message}`,
        hint: typeof hint === 'string' ? hint : undefined,
      };
    }
    default:
      return { path: issue.path, message: `${at}: ${issue.message}`, hint: undefined };
  }
}

function pathText(path: readonly PropertyKey[]): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return text === '' ? 'the configuration' : text.replace(/^\./, '');
}

/** The names that the schema knows at a path. */
function namesAt(path: readonly PropertyKey[]): readonly string[] {
  let schemas: readonly unknown[] = [configSchema()];
  for (const part of path)
    schemas = schemas
      .map((schema) =>
        typeof part === 'number' ? member(schema, 'items') : member(member(schema, 'properties'), part),
      )
      .flatMap((schema) => Object.values(member(schema, 'oneOf') ?? member(schema, 'anyOf') ?? [schema]));
  return [...new Set(schemas.flatMap((schema) => Object.keys(member(schema, 'properties') ?? {})))];
}

function member(value: unknown, name: PropertyKey): object | undefined {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  return typeof found === 'object' && found !== null ? found : undefined;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

const KIND_NAMES: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  null: 'nothing',
  number: 'a number',
  object: 'a mapping',
  record: 'a mapping',
  string: 'a text',
};

function kindName(kind: string): string {
  return KIND_NAMES[kind] ?? kind;
}

/** The line of the last node on the path that stands in the file. */
function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const part of path) {
    const key: unknown = isMap(node)
      ? node.items.find((pair) => isScalar(pair.key) && pair.key.value === part)?.key
      : undefined;
    node = isCollection(node) ? node.get(part, true) : undefined;
    offset = startOf(key) ?? startOf(node) ?? offset;
  }
  return lines.linePos(offset).line;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

function fromFolder(config: Config, folder: string): Config {
  return {
    ...config,
    db: config.db && inFolder(folder, config.db),
    secretFile: config.secretFile && inFolder(folder, config.secretFile),
    formats: config.formats.map((one) => inFolder(folder, one)),
    sources: config.sources.map((source) => ({ ...source, paths: source.paths.map((path) => inFolder(folder, path)) })),
    exclude: config.exclude.map((one) => inFolder(folder, one)),
    inventories: config.inventories.map((inventory) => ({ ...inventory, path: inFolder(folder, inventory.path) })),
    handoff: { ...config.handoff, providers: config.handoff.providers.map((one) => providerIn(folder, one)) },
    outputs: config.outputs?.map(({ reporter, file }) => ({
      reporter: isModulePath(reporter) ? inFolder(folder, reporter) : reporter,
      file: file && inFolder(folder, file),
    })),
  };
}

/** A program or module that is named by a path is found beside the configuration. */
function providerIn(folder: string, provider: HandoffProvider): HandoffProvider {
  const { disable, delete: remove, undo, ...rest } = provider;
  const inPlace = (action: HandoffAction | undefined): HandoffAction | undefined => {
    if (action?.by === 'driver') return { by: 'driver', module: resolve(folder, action.module) };
    if (action?.by !== 'command' || !action.command[0]!.includes('/')) return action;
    const [program = '', ...words] = action.command;
    return { ...action, command: [resolve(folder, program), ...words] };
  };
  return { ...rest, disable: inPlace(disable), delete: inPlace(remove), undo: inPlace(undo) };
}

// Standard input and addresses such as `s3://logs/` are no paths. Globs need slashes on every system.
function inFolder(folder: string, path: string): string {
  if (path === '-' || /^[a-z][a-z0-9+.-]+:\/\//i.test(path) || isAbsolute(path)) return path;
  return posix.join(folder, path);
}
