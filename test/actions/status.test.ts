import Database from 'better-sqlite3';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonLog } from '../ingest/made-logs.ts';
import { newLab, type Lab } from '../ingest/harness.ts';
import { CLI, environment, type Run, runCli } from '../run-cli.ts';

const DAY_MS = 86_400_000;
const FIRST = Date.UTC(2024, 0, 1);
const BUSY = 'acme_live_EXAMPLE0000busy00001111';
const GONE = 'acme_live_EXAMPLE0000gone00002222';
const SOON = 'acme_live_EXAMPLE0000soon00003333';
const NIGHT = '2025-12-31T02:00:00Z';

function line(day: number, key: string, system: string): string {
  const time = new Date(FIRST + day * DAY_MS + 3_600_000).toISOString();
  return `${JSON.stringify({ time, key, system, status: 200 })}\n`;
}

/** Two years of daily calls with one key; two others fell silent 130 and 18 days before. */
function writeCompany(dir: string): void {
  const calls = Array.from({ length: 730 }, (_, day) => [
    line(day, BUSY, 'shop'),
    ...(day < 600 ? [line(day, GONE, 'old')] : []),
    ...(day < 712 ? [line(day, SOON, 'batch')] : []),
  ]);
  fs.writeFileSync(path.join(dir, 'logs', 'app.log'), calls.flat().join(''));
  fs.writeFileSync(
    path.join(dir, 'keys.csv'),
    `id,label,created,key\nbusy,Busy,2024-01-01,${BUSY}\ngone,"Gone\u001b[2J",2024-01-01,${GONE}\nsoon,Soon,2024-01-01,${SOON}\n`,
  );
  const source = {
    name: 'app',
    paths: ['logs/*'],
    format: 'json',
    fields: { time: 'time', key: 'key', system: 'system' },
  };
  fs.writeFileSync(
    path.join(dir, 'lastcall.yaml'),
    JSON.stringify({ sources: [source], inventories: [{ path: 'keys.csv' }] }),
  );
  fs.utimesSync(path.join(dir, 'lastcall.yaml'), FIRST / 1000, FIRST / 1000);
}

let scanned: string;

// Once for all tests: each gets a copy.
beforeAll(() => {
  scanned = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-status-'));
  fs.mkdirSync(path.join(scanned, 'logs'));
  writeCompany(scanned);
  expect(run({ dir: scanned }, NIGHT, 'scan').status).toBe(0);
});

afterAll(() => fs.rmSync(scanned, { recursive: true, force: true }));

function labAfterAScan(): Lab {
  const lab = newLab();
  fs.cpSync(scanned, lab.dir, { recursive: true, preserveTimestamps: true });
  return lab;
}

function run(lab: Pick<Lab, 'dir'>, now: string, ...args: readonly string[]): Run {
  return runCli(args, { cwd: lab.dir, env: { LASTCALL_NOW: now } });
}

function status(lab: Lab, now = '2025-12-31T11:00:00Z'): string {
  const { status: code, stdout, stderr } = run(lab, now, 'status');
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
}

