import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { TestServer } from './test-bed.ts';

/** Debian's server (18.16): `apt-get install clickhouse-server`. */
const SERVER = ['/usr/sbin/clickhouse-server', '/usr/bin/clickhouse-server'].find((file) => fs.existsSync(file));

export const HAS_CLUSTER: boolean = SERVER !== undefined;
export const READER = { user: 'reader', password: 'reader-EXAMPLE-password' };

/** Two shards on this machine, in folders that go with them. Each knows the cluster `both`. */
export interface Cluster extends TestServer {
  /** Where its own client reaches the first shard. */
  readonly tcp: number;
  /** Where the shards are asked by HTTP. */
  readonly ports: readonly number[];
  /** `shard`: 0 or 1. */
  run(sql: string, shard?: number, body?: string, timeoutMs?: number): Promise<string>;
  /** Of both servers since they were started. */
  cpuSeconds(): number;
  stop(shard: number): Promise<void>;
  start(shard: number): Promise<void>;
}

interface Shard {
  readonly http: number;
  readonly tcp: number;
  readonly folder: string;
  process: ChildProcess | undefined;
}

export async function startCluster(): Promise<Cluster> {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-cluster-'));
  const shards: Shard[] = [];
  for (const name of ['a', 'b']) {
    const folder = path.join(root, name);
    fs.mkdirSync(folder);
    shards.push({ http: await freePort(), tcp: await freePort(), folder, process: undefined });
  }
  const run: Cluster['run'] = (sql, shard = 0, body = '', timeoutMs = 60_000) =>
    ask(shards[shard]!, sql, body, timeoutMs);
  const start = (shard: number): Promise<void> => startShard(shards[shard]!, shards);
  const stop = (shard: number): Promise<void> => stopShard(shards[shard]!);
  await Promise.all([start(0), start(1)]);
  return {
    url: `http://127.0.0.1:${shards[0]!.http}`,
    tcp: shards[0]!.tcp,
    ports: shards.map((shard) => shard.http),
    cpuSeconds: () => shards.reduce((sum, { process: child }) => sum + cpuSecondsOf(child?.pid), 0),
    run,
    stop,
    start,
    ...tablesOf(run),
    close: async () => {
      await Promise.all([stop(0), stop(1)]);
      fs.rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Each table lies on both shards, every other row on the other one, and goes by its name through a Distributed table. */
function tablesOf(run: Cluster['run']): Pick<Cluster, 'create' | 'insert' | 'alter'> {
  const both = async (act: (shard: number) => Promise<unknown>): Promise<void> => {
    await Promise.all([0, 1].map(act));
  };
  return {
    create: async (table, columns, order) => {
      const parts = columns.includes('ts DateTime') ? 'PARTITION BY toMonday(ts)' : '';
      const engine = `ENGINE = MergeTree ${parts} ORDER BY ${order}`;
      await both((shard) => run(`CREATE TABLE ${table}_local (${columns}) ${engine}`, shard));
      await run(`CREATE TABLE ${table} AS ${table}_local ENGINE = Distributed(both, default, ${table}_local)`);
    },
    insert: (table, rows) => {
      const lines = rows.split('\n').filter((line) => line !== '');
      return both(async (shard) => {
        const own = lines.filter((_, index) => index % 2 === shard);
        if (own.length > 0) await run(`INSERT INTO ${table}_local FORMAT TSV`, shard, `${own.join('\n')}\n`);
      });
    },
    alter: async (table, change) => {
      await both((shard) => run(`ALTER TABLE ${table}_local ${change}`, shard));
      await run(`ALTER TABLE ${table} ${change}`);
    },
  };
}

/** One connection each: a shard that was stopped leaves none open. */
function ask({ http: port }: Shard, sql: string, body: string, timeout: number): Promise<string> {
  const query = body === '' ? '' : `?query=${encodeURIComponent(sql)}`;
  return new Promise((resolve, reject) => {
    const url = `http://127.0.0.1:${port}/${query}`;
    const request = http.request(url, { method: 'POST', agent: false, timeout }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      answer.on('end', () => (answer.statusCode === 200 ? resolve(text) : reject(new Error(text))));
      answer.on('error', reject);
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', reject).end(body === '' ? sql : body);
  });
}

async function startShard(shard: Shard, shards: readonly Shard[]): Promise<void> {
  fs.writeFileSync(path.join(shard.folder, 'users.xml'), USERS);
  fs.writeFileSync(path.join(shard.folder, 'config.xml'), configOf(shard, shards));
  shard.process = spawn(SERVER!, ['--config-file=config.xml'], { cwd: shard.folder, stdio: 'ignore' });
  for (let tries = 0; tries < 300; tries++) {
    if (await ask(shard, 'SELECT 1', '', 1000).catch(() => undefined)) return;
    await pause(50);
  }
  throw new Error('the server did not start');
}

/** The system's own account of a process, in hundredths of a second. */
function cpuSecondsOf(pid: number | undefined): number {
  const [user, system] = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ').slice(11, 13) ?? [];
  return (Number(user) + Number(system)) / 100;
}

async function stopShard(shard: Shard): Promise<void> {
  const child = shard.process;
  shard.process = undefined;
  if (child === undefined || child.exitCode !== null) return;
  const over = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await over;
}

function configOf({ http: port, tcp, folder }: Shard, shards: readonly Shard[]): string {
  const replicas = shards.map(
    (shard) => `<shard><replica><host>127.0.0.1</host><port>${shard.tcp}</port></replica></shard>`,
  );
  return `<yandex>
  <logger><level>warning</level><log>${folder}/server.log</log><errorlog>${folder}/error.log</errorlog></logger>
  <http_port>${port}</http_port><tcp_port>${tcp}</tcp_port><listen_host>127.0.0.1</listen_host>
  <path>${folder}/data/</path><tmp_path>${folder}/tmp/</tmp_path><mark_cache_size>100000000</mark_cache_size>
  <users_config>users.xml</users_config><default_profile>default</default_profile>
  <default_database>default</default_database>
  <query_log><database>system</database><table>query_log</table><flush_interval_milliseconds>200</flush_interval_milliseconds></query_log>
  <remote_servers><both>${replicas.join('')}</both></remote_servers>
</yandex>`;
}

const USERS = `<yandex>
  <profiles>
    <default><log_queries>1</log_queries></default>
    <reader><log_queries>1</log_queries><readonly>2</readonly><skip_unavailable_shards>1</skip_unavailable_shards></reader>
  </profiles>
  <users>
    <default><password></password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></default>
    <${READER.user}>
      <password>${READER.password}</password><networks><ip>127.0.0.1</ip></networks><profile>reader</profile><quota>default</quota>
    </${READER.user}>
  </users>
  <quotas><default></default></quotas>
</yandex>`;

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
