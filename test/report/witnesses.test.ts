import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Ended } from '../torture/faulty-run.ts';
import { runInside } from '../torture/inside-run.ts';

const DAY_MS = 86_400_000;
const START_AT = Date.UTC(2026, 0, 1);
/** `quiet` was called until then. */
const QUIET_SINCE = 400;
const LAST_DAY = 460;

let root: string;
let dir: string;

/** Two nights: one before the backup, one after it, in which the quiet key is called. */
beforeAll(async () => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-witness-'));
  dir = path.join(root, 'here');
  fs.mkdirSync(path.join(dir, 'logs'), { recursive: true });
  fs.writeFileSync(path.join(dir, 'keys.csv'), 'id,key\nbusy,example-busy-key\nquiet,example-quiet-key\n');
  const days = Array.from({ length: LAST_DAY + 1 }, (_, day) => linesOf(day, day < QUIET_SINCE));
  fs.writeFileSync(path.join(dir, 'logs/until-then.log'), days.join(''));
  expect(verdicts(await scan(LAST_DAY))).toEqual({ busy: 'in-use', quiet: 'safe' });
  fs.copyFileSync(path.join(dir, 'lastcall.db'), path.join(dir, 'backup.db'));
  writeDay(LAST_DAY + 1, true);
  expect(verdicts(await scan(LAST_DAY + 1))['quiet']).toBe('in-use');
  fs.renameSync(dir, path.join(root, 'whole'));
});

afterAll(() => fs.rmSync(root, { recursive: true }));

/** In the same place each time: the database is known by it, too. */
beforeEach(() => {
  fs.rmSync(dir, { recursive: true, force: true });
  fs.cpSync(path.join(root, 'whole'), dir, { recursive: true });
});

describe('an older copy of the database', () => {
  it('makes no key safe before a run has read again what it lacks', async () => {
    putBack();
    const { stdout, status } = await lastcall(['check', 'quiet']);
    expect([status, stdout]).toEqual([1, expect.stringContaining('run 2: missing')]);
    expect((await lastcall(['doctor'])).stdout).toContain(
      'an older copy of the database lies in its place, without run 2',
    );
  });

  it('leaves a gap where its logs are gone', async () => {
    putBack();
    fs.rmSync(dayFile(LAST_DAY + 1));
    writeDay(LAST_DAY + 2, false);
    const run = await scan(LAST_DAY + 2);
    expect([run.status, run.stderr]).toEqual([3, expect.stringContaining('an older copy, without run 2')]);
    expect(verdicts(run)['quiet']).toBe('unknown');
    // It does not go by itself, but when the days are past.
    writeDay(LAST_DAY + 3, false);
    const next = await scan(LAST_DAY + 3);
    expect([next.status, next.stderr]).toEqual([0, expect.not.stringContaining('older copy')]);
    expect(verdicts(next)['quiet']).toBe('unknown');
    expect(gapReasons(next)).toContain('older-copy');
    // Somebody finds the log.
    writeDay(LAST_DAY + 1, true);
    const mended = await scan(LAST_DAY + 3);
    expect(verdicts(mended)['quiet']).toBe('in-use');
    expect(gapReasons(mended)).not.toContain('older-copy');
  });

  it('is as good as the newer one when all logs are read again', async () => {
    putBack();
    const run = await scan(LAST_DAY + 1);
    expect([run.status, run.stderr]).toEqual([0, expect.stringContaining('All that they had read was read again')]);
    expect(verdicts(run)['quiet']).toBe('in-use');
    expect(gapReasons(run)).not.toContain('older-copy');
    expect((await scan(LAST_DAY + 1)).stderr).not.toContain('older copy');
  });

  it('is not what another place, a later run or a lost witness is', async () => {
    fs.cpSync(path.join(dir, 'backup.db'), path.join(dir, 'elsewhere.db'));
    expect(verdicts(await scan(LAST_DAY, 'elsewhere.db'))['quiet']).toBe('in-use');
    expect((await scan(LAST_DAY + 1)).stderr).not.toContain('older copy');
    putBack();
    for (const name of fs.readdirSync(path.join(dir, 'lastcall-runs')))
      fs.writeFileSync(path.join(dir, 'lastcall-runs', name), '{"runs":');
    expect((await scan(LAST_DAY + 1)).stderr).not.toContain('older copy');
  });
});

function writeDay(day: number, isQuietCalled: boolean): void {
  fs.writeFileSync(dayFile(day), linesOf(day, isQuietCalled));
}

function linesOf(day: number, isQuietCalled: boolean): string {
  const lineOf = (hour: number, key: string): string => {
    const time = new Date(START_AT + day * DAY_MS + hour * 3_600_000).toISOString();
    return `${JSON.stringify({ time, api_key: `example-${key}-key`, user_agent: 'job/1' })}\n`;
  };
  const busy = Array.from({ length: 24 }, (_, hour) => lineOf(hour, 'busy'));
  return [...busy, ...(isQuietCalled ? [lineOf(23, 'quiet')] : [])].join('');
}

function dayFile(day: number): string {
  return path.join(dir, 'logs', `${day}.log`);
}

function putBack(): void {
  for (const end of ['-wal', '-shm']) fs.rmSync(path.join(dir, `lastcall.db${end}`), { force: true });
  fs.copyFileSync(path.join(dir, 'backup.db'), path.join(dir, 'lastcall.db'));
}

let runs = 0;

/** In this process. Each run begins later than the one before. */
function lastcall(args: readonly string[], db = 'lastcall.db'): Promise<Ended> {
  const files = ['--db', path.join(dir, db), '--secret-file', path.join(dir, 'secret')];
  return runInside([...args, ...files], [], START_AT + LAST_DAY * DAY_MS + runs++);
}

function scan(day: number, db?: string): Promise<Ended> {
  const inputs = [path.join(dir, 'logs'), '--keys', path.join(dir, 'keys.csv')];
  return lastcall(['scan', ...inputs, '--fail-on', 'none', '-o', 'json', ...asOf(day)], db);
}

function asOf(day: number): string[] {
  return ['--as-of', new Date(START_AT + (day + 1) * DAY_MS).toISOString()];
}

interface ReportOfTest {
  readonly keys: readonly { readonly key: string; readonly verdict: string }[];
  readonly sources: readonly { readonly gaps: readonly { readonly reason: string }[] }[];
}

function verdicts({ stdout }: Ended): Record<string, string> {
  return Object.fromEntries((JSON.parse(stdout) as ReportOfTest).keys.map(({ key, verdict }) => [key, verdict]));
}

function gapReasons({ stdout }: Ended): string[] {
  return (JSON.parse(stdout) as ReportOfTest).sources.flatMap(({ gaps }) => gaps.map(({ reason }) => reason));
}
