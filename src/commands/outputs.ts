import type { Config } from '../config/config.ts';
import { LastcallError } from '../errors.ts';
import type { FindingKind, Verdict } from '../model.ts';
import { isModulePath } from '../module-path.ts';
import { didYouMean } from '../near-miss.ts';
import type { Catalog } from './command-line.ts';
import type { CommandName } from './command-list.ts';
import { isOn, type Settings } from './settings.ts';

export interface Output {
  readonly reporter: string;
  /** Undefined: standard output. */
  readonly file: string | undefined;
}

/** What `--fail-on` may name. */
export type Alarm = Verdict | FindingKind;

/** All alarms, in the order in which help and messages list them. */
export const ALARMS: readonly string[] = Object.keys({
  safe: true,
  'in-use': true,
  waiting: true,
  unknown: true,
  shadow: true,
  zombie: true,
  straddling: true,
  revived: true,
  'silent-source': true,
  'provider-disagrees': true,
  'exemption-ended': true,
} satisfies Record<Alarm, true>);

/** What the commands write that do not make a report of all keys. */
const SHORT_REPORTERS = ['table', 'json'];

/** A configuration and the file it was read from. */
export interface ConfigFile {
  readonly file: string;
  readonly config: Config;
}

/** Where to write and how. The configured outputs are those of `scan` and `report`: no `explain` and no list of changes
 * overwrites a report. */
export function readOutputs(
  command: CommandName,
  settings: Settings,
  configured: ConfigFile | undefined,
  catalog: Catalog,
): readonly Output[] {
  const isReporting = command === 'scan' || command === 'report';
  const setting = settings.get('output');
  if (isOn(settings, 'json') === true) {
    if (setting?.isTyped === true) refuserOf('usage', '--json')('-o says it too', 'Give one of them.');
    return [{ reporter: 'json', file: undefined }];
  }
  let outputs: readonly Output[] = [{ reporter: 'table', file: undefined }];
  let refuse = refuserOf('usage', 'default');
  const isOfChanges = isReporting && settings.get('since') !== undefined;
  if (setting !== undefined && (setting.isTyped || isReporting)) {
    refuse = refuserOf('usage', setting.origin);
    outputs = setting.texts.map((text) => parseOutput(isPlanFile(command, text) ? `json=${text}` : text, refuse));
  } else if (configured?.config.outputs !== undefined && isReporting && !isOfChanges) {
    refuse = refuserOf('config', `${configured.file}: outputs`);
    outputs = configured.config.outputs.map(({ reporter, file }) => ({ reporter, file }));
  }
  const known = catalog.reporters.map(({ name }) => name);
  const ofChanges = catalog.reporters.filter(({ saysChanges }) => saysChanges).map(({ name }) => name);
  const usable = isOfChanges ? ofChanges : isReporting ? known : known.filter((name) => SHORT_REPORTERS.includes(name));
  for (const { reporter } of outputs) {
    const meant = forFile(reporter, usable);
    if (usable.includes(reporter) || (isReporting && isModulePath(reporter) && meant === undefined)) continue;
    const what = known.includes(reporter)
      ? `lastcall ${command}${isOfChanges ? ' --since' : ''} has no reporter`
      : 'there is no reporter';
    const hint = meant ?? didYouMean(reporter, usable) ?? `Reporters are ${usable.join(', ')}.`;
    refuse(`${what} "${reporter}"`, hint);
  }
  checkDestinations(outputs, refuse);
  return outputs;
}

/** Which verdicts and findings make the exit code 1. `none` turns off what a lower layer says. */
export function readFailOn(settings: Settings, configured: ConfigFile | undefined): readonly Alarm[] {
  const setting = settings.get('failOn');
  const refuse =
    setting === undefined ? refuserOf('config', `${configured?.file}: failOn`) : refuserOf('usage', setting.origin);
  const names = setting?.texts.flatMap((text) => text.split(',')) ?? configured?.config.failOn ?? [];
  const wanted = names.map((name) => name.trim()).filter((name) => name !== '');
  if (wanted.length === 1 && wanted[0] === 'none') return [];
  return [...new Set(wanted)].map((name) => {
    if (isAlarm(name)) return name;
    const hint = didYouMean(name, ALARMS) ?? `Known are ${ALARMS.join(', ')}.`;
    return refuse(`"${name}" is neither a verdict nor a finding`, hint);
  });
}

type Refuse = (message: string, hint: string) => never;

function refuserOf(code: 'usage' | 'config', origin: string): Refuse {
  return (message, hint) => {
    throw new LastcallError(code, `${origin}: ${message}`, { hint });
  };
}

/** A plan is a file for programs: its name is enough. */
function isPlanFile(command: CommandName, text: string): boolean {
  return command === 'plan' && !text.includes('=') && /[./]/.test(text);
}

function parseOutput(text: string, refuse: Refuse): Output {
  const split = text.indexOf('=');
  if (split === -1) return { reporter: text, file: undefined };
  const file = text.slice(split + 1);
  if (file.trim() === '') return refuse(`"${text}" names no file after "="`, 'Without "=", standard output is meant.');
  return { reporter: text.slice(0, split), file };
}

/** Endings that are called otherwise than what makes them. */
const ENDINGS: Readonly<Record<string, string>> = { htm: 'html', md: 'markdown', prom: 'prometheus', txt: 'table' };

/** Somebody gave the file alone. */
function forFile(text: string, usable: readonly string[]): string | undefined {
  const ending = /[^/\\]\.(\w+)$/.exec(text)?.[1]?.toLowerCase();
  if (ending === undefined) return undefined;
  const reporter = ENDINGS[ending] ?? ending;
  return usable.includes(reporter) ? `To write that file: -o ${reporter}=${text}` : undefined;
}

function checkDestinations(outputs: readonly Output[], refuse: Refuse): void {
  const seen = new Set<string | undefined>();
  for (const { reporter, file } of outputs) {
    if (seen.has(file)) {
      const where = file === undefined ? 'standard output' : `"${file}"`;
      refuse(`two reporters write to ${where}`, `Give one of them its own file: ${reporter}=<file>.`);
    }
    seen.add(file);
  }
}

function isAlarm(name: string): name is Alarm {
  return ALARMS.includes(name);
}
