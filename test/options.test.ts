import { delimiter } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseCommandLine } from '../src/commands/command-line.ts';
import { environmentName, FLAGS } from '../src/commands/flags.ts';
import type { FlagName } from '../src/commands/flags.ts';
import { parseConfig } from '../src/config/config.ts';
import { LastcallError } from '../src/errors.ts';
import { resolveOptions } from '../src/options.ts';
import type { Environment, Host, Options } from '../src/options.ts';
import { DEFAULT_POLICY } from '../src/verdicts/policy.ts';

const NOW = Date.UTC(2026, 0, 31, 15);
const CATALOG = {
  version: '1.2.3',
  reporters: [
    { name: 'table', title: 'table', saysChanges: true },
    ...['json', 'csv', 'sarif'].map((name) => ({ name, title: name })),
  ],
  formats: ['combined', 'cloudtrail', 'json'].map((name) => ({ name, title: name })),
};

interface Given {
  readonly environment?: Environment;
  readonly files?: Readonly<Record<string, string>>;
  readonly host?: Partial<Host>;
}

function resolve(argv: readonly string[], { environment = {}, files = {}, host = {} }: Given = {}): Options {
  const line = parseCommandLine(argv, CATALOG);
  if (line.kind !== 'run') throw new Error('nothing is to be run');
  const machine: Host = {
    readFile: (path) => files[path],
    parseConfig,
    now: NOW,
    home: '/home/ann',
    cores: 1,
    isTerminal: false,
    columns: undefined,
    isErrorTerminal: false,
    ...host,
  };
  return resolveOptions(line.typed, environment, machine, CATALOG);
}

