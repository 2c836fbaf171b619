import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CLI, environment, runCli } from '../../run-cli.ts';
import { type Cluster, HAS_CLUSTER, READER, startCluster } from './cluster.ts';
import { conforms } from './conformance.ts';
import { NOW } from './made-calls.ts';
import { isBlocked, PASSWORD, requestsOf, type TestBed, told } from './test-bed.ts';

/** Debian's `clickhouse-client` is a package of its own. */
const HAS_CLIENT = spawnSync('clickhouse-client', ['--version']).status === 0;
const TITLE = 'a Distributed table on two shards of ClickHouse 18.16 (needs: apt-get install clickhouse-server)';

conforms(TITLE, HAS_CLUSTER, startCluster, (bed) => {
  const cluster = (): Cluster => bed().server as Cluster;
  it('says the same where the shards are read by the name of their cluster', async () => {
    bed().configure('cluster.yaml', { cluster: 'both', table: 'requests_local' });
    const run = await bed().scan('cluster.db', {}, 'cluster.yaml');
    expect([run.status, run.stderr]).toEqual([0, expect.stringContaining('records')]);
    const byName = await bed().scan('by-name.db');
    expect(told(run)).toEqual(told(byName));
    expect(bed().dump('cluster.db')).toEqual(bed().dump('by-name.db'));
  });
  describe('keeps secrets', () => {
    secrets(bed, cluster);
  });
  describe('when a part of it fails', () => {
    failures(bed, cluster);
  });
});

function secrets(bed: () => TestBed, cluster: () => Cluster): void {
  it('out of the database, and out of what the server keeps of queries', async () => {
    const env = { ...PASSWORD, LASTCALL_NOW: NOW };
    const { status, stderr } = runCli(['ingest', '--db', 'secret.db'], { cwd: process.cwd(), env });
    expect(status, stderr).toBe(0);
    for (const name of fs.readdirSync('.').filter((file) => file.startsWith('secret.db'))) {
      expect(fs.readFileSync(name, 'latin1')).not.toContain('acme_EXAMPLE_not_a_key_');
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
    for (const shard of [0, 1]) {
      const queries = await cluster().run('SELECT query FROM system.query_log', shard);
      expect(queries).toContain('lc_key0');
      expect(queries).not.toMatch(/acme_EXAMPLE|reader-EXAMPLE|00112233445566/);
    }
  });

  it.skipIf(!HAS_CLIENT)('out of what lastcall sql prints, which the client of the server takes as it is', async () => {
    bed().configure('sql.yaml', { ingested: 'came', maxThreads: '2' });
    const args = ['sql', 'gateway', '--config', 'sql.yaml', '--db', 'secret.db'];
    const { status, stdout, stderr } = runCli(args, { cwd: process.cwd(), env: { ...PASSWORD, LASTCALL_NOW: NOW } });
    expect(status, stderr).toBe(0);
    expect(stdout).not.toMatch(/EXAMPLE/);
    expect(stdout).toContain('max_threads = 2');
    expect(stdout).toContain('lc_ingested');
    const address = ['--host=127.0.0.1', `--port=${cluster().tcp}`, `--user=${READER.user}`];
    const client = ['--multiquery', ...address, `--password=${READER.password}`];
    const ran = spawnSync('clickhouse-client', client, { input: stdout, encoding: 'utf8' });
    expect([ran.status, ran.stderr]).toEqual([0, '']);
    // The rows in all are the first figure.
    expect(Number(ran.stdout.split('\n')[0])).toBe(bed().calls.length);
  });
}

function failures(bed: () => TestBed, cluster: () => Cluster): void {
  it('keeps what it has when a day has fewer rows, and says that the day proves nothing', async () => {
    for (const shard of [0, 1]) await cluster().run("ALTER TABLE requests_local DROP PARTITION '2026-06-15'", shard);
    const fewer = await bed().scan('a.db');
    expect(fewer.status).toBe(3);
    expect(fewer.stderr).toContain('it has 0 calls now and had 24');
    expect(told(fewer).sources.find(({ source }) => source === 'gateway')?.gaps).toContainEqual(
      expect.objectContaining({ from: '2026-06-15', to: '2026-06-21', reason: 'unread-input' }),
    );
    expect(requestsOf(told(fewer))).toEqual(requestsOf(await bed().scanFiles()));
    await bed().putBack((at) => at >= Date.UTC(2026, 5, 15) && at < Date.UTC(2026, 5, 22));
    const mended = await bed().scan('a.db');
    expect([mended.status, told(mended)]).toEqual([0, await bed().scanFiles()]);
  });

  it('keeps what it has while a shard is down, and calls nothing safe', async () => {
    await cluster().stop(1);
    const down = await bed().scan('a.db');
    await cluster().start(1);
    expect(down.status).toBe(3);
    expect(down.stderr).toContain('a shard of the cluster cannot be reached');
    expect(requestsOf(told(down))).toEqual(requestsOf(await bed().scanFiles()));
    expect(told(down).keys.every(isBlocked)).toBe(true);
    const up = await bed().scan('a.db');
    expect([up.status, told(up)]).toEqual([0, await bed().scanFiles()]);
  });

  it('leaves a blocker when its query is killed', async () => {
    bed().configure('slow.yaml', { where: 'sleepEachRow(0.01) = 0' });
    fs.copyFileSync('a.db', 'b.db');
    const child = spawn(process.execPath, [CLI, 'ingest', '--db', 'b.db', '--config', 'slow.yaml'], {
      env: environment({ ...PASSWORD, LASTCALL_NOW: NOW }),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (piece) => (stderr += piece));
    const over = new Promise((resolve) => child.on('close', resolve));
    while (child.exitCode === null) {
      await cluster().run(`KILL QUERY WHERE user = '${READER.user}' ASYNC`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(await over, stderr).toBe(3);
    expect(stderr).toMatch(/ended by the server|broke off/);
  });
}
