import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS, EXIT_CODES } from '../src/commands/command-list.ts';
import { readVersion } from '../src/version.ts';
import { CLI, environment, FIXED_SECRET, type Run, runCli } from './run-cli.ts';

const DAY_MS = 86_400_000;
const FIRST = Date.UTC(2024, 0, 1);
const AS_OF = ['--as-of', '2025-12-31T12:00:00Z'] as const;
const SHOP = 'acme_live_EXAMPLE0000shop00001111';
const BILLING = 'acme_live_EXAMPLE000billing2222';
/** Looks like a key and not like a name. */
const RANDOM = 'acme_live_EXAMPLEC5RDLUsRauq3y2Yr7k9QpZ3xV8nWt';

let folder: string;

beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-cli-'));
  const log = Array.from({ length: 730 }, (_, day) => callsOf(day)).join('');
  fs.writeFileSync(file('app.log'), log);
  fs.writeFileSync(file('cut.log.gz'), gzipSync(log).subarray(0, 2000));
  fs.writeFileSync(
    file('keys.csv'),
    `id,created,status,key\nshop-2024,2024-01-01,active,${SHOP}\nbilling-2024,2024-01-01,active,${BILLING}\n`,
  );
  fs.writeFileSync(file('stranger.log'), line('2025-12-30T08:00:00Z', 'acme_live_EXAMPLE00stranger3333', 'nobody'));
  run('scan', 'app.log', '--keys', 'keys.csv', '--db', 'main.db', ...AS_OF);
});

afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

it('accounts for every byte of each log with --verbose', () => {
  fs.writeFileSync(file('account.log'), `${line('2025-12-30T08:00:00Z', SHOP, 'shop')}{"broken\r\n\n`);
  const { stderr } = run('ingest', 'account.log', '--db', 'account.db', '--verbose');
  const [, bytes, within, between] = /, (\d+) bytes \((\d+) in records, (\d+) between them\)$/m.exec(stderr) ?? [];
  expect(Number(bytes)).toBe(fs.statSync(file('account.log')).size);
  expect([Number(within) + Number(between), Number(between)]).toEqual([Number(bytes), 4]);
});

