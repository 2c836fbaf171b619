import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  check,
  coverage,
  explain,
  ingest,
  LastcallError,
  loadReporter,
  openDatabase,
  type ReadSettings,
  report,
  type Scan,
  scan,
} from '../../src/index.ts';
import { ROOT } from '../house/source-files.ts';
import { FIXED_SECRET, runCli } from '../run-cli.ts';

const DEMO = path.join(ROOT, 'fixtures/demo/lastcall.yaml');
const NOW = '2026-11-01T00:00:00Z';
const VIEW = { columns: 120, color: false };

let folder: string;
let demo: ReadSettings;
let scanned: Scan;

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-library-'));
  demo = { config: DEMO, db: path.join(folder, 'demo.db'), secret: FIXED_SECRET, now: new Date(NOW) };
  scanned = await scan(demo);
});

afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

describe('the library says what the commands say', () => {
  it('loads reporters by name and by path, and says which there are', async () => {
    const own = await loadReporter(path.resolve('fixtures/library/owners-reporter.mjs'));
    expect(typeof own.render).toBe('function');
    await expect(loadReporter('htm')).rejects.toMatchObject({ code: 'usage', hint: expect.stringContaining('html') });
  });

  it('of all keys', async () => {
    const { render } = await loadReporter('json');
    const said = cli('report', '-o', 'json').stdout;
    expect([...render(scanned.report, VIEW)].join('')).toBe(said);
    expect([...render(await report(demo), VIEW)].join('')).toBe(said);
    expect(scanned.report.summary.safe).toBeGreaterThan(0);
  });

  it('of the evidence behind one key', async () => {
    expect(await explain('gw-payroll', demo)).toMatchObject(
      JSON.parse(cli('explain', 'gw-payroll', '-o', 'json').stdout),
    );
  });

  it('of the sources', async () => {
    const said = JSON.parse(cli('coverage', '-o', 'json').stdout) as { sources: object };
    expect(await coverage(demo)).toEqual(said.sources);
  });

  it('at the gate: safe is what exits with 0', async () => {
    const keys = [...scanned.report.keys];
    for (const verdict of ['safe', 'in-use', 'waiting', 'unknown']) {
      const key = keys.find((one) => one.verdict === verdict)!;
      const { isSafe, key: found } = await check(key.key, demo);
      expect(found).toMatchObject({ key: key.key, verdict });
      expect(isSafe).toBe(verdict === 'safe');
      if (isSafe) expect(cli('check', key.key).status).toBe(0);
    }
  });
});

it('says what was read, and tells each problem as it is found', async () => {
  const told: string[] = [];
  const again = await ingest({
    ...demo,
    db: path.join(folder, 'again.db'),
    onProblem: ({ message }) => told.push(message),
  });
  expect(again).toMatchObject({ records: scanned.report.summary.records, isComplete: true });
  expect(told.length).toBeGreaterThan(0);
  expect(again.problems.map(({ message }) => message)).toEqual(told);
  expect(await ingest({ ...demo, db: path.join(folder, 'again.db') })).toMatchObject({ files: 0, records: 0 });
});

it('says that the evidence is incomplete where a log is missing', async () => {
  const db = path.join(folder, 'missing.db');
  const { isComplete, problems } = await ingest({
    db,
    secret: FIXED_SECRET,
    logs: [path.join(folder, 'nothing.log')],
  }).catch((error: unknown) => ({ isComplete: false, problems: [error] }));
  expect(isComplete).toBe(false);
  expect(problems).toHaveLength(1);
});

it('is no gate while a log is unread, whatever the verdict', async () => {
  const logs = path.join(folder, 'unread');
  fs.mkdirSync(logs);
  fs.writeFileSync(path.join(logs, 'a.log'), 'no format that anybody knows\n'.repeat(100));
  const safe = [...scanned.report.keys].find(({ verdict }) => verdict === 'safe')!;
  const settings = { ...demo, db: path.join(folder, 'gate.db') };
  fs.copyFileSync(demo.db!, settings.db);
  const sources = [{ name: 'other', paths: [logs] }];
  const { isSafe, problems } = await check(safe.key, { ...settings, sources });
  expect(isSafe).toBe(false);
  expect(problems[0]?.message).toContain('format is not recognised');
});

describe('an open database', () => {
  it('answers one question after the other, and walks through its keys again and again', async () => {
    const database = await openDatabase(demo);
    try {
      const { keys } = database.report({ trace: true });
      expect([...keys]).toEqual([...keys]);
      expect([...keys].every(({ trace }) => trace !== undefined)).toBe(true);
      expect(database.judge('gw-payroll')).toEqual([...scanned.report.keys].find(({ key }) => key === 'gw-payroll'));
      expect(database.report({ since: 'last' }).since?.scan).toBe(scanned.report.database.scan);
    } finally {
      database.close();
    }
  });

  it('takes members in place of those of the file', async () => {
    const exemptions = [{ key: 'gw-payroll', reason: 'year end', until: '2027-01-31' }];
    const database = await openDatabase({ ...demo, exemptions });
    expect(database.judge('gw-payroll').exemption?.reason).toBe('year end');
    database.close();
  });
});

describe('what the caller can mend', () => {
  it.each<[string, () => Promise<unknown>, Partial<LastcallError>]>([
    [
      'a mistyped member',
      () => scan({ ...demo, sorces: [] } as ReadSettings),
      { code: 'config', hint: 'Did you mean "sources"?' },
    ],
    ['a member of the wrong kind', () => scan({ ...demo, timezone: 'Mars' }), { code: 'config' }],
    [
      'a format that is not there',
      () => scan({ ...demo, sources: [{ name: 'a', paths: ['x'], format: 'jsn' }] }),
      { code: 'config', hint: 'Did you mean "json"?' },
    ],
    ['a configuration that is not there', () => report({ config: 'nowhere.yaml' }), { code: 'config' }],
    ['a database that is not there', () => report({ ...demo, db: path.join(folder, 'none.db') }), { code: 'database' }],
    ['an unknown key', () => explain('gw-payrol', demo), { code: 'usage', hint: 'Did you mean "gw-payroll"?' }],
    ['no log at all', () => scan({ db: path.join(folder, 'none.db'), secret: FIXED_SECRET }), { code: 'usage' }],
    ['a time that is none', () => report({ ...demo, asOf: 'soon' }), { code: 'usage' }],
  ])('%s is thrown as a LastcallError with its code', async (_, call, expected) => {
    const error = await call().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(LastcallError);
    expect(error).toMatchObject(expected);
  });
});

it('stops where a signal says so: what was read whole is stored, and the next call goes on, counting each call once', async () => {
  const stop = new AbortController();
  const settings = { ...demo, db: path.join(folder, 'stopped.db') };
  const onProgress = (): void => stop.abort(new Error('enough'));
  await expect(scan({ ...settings, signal: stop.signal, onProgress })).rejects.toThrow('enough');
  const { reading, report: after } = await scan(settings);
  expect(reading.files).toBeGreaterThan(0);
  // CloudTrail delivers many calls twice, in the log after the one that was being read too.
  expect(after.sources).toEqual(scanned.report.sources);
  expect(after.summary).toEqual(scanned.report.summary);
});

function cli(...args: readonly string[]): ReturnType<typeof runCli> {
  const env = { LASTCALL_CONFIG: DEMO, LASTCALL_DB: demo.db!, LASTCALL_NOW: NOW };
  return runCli(args, { cwd: folder, env });
}
