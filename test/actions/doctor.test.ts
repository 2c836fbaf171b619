import Database from 'better-sqlite3';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { jsonLog } from '../ingest/made-logs.ts';
import { newLab, type Lab } from '../ingest/harness.ts';
import { CLI, environment, FIXED_SECRET, type Run, runCli } from '../run-cli.ts';

const NIGHT = ['--db', 'lastcall.db', '--as-of', '2026-09-02'];

function labAfterARun(): Lab {
  const lab = newLab();
  lab.write('a.log', jsonLog(0, 50));
  fs.writeFileSync(path.join(lab.dir, 'keys.csv'), 'id,key\none,example-key-number-1\n');
  expect(run(lab, 'ingest', 'logs', '--keys', 'keys.csv', '--db', 'lastcall.db').status).toBe(0);
  return lab;
}

function run(lab: Lab, ...args: readonly string[]): Run {
  return runCli(args, { cwd: lab.dir });
}

function change(lab: Lab, sql: string): void {
  new Database(lab.db).exec(sql).close();
}

describe('lastcall doctor', () => {
  it('finds nothing to mend after a good run', () => {
    const { status, stdout } = run(labAfterARun(), 'doctor', ...NIGHT);
    expect(stdout).not.toContain('mend');
    expect([status, stdout]).toEqual([0, expect.stringContaining('every page and every reference is sound')]);
  });

  it('says the same in JSON', () => {
    const { status, stdout } = run(labAfterARun(), 'doctor', ...NIGHT, '-o', 'json');
    const { schema, exitCode, checks } = JSON.parse(stdout) as { schema: string; exitCode: number; checks: object[] };
    expect([status, schema, exitCode]).toEqual([0, 'lastcall.doctor/1', 0]);
    expect(checks).toContainEqual(expect.objectContaining({ check: 'secret', state: 'ok', hint: null, exitCode: 0 }));
  });

  it('says that there is no database', () => {
    expect(run(newLab(), 'doctor', ...NIGHT)).toMatchObject({
      status: 2,
      stdout: expect.stringContaining('There is no database'),
    });
  });

  it('notices a wrong secret, and goes on', () => {
    const lab = labAfterARun();
    const env = { LASTCALL_SECRET: FIXED_SECRET.replace('0', '1') };
    const { status, stdout } = runCli(['doctor', ...NIGHT], { cwd: lab.dir, env });
    expect([status, stdout]).toEqual([2, expect.stringContaining('The secret is not the one')]);
    expect(stdout).toContain('every page and every reference is sound');
  });

  it('notices a secret that is gone', () => {
    const lab = labAfterARun();
    const { LASTCALL_SECRET: _, ...env } = environment({ LASTCALL_SECRET_FILE: path.join(lab.dir, 'none') });
    const { status, stdout } = spawnSync(process.execPath, [CLI, 'doctor', ...NIGHT], {
      cwd: lab.dir,
      env,
      encoding: 'utf8',
    });
    expect([status, stdout]).toEqual([2, expect.stringContaining('There is no secret at')]);
  });

  it('notices rights of others', () => {
    const lab = labAfterARun();
    fs.chmodSync(lab.db, 0o644);
    fs.chmodSync(lab.dir, 0o777);
    const { status, stdout } = run(lab, 'doctor', ...NIGHT);
    expect(status).toBe(2);
    expect(stdout).toContain('others may read "lastcall.db"');
    expect(stdout).toContain('everybody may replace files in');
  });

  it('notices a damaged page', () => {
    const lab = labAfterARun();
    const size = fs.statSync(lab.db).size;
    const fd = fs.openSync(lab.db, 'r+');
    for (let at = 8192; at < size; at += 4096) fs.writeSync(fd, Buffer.alloc(400, 7), 0, 400, at);
    fs.closeSync(fd);
    const { status, stdout, stderr } = run(lab, 'doctor', ...NIGHT);
    expect([status, stderr]).toEqual([5, '']);
    expect(stdout).toContain('Restore a backup');
  });

  it('notices a reference that leads nowhere', () => {
    const lab = labAfterARun();
    change(lab, 'PRAGMA foreign_keys = OFF; DELETE FROM sources');
    expect(run(lab, 'doctor', ...NIGHT)).toMatchObject({ status: 5, stdout: expect.stringContaining('has lost its') });
  });

  it('notices a run that did not end', () => {
    const lab = labAfterARun();
    change(lab, 'UPDATE scans SET finished_at = NULL');
    expect(run(lab, 'doctor', ...NIGHT)).toMatchObject({ status: 3, stdout: expect.stringContaining('did not end') });
  });

  it('notices that nothing ran for days', () => {
    const lab = labAfterARun();
    change(lab, 'UPDATE scans SET started_at = started_at - 5 * 86400000');
    expect(run(lab, 'doctor', ...NIGHT)).toMatchObject({ status: 3, stdout: expect.stringContaining('5 days ago') });
  });

  it('notices a clock that went back', () => {
    const lab = labAfterARun();
    change(lab, 'UPDATE scans SET started_at = started_at + 86400000');
    expect(run(lab, 'doctor', ...NIGHT)).toMatchObject({ status: 3, stdout: expect.stringContaining('went back') });
  });

  it('notices records that are yet to come', () => {
    const lab = labAfterARun();
    lab.write('b.log', `${JSON.stringify({ time: '2099-01-01T00:00:00Z', api_key: 'example-key-number-1' })}\n`);
    run(lab, 'ingest', 'logs', '--db', 'lastcall.db');
    expect(run(lab, 'doctor', ...NIGHT)).toMatchObject({ status: 3, stdout: expect.stringContaining('yet to come') });
  });

  it('notices input that was not read', () => {
    const lab = labAfterARun();
    lab.write('b.gz', Buffer.from([0x1f, 0x8b, 8, 0]));
    run(lab, 'ingest', 'logs', '--db', 'lastcall.db');
    const { status, stdout } = run(lab, 'doctor', ...NIGHT);
    expect([status, stdout]).toEqual([3, expect.stringMatching(/mend {2}inputs .*b\.gz/)]);
  });

  it('notices a source that went silent', () => {
    const lab = newLab();
    const line = (hour: number): string =>
      `${JSON.stringify({ time: new Date(Date.UTC(2026, 8, 1, hour)).toISOString(), api_key: 'example-key-number-1' })}\n`;
    lab.write('a.log', Array.from({ length: 24 * 20 }, (_, hour) => line(hour)).join(''));
    run(lab, 'ingest', 'logs', '--db', 'lastcall.db', '--source', 'gate\u001b[2J');
    const { status, stdout } = run(lab, 'doctor', '--db', 'lastcall.db', '--as-of', '2026-10-20');
    expect([status, stdout]).toEqual([3, expect.stringContaining('went silent')]);
    expect(stdout).not.toContain('\u001b');
  });

  it('notices loose ends of the configuration', () => {
    const lab = labAfterARun();
    fs.writeFileSync(
      path.join(lab.dir, 'lastcall.yaml'),
      'exemptions:\n  - key: nobody\n    reason: test\n    until: 2027-01-01\n',
    );
    expect(run(lab, 'doctor', ...NIGHT)).toMatchObject({ status: 2, stdout: expect.stringContaining('"nobody"') });
  });
});