describe('exit codes', () => {
  const gate = (...args: string[]): Run => runCli(args, { cwd: folder, env: { LASTCALL_NOW: '2025-12-31T12:00:00Z' } });

  beforeAll(() => void gate('scan', 'app.log', '--keys', 'keys.csv', '--db', 'gate.db', '--quiet'));

  it('0: done; check: the key is safe', () => {
    const { status, stdout } = gate('check', 'billing-2024', '--db', 'gate.db');
    expect(stdout).toMatch(/^safe billing-2024: billing: silent \d+ days/);
    expect(status).toBe(0);
  });

  it('1: check of a key that is not safe', () => {
    const { status, stdout } = gate('check', 'shop-2024', '--db', 'gate.db');
    expect(stdout).toMatch(/^in-use shop-2024: /);
    expect(status).toBe(1);
  });

  it('1: check of a key by a clock that went back', () => {
    const args = ['app.log', '--keys', 'keys.csv', '--db', 'clock.db', '--quiet', '--fail-on', 'none'];
    const at = (now: string, ...typed: string[]): Run => runCli(typed, { cwd: folder, env: { LASTCALL_NOW: now } });
    at('2025-12-31T12:00:00Z', 'scan', ...args);
    expect(at('2025-12-31T12:00:00Z', 'check', 'billing-2024', '--db', 'clock.db').stdout).toMatch(/^safe/);
    const back = at('2025-12-29T10:00:00Z', 'check', 'billing-2024', '--db', 'clock.db');
    expect(back).toMatchObject({ status: 1, stdout: expect.stringMatching(/^unknown .*a run began at 2025-12-31/) });
    // By a clock that was ahead once: two runs later it is forgotten.
    at('2026-12-31T12:00:00Z', 'scan', ...args);
    for (const expected of [/^unknown/, /^safe/]) {
      at('2026-01-01T12:00:00Z', 'scan', ...args);
      expect(at('2026-01-01T12:00:00Z', 'check', 'billing-2024', '--db', 'clock.db').stdout).toMatch(expected);
    }
  });

  it('1: a finding or verdict that --fail-on names, with the whole report', () => {
    const args = ['scan', 'stranger.log', '--keys', 'keys.csv', '--db', 'shadow.db', ...AS_OF];
    const { status, stdout } = run(...args, '--fail-on', 'shadow,zombie');
    expect(stdout).toContain('shadow');
    expect(status).toBe(1);
    expect(run(...args, '--fail-on', 'zombie').status).toBe(0);
    expect(run(...args, '--fail-on', 'none').status).toBe(0);
  });

  it.each([
    ['a scan of now', '2025-12-31T12:00:00Z', 1],
    ['a scan as of an earlier time', '2026-01-01T12:00:00Z', 0],
  ])('1: revived after %s that called the key safe', (_, now, expected) => {
    const args = ['--keys', 'keys.csv', '--db', `revived-${expected}.db`, '--fail-on', 'revived'];
    fs.writeFileSync(file('back.log'), line('2026-01-02T08:00:00Z', BILLING, 'billing'));
    const scan = (at: string, ...rest: readonly string[]): number | null =>
      runCli(['scan', ...rest, ...args], { cwd: folder, env: { LASTCALL_NOW: at } }).status;
    expect(scan(now, 'app.log', ...AS_OF)).toBe(0);
    expect(scan('2026-01-02T12:00:00Z', 'app.log', 'back.log')).toBe(expected);
  });

  it('1: a source that fell silent, also if no key depends on it', () => {
    const calls = (to: number) =>
      Array.from(
        { length: to },
        (_, day) => `{"time":"${new Date(FIRST + day * DAY_MS).toISOString()}","status":200}\n`,
      );
    fs.writeFileSync(file('static.log'), calls(600).join(''));
    fs.writeFileSync(
      file('silent.yaml'),
      'sources: [{ name: app, paths: [app.log] }, { name: static, paths: [static.log], carriesKeys: false }]',
    );
    const args = ['--config', 'silent.yaml', '--db', 'silent.db', '--keys', 'keys.csv', ...AS_OF, '-o', 'json'];
    const { status, stdout } = run('scan', ...args, '--fail-on', 'silent-source');
    const { summary, sources } = JSON.parse(stdout) as { summary: { findings: object }; sources: { state: string }[] };
    expect([status, summary.findings, sources.map(({ state }) => state)]).toEqual([1, {}, ['active', 'silent']]);
    fs.writeFileSync(
      file('silent.yaml'),
      'sources: [{ name: app, paths: [app.log] }, { name: static, paths: [static.log], carriesKeys: false, retired: 2025-08-22 }]',
    );
    expect(run('scan', ...args, '--fail-on', 'silent-source').status).toBe(0);
  });

  it.each([
    ['no command', []],
    ['a command that is none', ['scann', 'app.log']],
    ['a flag that is none', ['scan', 'app.log', '--asof', '2025-01-01']],
    ['a flag of another command', ['report', '--field', 'time=t']],
    ['a format that is none', ['scan', 'app.log', '--log-format', 'jsno']],
    ['a date that is none', ['report', '--as-of', 'yesterday']],
    ['a log that is not there', ['scan', 'missing.log']],
    ['an inventory that is not there', ['scan', 'app.log', '--keys', 'missing.csv']],
    ['a configuration that is not there', ['scan', 'app.log', '--config', 'missing.yaml']],
    ['a database that is not there', ['report', '--db', 'missing.db']],
    ['a key that is not there', ['check', 'missing', '--db', 'main.db']],
    ['a whole key, which is not repeated', ['check', RANDOM, '--db', 'main.db']],
    ['a whole key in place of a log', ['scan', RANDOM]],
    ['a whole key in place of a flag', ['scan', `--${RANDOM}`]],
    ['a whole key in place of a command', [RANDOM]],
    ['a whole key in place of a configuration', ['scan', '--config', RANDOM]],
  ])('2: refused before work: %s', (_, args) => {
    const { status, stdout, stderr } = run(...args);
    expect(stdout).toBe('');
    expect(stderr).not.toMatch(/\bat .*:\d+:\d+/);
    expect(stderr).not.toContain(RANDOM);
    if (args.length > 0) expect(stderr).toMatch(/^lastcall: .+\n {2}.+\n$|^lastcall: .+\n$/);
    expect(status).toBe(2);
    expect(fs.existsSync(file('lastcall.db'))).toBe(false);
  });

  it('3: an input that was not read to its end, named with the offset, and no key becomes safe by it', () => {
    const { status, stdout, stderr } = run('scan', 'cut.log.gz', '--keys', 'keys.csv', '--db', 'cut.db', ...AS_OF);
    expect(stderr).toMatch(/^lastcall: .*cut\.log\.gz: .*\bbyte 2000\b/m);
    expect(stdout).toMatch(/safe +0 /);
    expect(status).toBe(3);
    expect(run('report', '--db', 'cut.db', '-o', 'json', ...AS_OF).stdout).toContain('"unread-input"');
  });

  it('4: another run holds the database', async () => {
    const holder = spawn(process.execPath, [CLI, 'scan', '-', '--db', 'held.db'], { cwd: folder, env: environment() });
    try {
      await untilThere(file('held.db'));
      const { status, stderr } = run('scan', 'app.log', '--db', 'held.db');
      expect(stderr).toContain('held.db');
      expect(status).toBe(4);
    } finally {
      holder.stdin.end();
      await once(holder, 'close');
    }
    expect(run('scan', 'app.log', '--db', 'held.db').status).toBe(0);
  });

  it('leaves the secret out of the report that Node writes when it is told to', async () => {
    const args = ['--report-on-signal', `--report-dir=${folder}`, CLI, 'ingest', '-', '--db', 'signalled.db'];
    const child = spawn(process.execPath, args, { cwd: folder, env: environment() });
    await untilThere(file('signalled.db'));
    child.kill('SIGUSR2');
    const report = (): string | undefined => fs.readdirSync(folder).find((name) => name.startsWith('report.'));
    while (report() === undefined) await new Promise((resolve) => setTimeout(resolve, 10));
    child.stdin.end();
    await once(child, 'close');
    const text = fs.readFileSync(file(report() ?? ''), 'utf8');
    expect(text).toContain('nodejsVersion');
    expect(text).not.toContain(FIXED_SECRET);
  });

  it('5: the database cannot be made', () => {
    const { status, stderr } = run('scan', 'app.log', '--db', 'no/such/folder/x.db');
    expect(stderr).toContain('no/such/folder/x.db');
    expect(status).toBe(5);
  });

  it('5: the file is no database, and stays as it is', () => {
    fs.writeFileSync(file('letter.db'), 'Dear database,\n'.repeat(100));
    const { status, stderr } = run('scan', 'app.log', '--db', 'letter.db');
    expect(stderr).toContain('letter.db');
    expect(status).toBe(5);
    expect(fs.readFileSync(file('letter.db'), 'utf8')).toMatch(/^Dear database,/);
  });

  it.runIf(fs.existsSync('/dev/full'))('5: standard output is full', () => {
    const script = `"${process.execPath}" "${CLI}" report --db main.db -o json > /dev/full`;
    const { status, stderr } = spawnSync('sh', ['-c', script], { cwd: folder, env: environment(), encoding: 'utf8' });
    expect(stderr).toMatch(/^lastcall: .*ENOSPC.*\n$/);
    expect(status).toBe(5);
  });

  it('are all in the help', () => {
    const help = run('--help').stdout;
    for (const { code, title } of EXIT_CODES) expect(help).toContain(`  ${code}  ${title}`);
  });
});