function refusal(argv: readonly string[], given: Given = {}): LastcallError {
  try {
    resolve(argv, given);
  } catch (error) {
    if (error instanceof LastcallError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** One row for each flag: the texts that each layer gives, and what the options say then. */
interface Layers {
  readonly argv?: readonly string[];
  readonly read: (options: Options) => unknown;
  readonly byDefault: unknown;
  /** Absent: the configuration does not have it. */
  readonly file?: readonly [yaml: string, wanted: unknown];
  readonly environment: readonly [text: string, wanted: unknown];
  readonly flag: readonly [args: readonly string[], wanted: unknown];
}

const LAYERS: Readonly<Record<FlagName, Layers>> = {
  config: {
    read: (options) => options.config,
    byDefault: undefined,
    file: ['db: x', 'lastcall.yaml'],
    environment: ['env.yaml', 'env.yaml'],
    flag: [['--config', 'flag.yaml'], 'flag.yaml'],
  },
  json: {
    argv: ['check', 'billing'],
    read: (options) => options.outputs.map(({ reporter }) => reporter),
    byDefault: ['table'],
    environment: ['true', ['json']],
    flag: [['--json'], ['json']],
  },
  sign: {
    argv: ['plan'],
    read: (options) => options.sign,
    byDefault: false,
    environment: ['true', true],
    flag: [['--sign'], true],
  },
  force: {
    argv: ['plan'],
    read: (options) => options.force,
    byDefault: undefined,
    environment: ['looked at it', 'looked at it'],
    flag: [['--force', 'the first plan'], 'the first plan'],
  },
  publicKey: {
    argv: ['plan', 'verify', 'plan.json'],
    read: (options) => options.publicKey,
    byDefault: undefined,
    environment: ['env.pem', 'env.pem'],
    flag: [['--public-key', 'flag.pem'], 'flag.pem'],
  },
  execute: {
    argv: ['handoff', 'plan.json'],
    read: (options) => options.execute,
    byDefault: false,
    environment: ['true', true],
    flag: [['--execute'], true],
  },
  yes: {
    argv: ['handoff', 'plan.json'],
    read: (options) => options.yes,
    byDefault: false,
    environment: ['true', true],
    flag: [['--yes'], true],
  },
  successor: {
    read: (options) => options.successors.map(({ key, successor }) => `${key} -> ${successor}`),
    byDefault: [],
    file: ['successors: { a: b }', ['a -> b']],
    environment: ['a=c', ['a -> c']],
    flag: [
      ['--successor', 'a=d', '--successor', 'e=f'],
      ['a -> d', 'e -> f'],
    ],
  },
  db: {
    read: (options) => options.db,
    byDefault: 'lastcall.db',
    file: ['db: file.db', 'file.db'],
    environment: ['env.db', 'env.db'],
    flag: [['--db', 'flag.db'], 'flag.db'],
  },
  secretFile: {
    read: (options) => options.secretFile,
    byDefault: '/home/ann/.config/lastcall/secret',
    file: ['secretFile: file', 'file'],
    environment: ['env', 'env'],
    flag: [['--secret-file', 'flag'], 'flag'],
  },
  keys: {
    read: (options) => options.inventories.map(({ path }) => path),
    byDefault: [],
    file: ['inventories: [{ path: file.csv }]', ['file.csv']],
    environment: [`env1.csv${delimiter}env2.csv`, ['env1.csv', 'env2.csv']],
    flag: [
      ['--keys', 'flag1.csv', '--keys', 'flag2.csv'],
      ['flag1.csv', 'flag2.csv'],
    ],
  },
  // Each says of something else that it is no log.
  exclude: {
    read: (options) => options.exclude,
    byDefault: [],
    file: ['exclude: [file.txt]', ['file.txt']],
    environment: [`env1.txt${delimiter}env2.txt`, ['env1.txt', 'env2.txt', 'file.txt']],
    flag: [
      ['--exclude', 'flag1.txt', '--exclude', 'flag2.txt'],
      ['flag1.txt', 'flag2.txt', 'file.txt'],
    ],
  },
  keyField: {
    argv: ['keys', 'import', 'a.csv'],
    read: (options) => options.inventories[0]?.columns,
    byDefault: {},
    file: ['inventories: [{ path: a.csv, columns: { id: file } }]', { file: 'id' }],
    environment: ['id=env\nowner=env2', { env: 'id', env2: 'owner' }],
    flag: [['--key-field', 'id=flag'], { flag: 'id' }],
  },
  logFormat: {
    read: (options) => options.logFormat,
    byDefault: 'auto',
    environment: ['combined', 'combined'],
    flag: [['--log-format', 'cloudtrail'], 'cloudtrail'],
  },
  logFormatString: {
    read: (options) => options.logFormatString,
    byDefault: undefined,
    environment: ['$env', '$env'],
    flag: [['--log-format-string', '$flag'], '$flag'],
  },
  source: {
    read: (options) => options.source,
    byDefault: undefined,
    environment: ['env', 'env'],
    flag: [['--source', 'flag'], 'flag'],
  },
  field: {
    read: (options) => options.fields,
    byDefault: {},
    environment: ['time=env\nkey=a["b,c"] || d', { time: 'env', key: 'a["b,c"] || d' }],
    flag: [['--field', 'time=flag', '--field', 'identity.tenant=a=b'], { time: 'flag', 'identity.tenant': 'a=b' }],
  },
  records: {
    read: (options) => options.records,
    byDefault: undefined,
    environment: ['env[*]', 'env[*]'],
    flag: [['--records', 'flag[*]'], 'flag[*]'],
  },
  asOf: {
    read: (options) => options.asOf,
    byDefault: NOW,
    environment: ['2026-01-02T00:00Z', Date.UTC(2026, 0, 2)],
    flag: [['--as-of', '2026-01-03T00:00Z'], Date.UTC(2026, 0, 3)],
  },
  output: {
    read: (options) => options.outputs,
    byDefault: [{ reporter: 'table', file: undefined }],
    file: ['outputs: [{ reporter: csv, file: file.csv }]', [{ reporter: 'csv', file: 'file.csv' }]],
    environment: [
      'table,json=env.json',
      [
        { reporter: 'table', file: undefined },
        { reporter: 'json', file: 'env.json' },
      ],
    ],
    flag: [
      ['-o', 'sarif=a=b', '--output', 'json'],
      [
        { reporter: 'sarif', file: 'a=b' },
        { reporter: 'json', file: undefined },
      ],
    ],
  },
  failOn: {
    read: (options) => options.failOn,
    byDefault: [],
    file: ['failOn: [shadow]', ['shadow']],
    environment: ['zombie, unknown', ['zombie', 'unknown']],
    flag: [
      ['--fail-on', 'revived,in-use', '--fail-on', 'safe'],
      ['revived', 'in-use', 'safe'],
    ],
  },
  since: {
    read: (options) => options.since,
    byDefault: undefined,
    environment: ['7', { scan: 7 }],
    flag: [['--since', '2026-01-31'], { at: Date.parse('2026-02-01') - 1 }],
  },
  includeSessions: {
    read: (options) => options.includeSessions,
    byDefault: false,
    environment: ['true', true],
    flag: [['--no-include-sessions'], false],
  },
  inventoryIds: {
    argv: ['parse', 'a.log'],
    read: (options) => options.inventoryIds,
    byDefault: false,
    environment: ['1', true],
    flag: [['--no-inventory-ids'], false],
  },
  accept: {
    read: (options) => options.accept,
    byDefault: false,
    environment: ['1', true],
    flag: [['--no-accept'], false],
  },
  workers: {
    read: (options) => options.workers,
    byDefault: 1,
    environment: ['2', 2],
    flag: [['--workers', '4'], 4],
  },
  every: {
    argv: ['backtest'],
    read: (options) => options.everyDays,
    byDefault: 7,
    environment: ['14', 14],
    flag: [['--every', '1'], 1],
  },
  olderThan: {
    argv: ['prune'],
    read: (options) => options.olderThanDays,
    byDefault: 90,
    environment: ['30', 30],
    flag: [['--older-than', '14'], 14],
  },
  quiet: {
    read: (options) => options.quiet,
    byDefault: false,
    environment: ['yes', true],
    flag: [['--no-quiet'], false],
  },
  progress: {
    read: (options) => options.progress,
    byDefault: true,
    environment: ['on', false],
    flag: [['--progress'], true],
  },
  verbose: {
    read: (options) => options.verbose,
    byDefault: false,
    environment: ['TRUE', true],
    flag: [['--no-verbose'], false],
  },
};

describe.each(FLAGS)('$long', (flag) => {
  const { argv = ['scan', 'a.log'], read, byDefault, file, environment, flag: typed } = LAYERS[flag.name];
  const files = { 'env.yaml': '', 'flag.yaml': '', ...(file === undefined ? {} : { 'lastcall.yaml': file[0] }) };
  const variables = { [environmentName(flag)]: environment[0] };
  const host = { isErrorTerminal: true };

  test('has a default', () => {
    expect(read(resolve(argv, { host }))).toEqual(byDefault);
  });

  test('is set by the environment over the configuration', () => {
    expect(read(resolve(argv, { files, host, environment: variables }))).toEqual(environment[1]);
  });

  test('is set by the flag over the environment', () => {
    expect(read(resolve([...argv, ...typed[0]], { files, host, environment: variables }))).toEqual(typed[1]);
  });

  test('counts as not set when its variable is empty', () => {
    expect(read(resolve(argv, { host, environment: { [environmentName(flag)]: ' ' } }))).toEqual(byDefault);
  });
});

test.each(FLAGS.filter(({ name }) => LAYERS[name].file !== undefined))(
  'the configuration sets $long over the default',
  ({ name }) => {
    const { argv = ['scan', 'a.log'], read, file: [text, wanted] = ['', undefined] } = LAYERS[name];
    expect(read(resolve(argv, { files: { 'lastcall.yaml': text } }))).toEqual(wanted);
  },
);

describe('the environment', () => {
  test('an unknown LASTCALL_ variable is an error that names the near miss', () => {
    const error = refusal(['report'], { environment: { LASTCALL_FAIL_NO: 'safe' } });
    expect(error.code).toBe('usage');
    expect(error.message).toBe('environment variable LASTCALL_FAIL_NO is not known');
    expect(error.hint).toBe('Did you mean "LASTCALL_FAIL_ON"?');
  });

  test('other variables are left alone', () => {
    expect(resolve(['report'], { environment: { LASTCALLS: 'x', PATH: '/bin', LASTCALL_GONE: undefined } }).db).toBe(
      'lastcall.db',
    );
  });

  test('a switch that is neither on nor off is refused', () => {
    expect(refusal(['report'], { environment: { LASTCALL_QUIET: 'maybe' } }).message).toBe(
      'LASTCALL_QUIET: expected true or false',
    );
  });

  test('LASTCALL_NOW fixes the clock, and with it the default of --as-of', () => {
    const options = resolve(['report'], { environment: { LASTCALL_NOW: '2026-01-05T06:07:08Z' } });
    expect(options.now).toBe(Date.UTC(2026, 0, 5, 6, 7, 8));
    expect(options.asOf).toBe(options.now);
    expect(refusal(['report'], { environment: { LASTCALL_NOW: 'noon' } }).code).toBe('usage');
  });
});

describe('the configuration', () => {
  test('is optional, unless it is named', () => {
    expect(resolve(['report']).config).toBeUndefined();
    expect(refusal(['report', '--config', 'gone.yaml']).message).toBe('gone.yaml: there is no such file');
    expect(refusal(['report'], { environment: { LASTCALL_CONFIG: 'gone.yaml' } }).code).toBe('config');
  });

  test('gives the logs when none is typed', () => {
    const files = { 'conf/c.yaml': 'sources: [{ name: a, paths: [x, y/*.gz] }, { name: b, paths: [/z] }]' };
    expect(resolve(['scan', '--config', 'conf/c.yaml'], { files }).logs).toEqual(['conf/x', 'conf/y/*.gz', '/z']);
    expect(resolve(['scan', 'typed.log', '--config', 'conf/c.yaml'], { files }).logs).toEqual(['typed.log']);
    expect(refusal(['scan']).message).toBe('lastcall scan has no log to read');
  });

  test('fills in the policy, and a wrong constant names the file', () => {
    expect(resolve(['report']).policy).toEqual(DEFAULT_POLICY);
    const files = { 'lastcall.yaml': 'policy: { floorDays: 45 }' };
    expect(resolve(['report'], { files }).policy).toEqual({ ...DEFAULT_POLICY, floorDays: 45 });
    const error = refusal(['report'], { files: { 'lastcall.yaml': 'policy: { florDays: 45 }' } });
    expect(error.code).toBe('config');
    expect(error.message).toMatch(/^lastcall\.yaml: policy\.florDays/);
    expect(error.hint).toBe('Did you mean "floorDays"?');
  });

  test.each([
    ['sources: [{ name: a, paths: [x], format: combind }]', 'source "a": there is no log format "combind"', 'combined'],
    ['outputs: [{ reporter: sarf, file: x }]', 'outputs: there is no reporter "sarf"', 'sarif'],
    ['failOn: [zombi]', 'failOn: "zombi" is neither a verdict nor a finding', 'zombie'],
  ])('%s is an error of the configuration', (text, message, meant) => {
    const error = refusal(['report'], { files: { 'lastcall.yaml': text } });
    expect(error.code).toBe('config');
    expect(error.message).toBe(`lastcall.yaml: ${message}`);
    expect(error.hint).toBe(`Did you mean "${meant}"?`);
  });
});

describe('--as-of', () => {
  test('a day that is over counts whole', () => {
    expect(resolve(['report', '--as-of', '2026-01-30']).asOf).toBe(Date.UTC(2026, 0, 31) - 1);
  });

  test('today counts up to now, so that no silence is claimed for hours to come', () => {
    expect(resolve(['report', '--as-of', '2026-01-31']).asOf).toBe(NOW);
  });

  test.each(['yesterday', '2026-02-30', '31/01/2026'])('%s is refused', (text) => {
    expect(refusal(['report', '--as-of', text]).message).toBe(`--as-of: "${text}" is no date or instant`);
  });
});

describe('--output', () => {
  test.each([
    [['-o', 'table', '-o', 'json'], 'two reporters write to standard output'],
    [['-o', 'json=x', '-o', 'csv=x'], 'two reporters write to "x"'],
    [['-o', 'json='], '"json=" names no file after "="'],
    [['-o', 'jsn'], 'there is no reporter "jsn"'],
  ])('%j is refused', (args, message) => {
    const error = refusal(['report', ...args]);
    expect(error.code).toBe('usage');
    expect(error.message).toBe(`--output: ${message}`);
  });

  test.each([
    ['report.json', 'json=report.json'],
    ['./out/report.SARIF', 'sarif=./out/report.SARIF'],
    ['keys.txt', 'table=keys.txt'],
  ])('where the file %s stands alone, the refusal says how to write it', (file, meant) => {
    expect(refusal(['report', '-o', file]).hint).toBe(`To write that file: -o ${meant}`);
  });

  test('commands on one key write a table or JSON only', () => {
    expect(resolve(['explain', 'billing', '-o', 'json']).outputs).toEqual([{ reporter: 'json', file: undefined }]);
    expect(refusal(['explain', 'billing', '-o', 'sarif']).message).toBe(
      '--output: lastcall explain has no reporter "sarif"',
    );
  });

  test('the files that scan and report write are not written by other commands', () => {
    const given = {
      files: { 'lastcall.yaml': 'outputs: [{ reporter: json, file: report.json }]' },
      environment: { LASTCALL_OUTPUT: 'json=report.json' },
    };
    expect(resolve(['check', 'billing'], given).outputs).toEqual([{ reporter: 'table', file: undefined }]);
    expect(resolve(['report'], given).outputs).toEqual([{ reporter: 'json', file: 'report.json' }]);
  });
});

describe('--since', () => {
  test('takes a scan, a date, or last, and nothing else', () => {
    const sinceOf = (text: string) => resolve(['report', '--since', text]).since;
    expect(sinceOf('last')).toBe('last');
    expect(sinceOf('2026-01-31T12:00Z')).toEqual({ at: Date.parse('2026-01-31T12:00Z') });
    expect(refusal(['report', '--since', 'yesterday']).message).toBe(
      '--since: "yesterday" is neither a scan nor a date',
    );
  });

  test('leaves the configured outputs alone: they are whole reports', () => {
    const files = { 'lastcall.yaml': 'outputs: [{ reporter: json, file: report.json }]' };
    expect(resolve(['report', '--since', 'last'], { files }).outputs).toEqual([{ reporter: 'table', file: undefined }]);
  });

  test('is refused by reporters that cannot say what has changed', () => {
    expect(refusal(['report', '--since', 'last', '-o', 'csv']).message).toMatch(/--since has no reporter "csv"/);
  });
});

describe('--fail-on', () => {
  test('none turns off what the configuration says', () => {
    const files = { 'lastcall.yaml': 'failOn: [shadow]' };
    expect(resolve(['report', '--fail-on', 'none'], { files }).failOn).toEqual([]);
  });

  test('what is neither a verdict nor a finding is refused', () => {
    const error = refusal(['report', '--fail-on', 'shadow,zomby']);
    expect(error.message).toBe('--fail-on: "zomby" is neither a verdict nor a finding');
    expect(error.hint).toBe('Did you mean "zombie"?');
  });
});

describe('--field and --key-field', () => {
  test.each([
    [['--field', 'tiem=t'], '--field: "tiem" is no usage field', 'Did you mean "time"?'],
    [['--key-field', 'ownr=o'], '--key-field: "ownr" is no inventory column', 'Did you mean "owner"?'],
    [['--field', 'time'], '--field: "time" is not of the form <name>=<value>', undefined],
    [['--field', 'time='], '--field: "time=" is not of the form <name>=<value>', undefined],
  ])('%j is refused', (args, message, hint) => {
    const error = refusal(['scan', 'a.log', ...args]);
    expect(error.message).toBe(message);
    expect(error.hint).toBe(hint);
  });

  test('a field given twice is refused, since keys in the first place would go unseen', () => {
    const error = refusal(['scan', 'a.log', '--field', 'key=a', '--field', 'key=b']);
    expect(error.message).toBe('--field: "key" is given twice');
    expect(error.hint).toContain('||');
  });

  test('a column of the file cannot mean two things', () => {
    const error = refusal(['scan', 'a.log', '--keys', 'k.csv', '--key-field', 'id=token', '--key-field', 'key=token']);
    expect(error.message).toBe('k.csv: "token" cannot be the column id and the column key');
  });
});

describe('inventories', () => {
  const files = {
    'lastcall.yaml': `inventories:
      - { path: keys.csv, format: csv, columns: { id: key_id, owner: team }, source: gateway }
      - { path: more.json }`,
  };

  test('what the configuration says of a typed inventory still holds, and typed columns win', () => {
    const options = resolve(['scan', 'a.log', '--keys', './keys.csv', '--key-field', 'owner=squad'], { files });
    expect(options.inventories).toEqual([
      { path: 'keys.csv', format: 'csv', columns: { key_id: 'id', squad: 'owner' }, source: 'gateway' },
    ]);
  });

  test('keys import reads the files that are typed, and they are no logs', () => {
    const options = resolve(['keys', 'import', 'a.csv', 'more.json'], { files });
    expect(options.inventories.map(({ path }) => path)).toEqual(['a.csv', 'more.json']);
    expect(options.logs).toEqual([]);
  });
});

describe('the secret', () => {
  const environment = { LASTCALL_SECRET: 'not-a-real-secret' };

  test('comes from the environment over the configuration, and a typed file wins over it', () => {
    const files = { 'lastcall.yaml': 'secretFile: file' };
    expect(resolve(['report'], { environment, files }).secret).toBe('not-a-real-secret');
    const typed = resolve(['report', '--secret-file', 'x'], { environment, files });
    expect([typed.secret, typed.secretFile]).toEqual([undefined, 'x']);
  });

  test('an empty one is refused, not taken for none', () => {
    expect(refusal(['report'], { environment: { LASTCALL_SECRET: '' } }).message).toBe('LASTCALL_SECRET is empty');
  });

  test('two places in the environment are refused', () => {
    const both = { ...environment, LASTCALL_SECRET_FILE: 'x' };
    expect(refusal(['report'], { environment: both }).code).toBe('usage');
  });

  test('its file stands in the configuration folder of the user', () => {
    const absolute = resolve(['report'], { environment: { XDG_CONFIG_HOME: '/xdg' } });
    expect(absolute.secretFile).toBe('/xdg/lastcall/secret');
    const relative = resolve(['report'], { environment: { XDG_CONFIG_HOME: 'relative' } });
    expect(relative.secretFile).toBe('/home/ann/.config/lastcall/secret');
  });
});

describe('the key of explain and check', () => {
  test.each([
    ['explain', []],
    ['check', ['x']],
  ])('%s takes an id, and reads %j first', (command, logs) => {
    const options = resolve([command, 'billing-2024'], {
      files: { 'lastcall.yaml': 'sources: [{name: a, paths: [x, "-"]}]' },
    });
    expect(options.key).toBe('billing-2024');
    expect(options.logs).toEqual(logs);
  });

  test('an empty key is refused', () => {
    expect(refusal(['check', '']).message).toBe('the key has an empty name');
  });

  test('a raw secret is refused and not repeated', () => {
    const secret = `sk_live_${'notreal0'.repeat(3)}`;
    const error = refusal(['check', secret]);
    expect(error.code).toBe('usage');
    expect(error.message + error.hint).not.toContain(secret);
  });
});

test('two threads read where there are cores for them', () => {
  for (const cores of [1, 2, 8])
    expect(resolve(['scan', 'logs'], { host: { cores } }).workers).toBe(Math.min(cores, 2));
});

describe('the terminal', () => {
  const host = { isTerminal: true, columns: 97, isErrorTerminal: true };

  test('gives its width and colour, a pipe 120 columns without colour', () => {
    expect(resolve(['report'], { host })).toMatchObject({ isTerminal: true, columns: 97, color: true });
    expect(resolve(['report'])).toMatchObject({ isTerminal: false, columns: 120, color: false });
  });

  test('NO_COLOR turns colour off unless it is empty', () => {
    expect(resolve(['report'], { host, environment: { NO_COLOR: '1' } }).color).toBe(false);
    expect(resolve(['report'], { host, environment: { NO_COLOR: '' } }).color).toBe(true);
  });

  test('a terminal that knows no escape sequences gets no colour', () => {
    expect(resolve(['report'], { host, environment: { TERM: 'dumb' } }).color).toBe(false);
  });

  test('progress is shown on a terminal that is not to be quiet', () => {
    expect(resolve(['report'], { host }).progress).toBe(true);
    expect(resolve(['report']).progress).toBe(false);
    expect(resolve(['report', '--quiet', '--progress'], { host }).progress).toBe(false);
  });
});

test('options are frozen through and through', () => {
  const options = resolve(['scan', 'a.log', '-o', 'json']);
  expect(Object.isFrozen(options)).toBe(true);
  expect(Object.isFrozen(options.outputs[0])).toBe(true);
});
