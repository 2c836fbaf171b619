import { Command, CommanderError, Help, Option } from 'commander';
import { LastcallError } from '../errors.ts';
import { didYouMean } from '../near-miss.ts';
import { COMMANDS } from './command-list.ts';
import type { CommandEntry, CommandName } from './command-list.ts';
import { completionScript, SHELLS } from './completion.ts';
import { FLAGS, isFlagOf, oppositeFlag } from './flags.ts';
import type { Flag, FlagName } from './flags.ts';
import { commandHelp, exampleHelp, exitCodeHelp, FIRST_STEPS, flagsInHelp, listsFormats, programHelp } from './help.ts';
import type { Catalog } from './help.ts';

export type { Catalog } from './help.ts';

/** What was typed, not yet what it means. On/off flags are `['true']` or `['false']`. */
export interface Typed {
  readonly command: CommandName;
  readonly operands: readonly string[];
  readonly flags: Readonly<Partial<Record<FlagName, readonly string[]>>>;
}

/**
 * A command to run, or a text to print: help (2 when it was not asked for) or the version. `incomplete`: a text that lists
 * the log formats, which the catalog does not have.
 */
export type CommandLine =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'run'; readonly typed: Typed }
  | { readonly kind: 'text'; readonly text: string; readonly exitCode: 0 | 2 };

/** Reads what was typed after `lastcall`. Prints nothing and never exits. */
export function parseCommandLine(argv: readonly string[], catalog: Catalog): CommandLine {
  let text = '';
  let isIncomplete = false;
  const write = (piece: string): void => void (text += piece);
  let chosen: { readonly command: CommandName; readonly operands: readonly string[] } | undefined;
  let script: string | undefined;
  const wantFormats = (): void => {
    isIncomplete ||= catalog.formats === undefined;
  };
  const choose: Choose = (command, operands) => {
    chosen = { command, operands };
  };
  const program = buildProgram(catalog, write, choose, wantFormats);
  addCompletion(program, (shell) => {
    wantFormats();
    script = completionScript(shell, catalog);
  });
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (isIncomplete) return { kind: 'incomplete' };
    if (error.code === 'commander.version' || error.code === 'commander.helpDisplayed') {
      return { kind: 'text', text, exitCode: 0 };
    }
    if (error.code === 'commander.help') return { kind: 'text', text, exitCode: error.exitCode === 0 ? 0 : 2 };
    throw usageError(error, argv);
  }
  if (isIncomplete) return { kind: 'incomplete' };
  if (script !== undefined) return { kind: 'text', text: script, exitCode: 0 };
  if (chosen === undefined) throw new Error('commander chose no command');
  const flags = readFlags(program.opts());
  checkFlags(chosen.command, flags);
  return { kind: 'run', typed: { ...chosen, flags } };
}

type Choose = (command: CommandName, operands: readonly string[]) => void;

