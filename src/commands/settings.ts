import { LastcallError } from '../errors.ts';
import { didYouMean } from '../near-miss.ts';
import type { Typed } from './command-line.ts';
import { environmentName, FLAGS } from './flags.ts';
import type { Flag, FlagName } from './flags.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The value of a flag as text, and where it was given: `--as-of` or `LASTCALL_AS_OF`. */
export interface Setting {
  readonly origin: string;
  readonly texts: readonly string[];
  readonly isTyped: boolean;
}

export type Settings = ReadonlyMap<FlagName, Setting>;

/** Variables that are no flags: the secret itself, and the clock for tests. */
const OTHER_VARIABLES = ['LASTCALL_SECRET', 'LASTCALL_NOW'];

/** Lays the typed flags over the environment. Unknown `LASTCALL_*` variables are errors; empty ones count as not set. */
export function readSettings(flags: Typed['flags'], environment: Environment): Settings {
  checkVariables(environment);
  const settings = new Map<FlagName, Setting>();
  for (const flag of FLAGS) {
    const typed = flags[flag.name];
    const setting =
      typed === undefined ? fromEnvironment(flag, environment) : { origin: flag.long, texts: typed, isTyped: true };
    if (setting !== undefined) settings.set(flag.name, setting);
  }
  return settings;
}

/** The last value of a setting. */
export function lastText(settings: Settings, name: FlagName): string | undefined {
  return settings.get(name)?.texts.at(-1);
}

/** Whether an on/off setting is on; undefined when nobody said. */
export function isOn(settings: Settings, name: FlagName): boolean | undefined {
  const text = lastText(settings, name);
  return text === undefined ? undefined : text === 'true';
}

function checkVariables(environment: Environment): void {
  const known = [...FLAGS.map(environmentName), ...OTHER_VARIABLES];
  for (const name of Object.keys(environment).toSorted()) {
    if (!name.startsWith('LASTCALL_') || known.includes(name) || environment[name] === undefined) continue;
    const hint = didYouMean(name, known) ?? 'Variables are named as the flags are: LASTCALL_AS_OF for --as-of.';
    throw new LastcallError('usage', `environment variable ${name} is not known`, { hint });
  }
}

function fromEnvironment(flag: Flag, environment: Environment): Setting | undefined {
  const origin = environmentName(flag);
  const text = environment[origin]?.trim() ?? '';
  if (text === '') return undefined;
  if (flag.value === undefined) return { origin, texts: [String(readSwitch(flag, origin, text))], isTyped: false };
  const parts = flag.separator === undefined ? [text] : text.split(flag.separator).map((part) => part.trim());
  const texts = parts.filter((part) => part !== '');
  return texts.length === 0 ? undefined : { origin, texts, isTyped: false };
}

// The variable is named as the flag is shown, so LASTCALL_NO_PROGRESS=true turns progress off.
function readSwitch(flag: Flag, origin: string, text: string): boolean {
  const word = text.toLowerCase();
  const isSet = ['1', 'true', 'yes', 'on'].includes(word);
  if (!isSet && !['0', 'false', 'no', 'off'].includes(word)) {
    throw new LastcallError('usage', `${origin}: expected true or false`);
  }
  return flag.long.startsWith('--no-') ? !isSet : isSet;
}
