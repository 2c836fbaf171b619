import { describe, expect, test } from 'vitest';
import { parseCommandLine } from '../../src/commands/command-line.ts';
import type { CommandLine, Typed } from '../../src/commands/command-line.ts';
import { COMMANDS, EXIT_CODES } from '../../src/commands/command-list.ts';
import type { CommandName } from '../../src/commands/command-list.ts';
import { FLAGS, isFlagOf, oppositeFlag } from '../../src/commands/flags.ts';
import { LastcallError } from '../../src/errors.ts';

const CATALOG = {
  version: '1.2.3',
  reporters: [
    { name: 'table', title: 'for people' },
    { name: 'sarif', title: 'for code scanning' },
  ],
  formats: [{ name: 'combined', title: 'nginx and Apache' }],
};

const OPERANDS: Readonly<Record<CommandName, readonly string[]>> = {
  init: ['logs/'],
  scan: ['a.log', '-'],
  ingest: ['a.log'],
  report: [],
  explain: ['billing'],
  check: ['billing'],
  plan: [],
  'plan verify': ['plan.json'],
  'plan public-key': [],
  handoff: ['plan.json'],
  'handoff history': [],
  'handoff decide': ['billing', 'done'],
  coverage: [],
  backtest: [],
  doctor: [],
  status: [],
  parse: ['a.log'],
  sql: ['gateway'],
  prune: [],
  'keys import': ['a.csv', 'b.csv'],
  'keys list': [],
  formats: [],
  'formats detect': ['a.log'],
};

describe.each(COMMANDS)('lastcall $name', ({ name, title, examples }) => {
  test('runs with its operands', () => {
    expect(typed([...name.split(' '), ...OPERANDS[name]])).toEqual({
      command: name,
      operands: OPERANDS[name],
      flags: {},
    });
  });

  test('has a help with its title, its flags, its examples and the exit codes', () => {
    const { text, exitCode } = shown([...name.split(' '), '--help']);
    expect(exitCode).toBe(0);
    for (const part of [title, ...examples]) expect(flat(text)).toContain(flat(part));
    for (const flag of FLAGS)
      expect([flag.long, listsFlag(text, flag.long)]).toEqual([flag.long, isFlagOf(flag, name)]);
    for (const { code, title: meaning } of EXIT_CODES) expect(text).toContain(`  ${code}  ${meaning}`);
  });

  test.each(FLAGS.filter((flag) => isFlagOf(flag, name)))('takes $long before and after the command', (flag) => {
    const words = name.split(' ');
    const value = flag.value === undefined ? [] : ['text'];
    const wanted = flag.value === undefined ? String(!flag.long.startsWith('--no-')) : 'text';
    for (const argv of [
      [flag.long, ...value, ...words, ...OPERANDS[name]],
      [...words, flag.long, ...value, ...OPERANDS[name]],
      [...words, ...OPERANDS[name], flag.long, ...value],
    ]) {
      expect(typed(argv)).toEqual({ command: name, operands: OPERANDS[name], flags: { [flag.name]: [wanted] } });
    }
  });

  test.each(FLAGS.filter((flag) => !isFlagOf(flag, name)))('refuses $long, which it would ignore', (flag) => {
    const error = refusal([
      ...name.split(' '),
      ...OPERANDS[name],
      flag.long,
      ...(flag.value === undefined ? [] : ['x']),
    ]);
    expect(error.message).toBe(`lastcall ${name} has no flag ${flag.long}`);
  });
});

describe('flags', () => {
  test('values of a repeatable flag are kept in order, of any other flag the last one', () => {
    expect(typed(['scan', '-o', 'table', '--db', 'a', '--output', 'json=x', '--db', 'b']).flags).toEqual({
      output: ['table', 'json=x'],
      db: ['b'],
    });
  });

  test.each(FLAGS.filter((flag) => flag.value === undefined))('$long can be turned back', (flag) => {
    const command = COMMANDS.find(({ name }) => isFlagOf(flag, name))?.name ?? 'scan';
    const argv = [command, ...OPERANDS[command], flag.long, oppositeFlag(flag)];
    expect(typed(argv).flags).toEqual({ [flag.name]: [String(flag.long.startsWith('--no-'))] });
  });

  test('what follows -- is an operand', () => {
    expect(typed(['scan', '--', '--quiet']).operands).toEqual(['--quiet']);
  });

  test('a value may begin with a dash, but a flag is no value', () => {
    expect(typed(['scan', '--source', '-x']).flags).toEqual({ source: ['-x'] });
    expect(refusal(['scan', '--db', '--quiet']).message).toBe('--db needs a value: <file>');
    expect(refusal(['scan', '--db', '-o']).hint).toBe('-o is another flag.');
  });

  test.each(['', ' '])('an empty value %j is refused', (value) => {
    expect(refusal(['scan', '--db', value]).message).toBe('--db needs a value: <file>');
  });
});

