/**
 * `npm run bench:cluster -- [rows ...]`: the same logs on a cluster of two shards and as files, in one run. What is stored
 * of both must be equal. Rows are as many as asked for, of the same callers and days: so what grows with them shows.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isDeepStrictEqual } from 'node:util';
import { openForReading } from '../../../src/engines/sqlite/store.ts';
import { describeMachine } from '../../bench/machine.ts';
import { formatSize, parseSize, renderTable, seconds } from '../../bench/table.ts';
import { dump } from '../../ingest/dump.ts';
import { CLI, environment } from '../../run-cli.ts';
import { type Cluster, READER, startCluster } from './cluster.ts';

const FIRST_MS = Date.UTC(2026, 0, 1);
const DAYS = 90;
const KEYS = 500;
const NOW = '2026-04-05T06:00:00Z';

const sizes = process.argv.slice(2).length > 0 ? process.argv.slice(2).map(parseSize) : [1_000_000];
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-bench-cluster-'));
const load = os.loadavg()[0] ?? 0;
try {
  const rows: string[][] = [];
  for (const size of sizes) rows.push(...(await measure(size)));
  const columns = ['', 'rows', 'seconds', 'CPU seconds', 'of the servers', 'peak MB', 'sent to us', 'rollups'];
  const notes = ['"again": the run after that, with nothing new'];
  const title = 'The same logs as files and in a cluster of two shards on one machine';
  process.stdout.write(`${renderTable({ title, columns, rows, notes })}\n${describeMachine(load)}\n`);
} finally {
  fs.rmSync(home, { recursive: true, force: true });
}

async function measure(size: number): Promise<string[][]> {
  const cluster = await startCluster();
  const wire = await countWire(Number(new URL(cluster.url).port));
  try {
    await fill(cluster, size);
    const bytes = await writeLogs(cluster);
    configure(wire.port);
    const results: string[][] = [];
    for (const [name, config] of [
      [`files, ${formatSize(bytes)}`, 'files'],
      ['files, again', 'files'],
      ['cluster', 'cluster'],
      ['cluster, again', 'cluster'],
    ] as const) {
      const [sentBefore, cpuBefore] = [wire.bytes(), cluster.cpuSeconds()];
      const run = await scan(config);
      const [sent, cpu] = [wire.bytes() - sentBefore, cluster.cpuSeconds() - cpuBefore];
      const ofServers = config === 'files' ? ['', ''] : [seconds(cpu), `${(sent / 1e6).toFixed(2)} MB`];
      const figures = [seconds(run.seconds), seconds(run.cpuSeconds), ofServers[0]!, String(run.peakMb), ofServers[1]!];
      results.push([name, size.toLocaleString('en'), ...figures, rollupsIn(config).toLocaleString('en')]);
      process.stderr.write(`  ${results.at(-1)?.join(', ')}\n`);
    }
    compare();
    return results;
  } finally {
    wire.close();
    await cluster.close();
    for (const name of fs.readdirSync(home)) fs.rmSync(path.join(home, name), { recursive: true });
  }
}

/** Evenly over the days; each key has two callers, each with three outcomes. */
async function fill(cluster: Cluster, size: number): Promise<void> {
  const columns = 'ms Int64, auth String, agent String, ip String, status UInt16, path String';
  await cluster.create('requests', columns, 'ms');
  await Promise.all(
    [0, 1].map((shard) =>
      cluster.run(
        `INSERT INTO requests_local
        SELECT ms, concat('Bearer acme_EXAMPLE_not_a_key_', toString(k)), concat('service-', toString(k % 40), '/', toString(c)),
          concat('10.0.', toString(k % 4), '.', toString(c)), if(h % 50 = 0, 401, if(h % 20 = 0, 500, 200)),
          concat('/v1/items/', toString(h % 100000), '?page=', toString(h % 7), '&order=asc')
        FROM (SELECT toInt64(${FIRST_MS}) + intDiv(n * ${DAYS * 86_400}, ${size}) * 1000 + n % 1000 AS ms, intHash32(n) AS h,
            intHash32(n + 1000000000) % ${KEYS} AS k, intHash32(n + 2000000000) % 2 AS c
          FROM (SELECT toInt64(number) * 2 + ${shard} AS n FROM system.numbers LIMIT ${Math.floor(size / 2)}))`,
        shard,
        undefined,
        3_600_000,
      ),
    ),
  );
}

