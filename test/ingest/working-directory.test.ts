import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../run-cli.ts';
import { newLab } from './harness.ts';
import { jsonLog } from './made-logs.ts';

// Known: a log is remembered by its path as it was typed.
describe('a log is the same from wherever the program is started', () => {
  it('so that its replacement is noticed', () => {
    const lab = newLab();
    lab.write('a.log', jsonLog(0, 10));
    expect(runCli(['ingest', 'logs', '--db', 'x.db'], { cwd: lab.dir }).status).toBe(0);
    lab.move('a.log', '../gone.log');
    lab.write('a.log', jsonLog(50, 60));
    expect(runCli(['ingest', path.join(lab.dir, 'logs'), '--db', 'x.db'], { cwd: lab.dir }).status).toBe(3);
  });

  it('and another log that is called the same from elsewhere does not replace it', () => {
    const lab = newLab();
    for (const [n, host] of ['web1', 'web2'].entries()) {
      const cwd = path.join(lab.dir, host);
      fs.mkdirSync(cwd);
      fs.writeFileSync(path.join(cwd, 'a.log'), jsonLog(n * 50, n * 50 + 10));
      expect(runCli(['ingest', 'a.log', '--db', '../x.db'], { cwd }).status).toBe(0);
    }
  });
});