describe('an old Node', () => {
  it.each(['18.20.4', '20.19.0', '22.17.1'])('%s is told the version that it needs, in one line', (version) => {
    expect(pretend(version)).toEqual({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(
        new RegExp(`^lastcall needs Node\\.js 22\\.18 or newer; this is ${version}\\..*\\n$`),
      ),
    });
  });

  it.each(['22.18.0', '24.0.0', '30.1.0'])('%s is not too old', (version) => {
    expect(pretend(version)).toMatchObject({ status: 0, stdout: `${readVersion()}\n` });
  });
});

describe('help', () => {
  it.each(COMMANDS.map(({ name, title, examples }) => [name, title, examples[0]]))(
    'of %s shows what it does, an example and the exit codes',
    (name, title, example) => {
      const { status, stdout, stderr } = run(...name.split(' '), '--help');
      expect(stdout.replaceAll(/\s+/g, ' ')).toContain(title);
      expect(stdout).toContain(example);
      expect(stdout).toContain('Exit codes:');
      expect(stderr).toBe('');
      expect(status).toBe(0);
    },
  );

  it('lists every command, and the version is one line', () => {
    const { stdout } = run('--help');
    for (const { name } of COMMANDS) expect(stdout).toContain(`  ${name.split(' ')[0]}`);
    expect(run('--version').stdout).toBe(`${readVersion()}\n`);
  });
});

