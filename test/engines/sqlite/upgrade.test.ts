import Database from 'better-sqlite3';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../src/engines/sqlite/database.ts';
import { APPLICATION_ID, DRAFT_APPLICATION_ID, MIGRATIONS } from '../../../src/engines/sqlite/schema.ts';
import type { KeyReport, Report } from '../../../src/model.ts';
import { CLI, runCli } from '../../run-cli.ts';
import { temporaryDirectory } from './made-store.ts';
import { LATER, liveThrough, night } from './released/history.ts';

const DUMPS = path.join(import.meta.dirname, 'released');
const RELEASED = fs.readdirSync(DUMPS).filter((name) => name.endsWith('.sql'));
const OPEN = { mayCreate: false, canary: undefined };

/** Where the logs of the history lie, with a database that this version made. */
let fresh: string;

beforeAll(() => {
  fresh = temporaryFolder();
  liveThrough(fresh, CLI);
}, 240_000);

afterAll(() => fs.rmSync(fresh, { recursive: true, force: true }));

/** The same logs, and the database of an older version. */
function olderFolder(dump: string): string {
  const folder = temporaryDirectory();
  fs.cpSync(fresh, folder, { recursive: true, preserveTimestamps: true });
  for (const end of ['', '-wal', '-shm', '.lock']) fs.rmSync(path.join(folder, `lastcall.db${end}`), { force: true });
  restore(path.join(folder, 'lastcall.db'), fs.readFileSync(path.join(DUMPS, dump), 'utf8'));
  return folder;
}

function temporaryFolder(): string {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-upgrade-'));
}

function restore(file: string, sql: string): void {
  new Database(file).exec(sql).close();
}

function reportOf(folder: string): Report {
  const args = ['report', '--db', 'lastcall.db', '-o', 'json'];
  const { status, stdout, stderr } = runCli(args, { cwd: folder, env: { LASTCALL_NOW: LATER } });
  expect([status, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Report;
}

/** What must not depend on which version counted it. */
function counted({ summary, keys }: Report): object {
  const calls = ({ key, verdict, requests, refused, lastUsedAt, lastRefusedAt, systems }: KeyReport): object => ({
    key,
    verdict,
    requests,
    refused,
    lastUsedAt,
    lastRefusedAt,
    systems: systems.map(({ system, requests: ofSystem, lastUsedAt: last }) => [system, ofSystem, last]),
  });
  return { summary, keys: [...keys].map(calls) };
}

/** Where keys were sent, which older versions did not keep. */
function placesIn(folder: string): unknown[] {
  const db = new Database(path.join(folder, 'lastcall.db'), { readonly: true });
  try {
    const sql = `SELECT display || ' ' || places FROM callers JOIN keys ON keys.id = key_id
      JOIN place_sets ON place_sets.id = place_set_id`;
    return db.prepare(sql).pluck().all();
  } finally {
    db.close();
  }
}

describe('an upgrade', () => {
  it('has databases of older versions to be tried on', () => {
    expect(RELEASED).toEqual(expect.arrayContaining(['schema-2.sql', 'schema-5.sql']));
  });

  it.each(RELEASED)('takes over all that %s holds', (dump) => {
    const folder = olderFolder(dump);
    expect(counted(reportOf(folder))).toEqual(counted(reportOf(fresh)));
    const db = new Database(path.join(folder, 'lastcall.db'), { readonly: true });
    expect(db.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length);
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(db.pragma('foreign_key_check')).toEqual([]);
    db.close();
  });

  it('goes on where the older version was: each record counts once', () => {
    const folder = olderFolder(RELEASED[0]!);
    const call = '{"time":"2026-02-05T09:00:00Z","key":"acme_live_EXAMPLEbillingold2","system":"billing","status":200}';
    fs.appendFileSync(path.join(folder, 'logs', 'app.log'), `\n${call}\n`);
    const records = reportOf(folder).summary.records;
    expect(placesIn(folder)).toEqual([]);
    night(folder, CLI, LATER);
    expect(placesIn(folder)).toContain('acme_...old2 key');
    const { summary, keys } = reportOf(folder);
    expect(summary.records).toBe(records + 1);
    expect([...keys].find(({ key }) => key === 'old')?.lastUsedAt).toBe('2026-02-05T09:00:00.000Z');
  });

  it('that fails leaves the database as the older version knows it', () => {
    const file = path.join(temporaryDirectory(), 'lastcall.db');
    restore(file, fs.readFileSync(path.join(DUMPS, 'schema-2.sql'), 'utf8'));
    // In the way of the last step.
    restore(file, 'CREATE TABLE table_days (a)');
    const dumped = (): unknown => {
      const db = new Database(file, { readonly: true });
      const found = [
        db.pragma('user_version', { simple: true }),
        db.prepare('SELECT name, sql FROM sqlite_schema ORDER BY name').all(),
      ];
      db.close();
      return found;
    };
    const before = dumped();
    expect(() => openDatabase(file, OPEN)).toThrow(/table_days/);
    expect(dumped()).toEqual(before);
  });

  it('is not tried on a newer schema: the hint names the way back', () => {
    const file = path.join(temporaryDirectory(), 'lastcall.db');
    restore(file, `PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = 99; CREATE TABLE meta (a)`);
    expect(() => openDatabase(file, OPEN)).toThrow(
      expect.objectContaining({ code: 'database', hint: expect.stringContaining('before the upgrade') }),
    );
  });

  it('is not tried on what was made before the first release, and says so', () => {
    const file = path.join(temporaryDirectory(), 'lastcall.db');
    restore(file, `PRAGMA application_id = ${DRAFT_APPLICATION_ID}; PRAGMA user_version = 3; CREATE TABLE meta (a)`);
    expect(() => openDatabase(file, OPEN)).toThrow(/before the first release/);
  });
});
