import { Help } from 'commander';
import type { Command, Option } from 'commander';
import { COMMANDS, EXIT_CODES } from './command-list.ts';
import type { CommandEntry } from './command-list.ts';
import { FLAGS, isFlagOf } from './flags.ts';
import type { FlagName } from './flags.ts';

/** Lists that other folders own and that the command line offers. */
export interface Catalog {
  readonly version: string;
  /** `saysChanges`: it has a form for `--since`. */
  readonly reporters: readonly (Named & { readonly saysChanges?: boolean })[];
  /** Absent: not loaded, since hardly anything asks for them. `file`: of a module of the user's. */
  readonly formats?: readonly (Named & { readonly file?: string })[];
}

export interface Named {
  readonly name: string;
  readonly title: string;
}

/** The flags that a command takes, wherever they are defined. */
export function flagsInHelp(command: Command): Option[] {
  const own = new Help().visibleOptions(command);
  let program = command;
  while (program.parent !== null) program = program.parent;
  if (program === command) return own;
  const path = command.parent === program ? command.name() : `${command.parent?.name()} ${command.name()}`;
  const entry = COMMANDS.find(({ name }) => name === path);
  const taken = FLAGS.filter((flag) => (entry === undefined ? flag.commands === 'all' : isFlagOf(flag, entry.name)));
  return [
    ...program.options.filter((option) => !option.hidden && taken.some(({ long }) => long === option.long)),
    ...own,
  ];
}

/** What follows the flags in the help of one command. */
export function commandHelp(entry: CommandEntry, catalog: Catalog): string {
  return [
    exampleHelp(entry.examples),
    ...(takes(entry, 'failOn') ? [section('Reporters', catalog.reporters)] : []),
    ...(listsFormats(entry) ? [section('Log formats', catalog.formats ?? [])] : []),
  ].join('\n');
}

/** The help of this command has them all. */
export function listsFormats(entry: CommandEntry): boolean {
  return takes(entry, 'logFormat');
}

function takes(entry: CommandEntry, name: FlagName): boolean {
  return FLAGS.some((flag) => flag.name === name && isFlagOf(flag, entry.name));
}

/** What the help of the program begins with, behind what it is for. */
export const FIRST_STEPS: string = [
  'First steps, where the logs are:',
  '  lastcall init logs/ keys.csv  # looks at logs and lists of keys, and writes lastcall.yaml',
  '  lastcall scan                 # reads the logs, judges every key; again each night',
  '  lastcall explain <key>        # why a key is safe, or is not',
].join('\n');

/** What follows the flags in the help of the program. */
export function programHelp(): string {
  return [
    '\nEnvironment:',
    '  LASTCALL_* sets each flag: LASTCALL_AS_OF for --as-of. Flags win over the environment, the environment',
    '  over lastcall.yaml. LASTCALL_KEYS is a list of paths; LASTCALL_OUTPUT and LASTCALL_FAIL_ON are separated by',
    '  commas; LASTCALL_FIELD and LASTCALL_KEY_FIELD have one value a line; on/off flags are true or false.',
    '  LASTCALL_SECRET is the secret itself. NO_COLOR turns colour off.',
  ].join('\n');
}

/** Examples under a heading. */
export function exampleHelp(examples: readonly string[]): string {
  return `\nExamples:${examples.map((example) => `\n  ${example}`).join('')}`;
}

/** What every help ends with. */
export function exitCodeHelp(): string {
  const codes = EXIT_CODES.map(({ code, title }) => ({ name: String(code), title }));
  return `${section('Exit codes', codes)}\n  ${STOPPED}`;
}

const STOPPED =
  'Stopped by a signal: 128 and its number (130 SIGINT, 143 SIGTERM). What was read whole is stored; run again to go on.';

function section(title: string, rows: readonly Named[]): string {
  const width = Math.max(0, ...rows.map(({ name }) => name.length));
  return `\n${title}:${rows.map((row) => `\n  ${row.name.padEnd(width)}  ${row.title}`).join('')}`;
}