describe('each command', () => {
  it('scan reads, judges and reports; a second run adds nothing', () => {
    const args = ['scan', 'app.log', '--keys', 'keys.csv', '--db', 'twice.db', ...AS_OF];
    const first = run(...args);
    expect(first.stderr).toMatch(/^1,095 records, .* in .* s, read as json\n$/);
    expect(first.stdout).toMatch(/safe +1 .*\.\.\.2222/);
    const second = run(...args);
    expect(second.stderr).toBe('no new records in 1 file\n');
    expect(second.stdout).toBe(first.stdout);
  });

  it('ingest and keys import store what report reports', () => {
    expect(run('ingest', 'app.log', '--db', 'steps.db')).toMatchObject({ status: 0, stdout: '' });
    expect(run('keys', 'import', 'keys.csv', '--db', 'steps.db')).toMatchObject({ status: 0 });
    const report = (db: string): unknown => {
      const { keys } = JSON.parse(run('report', '--db', db, '-o', 'json', ...AS_OF).stdout) as { keys: unknown };
      return keys;
    };
    expect(report('steps.db')).toEqual(report('main.db'));
  });

  it('report writes several outputs at once', () => {
    const outputs = ['-o', 'json=out.json', '-o', 'csv=out.csv', '-o', 'markdown=out.md', '-o', 'table'];
    const { status, stdout } = run('report', '--db', 'main.db', ...AS_OF, ...outputs);
    expect(status).toBe(0);
    expect(stdout).toContain('billing-2024');
    const json = JSON.parse(fs.readFileSync(file('out.json'), 'utf8')) as { schema: string };
    expect(json.schema).toBe('lastcall.report/1');
    expect(fs.readFileSync(file('out.csv'), 'utf8').split('\r\n')[0]).toMatch(/^key,label,display,/);
    expect(fs.readFileSync(file('out.md'), 'utf8')).toContain('billing-2024');
  });

  it('explain shows the evidence of one key', () => {
    const { status, stdout } = run('explain', 'billing-2024', '--db', 'main.db', ...AS_OF);
    expect(stdout).toMatch(/^SAFE/);
    expect(stdout).toContain('The longest pause between days of use was 1 day.');
    expect(status).toBe(0);
  });

  it('explain lists the keys that a name may mean, and judges none', () => {
    const keys = `id,label,key\nshop-2024,Same,${SHOP}\nbilling-2024,Same,${BILLING}\n`;
    fs.writeFileSync(file('same.csv'), keys);
    const { status, stdout, stderr } = run('explain', 'Same', '--keys', 'same.csv', '--db', 'main.db', ...AS_OF);
    expect(stderr).toBe(
      [
        'lastcall: "Same" may be one of 2 keys:',
        '  - billing-2024  Same  acme_...2222',
        '  - shop-2024     Same  acme_...1111',
        '  Name one of these ids.\n',
      ].join('\n'),
    );
    expect([status, stdout]).toEqual([2, '']);
  });

  it('coverage lists the sources', () => {
    const { status, stdout } = run('coverage', '--db', 'main.db', ...AS_OF);
    expect(stdout).toContain('json, 2024-01-01 to 2025-12-30');
    expect(status).toBe(0);
  });

  it('backtest replays what is stored, at the steps that are asked for', () => {
    const { status, stdout } = run('backtest', '--db', 'main.db', ...AS_OF);
    expect(stdout).toContain('every 7 days from 2024-01-03 to 2025-12-24, 104 times');
    expect(stdout).toMatch(/this policy +1 +0 +0\.0 %/);
    expect(status).toBe(0);
    const json = run('backtest', '--db', 'main.db', '--every', '30', '-o', 'json', ...AS_OF);
    expect(JSON.parse(json.stdout)).toMatchObject({ schema: 'lastcall.backtest/1', everyDays: 30, keys: 2 });
    expect(json.status).toBe(0);
  });

  it('parse prints each record, and a bad one by its offset, and stores nothing', () => {
    const good = callsOf(3);
    fs.writeFileSync(file('bad.log'), `${good}{"time": torn\n${good}`);
    const { status, stdout } = run('parse', 'bad.log');
    const records = stdout
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text) as Record<string, unknown>);
    expect(records).toHaveLength(5);
    expect(records[0]).toMatchObject({
      file: 'bad.log',
      record: 0,
      offset: 0,
      display: 'acme_...1111',
      system: 'shop',
    });
    expect(records[2]).toEqual({ file: 'bad.log', record: 2, offset: good.length, length: 13, skip: 'malformed-json' });
    expect(stdout).not.toContain(SHOP);
    expect(status).toBe(0);
  });

  it('keys list shows the inventory, redacted', () => {
    const { status, stdout } = run('keys', 'list', '--db', 'main.db');
    expect(stdout).toContain('billing-2024');
    expect(stdout).toContain('...2222');
    expect(stdout).not.toContain(BILLING);
    expect(status).toBe(0);
  });

  it('formats lists the formats, and detect says what a log is', () => {
    expect(run('formats')).toMatchObject({ status: 0, stdout: expect.stringContaining('aws-cloudtrail') });
    const { status, stdout } = run('formats', 'detect', 'app.log');
    expect(stdout).toMatch(/^app\.log: json, one JSON object a line/);
    expect(status).toBe(0);
  });
});

