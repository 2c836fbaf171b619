import Database from 'better-sqlite3';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openForReading } from '../../src/engines/sqlite/store.ts';
import { CLI, environment } from '../run-cli.ts';
import { type Child, pause, seeded, startCli } from './child.ts';
import { dump, type Dump } from './dump.ts';
import { jsonLog, trail } from './made-logs.ts';

/** Read to the end; some of the records that are made here cannot be read. */
const DONE: readonly (number | null)[] = [0, 3];

/** More files than a transaction holds (256), and a file that is longer than one (16 MiB). */
const SMALL_FILES = 300;
const LARGE_BYTES = 20 * 1024 * 1024;
const LARGE = 'z.log';

let dir: string;
let expected: Dump;
/** How long a run takes from the first byte it reads to its end. */
let readingMs: number;

beforeAll(async () => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-crash-'));
  writeLogs(path.join(dir, 'logs'));
  const run = ingest('whole.db');
  await run.says(/./);
  const startedAt = performance.now();
  expect(DONE).toContain((await run.ended).status);
  readingMs = performance.now() - startedAt;
  expected = dumpOf('whole.db');
  expect(expected.uses.length).toBeGreaterThan(100);
}, 60_000);

afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

describe('a run that is killed', () => {
  // Early, late, and anywhere: what is left to read shrinks with each kill, and so does the time until the next.
  it.each([
    [1, 0.9],
    [2, 0.6],
    [3, 0.35],
  ])('any number of times and run again gives what one run gives (seed %i)', async (seed, reach) => {
    const db = `killed-${seed}.db`;
    const random = seeded(seed);
    let left = readingMs;
    for (let kill = 0; kill < 3; kill++) {
      const run = ingest(db);
      const wait = random() * reach * left;
      left -= wait;
      await run.says(/./);
      await pause(wait);
      run.process.kill('SIGKILL');
      await run.ended;
    }
    expect(DONE).toContain((await ingest(db).ended).status);
    expect(dumpOf(db)).toEqual(expected);
    expect(query(db, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    expect(unfinishedScans(db)).toBeGreaterThanOrEqual(1);
  });

  it('before it has made its database leaves nothing that the next one minds', async () => {
    const db = 'early.db';
    for (const wait of [120, 220]) {
      const run = ingest(db, ['logs/0']);
      await pause(wait);
      run.process.kill('SIGKILL');
      await run.ended;
    }
    fs.writeFileSync(path.join(dir, `${db}.0000.new`), 'half a database');
    expect(DONE).toContain((await ingest(db, ['logs/0']).ended).status);
    expect(query(db, 'SELECT count(*) AS n FROM streams')).toEqual([{ n: 100 }]);
  });

  it('does not keep the next one from noticing that a log was replaced', async () => {
    const [db, replaced, logs] = ['replaced.db', path.join(dir, 'a.log'), ['a.log', 'logs']];
    fs.writeFileSync(replaced, jsonLog(900_000, 900_010));
    expect(DONE).toContain((await ingest(db, ['a.log']).ended).status);
    fs.renameSync(replaced, path.join(dir, 'a.gone'));
    fs.writeFileSync(replaced, jsonLog(900_100, 900_110));
    const killed = ingest(db, logs);
    // The first commit, after which the run has the large log to read before it looks for what was replaced.
    while (query(db, 'SELECT count(*) AS n FROM streams')[0]?.['n'] === 1) await pause(2);
    killed.process.kill('SIGKILL');
    expect((await killed.ended).status).toBeNull();
    expect(query(db, 'SELECT * FROM faults')).toEqual([]);
    expect((await ingest(db, logs).ended).status).toBe(3);
    expect(query(db, 'SELECT path, reason FROM faults')).toEqual([
      { path: expect.stringMatching(/a\.log$/), reason: 'rewritten-log' },
    ]);
  });
});

describe('an older copy of the database', () => {
  it('gives what one run gives when the logs are read again, even without the log of SQLite beside it', async () => {
    const run = ingest('copied.db');
    await run.says(/./);
    await pause(readingMs * 0.6);
    run.process.kill('SIGKILL');
    await run.ended;
    // What a backup of the file alone would hold, restored later over the newer state.
    fs.copyFileSync(path.join(dir, 'copied.db'), path.join(dir, 'backup.db'));
    expect(DONE).toContain((await ingest('copied.db').ended).status);
    for (const end of ['', '-wal', '-shm']) fs.rmSync(path.join(dir, `copied.db${end}`), { force: true });
    fs.copyFileSync(path.join(dir, 'backup.db'), path.join(dir, 'copied.db'));
    expect(DONE).toContain((await ingest('copied.db').ended).status);
    expect(dumpOf('copied.db')).toEqual(expected);
    expect(query('copied.db', 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  });
});

describe.skipIf(os.platform() === 'win32')('a run with little', () => {
  it('time, stopped while its logs are rotated, goes on to what one run gives', async () => {
    const logs = path.join(dir, 'rotated');
    writeLogs(logs);
    const run = ingest('stopped.db', ['rotated']);
    await run.says(/./);
    run.process.kill('SIGSTOP');
    fs.renameSync(path.join(logs, LARGE), path.join(logs, `${LARGE}.1`));
    fs.renameSync(path.join(logs, '0'), path.join(logs, 'zero'));
    await pause(300);
    run.process.kill('SIGCONT');
    // What was moved away from under it is named, and found where it is now.
    expect([0, 3]).toContain((await run.ended).status);
    expect(DONE).toContain((await ingest('stopped.db', ['rotated']).ended).status);
    expect({ ...dumpOf('stopped.db'), faults: [] }).toEqual({ ...expected, faults: [] });
  });

  it('memory gives what one run gives', async () => {
    const run = ingest('small.db', ['logs'], ['--max-old-space-size=64']);
    expect(DONE).toContain((await run.ended).status);
    expect(dumpOf('small.db')).toEqual(expected);
  });

  it('room for open files reads as many logs as there are', () => {
    const many = path.join(dir, 'many');
    for (let n = 0; n < 1500; n++) {
      fs.mkdirSync(path.join(many, String(n % 10)), { recursive: true });
      fs.writeFileSync(path.join(many, String(n % 10), `${n}.log`), jsonLog(n, n + 1));
    }
    const command = `ulimit -n 64; exec "$0" "$@"`;
    const args = ['-c', command, process.execPath, CLI, 'ingest', 'many', '--db', 'many.db'];
    const { status, stderr } = spawnSync('sh', args, { cwd: dir, env: environment(), encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, expect.stringMatching(/^1,500 records of 1,500 files/)]);
  });
});

describe('a run that is interrupted', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('by %s says so, ends with %i, and the next one goes on', async (signal, code) => {
    const db = `interrupted-${code}.db`;
    const run = ingest(db);
    await run.says(/./);
    run.process.kill(signal);
    const { status, stderr } = await run.ended;
    expect([status, stderr]).toEqual([code, expect.stringContaining('stopping')]);
    expect(dumpOf(db)).not.toEqual(expected);
    expect(DONE).toContain((await ingest(db).ended).status);
    expect(dumpOf(db)).toEqual(expected);
  });
});

function ingest(db: string, logs: readonly string[] = ['logs'], ofNode: readonly string[] = []): Child {
  return startCli(['ingest', ...logs, '--db', db, '--progress', '--source', 'gateway'], dir, ofNode);
}

/** Lines, documents and large records, with defects between. */
function writeLogs(logs: string): void {
  for (let n = 0; n < SMALL_FILES; n++) {
    const folder = path.join(logs, String(Math.floor(n / 100)));
    fs.mkdirSync(folder, { recursive: true });
    const text =
      n % 5 === 0 ? trail([n, n + 1, n + 2, n]) : `${jsonLog(n * 4, n * 4 + 3)}${n % 7 === 0 ? 'oops' : ''}\n`;
    fs.writeFileSync(path.join(folder, `${n}.log`), text);
  }
  const filler = 'x'.repeat(4000);
  let bytes = 0;
  for (let n = 50_000; bytes < LARGE_BYTES; n += 100) {
    const lines = jsonLog(n, n + 100).replaceAll('/v1/', `/${filler}/`);
    fs.appendFileSync(path.join(logs, LARGE), lines);
    bytes += lines.length;
  }
}

function unfinishedScans(db: string): unknown {
  return query(db, 'SELECT count(*) AS n FROM scans WHERE finished_at IS NULL')[0]?.['n'];
}

function query(db: string, sql: string): Record<string, unknown>[] {
  const connection = new Database(path.join(dir, db), { readonly: true });
  try {
    return connection.prepare<[], Record<string, unknown>>(sql).all();
  } finally {
    connection.close();
  }
}

function dumpOf(db: string): Dump {
  const store = openForReading(path.join(dir, db), undefined);
  try {
    return dump(store.db);
  } finally {
    store.close();
  }
}
