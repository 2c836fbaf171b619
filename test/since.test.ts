import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Run, runCli } from './run-cli.ts';

const OLD = 'acme_live_EXAMPLE0000000000old1';
const SHADOW = 'acme_live_EXAMPLE000000shadow2';

let folder: string;

beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-since-'));
  fs.writeFileSync(path.join(folder, 'keys.csv'), `id,created,key\nbilling,2023-01-01,${OLD}\n`);
});

afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

/** One call a day, of one system. */
function log(name: string, key: string, from: string, days: number): void {
  const lines = Array.from({ length: days }, (_, day) => {
    const time = new Date(Date.parse(from) + day * 86_400_000 + 3_600_000).toISOString();
    return `${JSON.stringify({ time, api_key: key, system: 'billing', status: 200 })}\n`;
  });
  fs.writeFileSync(path.join(folder, name), lines.join(''));
}

function at(now: string, ...args: readonly string[]): Run {
  return runCli([...args, '--quiet', '--db', 'since.db'], { cwd: folder, env: { LASTCALL_NOW: now } });
}

it('a nightly job says what is new each time, nothing when nothing is, and alarms of that alone', () => {
  log('a.jsonl', OLD, '2026-01-01', 200);
  const scan = ['scan', 'a.jsonl', '--keys', 'keys.csv', '--source', 'gw', '--since', 'last'];
  const first = at('2026-07-19T12:00Z', ...scan, '--fail-on', 'shadow');
  expect(first).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(at('2026-07-19T13:00Z', 'report', '--since', 'last')).toEqual({ status: 0, stdout: '', stderr: '' });

  log('b.jsonl', SHADOW, '2026-07-20', 2);
  const second = at('2026-07-21T12:00Z', ...scan, 'b.jsonl', '--fail-on', 'shadow');
  expect(second.status).toBe(1);
  expect(second.stdout).toMatch(/^lastcall: changes since scan 1 of 2026-07-19 12:00 UTC\n\nSHADOW {2}1 key/);
  const again = at('2026-07-22T12:00Z', ...scan, '--fail-on', 'shadow');
  expect(again).toEqual({ status: 0, stdout: '', stderr: '' });
  const whole = at('2026-07-22T12:00Z', 'report', '--since', '2026-07-19', '-o', 'json');
  expect(JSON.parse(whole.stdout)).toMatchObject({ since: { scan: 1 }, summary: { shadow: 1 } });
});

it('a scan that was not made is refused before work', () => {
  const { status, stderr } = at('2026-07-23T12:00Z', 'scan', 'a.jsonl', '--since', '2025-01-01');
  expect(status).toBe(2);
  expect(stderr).toBe(
    'lastcall: --since: no verdicts of 2025-01-01 or before are stored\n  Stored are those of scan 1 (2026-07-19) to scan 3 (2026-07-22).\n',
  );
});

it('a scan or a day that is still to come is refused', () => {
  const since = (text: string): string =>
    at('2026-07-23T12:00Z', 'report', '--since', text).stderr.split('\n')[0] ?? '';
  expect(since('99')).toBe('lastcall: --since: there is no scan 99');
  expect(since('2026-08-01')).toBe('lastcall: --since: "2026-08-01" is still to come');
});
