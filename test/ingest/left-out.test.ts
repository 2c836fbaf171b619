import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../run-cli.ts';
import { newLab } from './harness.ts';
import { jsonLog } from './made-logs.ts';

describe('what is left out of a directory of logs', () => {
  it('blocks while a link leads nowhere, and no longer', () => {
    const lab = newLab();
    lab.write('a.log', jsonLog(0, 10));
    fs.symlinkSync('/nowhere/b.log', lab.path('b.log'));
    const run = (): ReturnType<typeof runCli> => runCli(['ingest', 'logs', '--db', lab.db], { cwd: lab.dir });
    expect(run()).toMatchObject({ status: 3, stderr: expect.stringContaining('this link leads nowhere') });
    expect(lab.faults()).toMatchObject([{ path: 'b.log', reason: 'unread-input' }]);
    expect(run().status).toBe(3);
    fs.rmSync(lab.path('b.log'));
    expect(run().status).toBe(0);
    expect(lab.faults()).toEqual([]);
  });

  it('stays a fault when a run did not look there', () => {
    const lab = newLab();
    lab.write('a.log', jsonLog(0, 10));
    lab.write('sub/a.log', jsonLog(10, 20));
    fs.symlinkSync('/nowhere/b.log', lab.path('sub/b.log'));
    runCli(['ingest', 'logs', '--db', lab.db], { cwd: lab.dir });
    fs.rmSync(lab.path('sub/b.log'));
    expect(runCli(['ingest', 'logs/a.log', '--db', lab.db], { cwd: lab.dir }).status).toBe(3);
    expect(lab.faults()).toMatchObject([{ path: 'sub/b.log' }]);
    expect(runCli(['ingest', 'logs/sub', '--db', lab.db], { cwd: lab.dir }).status).toBe(0);
    expect(lab.faults()).toEqual([]);
  });

  it('is told without being a fault where it can hide nothing', () => {
    const lab = newLab();
    lab.write('a.log', jsonLog(0, 10));
    lab.write('.b.swp', 'x');
    lab.write('.c.swp', 'x');
    const { status, stderr } = runCli(['ingest', 'logs', '--db', lab.db], { cwd: lab.dir });
    expect([status, stderr]).toEqual([0, expect.stringContaining('.b.swp: dot files were passed over (2)')]);
  });

  it('is the database and the report, wherever they lie', () => {
    const lab = newLab();
    lab.write('a.log', jsonLog(0, 10));
    const args = ['scan', 'logs', '--db', path.join('logs', 'history'), '-o', 'json=logs/report.json'];
    for (let night = 0; night < 2; night++) {
      expect(runCli([...args, '--fail-on', 'none'], { cwd: lab.dir })).toMatchObject({ status: 0 });
    }
  });
});
