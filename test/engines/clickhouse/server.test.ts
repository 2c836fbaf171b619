import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Run } from '../../run-cli.ts';
import { runHere } from './in-process.ts';
import { type MadeServer, startMadeServer } from './made-server.ts';
import { DAY } from './made-table.ts';

const AT = Date.UTC(2026, 5, 1);
const HOME = process.cwd();
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-server-'));
let made: MadeServer;

afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));
beforeEach(() => process.chdir(folder));
afterEach(async () => {
  process.chdir(HOME);
  fs.rmSync(path.join(folder, 'a.db'), { force: true });
  await made.close();
});

async function start(tls?: Parameters<typeof startMadeServer>[0]): Promise<void> {
  made = await startMadeServer(tls);
  made.table.rowsKept = [0, 1, 2, 3].map((day) => ({ at: AT + day * DAY, key: 'acme_EXAMPLE_not_a_key' }));
}

function run(command: string, members = '', env: Readonly<Record<string, string>> = {}): Promise<Run> {
  const fields = '{ time: time, key: key, status: status }';
  const source = `{ name: api, type: clickhouse, url: '${made.url}', user: reader, table: t, fields: ${fields}${members} }`;
  fs.writeFileSync('lastcall.yaml', `sources: [${source}]\n`);
  const password = { CLICKHOUSE_PASSWORD: 'reader-EXAMPLE' };
  return runHere([command, '--db', 'a.db'], { LASTCALL_NOW: '2026-06-10T00:00:00Z', ...password, ...env });
}

describe('a query', () => {
  it('goes with its limits, and with no secret in what servers keep', async () => {
    await start();
    const { status, stderr } = await run('ingest', ", timeout: '2 minutes', maxMemory: 1 GB, maxThreads: 3");
    expect([status, stderr]).toEqual([0, '4 records\n']);
    for (const { url, headers, body } of made.requests) {
      expect(Object.fromEntries(url.searchParams)).toMatchObject({
        max_execution_time: '120',
        max_memory_usage: '1000000000',
        max_bytes_before_external_group_by: '500000000',
        max_threads: '3',
        skip_unavailable_shards: '0',
        result_overflow_mode: 'throw',
      });
      expect(`${url.href} ${body}`).not.toMatch(/EXAMPLE|reader/);
      expect(headers.authorization).toBe(`Basic ${Buffer.from('reader:reader-EXAMPLE').toString('base64')}`);
    }
  });

  it('takes the password from the variable that is named', async () => {
    await start();
    await run('ingest', ', passwordFrom: LOGS_PASSWORD', { LOGS_PASSWORD: 'other-EXAMPLE' });
    const [first] = made.requests;
    expect(first?.headers.authorization).toBe(`Basic ${Buffer.from('reader:other-EXAMPLE').toString('base64')}`);
  });
});

describe('an answer', () => {
  it.each<[string, MadeServer['answer'], RegExp]>([
    ['never comes', () => true, /did not answer in time/],
    ['stops in the middle', (response, text) => response.write(text.slice(0, 9)), /did not answer in time|broke off/],
    ['is cut', (response, text) => response.write(text.slice(0, 9), () => response.destroy()), /broke off/],
    ['is short of a row', (response, text) => !!response.end(text.split('\n').slice(1).join('\n')), /counted/],
    [
      'ends with what went wrong',
      (response, text) =>
        !!response.end(`${text.slice(0, 9)}\nCode: 241. DB::Exception: Memory limit: acme_EXAMPLE_not_a_key`),
      /too much memory|broke off|other rows/,
    ],
    ['is a refusal', (response) => !!response.writeHead(403).end('Code: 497. acme_EXAMPLE_not_a_key'), /may not read/],
    ['is of something else', (response) => !!response.end('<html>acme_EXAMPLE_not_a_key</html>'), /other rows/],
  ])('that %s leaves a blocker, and says nothing of its rows', async (_, answer, message) => {
    await start();
    made.table.rowsKept.length = 2;
    made.answer = (response, text, body) => body.includes('lc_key0') && answer(response, text, body);
    const { status, stderr } = await run('ingest', ", timeout: '0.01 minutes'");
    expect([status, stderr]).toEqual([3, expect.stringMatching(message)]);
    expect(stderr).not.toContain('EXAMPLE');
  });
});

