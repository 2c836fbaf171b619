import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLI, environment, type Run, runCli } from '../../run-cli.ts';
import { type Cluster, HAS_CLUSTER, READER, startCluster } from './cluster.ts';
import { asLines, asRows, COLUMNS, DAY, FIELDS, FIRST, INVENTORY, madeCalls, type MadeCall, madeKey, NOW } from './made-calls.ts'; // prettier-ignore

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-table-'));
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

interface ToldKey {
  readonly key: string;
  readonly requests: number;
  readonly blockers: readonly { readonly code: string }[];
}

const isBlocked = ({ blockers }: ToldKey): boolean => blockers.some(({ code }) => code === 'unread-input');
const requestsOf = ({ keys }: Told): number[] => keys.map(({ requests }) => requests);

interface Told {
  readonly sources: { readonly gaps: readonly { readonly from: string; readonly reason: string }[]; records: number }[];
  readonly keys: readonly ToldKey[];
}

describe.skipIf(!HAS_CLUSTER)('a Distributed table on two shards (needs: apt-get install clickhouse-server)', () => {
  let cluster: Cluster;
  let calls: MadeCall[] = [];
  let ofFiles: { readonly calls: unknown; readonly told: Told } | undefined;
  const password = { CLICKHOUSE_PASSWORD: READER.password };

  beforeAll(async () => {
    cluster = await startCluster();
    for (const shard of [0, 1]) {
      await cluster.run(
        `CREATE TABLE local (${COLUMNS}) ENGINE = MergeTree PARTITION BY toMonday(ts) ORDER BY ms`,
        shard,
      );
    }
    await cluster.run(`CREATE TABLE requests AS local ENGINE = Distributed(both, default, local)`);
    await add(madeCalls());
    fs.writeFileSync(path.join(dir, 'keys.csv'), INVENTORY);
    configure('lastcall.yaml', {});
  });
  afterAll(() => cluster.close());

  /** Every other call goes to the other shard. */
  async function add(more: readonly MadeCall[]): Promise<void> {
    calls = [...calls, ...more];
    for (const shard of [0, 1]) {
      const part = more.filter((_, index) => index % 2 === shard);
      if (part.length > 0) await cluster.run('INSERT INTO local FORMAT TSV', shard, asRows(part));
    }
  }

  function configure(file: string, members: Readonly<Record<string, string>>): void {
    const all = { url: cluster.url, user: READER.user, table: 'requests', fields: FIELDS, ...members };
    const lines = Object.entries(all).map(([name, value]) => `    ${name}: ${value}\n`);
    const text = `inventories: [{ path: keys.csv }]\nsources:\n  - name: gateway\n    type: clickhouse\n${lines.join('')}`;
    fs.writeFileSync(path.join(dir, file), text);
  }

  function scan(db: string, more: Readonly<Record<string, string>> = {}, config = 'lastcall.yaml'): Run {
    const args = ['scan', '--db', db, '--config', config, '-o', 'json'];
    return runCli(args, { cwd: dir, env: { ...password, LASTCALL_NOW: NOW, ...more } });
  }

  /** What files with the same calls come to. */
  function scanFiles(): Told {
    if (ofFiles?.calls === calls) return ofFiles.told;
    fs.rmSync(path.join(dir, 'files.db'), { force: true });
    fs.writeFileSync(path.join(dir, 'log.ndjson'), asLines(calls));
    const args = ['scan', '--db', 'files.db', '--source', 'gateway', '--keys', 'keys.csv', '-o', 'json', 'log.ndjson'];
    const run = runCli([...args, '--config', 'empty.yaml'], { cwd: dir, env: { LASTCALL_NOW: NOW } });
    expect(run.status, run.stderr).toBe(0);
    ofFiles = { calls, told: told(run) };
    return ofFiles.told;
  }

  function told({ stdout }: Run): Told {
    const report = JSON.parse(stdout) as { sources: object[] } & Record<string, unknown>;
    const sources = report.sources.map((source) => ({ ...source, format: '', bytes: 0 }));
    return { ...report, database: undefined, sources } as unknown as Told;
  }

  beforeAll(() => fs.writeFileSync(path.join(dir, 'empty.yaml'), '{}\n'));

  it('says what the same calls in a file say, and reads nothing twice', () => {
    const first = scan('a.db');
    expect(first.stderr).toContain('576 records');
    expect(first.status, first.stderr).toBe(0);
    expect(told(first)).toEqual(scanFiles());
    const second = scan('a.db');
    expect([second.status, told(second)]).toEqual([0, told(first)]);
  });

  it('keeps raw keys out of the database, and secrets out of what the server keeps of queries', async () => {
    for (const name of fs.readdirSync(dir).filter((file) => file.startsWith('a.db'))) {
      expect(fs.readFileSync(path.join(dir, name), 'latin1')).not.toContain('acme_EXAMPLE_not_a_key_');
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
    for (const shard of [0, 1]) {
      const queries = await cluster.run('SELECT query FROM system.query_log', shard);
      expect(queries).toContain('lc_key0');
      expect(queries).not.toMatch(/acme_EXAMPLE|reader-EXAMPLE|00112233445566/);
    }
  });

  it('puts an open day in the place of what was stored of it', async () => {
    const yesterday = FIRST + 23 * DAY + 86_000_000;
    await add([{ ...calls[0]!, at: yesterday, id: 'late-1' }]);
    const { status, stdout, stderr } = scan('a.db');
    expect(status, stderr).toBe(0);
    expect(told({ status, stdout, stderr })).toEqual(scanFiles());
  });

  it('opens a sealed day again for a row that came late', async () => {
    await add([{ ...calls[1]!, at: FIRST + 10 * DAY, status: 200, id: 'late-2' }]);
    const late = scan('a.db');
    expect([late.status, told(late)]).toEqual([0, scanFiles()]);
    // The key that was gone has called after all.
    expect(told(late).keys.find(({ key }) => key === 'gone')?.requests).toBe(31);
  });

  it('keeps what it has when a day has fewer rows, and says that the day proves nothing', async () => {
    for (const shard of [0, 1]) await cluster.run("ALTER TABLE local DROP PARTITION '2026-06-08'", shard);
    const fewer = scan('a.db');
    expect(fewer.status).toBe(3);
    expect(fewer.stderr).toContain('it has 0 calls now and had 24');
    expect(told(fewer).sources[0]?.gaps).toEqual([
      expect.objectContaining({ from: '2026-06-08', to: '2026-06-14', reason: 'unread-input' }),
    ]);
    expect(requestsOf(told(fewer))).toEqual(requestsOf(scanFiles()));
    const back = calls.filter(({ at }) => at >= Date.UTC(2026, 5, 8) && at < Date.UTC(2026, 5, 15));
    calls = calls.filter((call) => !back.includes(call));
    await add(back);
    const mended = scan('a.db');
    expect([mended.status, told(mended)]).toEqual([0, scanFiles()]);
  });

  it('keeps what it has while a shard is down, and calls nothing safe', async () => {
    await cluster.stop(1);
    const down = scan('a.db');
    await cluster.start(1);
    expect(down.status).toBe(3);
    expect(down.stderr).toContain('a shard of the cluster cannot be reached');
    expect(requestsOf(told(down))).toEqual(requestsOf(scanFiles()));
    expect(told(down).keys.every(isBlocked)).toBe(true);
    const up = scan('a.db');
    expect([up.status, told(up)]).toEqual([0, scanFiles()]);
  });

  it.each([
    ['the server is down', { url: 'http://127.0.0.1:9' }, /cannot be reached/],
    ['the table is not there', { table: 'nothing' }, /no such table/],
    ['the database is not there', { database: 'nothing' }, /no such (?:table|database)/],
    ['a column is missing', { fields: '{ time: ms, key: api_key }' }, /see the field key/],
    ['the time is a text', { fields: '{ time: path, key: auth }' }, /the field time is no one time/],
    ['a field is a list', { fields: `{ time: ms, key: "splitByChar(' ', auth)" }` }, /the field key is no text/],
    ['a query takes too long', { timeout: '0.01 minutes', where: 'sleepEachRow(0.01) = 0' }, /took too long/],
    ['a query takes too much memory', { maxMemory: '0.1 MB' }, /too much memory/],
  ])('leaves a blocker when %s', (_, members, message) => {
    configure('faulty.yaml', members);
    fs.copyFileSync(path.join(dir, 'a.db'), path.join(dir, 'b.db'));
    const { status, stdout, stderr } = scan('b.db', {}, 'faulty.yaml');
    expect(status, stderr).toBe(3);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('EXAMPLE');
    const report = told({ status, stdout, stderr });
    expect(requestsOf(report)).toEqual(requestsOf(scanFiles()));
    expect(report.keys.every(isBlocked)).toBe(true);
  });

  it('leaves a blocker when the password is wrong', () => {
    fs.copyFileSync(path.join(dir, 'a.db'), path.join(dir, 'b.db'));
    const { status, stderr } = scan('b.db', { CLICKHOUSE_PASSWORD: 'wrong-EXAMPLE' });
    expect([status, stderr]).toEqual([3, expect.stringContaining('user or password is wrong')]);
    expect(stderr).not.toContain('EXAMPLE');
  });

  it('leaves a blocker when its query is killed', async () => {
    configure('slow.yaml', { where: 'sleepEachRow(0.01) = 0' });
    fs.copyFileSync(path.join(dir, 'a.db'), path.join(dir, 'b.db'));
    const child = spawn(process.execPath, [CLI, 'ingest', '--db', 'b.db', '--config', 'slow.yaml'], {
      cwd: dir,
      env: environment({ ...password, LASTCALL_NOW: NOW }),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (piece) => (stderr += piece));
    const over = new Promise((resolve) => child.on('close', resolve));
    for (let killed = ''; killed === '';) {
      killed = await cluster.run(`KILL QUERY WHERE user = '${READER.user}' ASYNC`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(await over, stderr).toBe(3);
    expect(stderr).toMatch(/ended by the server|broke off/);
  });

  it('counts a row that was delivered twice once, where it has an event id', async () => {
    const before = calls;
    await add(calls.slice(100, 130));
    configure('ids.yaml', { fields: FIELDS.replace('{', '{ eventId: id,') });
    const { status, stdout, stderr } = scan('c.db', {}, 'ids.yaml');
    expect(status, stderr).toBe(0);
    calls = before;
    expect(told({ status, stdout, stderr })).toEqual(scanFiles());
  });

  it('lets rows without a possible time stand against every key', async () => {
    await cluster.run('INSERT INTO local FORMAT TSV', 0, asRows([{ ...calls[0]!, at: 0 }]));
    const { status, stdout, stderr } = scan('a.db');
    expect([status, stderr]).toEqual([3, expect.stringContaining('1 rows have no possible time')]);
    expect(told({ status, stdout, stderr }).keys.every(isBlocked)).toBe(true);
    expect(stderr).not.toContain(madeKey(''));
  });
});
