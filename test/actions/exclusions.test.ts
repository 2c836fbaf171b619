import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { KeyReport } from '../../src/model.ts';
import { temporaryDirectory } from '../engines/sqlite/made-store.ts';
import { type Run, runCli } from '../run-cli.ts';

const KEY = 'acme_live_EXAMPLE0000000000key1';
const STRAY = { 'README.txt': 'These are our logs.\nKeep them.\n', 'list.csv': 'a,b\n1,2\n', 'junk.json': '[1, {' };

interface Folder {
  readonly run: (...args: readonly string[]) => Run;
  readonly blockers: () => readonly string[];
}

/** A folder of logs with files in it that are none, and a key that nobody has called for a year. */
function folderWith(stray: Readonly<Record<string, string>>): Folder {
  const folder = temporaryDirectory();
  fs.mkdirSync(path.join(folder, 'logs'));
  const lines = Array.from({ length: 500 }, (_, day) => {
    const time = new Date(Date.UTC(2025, 0, 1 + day, 8)).toISOString();
    return `${JSON.stringify({ time, api_key: day < 9 ? KEY : 'acme_live_EXAMPLE0000000000key2', system: 'billing', status: 200 })}\n`;
  });
  fs.writeFileSync(path.join(folder, 'logs', 'app.log'), lines.join(''));
  for (const [name, text] of Object.entries(stray)) fs.writeFileSync(path.join(folder, 'logs', name), text);
  fs.writeFileSync(path.join(folder, 'keys.csv'), `id,created,key\nold,2024-01-01,${KEY}\n`);
  const run = (...args: readonly string[]): Run =>
    runCli([...args, '--quiet'], { cwd: folder, env: { LASTCALL_NOW: '2026-05-16T12:00:00Z' } });
  const blockers = (): readonly string[] =>
    (JSON.parse(run('check', 'old', '--json').stdout) as KeyReport).blockers.map(({ code }) => code);
  return { run, blockers };
}

const SCAN = ['scan', 'logs', '--keys', 'keys.csv', '--source', 'gw'];

it('what is no log among the logs is let go once it is excluded, and the decision is shown', () => {
  const { run, blockers } = folderWith(STRAY);
  expect(run(...SCAN).status).toBe(3);
  expect(blockers()).toContain('unread-input');
  const { status, stdout } = run('doctor');
  expect([status, stdout]).toEqual([3, expect.stringMatching(/README\.txt: .*A file that is no log: --exclude/s)]);
  const excluded = run(...SCAN, ...['README.txt', '*.csv', 'junk.*'].flatMap((name) => ['--exclude', `logs/${name}`]));
  expect([excluded.status, excluded.stderr]).toEqual([0, expect.stringContaining('README.txt: let go')]);
  expect(blockers()).toEqual([]);
  expect(run('doctor').stdout).toContain('let go in run 2');
  // Nothing is said a second time; without the pattern it stands in the way again.
  expect(run(...SCAN, '--exclude', 'logs/*.{txt,csv,json}').stderr).toBe('');
  expect(run(...SCAN).status).toBe(3);
  expect(blockers()).toContain('unread-input');
});

it('a log of which none of the records could be read is let go too', () => {
  const { run, blockers } = folderWith(STRAY);
  const asJson = [...SCAN, '--log-format', 'json'];
  expect(run(...asJson).status).toBe(3);
  expect(blockers()).not.toEqual([]);
  expect(run(...asJson, '--exclude', 'logs/*.{txt,csv,json}').status).toBe(0);
  expect(blockers()).toEqual([]);
});

it('what ever gave a record is a log: it is read although it is excluded', () => {
  const { run } = folderWith({});
  expect(run(...SCAN).status).toBe(0);
  const { status, stderr } = run(...SCAN, '--exclude', 'logs');
  expect([status, stderr]).toEqual([0, expect.stringContaining('500 records of it were read before, so it is a log')]);
});
