import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pause } from './ingest/child.ts';
import { CLI, environment, runCli } from './run-cli.ts';

const KEYS = 30_000;

/** Says that it is being asked, then goes on for a minute if nobody stops it. */
const SLOW_REPORTER = `export default {
  title: 'slow',
  *render() {
    process.stderr.write('rendering');
    for (let n = 0; n < 6000; n++) {
      const until = performance.now() + 10;
      while (performance.now() < until);
      yield 'x'.repeat(200_000);
    }
  },
};`;

interface Ended {
  readonly status: number | null;
  readonly signal: string | null;
  readonly seconds: number;
}

let dir: string;

beforeAll(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-interrupted-'));
  const rows = Array.from({ length: KEYS }, (_, n) => `key-${n},2026-01-01T00:00:00Z`);
  fs.writeFileSync(path.join(dir, 'keys.csv'), `id,created\n${rows.join('\n')}\n`);
  fs.writeFileSync(path.join(dir, 'slow.mjs'), SLOW_REPORTER);
  expect(runCli(['keys', 'import', 'keys.csv'], { cwd: dir })).toMatchObject({ status: 0 });
});

afterAll(() => fs.rmSync(dir, { recursive: true }));

describe.skipIf(os.platform() !== 'linux')('a report that is interrupted', () => {
  it('while keys are judged ends at once and leaves no file', async () => {
    const { signal, seconds } = await interrupt(['-o', 'json=judged.json'], (pid) => isJudging(pid));
    // It was not asked to stop, which it could not hear: it was ended.
    expect(signal).toBe('SIGTERM');
    expect(seconds).toBeLessThan(5);
    expect(left()).toEqual([]);
  });

  it('while it is written stops within a second, ends with 143, and leaves the file that was there', async () => {
    fs.writeFileSync(path.join(dir, 'slow.txt'), 'the report of yesterday');
    const { status, seconds } = await interrupt(['-o', './slow.mjs=slow.txt'], (_, said) => said === 'rendering');
    expect(status).toBe(143);
    expect(seconds).toBeLessThan(5);
    expect(fs.readFileSync(path.join(dir, 'slow.txt'), 'utf8')).toBe('the report of yesterday');
    expect(left()).toEqual(['slow.txt']);
  });

  it('on its way to a pipe ends at once', async () => {
    const { signal, seconds } = await interrupt(['-o', './slow.mjs'], (_, said) => said === 'rendering');
    expect(signal).toBe('SIGTERM');
    expect(seconds).toBeLessThan(5);
  });
});

async function interrupt(args: readonly string[], isTime: (pid: number, said: string) => boolean): Promise<Ended> {
  const child = spawn(process.execPath, [CLI, 'report', ...args], {
    cwd: dir,
    env: environment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = new Promise<Omit<Ended, 'seconds'>>((resolve) =>
    child.on('close', (status, signal) => resolve({ status, signal })),
  );
  while (!isTime(child.pid ?? 0, said) && child.exitCode === null) await pause(5);
  const startedAt = performance.now();
  child.kill('SIGTERM');
  const how = await ended;
  return { ...how, seconds: (performance.now() - startedAt) / 1000 };
}

/** Reports that do not fit into memory lie in a file that has no name any more. */
function isJudging(pid: number): boolean {
  try {
    const open = fs.readdirSync(`/proc/${pid}/fd`).map((fd) => fs.readlinkSync(`/proc/${pid}/fd/${fd}`));
    return open.some((file) => /lastcall-[-0-9a-f]+ \(deleted\)$/.test(file));
  } catch {
    return false;
  }
}

function left(): string[] {
  return fs.readdirSync(dir).filter((name) => !/^(?:keys\.csv|slow\.mjs|lastcall\.db.*)$/.test(name));
}