/** A log of each shard, as its machine would have written it. */
async function writeLogs(cluster: Cluster): Promise<number> {
  const time = `concat(replaceOne(toString(toDateTime(intDiv(ms, 1000), 'UTC')), ' ', 'T'), '.', substring(toString(1000 + ms % 1000), 2), 'Z')`;
  const sql = `SELECT ${time} AS time, auth AS authorization, agent AS user_agent, ip, status, path FROM requests_local ORDER BY ms FORMAT JSONEachRow`;
  let bytes = 0;
  for (const [shard, port] of cluster.ports.entries()) {
    const file = path.join(home, `gateway-${shard}.ndjson`);
    const answer = await new Promise<http.IncomingMessage>((resolve, reject) => {
      http.request({ port, host: '127.0.0.1', method: 'POST' }, resolve).on('error', reject).end(sql);
    });
    await pipeline(answer, fs.createWriteStream(file));
    bytes += fs.statSync(file).size;
  }
  return bytes;
}

function configure(port: number): void {
  const keys = Array.from({ length: KEYS }, (_, k) => `id-${k},acme_EXAMPLE_not_a_key_${k},2024-01-01\n`);
  fs.writeFileSync(path.join(home, 'keys.csv'), `id,key,created\n${keys.join('')}`);
  const fields = '{ time: ms, key: auth, userAgent: agent, ip: ip, status: status, action: path }';
  const sources = {
    files: "{ name: gateway, paths: ['gateway-*.ndjson'] }",
    cluster: `{ name: gateway, type: clickhouse, url: 'http://127.0.0.1:${port}', user: ${READER.user}, table: requests, fields: ${fields} }`,
  };
  for (const [name, source] of Object.entries(sources)) {
    fs.writeFileSync(path.join(home, `${name}.yaml`), `inventories: [{ path: keys.csv }]\nsources: [${source}]\n`);
  }
}

interface Measured {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMb: number;
}

/** In a process beside this one, which has to pass on what the servers say. */
async function scan(config: string): Promise<Measured> {
  const figures = path.join(home, 'time');
  const report = `json=${config}.json`;
  const command = [process.execPath, CLI, 'scan', '--config', `${config}.yaml`, '--db', `${config}.db`, '-o', report];
  const startedAt = performance.now();
  const child = spawn('/usr/bin/time', ['--output', figures, '--format', '%U %S %M', ...command], {
    cwd: home,
    env: environment({ CLICKHOUSE_PASSWORD: READER.password, LASTCALL_NOW: NOW }),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const status = await new Promise((resolve) => {
    child.on('close', resolve);
  });
  if (status !== 0) throw new Error(`lastcall ended with ${String(status)}`);
  const [user = 0, system = 0, kilobytes = 0] = fs.readFileSync(figures, 'utf8').trim().split(' ').map(Number);
  const took = (performance.now() - startedAt) / 1000;
  return { seconds: took, cpuSeconds: user + system, peakMb: Math.round(kilobytes / 1000) };
}

function dumpOf(config: string): Pick<ReturnType<typeof dump>, 'uses' | 'hours' | 'days'> {
  const store = openForReading(path.join(home, `${config}.db`), undefined);
  try {
    const { uses, hours, days } = dump(store.db);
    return { uses, hours, days };
  } finally {
    store.close();
  }
}

function rollupsIn(config: string): number {
  return dumpOf(config).uses.length;
}

/** Rollups, hours and the report, but for what tells a table from files. */
function compare(): void {
  const report = (config: string): unknown => {
    const text = fs.readFileSync(path.join(home, `${config}.json`), 'utf8');
    const told = JSON.parse(text) as { sources: object[] };
    return {
      ...told,
      database: 0,
      generatedAt: 0,
      sources: told.sources.map((one) => ({ ...one, format: 0, bytes: 0, account: 0 })),
    };
  };
  if (!isDeepStrictEqual(dumpOf('files'), dumpOf('cluster'))) throw new Error('other rollups');
  if (!isDeepStrictEqual(report('files'), report('cluster'))) throw new Error('another report');
  process.stderr.write('  rollups, hours and report are equal\n');
}

/** Passes on what goes to and from a port, and counts what comes back. */
async function countWire(port: number): Promise<{ port: number; bytes: () => number; close: () => void }> {
  let bytes = 0;
  const server = net.createServer((client) => {
    const upstream = net.connect(port, '127.0.0.1');
    upstream.on('data', (piece) => (bytes += piece.length));
    client.pipe(upstream).pipe(client);
    for (const [one, other] of [[client, upstream], [upstream, client]] as const) one.on('error', () => other.destroy()); // prettier-ignore
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return { port: (server.address() as net.AddressInfo).port, bytes: () => bytes, close: () => server.close() };
}