// Every flag belongs to the program, so that it may stand before or after the command; help shows a command its own.
function buildProgram(
  catalog: Catalog,
  write: (text: string) => void,
  choose: Choose,
  wantFormats: () => void,
): Command {
  const program = new Command('lastcall')
    .description('Says for every API key which systems still call with it, and whether it can be deleted.')
    .usage('<command> [flags]')
    .version(catalog.version, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .exitOverride()
    .configureOutput({
      writeOut: write,
      writeErr: write,
      outputError: () => {},
      getOutHelpWidth: () => 100,
      getErrHelpWidth: () => 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .configureHelp({
      visibleOptions: flagsInHelp,
      styleTitle: (title) => (title === 'Options:' ? 'Flags:' : title),
      formatHelp: (command: Command, helper: Help): string => {
        const help = Help.prototype.formatHelp.call(helper, command, helper);
        return command.parent === null ? commandsFirst(help) : help;
      },
    });
  for (const flag of FLAGS) for (const option of toOptions(flag)) program.addOption(option);
  for (const command of COMMANDS) addCommand(program, command, catalog, choose, wantFormats);
  program.addHelpText('after', programHelp());
  return program.addHelpText('afterAll', exitCodeHelp());
}

/** Who asks for help looks for a command; flags are those of one. */
function commandsFirst(help: string): string {
  const [flags, commands] = ['Flags', 'Commands'].map(
    (title) => new RegExp(`^${title}:\\n(?: .*\\n?)+\\n?`, 'm').exec(help)?.[0],
  );
  if (flags === undefined || commands === undefined) return help;
  const sorted = [FIRST_STEPS, commands.trimEnd(), flags.trimEnd()].join('\n\n');
  return help.replace(commands, '').replace(flags, () => `${sorted}\n`);
}

function addCommand(
  program: Command,
  entry: CommandEntry,
  catalog: Catalog,
  choose: Choose,
  wantFormats: () => void,
): void {
  const words = entry.name.split(' ');
  const parent = words.length === 1 ? program : findOrAddGroup(program, words[0]!);
  const command = parent
    .command(words.at(-1)!)
    .description(entry.title)
    .usage(['[flags]', entry.operands].join(' ').trim())
    .helpOption('-h, --help', 'print this help');
  if (entry.operands !== '') command.arguments(entry.operands);
  // `formats` is a command and a group: commander leaves a mistyped command of the group to us.
  const group =
    entry.operands === ''
      ? COMMANDS.filter(({ name }) => name.startsWith(`${entry.name} `)).map(({ name }) => name.split(' ')[1]!)
      : [];
  // A command takes after its group.
  command.allowExcessArguments(group.length > 0);
  command.action(() => {
    if (group.length > 0 && command.args[0] !== undefined) throw unknownCommand(entry.name, command.args[0], group);
    choose(entry.name, [...command.args]);
  });
  command.addHelpText('after', () => {
    if (listsFormats(entry)) wantFormats();
    return commandHelp(entry, catalog);
  });
}

// No entry of the list of commands: it reads no configuration and takes no flag.
function addCompletion(program: Command, act: (shell: string) => void): void {
  const examples = SHELLS.map((shell) => `lastcall completion ${shell}`);
  program
    .command('completion')
    .description('Print the completion script of bash, zsh or fish; its first line says where it goes.')
    .usage('<shell>')
    .argument('<shell>')
    .helpOption('-h, --help', 'print this help')
    .configureHelp({ visibleOptions: () => [] })
    .action(act)
    .addHelpText('after', exampleHelp(examples));
}

function findOrAddGroup(program: Command, name: string): Command {
  const found = program.commands.find((command) => command.name() === name);
  if (found !== undefined) return found;
  const examples = COMMANDS.filter((entry) => entry.name.startsWith(`${name} `)).map((entry) => entry.examples[0]);
  return program
    .command(name)
    .description('Import or list the inventories.')
    .usage('<command> [flags]')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .addHelpText('after', exampleHelp(examples));
}

function toOptions(flag: Flag): Option[] {
  if (flag.value === undefined) {
    const shown = new Option(flag.long, flag.title);
    const opposite = new Option(oppositeFlag(flag)).hideHelp();
    // Commander takes a lone `--no-x` as "x by default": the positive one has to come first.
    return shown.negate ? [opposite, shown] : [shown, opposite];
  }
  const names = flag.short === undefined ? flag.long : `${flag.short}, ${flag.long}`;
  const option = new Option(`${names} <value>`, flag.title).argParser(
    (value: string, earlier: string[] | undefined) => {
      checkValue(flag, value);
      return flag.separator === undefined ? [value] : [...(earlier ?? []), value];
    },
  );
  option.flags = `${names} ${flag.value}`;
  return [option];
}

// An empty shell variable or a forgotten value must not become a file name or swallow the next flag.
function checkValue(flag: Flag, value: string): void {
  if (value.trim() === '') throw new LastcallError('usage', `${flag.long} needs a value: ${flag.value}`);
  const names = FLAGS.flatMap(({ long, short }) => [long, short ?? long]);
  if (names.includes(value)) {
    throw new LastcallError('usage', `${flag.long} needs a value: ${flag.value}`, {
      hint: `${value} is another flag.`,
    });
  }
}

function readFlags(values: Readonly<Record<string, unknown>>): Typed['flags'] {
  const flags: Partial<Record<FlagName, readonly string[]>> = {};
  for (const { name } of FLAGS) {
    const value = values[name];
    if (value !== undefined) flags[name] = Array.isArray(value) ? value.map(String) : [String(value)];
  }
  return flags;
}

function checkFlags(command: CommandName, flags: Typed['flags']): void {
  for (const flag of FLAGS) {
    if (flags[flag.name] === undefined || isFlagOf(flag, command)) continue;
    const takers = COMMANDS.filter(({ name }) => isFlagOf(flag, name)).map(({ name }) => name);
    throw new LastcallError('usage', `lastcall ${command} has no flag ${flag.long}`, {
      hint: `It belongs to: ${takers.join(', ')}.`,
    });
  }
}

function unknownCommand(group: string, typed: string, known: readonly string[]): LastcallError {
  const hint = didYouMean(typed, known) ?? `See lastcall ${group} --help.`;
  return new LastcallError('usage', `unknown command 'lastcall ${group} ${typed}'`, { hint });
}

// Commander writes `error: what happened`, and on a second line `(Did you mean --this?)`.
function usageError(error: CommanderError, argv: readonly string[]): LastcallError {
  const [first = '', second] = error.message.split('\n');
  let message = first.replace(/^error: /, '').replace(/\boption\b/, 'flag');
  // What is too much may be a secret.
  if (error.code === 'commander.excessArguments') message = message.replace(/: .*$/, '').replace(/\.$/, '');
  const command = error.code === 'commander.unknownCommand' ? '' : commandIn(argv);
  return new LastcallError('usage', message, {
    hint: second?.replace(/^\(|\)$/g, '') ?? `See lastcall ${command}--help.`,
  });
}

/** The command whose words stand there, and a blank; nothing where there is none. */
function commandIn(argv: readonly string[]): string {
  const words = ` ${argv.filter((word) => !word.startsWith('-')).join(' ')} `;
  const found = COMMANDS.filter(({ name }) => words.includes(` ${name} `)).map(({ name }) => name);
  const [longest] = found.toSorted((a, b) => words.indexOf(` ${a} `) - words.indexOf(` ${b} `) || b.length - a.length);
  return longest === undefined ? '' : `${longest} `;
}