describe('input and output', () => {
  it('reads standard input', () => {
    const input = fs.readFileSync(file('app.log'));
    const { status, stdout } = runCli(['scan', '-', '--keys', 'keys.csv', '--db', 'stdin.db', '-o', 'csv', ...AS_OF], {
      cwd: folder,
      env: { LASTCALL_SOURCE: 'pipe' },
      input,
    });
    expect(stdout).toMatch(/^"billing-2024",.*,safe,/m);
    expect(status).toBe(0);
  });

  it('takes a reader that went away for success', () => {
    const pipe = `"${process.execPath}" "${CLI}" parse app.log app.log app.log | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', pipe], { cwd: folder, env: environment(), encoding: 'utf8' });
    expect(stdout).toMatch(/^\{"file":"app\.log","record":0,.*\}\n0\n$/);
    expect(stderr).toBe('');
  });

  it('lets flags win over the environment, the environment over the configuration', () => {
    fs.writeFileSync(file('lastcall.yaml'), 'db: from-file.db\n');
    try {
      const made = (args: readonly string[], env: Readonly<Record<string, string>>): string[] => {
        expect(runCli(['ingest', 'stranger.log', ...args], { cwd: folder, env }).status).toBe(0);
        const found = fs.readdirSync(folder).filter((name) => /^from-.*\.db$/.test(name));
        for (const name of fs.readdirSync(folder)) if (name.startsWith('from-')) fs.rmSync(file(name));
        return found;
      };
      expect(made([], {})).toEqual(['from-file.db']);
      expect(made([], { LASTCALL_DB: 'from-environment.db' })).toEqual(['from-environment.db']);
      expect(made(['--db', 'from-flag.db'], { LASTCALL_DB: 'from-environment.db' })).toEqual(['from-flag.db']);
    } finally {
      fs.rmSync(file('lastcall.yaml'));
    }
  });

  it('refuses another secret than the one the database was made with', () => {
    const env = { LASTCALL_SECRET: 'ff'.repeat(32) };
    const { status, stderr } = runCli(['scan', 'app.log', '--db', 'main.db'], { cwd: folder, env });
    expect(stderr).toMatch(/secret/);
    expect(stderr).not.toContain('ffff');
    expect(status).toBe(2);
  });
});

function run(...args: readonly string[]): Run {
  return runCli(args, { cwd: folder });
}

function file(name: string): string {
  return path.join(folder, name);
}

/** The shop calls every day of the two years, billing in the first year only. */
function callsOf(day: number): string {
  const date = new Date(FIRST + day * DAY_MS).toISOString().slice(0, 10);
  const shop = line(`${date}T09:00:00Z`, SHOP, 'shop');
  return day < 365 ? shop + line(`${date}T10:30:00Z`, BILLING, 'billing') : shop;
}

function line(time: string, key: string, caller: string): string {
  return `${JSON.stringify({ time, headers: { authorization: `Bearer ${key}` }, consumer: { name: caller }, status: 200 })}\n`;
}

async function untilThere(name: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (fs.existsSync(name)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${name} was never made`);
}

/** As a Node of another version would run it: the check comes before anything that an old one could not load. */
function pretend(version: string): Run {
  const disguise = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(disguise)}`, CLI, '--version'],
    { cwd: folder, env: environment(), encoding: 'utf8' },
  );
  return { status, stdout, stderr };
}
