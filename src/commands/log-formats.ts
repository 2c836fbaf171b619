import type { Config } from '../config/config.ts';
import { LastcallError } from '../errors.ts';
import type { NameProblem } from '../config/field-names.ts';
import { isModulePath } from '../module-path.ts';
import { didYouMean } from '../near-miss.ts';
import type { Catalog, Typed } from './command-line.ts';
import { type Environment, lastText, readSettings, type Settings } from './settings.ts';

/** Whether a log format is named outside of a configuration. */
export function namesFormat({ flags }: Typed, environment: Environment): boolean {
  return readSettings(flags, environment).has('logFormat');
}

/** The modules of the user's that have log formats. */
export function formatModules(
  { flags }: Typed,
  environment: Environment,
  config: Pick<Config, 'formats'> | undefined,
): readonly string[] {
  const named = lastText(readSettings(flags, environment), 'logFormat') ?? '';
  return [...new Set([...(config?.formats ?? []), ...(isModulePath(named) ? [named] : [])])];
}

/** The name of the format that was asked for, `auto` or one of the catalog. */
export function readFormat(settings: Settings, catalog: Catalog): string {
  const setting = settings.get('logFormat');
  const typed = setting?.texts.at(-1) ?? 'auto';
  const name = catalog.formats?.find(({ file }) => file === typed)?.name ?? typed;
  const problem = formatProblem(name, catalog);
  if (problem === undefined) return name;
  throw new LastcallError('usage', `${setting?.origin}: ${problem.message}`, { hint: problem.hint });
}

/** Undefined when the catalog has the format. */
export function formatProblem(name: string, catalog: Catalog): NameProblem | undefined {
  if (name.startsWith('pattern:')) return undefined;
  const known = ['auto', ...(catalog.formats ?? []).map((format) => format.name)];
  if (known.includes(name)) return undefined;
  return {
    message: `there is no log format "${name}"`,
    hint: didYouMean(name, known) ?? 'lastcall formats lists them.',
  };
}
