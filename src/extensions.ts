import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { LastcallError } from './errors.ts';
import { usageFieldProblem } from './config/field-names.ts';
import type { Format, Syntax } from './formats/format.ts';
import { isModulePath } from './module-path.ts';
import { didYouMean } from './near-miss.ts';
import { loadReporter } from './reporters/index.ts';
import type { Reporter } from './reporters/reporter.ts';

// What users add: modules of theirs, named by a path. They are code that runs with all that lastcall may do.

/** A format of the user's: the path of a module, or the format itself where a program hands it over. */
export type FormatSource = string | Format;

/** Loads and checks formats of the user's, in their order. What is wrong with one names its file and the member. */
export async function loadFormats(sources: readonly FormatSource[]): Promise<readonly Format[]> {
  if (sources.length === 0) return [];
  const formats = await Promise.all(
    sources.map(async (source) => {
      if (typeof source !== 'string') return checkFormat(source, `the format ${String(source.name)}`);
      return checkFormat(await defaultExport(source, 'a format'), source);
    }),
  );
  const { FORMATS } = await import('./formats/index.ts');
  const names = new Set(FORMATS.map(({ name }) => name));
  for (const { name } of formats) {
    if (names.has(name)) throw new LastcallError('config', `There are two log formats "${name}"`);
    names.add(name);
  }
  return formats;
}

/** The reporter of this name, or at this path. */
export async function reporterAt(name: string): Promise<Reporter> {
  if (!isModulePath(name)) return loadReporter(name);
  const { refuse, members } = checker(await defaultExport(name, 'a reporter'), name, REPORTER_MEMBERS);
  const { render, renderChanges, needsTrace } = members;
  if (!isFunction(render)) refuse('render', 'a function from a report to pieces of text');
  if (renderChanges !== undefined && !isFunction(renderChanges)) refuse('renderChanges', 'a function, or absent');
  if (needsTrace !== undefined && typeof needsTrace !== 'boolean') refuse('needsTrace', 'true, or absent');
  return members as unknown as Reporter;
}

const REPORTER_MEMBERS = ['title', 'needsTrace', 'render', 'renderChanges'];
const FORMAT_MEMBERS = [
  'name',
  'title',
  'syntax',
  'fields',
  'recognise',
  'refine',
  'redactions',
  'redelivers',
  'limits',
];
const SYNTAXES = ['json', 'delimited', 'text'];

/**
 * A copy with what a format of the user's may have. It does not say what its `refine` looks at: a call that is counted
 * by such a promise alone is lost when the promise is wrong, so each record is refined.
 */
function checkFormat(given: unknown, file: string): Format {
  const { refuse, members } = checker(given, file, FORMAT_MEMBERS);
  const { name, title = 'your own', syntax, fields, recognise, refine, redactions, redelivers, limits } = members;
  if (typeof name !== 'string' || !/^[a-z][a-z0-9-]*$/.test(name)) refuse('name', 'a word such as "my-gateway"');
  if (typeof title !== 'string') refuse('title', 'a text');
  if (!isFunction(recognise)) refuse('recognise', 'a function from a sample to a number from 0 to 1');
  if (refine !== undefined && !isFunction(refine)) refuse('refine', 'a function, or absent');
  if (redactions !== undefined && !isListOfTexts(redactions)) refuse('redactions', 'a list of texts, or absent');
  checkFields(fields, file, refuse);
  return {
    name: name as string,
    title: title as string,
    syntax: checkSyntax(syntax, file, refuse),
    fields: fields as Format['fields'],
    recognise: guarded(recognise as Format['recognise'], file, 'recognise', isShare),
    ...(refine === undefined
      ? {}
      : { refine: guarded(refine as NonNullable<Format['refine']>, file, 'refine', isRefined) }),
    ...(redactions === undefined ? {} : { redactions: redactions as readonly string[] }),
    ...(redelivers === true ? { redelivers: true } : {}),
    ...(typeof limits === 'string' ? { limits } : {}),
  };
}