describe('lastcall sql', () => {
  it('asks for types only, and prints what a run would ask', async () => {
    await start();
    const { status, stdout, stderr } = await run('sql', ', maxThreads: 2');
    expect([status, stderr, made.requests.length]).toEqual([0, '', 1]);
    expect(stdout).not.toContain('EXAMPLE');
    expect(stdout).toContain('max_threads = 2,');
    expect(stdout).toContain('Nothing is stored: all days are read; here the last two.');
    expect(stdout.match(/^SELECT$/gm)).toHaveLength(5);
    expect(fs.existsSync('a.db')).toBe(false);
  });

  it('prints what a run then does ask', async () => {
    await start();
    await run('ingest');
    made.requests.length = 0;
    made.table.rowsKept.push({ at: AT + 8 * DAY, key: 'acme_EXAMPLE_not_a_key' });
    await run('ingest');
    const asked = made.requests.map(({ body }) => body.replace(/\s*FORMAT \w+\s*$/, ''));
    made.table.rowsKept.pop();
    const { stdout } = await run('sql', '', { LASTCALL_NOW: '2026-06-09T06:00:00Z' });
    expect(stdout).toContain('Here those that are not sealed yet.');
    for (const query of asked) expect(stdout).toContain(`${query};`);
  });

  it('prints what can be said when the server is not there', async () => {
    await start();
    await made.close();
    const { status, stdout, stderr } = await run('sql');
    expect([status, stderr]).toEqual([3, expect.stringContaining('cannot be reached')]);
    expect(stdout).toContain('LIMIT 0;');
    expect(stdout).toContain('depend on these types');
  });

  it('names the near miss of a source, and wants one that is a table', async () => {
    await start();
    await run('sql');
    const env = { LASTCALL_NOW: '2026-06-10T00:00:00Z' };
    const { status, stderr } = await runHere(['sql', 'apu'], env);
    expect([status, stderr]).toEqual([2, expect.stringContaining('clickhouse://api')]);
    fs.writeFileSync('lastcall.yaml', 'sources: []\n');
    expect(await runHere(['sql'], env)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('no table to ask'),
    });
  });
});

const HAS_OPENSSL = spawnSync('openssl', ['version']).status === 0;

describe.skipIf(!HAS_OPENSSL)('TLS (needs: openssl)', () => {
  /** A certificate for localhost that is its own authority. */
  function certify(name: string): { cert: Buffer; key: Buffer } {
    const files = [`-keyout=${name}.key`, `-out=${name}.pem`].flatMap((file) => file.split('='));
    const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost', '-days', '2'];
    const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const { status, stderr } = spawnSync('openssl', ['req', ...kind, ...files, ...subject], {
      cwd: folder,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
    return { cert: fs.readFileSync(`${name}.pem`), key: fs.readFileSync(`${name}.key`) };
  }

  it('trusts the authority that is named, and no other', async () => {
    await start(certify('server'));
    expect(await run('ingest')).toMatchObject({ status: 3, stderr: expect.stringContaining('cannot be reached') });
    expect(made.requests).toEqual([]);
    expect(await run('ingest', ', tls: { ca: server.pem }')).toMatchObject({ status: 0, stderr: '4 records\n' });
  });

  it('shows our certificate, in place of the password or beside it', async () => {
    const us = certify('us');
    await start({ ...certify('server'), ca: us.cert, requestCert: true, rejectUnauthorized: true });
    const tls = ', tls: { ca: server.pem, cert: us.pem, key: us.key }';
    expect((await run('ingest', ', tls: { ca: server.pem }')).status).toBe(3);
    expect(await run('ingest', tls)).toMatchObject({ status: 0, stderr: '4 records\n' });
    expect(made.requests.at(-1)?.headers).toMatchObject({ authorization: expect.stringContaining('Basic') });
    expect(await run('ingest', `${tls}, passwordFrom: UNSET`)).toMatchObject({ status: 0 });
    expect(made.requests.at(-1)?.headers).toMatchObject({ 'x-clickhouse-ssl-certificate-auth': 'on' });
  });

  it('names the file that is not there, and wants a key beside a certificate and an https address', async () => {
    await start();
    const missing = await run('ingest', ', tls: { ca: nothing.pem }');
    expect(missing).toMatchObject({ status: 2, stderr: expect.stringContaining('https') });
    await made.close();
    await start(certify('server'));
    expect(await run('ingest', ', tls: { ca: nothing.pem }')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('nothing.pem cannot be read'),
    });
    expect(await run('ingest', ', tls: { ca: server.pem, cert: us.pem }')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('cert and key'),
    });
  });
});