describe('mistakes', () => {
  test.each([
    [['scna'], "unknown command 'scna'", 'scan'],
    [['keys', 'imprt'], "unknown command 'imprt'", 'import'],
    [['formats', 'detct', 'a.log'], "unknown command 'lastcall formats detct'", 'detect'],
    [['scan', '--outptu', 'json'], "unknown flag '--outptu'", '--output'],
    [['--as-off', '2026-01-31', 'report'], "unknown flag '--as-off'", '--as-of'],
  ])('%j names the near miss', (argv, message, meant) => {
    const error = refusal(argv);
    expect(error.code).toBe('usage');
    expect(error.message).toBe(message);
    expect(error.hint).toMatch(new RegExp(`^Did you mean "?${meant}"?\\?$`));
  });

  test.each([
    [['check'], 'check'],
    [['--quiet', 'keys', 'import'], 'keys import'],
    [['handoff', 'decide', 'billing'], 'handoff decide'],
    [['scan', '--db'], 'scan'],
  ])('%j names the help of the command', (argv, command) => {
    expect(refusal(argv).hint).toBe(`See lastcall ${command} --help.`);
  });

  test.each([
    [['check'], "missing required argument 'key'"],
    [['parse'], "missing required argument 'log'"],
    [['scan', '--db'], "flag '--db <file>' argument missing"],
    [['check', 'a', 'not-a-real-secret'], "too many arguments for 'check'. Expected 1 argument but got 2"],
    [['plan', 'verify', 'a', 'not-a-real-secret'], "too many arguments for 'verify'. Expected 1 argument but got 2"],
    [['formats', 'detect', 'a', 'not-a-real-secret'], "too many arguments for 'detect'. Expected 1 argument but got 2"],
    [['report', 'not-a-real-secret'], "too many arguments for 'report'. Expected 0 arguments but got 1"],
  ])('%j is refused, and what is too much is not repeated', (argv, message) => {
    const error = refusal(argv);
    expect(error.code).toBe('usage');
    expect(error.message).toBe(message);
  });
});

describe('texts', () => {
  test('nothing typed shows the help and is wrong usage, so that no gate passes', () => {
    const { text, exitCode } = shown([]);
    expect(exitCode).toBe(2);
    for (const { name } of COMMANDS) expect(text).toContain(`\n  ${name.split(' ')[0]}`);
    expect(text).toContain('Exit codes:');
    expect(text).toContain('LASTCALL_SECRET');
  });

  test('a group alone shows its commands and is wrong usage', () => {
    const { text, exitCode } = shown(['keys']);
    expect(exitCode).toBe(2);
    expect(text).toContain('lastcall keys import keys.csv');
  });

  test('--version is the version and nothing else', () => {
    expect(shown(['--version'])).toEqual({ kind: 'text', text: '1.2.3\n', exitCode: 0 });
  });

  test('help with a command shows the help of that command', () => {
    expect(shown(['help', 'check'])).toEqual(shown(['check', '--help']));
  });

  test('the help of the program begins with first steps and commands', () => {
    const { text } = shown(['--help']);
    const parts = ['First steps', 'Commands:', 'Flags:', 'Environment:', 'Exit codes:'].map((part) =>
      text.indexOf(part),
    );
    expect(parts).not.toContain(-1);
    expect(parts).toEqual(parts.toSorted((a, b) => a - b));
  });

  test('the help lists the reporters and formats that it is given', () => {
    const { text } = shown(['scan', '--help']);
    expect(text).toContain('  sarif  for code scanning');
    expect(text).toContain('  combined  nginx and Apache');
  });

  test.each([
    ['scan', '--help'],
    ['help', 'parse'],
    ['completion', 'bash'],
  ])('%s %s wants the formats, which take long to load', (...argv) => {
    const { formats: _, ...light } = CATALOG;
    expect(parseCommandLine(argv, light)).toEqual({ kind: 'incomplete' });
    expect(run(argv)).toMatchObject({ kind: 'text' });
  });

  test.each([['--help'], ['report', '--help'], ['--version'], []])('%s %s does without the formats', (...argv) => {
    const { formats: _, ...light } = CATALOG;
    expect(parseCommandLine(argv, light)).toEqual(run(argv));
  });
});

function run(argv: readonly string[]): CommandLine {
  return parseCommandLine(argv, CATALOG);
}

function typed(argv: readonly string[]): Typed {
  const line = run(argv);
  if (line.kind === 'run') return line.typed;
  throw new Error(`a text was shown: ${JSON.stringify(line)}`);
}

function shown(argv: readonly string[]): Extract<CommandLine, { kind: 'text' }> {
  const line = run(argv);
  if (line.kind === 'text') return line;
  throw new Error(`not a text: ${JSON.stringify(line)}`);
}

function refusal(argv: readonly string[]): LastcallError {
  try {
    run(argv);
  } catch (error) {
    if (error instanceof LastcallError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

function flat(text: string): string {
  return text.replace(/\s+/g, ' ');
}

function listsFlag(help: string, long: string): boolean {
  return new RegExp(`^  (?:-\\w, )?${long}(?: |$)`, 'm').test(help);
}