describe('lastcall status', () => {
  it('says what the last scan found, how old it is, and what to do next', () => {
    const text = status(labAfterAScan());
    expect(text).toContain('3 API keys, judged 9 hours ago (scan 1, 2025-12-31 02:00 UTC)');
    expect(text).toMatch(/safe +1 {2}can be deleted today: Gone/);
    expect(text).toMatch(/nearly +1 {2}safe within 30 days if nobody calls: Soon on 2026-01-\d\d/);
    expect(text).toMatch(/in use +1/);
    expect(text).toContain('app: 730 days complete, none missing; last record 2025-12-30');
    expect(text).not.toContain('PROBLEMS');
    expect(text).toMatch(/NEXT\n {2}lastcall plan /);
    expect(text.split('\n').length).toBeLessThan(24);
  });

  it('is not out of date by a run that found nothing new, such as that of a check', () => {
    const lab = labAfterAScan();
    expect(run(lab, NIGHT, 'check', 'gone').status).toBe(0);
    expect(status(lab)).not.toContain('PROBLEMS');
    fs.appendFileSync(path.join(lab.dir, 'logs', 'app.log'), line(730, BUSY, 'shop'));
    expect(run(lab, NIGHT, 'check', 'gone').stderr).toBe('');
    expect(status(lab)).toContain('Logs were read after the last scan, and the keys were not judged since.');
  });

  it('makes what comes from an inventory inert', () => {
    expect(status(labAfterAScan())).not.toContain('\u001b');
  });

  it('says the same in JSON', () => {
    const { stdout } = run(labAfterAScan(), NIGHT, 'status', '-o', 'json');
    const shown = JSON.parse(stdout) as Record<string, unknown>;
    expect(shown).toMatchObject({ schema: 'lastcall.status/1', stale: null, faults: 0 });
    expect(shown['lastScan']).toMatchObject({ scan: 1, summary: { safe: 1, inUse: 1, waiting: 1 } });
  });

  it('reads no log and needs no secret', () => {
    const lab = labAfterAScan();
    lab.remove('app.log');
    const { LASTCALL_SECRET: _, ...env } = environment({ LASTCALL_SECRET_FILE: path.join(lab.dir, 'none') });
    const asked = spawnSync(process.execPath, [CLI, 'status'], { cwd: lab.dir, env, encoding: 'utf8' });
    expect([asked.status, asked.stderr]).toEqual([0, '']);
    expect(asked.stdout).toContain('3 API keys');
  });

  it('promises nothing for today when the scan is old', () => {
    const text = status(labAfterAScan(), '2026-01-05T02:00:00Z');
    expect(text).toContain('judged 5 days ago');
    expect(text).toContain('could be deleted then: Gone');
    expect(text).toContain('too old to act on');
    expect(text).toMatch(/NEXT\n {2}lastcall scan /);
    expect(text).not.toContain('lastcall plan');
  });

  it.each(['lastcall.yaml', 'keys.csv'])('tells when %s was changed after the scan', (file) => {
    const lab = labAfterAScan();
    const changedAt = Date.parse('2025-12-31T10:00:00Z') / 1000;
    fs.utimesSync(path.join(lab.dir, file), changedAt, changedAt);
    expect(status(lab)).toContain('The configuration or a list of keys was changed after the last scan');
  });

  it('tells when logs were read without judging the keys', () => {
    const lab = labAfterAScan();
    lab.append('app.log', line(730, GONE, 'old'));
    run(lab, '2025-12-31T10:00:00Z', 'ingest');
    const text = status(lab);
    expect(text).toContain('Logs were read after the last scan');
    expect(text).toContain('could be deleted then: Gone');
    expect(text).not.toContain('lastcall plan');
  });

  it('tells of a run that did not end', () => {
    const lab = labAfterAScan();
    new Database(lab.db).exec('UPDATE scans SET finished_at = NULL').close();
    const text = status(lab);
    expect(text).toContain('did not end');
    expect(text).toContain('could be deleted then: Gone');
  });

  it('tells of input that was not read, and of silence', () => {
    const lab = labAfterAScan();
    run(lab, '2026-02-20T02:00:00Z', 'scan');
    expect(status(lab, '2026-02-20T03:00:00Z')).toContain('1 source went silent');
    lab.write('cut.gz', Buffer.from([0x1f, 0x8b, 8, 0]));
    run(lab, '2026-02-21T02:00:00Z', 'scan');
    const text = status(lab, '2026-02-21T03:00:00Z');
    expect(text).toMatch(/cut\.gz/);
    expect(text).toMatch(/NEXT\n {2}lastcall doctor /);
  });

  it('says that nothing was read yet', () => {
    const lab = newLab();
    expect(status(lab)).toContain('nothing is known yet: there is no database "lastcall.db"');
    lab.write('a.log', jsonLog(0, 5));
    run(lab, NIGHT, 'ingest', 'logs');
    const text = status(lab);
    expect(text).toContain('no scan has judged the keys of "lastcall.db"');
    expect(text).toContain('lastcall scan <log...>');
  });

  it('refuses what is no database of lastcall', () => {
    const lab = newLab();
    new Database(lab.db).exec('CREATE TABLE theirs (a)').close();
    expect(run(lab, NIGHT, 'status')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('is a database of another program'),
    });
    fs.writeFileSync(lab.db, 'no database at all, but some text that goes on for a while'.repeat(20));
    expect(run(lab, NIGHT, 'status')).toMatchObject({
      status: 5,
      stderr: expect.stringContaining('no SQLite database'),
    });
  });

  it('answers beside a run that writes', () => {
    const lab = labAfterAScan();
    const writer = new Database(lab.db);
    writer.exec('BEGIN IMMEDIATE');
    expect(status(lab)).toContain('3 API keys');
    writer.close();
  });
});

const hasTerminal = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;

// Without `script` (bsdutils) no terminal can be made.
describe.skipIf(!hasTerminal)('lastcall alone on a terminal', () => {
  function onTerminal(lab: Lab, env: Readonly<Record<string, string>> = {}): { code: number | null; text: string } {
    // Where a machine is busy, `script` may miss that its program has ended, and waits for ever.
    const attempt = (): ReturnType<typeof spawnSync> =>
      spawnSync('script', ['-qec', `"${process.execPath}" "${CLI}"`, '/dev/null'], {
        cwd: lab.dir,
        env: environment({ LASTCALL_NOW: NIGHT, NO_COLOR: '1', ...env }),
        encoding: 'utf8',
        timeout: 20_000,
      });
    const first = attempt();
    const { status: code, stdout } = first.signal === null ? first : attempt();
    return { code, text: String(stdout) };
  }

  it('shows the state where there is a configuration, and lets no gate pass', () => {
    const { code, text } = onTerminal(labAfterAScan());
    expect(text).toContain('3 API keys, judged just now');
    expect(code).toBe(2);
  });

  it('shows the help where there is none, or no terminal', () => {
    const lab = newLab();
    expect(onTerminal(lab)).toMatchObject({ code: 2, text: expect.stringContaining('Usage: lastcall <command>') });
    fs.writeFileSync(path.join(lab.dir, 'lastcall.yaml'), '{}');
    expect(run(lab, NIGHT)).toMatchObject({ status: 2, stderr: expect.stringContaining('Usage: lastcall <command>') });
  });
});