function checkSyntax(given: unknown, file: string, refuse: Refuse): Syntax {
  const { kind, delimiter, columns, match } = (isRecord(given) ? given : {}) as Record<string, unknown>;
  if (kind === 'json') return { kind };
  if (kind === 'delimited') {
    if (delimiter !== undefined && (typeof delimiter !== 'string' || delimiter.length !== 1))
      refuse('syntax.delimiter', 'one character, or absent');
    if (columns !== undefined && !isListOfTexts(columns)) refuse('syntax.columns', 'a list of names, or absent');
    return { kind, delimiter: delimiter as string | undefined, columns: columns as readonly string[] | undefined };
  }
  if (kind !== 'text') return refuse('syntax.kind', `one of ${SYNTAXES.join(', ')}`);
  if (!isFunction(match)) refuse('syntax.match', 'a function from a line to its captures, or undefined');
  type Match = Extract<Syntax, { readonly kind: 'text' }>['match'];
  return { kind, match: guarded(match as Match, file, 'syntax.match', isMatched) };
}

function checkFields(fields: unknown, file: string, refuse: Refuse): void {
  if (!isRecord(fields)) return refuse('fields', 'an object from usage fields to paths, columns or captures');
  for (const [name, place] of Object.entries(fields)) {
    const problem = usageFieldProblem(name);
    if (problem !== undefined) throw new LastcallError('config', `${file}: fields: ${problem.message}`, problem);
    if (typeof place !== 'string' || place === '') refuse(`fields.${name}`, 'a path, column or capture');
  }
  if (!Object.hasOwn(fields, 'time')) refuse('fields.time', 'where the time of a call stands');
}

/** Throws for what a module does wrong while it runs. Says where, but nothing that it may have taken from a record. */
function guarded<In, Out>(call: (given: In) => Out, file: string, name: string, isRight: (out: Out) => boolean) {
  return (given: In): Out => {
    let out: Out;
    try {
      out = call(given);
    } catch (error) {
      const at = error instanceof Error ? /\n\s+at [^\n]*/.exec(error.stack ?? '')?.[0].trim() : undefined;
      throw new LastcallError('config', `${file}: ${name} failed ${at ?? ''}`.trim(), {
        hint: 'Mend the module. What it says is not repeated, since it may hold a key.',
      });
    }
    if (isRight(out)) return out;
    throw new LastcallError('config', `${file}: ${name} returned what it must not`, {
      hint: 'What it may return is told in fixtures/library/README.md.',
    });
  };
}

type Refuse = (member: string, wanted: string) => never;

function checker(
  given: unknown,
  file: string,
  known: readonly string[],
): { readonly refuse: Refuse; readonly members: Readonly<Record<string, unknown>> } {
  const refuse: Refuse = (member, wanted) => {
    throw new LastcallError('config', `${file}: "${member}" must be ${wanted}`);
  };
  if (!isRecord(given)) throw new LastcallError('config', `${file}: its default export is no object`);
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    throw new LastcallError('config', `${file}: "${name}" is not known`, {
      hint: didYouMean(name, known) ?? `Known are ${known.join(', ')}.`,
    });
  }
  return { refuse, members: given };
}

async function defaultExport(file: string, what: string): Promise<unknown> {
  checkFile(file);
  let loaded: { readonly default?: unknown };
  try {
    loaded = (await import(pathToFileURL(path.resolve(file)).href)) as typeof loaded;
  } catch (cause) {
    throw new LastcallError('config', `${file}: cannot be loaded: ${cause instanceof Error ? cause.message : ''}`, {
      cause,
    });
  }
  if (loaded.default !== undefined) return loaded.default;
  throw new LastcallError('config', `${file}: has no default export`, {
    hint: `Write: export default { ... }, ${what}.`,
  });
}

/** Code that anybody may change must not run where keys are read. */
export function checkFile(file: string): void {
  const stat = fs.existsSync(file) ? fs.statSync(file) : undefined;
  if (stat?.isFile() !== true) throw new LastcallError('config', `${file}: there is no such file`);
  if ((stat.mode & 0o002) === 0) return;
  throw new LastcallError('config', `${file}: everybody may write to it, and it is code that would run`, {
    hint: `chmod o-w ${file}`,
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isShare(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= 1;
}

/** Captures, nothing, or why the line is no call. */
function isMatched(value: unknown): boolean {
  return value === undefined || (isRecord(value) && (!Object.hasOwn(value, 'skip') || isKnownSkip(value)));
}

function isRefined(value: unknown): boolean {
  if (!isRecord(value)) return false;
  return Object.hasOwn(value, 'skip')
    ? isKnownSkip(value)
    : Array.isArray(value['keys']) && isRecord(value['identity']);
}

function isKnownSkip({ skip, quarantined }: Readonly<Record<string, unknown>>): boolean {
  return (skip === 'not-a-request' && quarantined === false) || (skip === 'malformed-line' && quarantined === true);
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}

function isListOfTexts(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string' && one !== '');
}
