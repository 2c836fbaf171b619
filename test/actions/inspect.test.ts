import Database from 'better-sqlite3';
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { Explanation } from '../../src/model.ts';
import { temporaryDirectory } from '../engines/sqlite/made-store.ts';
import { type Run, runCli } from '../run-cli.ts';

const OLD = 'acme_live_EXAMPLE0000000000old1';
const NEW = 'acme_live_EXAMPLE0000000000new2';
const AT = '2026-04-11T12:00:00.000Z';

/** Billing calls with both keys, and sends the old one in two places; export knows the old one only. */
function linesOf(day: number): string {
  const line = (system: string, rest: object): string =>
    `${JSON.stringify({ time: new Date(Date.UTC(2026, 0, 1 + day, 8)).toISOString(), system, status: 200, ...rest })}\n`;
  return [
    line('billing', { headers: { Authorization: `Bearer ${OLD}` }, path: '/v1' }),
    line('billing', { path: `/v1?Api_Key=${OLD}&page=${day}` }),
    line('billing', { headers: { authorization: NEW } }),
    line('export', { auth: { key: OLD } }),
  ].join('');
}

function run(folder: string, ...args: readonly string[]): Run {
  return runCli(args, { cwd: folder, env: { LASTCALL_NOW: AT } });
}

it('explain says where each system sends the key that it has to replace, as its calls show it', () => {
  const folder = temporaryDirectory();
  const log = path.join(folder, 'a.log');
  fs.writeFileSync(
    path.join(folder, 'keys.csv'),
    `id,created,successor,key\nold,2024-01-01,new,${OLD}\nnew,2026-01-01,,${NEW}\n`,
  );
  // A last line without line end, then more of the log.
  const lines = Array.from({ length: 100 }, (_, day) => linesOf(day)).join('');
  fs.writeFileSync(log, lines.slice(0, lines.length / 2));
  const scan = ['scan', 'a.log', '--keys', 'keys.csv', '--source', 'gw', '--quiet'];
  run(folder, ...scan);
  fs.writeFileSync(log, lines);
  run(folder, ...scan);
  const { migration, callers } = JSON.parse(run(folder, 'explain', 'old', '-o', 'json').stdout) as Explanation;
  const ofBilling = ['headers["authorization"]', 'parameter api_key'];
  const seen = (places: readonly string[]): object => places.map((place) => ({ source: 'gw', place, seen: true }));
  expect(migration).toMatchObject([
    { system: 'billing', standing: 'straddling', places: seen(ofBilling) },
    { system: 'export', standing: 'remaining', places: seen(['auth.key']) },
  ]);
  expect(callers.map(({ system, places }) => [system, places])).toEqual(
    expect.arrayContaining([
      ['billing', seen(ofBilling)],
      ['export', seen(['auth.key'])],
    ]),
  );
  const { stdout } = run(folder, 'explain', 'old', '--successor', 'new');
  expect(stdout.replaceAll(/\s*\n│?\s*/g, ' ')).toContain(
    'To change: send new in headers["authorization"] and parameter api_key (gw)',
  );
  expect(stdout).not.toContain('may be');
  const unknown = run(folder, 'explain', 'old', '--successor', 'nwe');
  expect([unknown.status, unknown.stderr]).toEqual([2, expect.stringContaining('No key is called "nwe"')]);
  expect(unknown.stderr).toContain('Did you mean "new"?');
});

it('explain takes a successor by its label, too', () => {
  const folder = temporaryDirectory();
  const rows = `old,Old one,2024-01-01,${OLD}\nnew,New one,2026-01-01,${NEW}\n`;
  fs.writeFileSync(path.join(folder, 'keys.csv'), `id,label,created,key\n${rows}`);
  fs.writeFileSync(path.join(folder, 'a.log'), Array.from({ length: 100 }, (_, day) => linesOf(day)).join(''));
  run(folder, 'scan', 'a.log', '--keys', 'keys.csv', '--source', 'gw', '--quiet');
  const byId = run(folder, 'explain', 'old', '--successor', 'new').stdout;
  expect(byId).toContain('MOVE TO THE SUCCESSOR');
  expect(run(folder, 'explain', 'Old one', '--successor', 'New one').stdout).toBe(byId);
  expect(run(folder, 'explain', 'old', '--successor', 'Old one')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('cannot be its own successor'),
  });
});

it('explain says so where it is not known in which place the calls had their key', () => {
  const folder = temporaryDirectory();
  fs.writeFileSync(
    path.join(folder, 'keys.csv'),
    `id,created,successor,key\nold,2024-01-01,new,${OLD}\nnew,2026-01-01,,${NEW}\n`,
  );
  fs.writeFileSync(path.join(folder, 'a.log'), Array.from({ length: 100 }, (_, day) => linesOf(day)).join(''));
  const fields = ['time=time', 'system=system', 'key=auth.key || headers.authorization'].flatMap((one) => [
    '--field',
    one,
  ]);
  run(folder, 'scan', 'a.log', '--keys', 'keys.csv', '--source', 'gw', '--quiet', ...fields);
  // As a database of an older version has it.
  const db = new Database(path.join(folder, 'lastcall.db'));
  db.exec('UPDATE callers SET place_set_id = NULL');
  db.close();
  const { migration } = JSON.parse(run(folder, 'explain', 'old', '-o', 'json').stdout) as Explanation;
  expect(migration.at(-1)?.places).toMatchObject([{ source: 'gw', seen: false }]);
  expect(run(folder, 'explain', 'old').stdout).toContain('"What may be" is where the source carries keys');
});

it('a key that was typed as it is leads to what is shown like it, and is not repeated', () => {
  const folder = temporaryDirectory();
  fs.writeFileSync(path.join(folder, 'a.log'), linesOf(0));
  fs.writeFileSync(path.join(folder, 'keys.csv'), `id,created,key\nold,2024-01-01,${OLD}\n`);
  run(folder, 'ingest', 'a.log', '--keys', 'keys.csv');
  const { status, stderr } = run(folder, 'explain', OLD);
  expect([status, stderr]).toEqual([2, expect.stringContaining('Shown like this one: old')]);
  expect(stderr).not.toContain(OLD);
});
