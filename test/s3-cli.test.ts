import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLI, environment, type Run } from './run-cli.ts';
import { BUCKET, HAS_SERVER, startS3, type S3Server } from './sources/s3-server.ts';

const s3: S3Server | undefined = HAS_SERVER ? await startS3() : undefined;
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-s3-cli-'));
afterAll(async () => {
  await s3?.close();
  fs.rmSync(dir, { recursive: true, force: true });
});

const KEY = 'acme_EXAMPLE_not_a_key_0001';
const LINE = `{"time":"2026-09-01T10:00:00Z","api_key":"${KEY}","status":200,"ip":"10.0.0.7","user_agent":"billing/1"}\n`;

describe.skipIf(s3 === undefined)('lastcall on s3:// (Node 24 or newer)', () => {
  const server = s3 as S3Server;

  beforeAll(async () => {
    await server.put('edge/2026/09/01/a.log.gz', gzipSync(LINE.repeat(3)));
    fs.writeFileSync(path.join(dir, 'keys.csv'), `id,key,created\nbilling,${KEY},2024-01-01\n`);
    fs.writeFileSync(
      path.join(dir, 'lastcall.yaml'),
      `s3: { endpoint: '${server.settings.endpoint}', region: us-east-1, pathStyle: true }
sources: [{ name: edge, paths: ['s3://${BUCKET}/edge/'] }]
inventories: [{ path: keys.csv }]
`,
    );
  });

  /** The server answers in this process, so the program must not block it. */
  function run(args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Run> {
    const child = spawn(process.execPath, [CLI, ...args], {
      cwd: dir,
      env: environment({ ...server.environment, LASTCALL_NOW: '2026-09-02T00:00:00Z', ...more }),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (piece) => (stdout += piece));
    child.stderr.on('data', (piece) => (stderr += piece));
    return new Promise((resolve) => child.on('close', (status) => resolve({ status, stdout, stderr })));
  }

  it('scans the sources of the configuration, and nothing twice', async () => {
    for (const db of ['a.db', 'a.db']) {
      const { status, stdout, stderr } = await run(['scan', '--db', db, '-o', 'json']);
      expect([status, stderr.match(/warning.*/)?.[0]]).toEqual([0, undefined]);
      const report = JSON.parse(stdout) as { sources: object[]; keys: object[] };
      expect(report.sources).toMatchObject([{ source: 'edge', records: 3 }]);
      expect(report.keys).toMatchObject([{ key: 'billing', verdict: 'in-use', requests: 3 }]);
    }
    expect(fs.readdirSync(dir).filter((name) => name.includes('a.log'))).toEqual([]);
  });

  it('lists the folders of the last days only, night by night, and all of them once a week and before a deletion', async () => {
    const put = (day: string, key: string): Promise<void> =>
      server.put(`dated/${day.replaceAll('-', '/')}/${key}.log`, LINE.replace('2026-09-01', day).replace(KEY, key));
    fs.writeFileSync(path.join(dir, 'dated.yaml'), `sources: [{ name: edge, paths: ['s3://${BUCKET}/dated/'] }]\n`);
    /** The keys that are in the database after a run. */
    const seen = async (command: string, now: string): Promise<string[]> => {
      const args = ['--config', 'dated.yaml', '--db', 'dated.db', '--keys', 'keys.csv'];
      await run([...command.split(' '), ...args], { LASTCALL_NOW: `${now}T03:00:00Z` });
      const { stdout } = await run(['report', ...args, '-o', 'json'], { LASTCALL_NOW: `${now}T04:00:00Z` });
      const { keys } = JSON.parse(stdout) as { keys: { display: string; status: string }[] };
      return keys.flatMap(({ display, status }) => (status === 'unlisted' ? [display.slice(-4)] : [])).toSorted();
    };
    for (const [day, key] of [
      ['2025-03-01', 'acme_live_EXAMPLE000001'],
      ['2026-09-01', 'acme_live_EXAMPLE000002'],
    ] as const)
      await put(day, key);
    server.pageSize = 100;
    expect(await seen('ingest', '2026-09-02')).toEqual(['0001', '0002']);
    await put('2026-05-07', 'acme_live_EXAMPLE000003');
    await put('2026-08-20', 'acme_live_EXAMPLE000004');
    expect(await seen('ingest', '2026-09-03')).toEqual(['0001', '0002', '0004']);
    expect(await seen('plan', '2026-09-04')).toEqual(['0001', '0002', '0003', '0004']);
    await put('2026-05-08', 'acme_live_EXAMPLE000005');
    expect(await seen('ingest', '2026-09-12')).toEqual(['0001', '0002', '0003', '0004', '0005']);
    // This server names no folders.
    server.pageSize = undefined;
    await put('2026-05-09', 'acme_live_EXAMPLE000006');
    expect(await seen('ingest', '2026-09-13')).toContain('0006');
  });

  it('lists all again where an object could not be read', async () => {
    const args = ['ingest', `s3://${BUCKET}/torn/`, '--db', 'torn.db'];
    const night = (now: string): Promise<Run> => run(args, { LASTCALL_NOW: `${now}T03:00:00Z` });
    await server.put('torn/2026/05/07/a', LINE);
    await server.put('torn/2026/09/01/a', LINE.replace('10:00', '11:00'));
    server.trouble = ({ what }) => (what === 'torn/2026/05/07/a' ? { status: 403, code: 'AccessDenied' } : undefined);
    expect((await night('2026-09-02')).status).toBe(3);
    server.trouble = () => undefined;
    expect((await night('2026-09-03')).status).toBe(0);
  });

  it('keeps no raw log: neither beside the database nor among temporary files', async () => {
    const temporary = path.join(dir, 'tmp');
    fs.mkdirSync(temporary);
    const { status } = await run(['scan', '--db', 'kept.db', '-o', 'json=kept.json'], { TMPDIR: temporary });
    expect(status).toBe(0);
    expect(fs.readdirSync(temporary, { recursive: true })).toEqual([]);
    const kept = fs.readdirSync(dir).filter((name) => name.startsWith('kept'));
    expect(kept).toContain('kept.db');
    for (const name of kept) {
      const bytes = fs.readFileSync(path.join(dir, name));
      expect(bytes.includes(KEY) || bytes.includes(LINE.slice(0, 40)) || bytes.includes(gzipSync(LINE.repeat(3)))).toBe(
        false,
      );
    }
  });

  it('parses and detects', async () => {
    const parsed = await run(['parse', `s3://${BUCKET}/edge/`, '--config', 'lastcall.yaml']);
    expect(parsed.stdout.trim().split('\n')).toHaveLength(3);
    expect(JSON.parse(parsed.stdout.split('\n')[0] ?? '')).toMatchObject({
      file: `s3://${BUCKET}/edge/2026/09/01/a.log.gz`,
      at: '2026-09-01T10:00:00.000Z',
    });
    expect(parsed.stdout).not.toContain(KEY);
    const detected = await run(['formats', 'detect', `s3://${BUCKET}/edge/`]);
    expect(detected).toMatchObject({ status: 0, stdout: expect.stringMatching(/json.*gzip|gzip.*json/) as string });
  });

  it('says what to install when the SDK is not there', async () => {
    const hook = `import { registerHooks } from 'node:module';
      registerHooks({ resolve(name, context, next) {
        if (name === '@aws-sdk/client-s3') throw Object.assign(new Error('no'), { code: 'ERR_MODULE_NOT_FOUND' });
        return next(name, context);
      } });`;
    const missing = { NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(hook)}"` };
    const { status, stderr } = await run(['scan', '--db', 'b.db'], missing);
    expect(status).toBe(2);
    expect(stderr).toContain('npm i @aws-sdk/client-s3');
    expect(fs.existsSync(path.join(dir, 'b.db'))).toBe(false);
  });

  it('blocks when nothing answers', async () => {
    const config = path.join(dir, 'dead.yaml');
    fs.writeFileSync(
      config,
      fs.readFileSync(path.join(dir, 'lastcall.yaml'), 'utf8').replace(/127\.0\.0\.1:\d+/, '127.0.0.1:9'),
    );
    const { status, stdout, stderr } = await run(['scan', '--db', 'c.db', '--config', config, '-o', 'json']);
    expect(status).toBe(3);
    expect(stderr).toMatch(/cannot be listed \(ECONNREFUSED\)/);
    expect((JSON.parse(stdout) as { keys: object[] }).keys).toMatchObject([{ key: 'billing', verdict: 'unknown' }]);
  });
});
