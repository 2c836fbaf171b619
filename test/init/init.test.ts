import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import type { Report } from '../../src/model.ts';
import { runCli } from '../run-cli.ts';

let folder: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-init-'));
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
});

const KEY = 'acme_live_EXAMPLEnqHb7Ts4Zk2';
const OTHER_KEY = 'acme_live_EXAMPLEt6LzPb2nDh7';

describe('lastcall init', () => {
  it('writes a configuration with which a scan knows every key, without a question', () => {
    writeLogs();
    const { status, stdout, stderr } = run('init', '.');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('Written: lastcall.yaml');
    const { sources, inventories } = parse(read('lastcall.yaml')) as Written;
    expect(sources).toEqual([
      {
        name: 'gateway',
        paths: ['gateway/requests.jsonl*'],
        format: 'json',
        fields: { time: 'when', key: 'auth.credential' },
      },
    ]);
    expect(inventories).toEqual([{ path: 'keys.csv' }]);
    expect(run('scan', '-o', 'json=report.json').status).toBe(0);
    const { keys } = JSON.parse(read('report.json')) as Report;
    expect([...keys].map(({ key, systems }) => [key, systems.map(({ system }) => system)])).toEqual([
      ['billing', ['billing']],
      ['break-glass', []],
    ]);
  });

  it('prints and writes no key', () => {
    writeLogs();
    const { stdout } = run('init', '.');
    expect(`${stdout}${read('lastcall.yaml')}`).not.toMatch(/EXAMPLE/);
    expect(stdout).toContain('acme_...4Zk2');
  });

  it('suggests an exemption for a key that is kept for emergencies, and names for callers', () => {
    writeLogs();
    run('init', '.');
    const text = read('lastcall.yaml');
    expect(text).toMatch(/#   - \{ key: break-glass, reason: "?Break glass"?, until: 20\d\d-\d\d-\d\d \}/);
    expect(text.split('\n').filter((line) => line.includes('userAgent:'))).toEqual([
      "#   - { name: billing, userAgent: 'billing/*' }",
    ]);
  });

  it('proposes rules for callers that only their agents tell apart', () => {
    const line = (agent: string, ip: string): string =>
      `${ip} - - [30/Oct/2026:08:15:02 +0000] "GET /v1?api_key=${KEY} HTTP/1.1" 200 5 "-" "${agent}"\n`;
    const lines = [line('reporter/2.1', '10.0.4.1'), line('reporter/2.2', '10.0.5.1'), line('curl/8', '10.0.7.1')];
    write('access.log', lines.join(''));
    expect(run('init', 'access.log').status).toBe(0);
    expect(
      read('lastcall.yaml')
        .split('\n')
        .filter((text) => text.includes('userAgent:')),
    ).toEqual([
      '#   - { name: reporter, source: access, userAgent: "reporter*" } # 2 calls with 1 key from 10.0.4.0/24, 10.0.5.0/24',
      '#   - { name: WHO, source: access, userAgent: "curl*", ip: [10.0.7.0/24] } # 1 call with 1 key',
    ]);
  });

  it('says what is neither a log nor a list of keys', () => {
    writeLogs();
    write('notes.txt', 'nothing to see here\n');
    const { stdout } = run('init', '.');
    expect(stdout).toMatch(/neither a log nor a list of keys: 1 file\n {2}notes\.txt: /);
  });

  it('leaves out what has times and nothing of a call, says so, and keeps it behind #', () => {
    writeLogs();
    write('gateway/deploys.jsonl', '{"time":"2026-10-30T09:00:00Z","service":"items","by":"ci"}\n');
    const { stdout } = run('init', '.');
    expect(stdout).toMatch(
      /left out: 1 file.*\n {2}gateway\/deploys\.jsonl\*: its records have a time, and nothing of a call/,
    );
    const text = read('lastcall.yaml');
    expect((parse(text) as Written).sources).toHaveLength(1);
    expect(text).toMatch(
      /^ {2}# Left out: its records .*\n {2}# - name: deploys\n {2}# {3}paths: \["gateway\/deploys/m,
    );
  });

  it('leaves out what tells the calls of a known log again, unless it shows keys where that shows none', () => {
    const line = '10.0.4.1 - - [30/Oct/2026:08:15:02 +0000] "GET /v1 HTTP/1.1" 200 5\n';
    const call = { ts: '2026-10-30T08:15:02Z', ip: '10.0.4.1', status: 200 };
    write('access.log', line);
    write('calls.jsonl', `${JSON.stringify(call)}\n`);
    expect(run('init', '.').stdout).toContain('calls.jsonl*: it tells the calls of the logs beside it again');
    write('calls.jsonl', `${JSON.stringify({ ...call, api_key: KEY })}\n`);
    expect(run('init', '.', '--config', 'new.yaml').stdout).toContain('source calls: calls.jsonl*');
  });

  it('takes a log that has times alone where there is no other', () => {
    write('app.log', '{"time":"2026-10-30T09:00:00Z","service":"items","by":"ci"}\n');
    expect(run('init', 'app.log').stdout).toContain('Where do keys sit in it?');
  });

  it('counts the masked keys of a list that call', () => {
    writeLogs();
    write('keys.csv', `id,masked\nbilling,acme_...${KEY.slice(-4)}\nother,acme_...zzzz\n`);
    expect(run('init', '.').stdout).toContain('2 keys (csv), 1 of them calls in the samples');
  });

  it('says why a list of keys cannot be read', () => {
    writeLogs();
    write('more.csv', 'id,owner\nbilling,finance\n,finance\n');
    const consumer = { id: 'c1', username: 'billing', custom_id: null, created_at: 1_700_000_000 };
    write('consumers.json', JSON.stringify({ data: [consumer], next: null }));
    const { stdout } = run('init', '.');
    expect(stdout).toContain('    as a list of keys: line 3: has neither an id nor a key');
    expect(stdout).toContain('    as a list of keys: lists consumers of Kong, and no keys. Put it into one file with');
  });

  it('says how to get the ids that a credential report does not tell', () => {
    writeLogs();
    const header = 'user,arn,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date';
    write('report.csv', `${header}\nci,arn:aws:iam::111122223333:user/ci,true,2024-05-21T08:12:33+00:00,N/A\n`);
    const { stdout } = run('init', '.');
    expect(stdout).toContain('Not complete: it tells no ids, so 1 of its 1 access keys cannot be found in logs');
    expect(stdout).toContain('aws iam list-access-keys --user-name');
    expect(read('lastcall.yaml')).toContain('list-access-keys');
  });

  it('says that a log shows no key', () => {
    write('app.log', '{"time":"2026-01-31T12:00:00Z","status":200,"ip":"10.0.0.1"}\n');
    const { status, stdout } = run('init', 'app.log');
    expect(status).toBe(0);
    expect(stdout).toContain('Where do keys sit in it?');
    expect(stdout).toContain('Fields there: time, status, ip');
    expect(read('lastcall.yaml')).toContain('No sampled call shows a key');
  });

  it('asks for the format string of an access log that shows no key', () => {
    write('access.log', `10.0.0.1 - - [30/Oct/2026:08:15:02 +0000] "GET /v1 HTTP/1.1" 200 5 key="${KEY}"\n`);
    const { status, stdout } = run('init', 'access.log');
    expect(status).toBe(0);
    expect(stdout).toContain('give the log format string of the server');
    expect(read('lastcall.yaml')).toMatch(/^ {4}# logFormatString: /m);
    expect(`${stdout}${read('lastcall.yaml')}`).not.toContain(KEY);
  });

  it('takes columns whose names are written with blanks', () => {
    write(
      'export.csv',
      `Timestamp,Customer,API Key,Client IP,HTTP Status\n2026-10-30 08:15:02,acme,${KEY},10.0.4.1,200\n`,
    );
    const { status, stdout } = run('init', '.');
    expect(status).toBe(0);
    expect(stdout).toContain('1 call of 1 sampled ones show a key');
  });

  it('takes columns that are called in another language as far as their values tell, and names the others', () => {
    write('zugriffe.csv', `Zeitstempel;Kunde;API-Schlüssel;Endpunkt\n30.10.2026 08:15:02;acme;${KEY};/v1/items\n`);
    const { stdout } = run('init', '.');
    expect(stdout).toContain('2026-10-30 08:15:02');
    expect(stdout).toContain('Fields there: Zeitstempel, Kunde, API-Schlüssel, Endpunkt');
    expect(read('lastcall.yaml')).toMatch(/^ {6}# key: FIELD #/m);
    expect(`${stdout}${read('lastcall.yaml')}`).not.toContain('EXAMPLE');
  });

  it('describes lines of text by a pattern where almost all of them show a key, and prints no key', () => {
    const rest = 'client=10.0.4.17 agent="billing/2.1" "GET /v1/items" 200 12ms';
    write('app.log', `2026-10-30 08:15:02,123 INFO [http] handled key=${KEY} ${rest}\n`.repeat(3));
    write('more/fmt.log', `[2026-10-30 08:15:02] INFO served api_key=${KEY} to 10.0.4.17\n`.repeat(3));
    const { status, stdout, stderr } = run('init', '.');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(`${stdout}${read('lastcall.yaml')}`).not.toContain('EXAMPLE');
    const { sources } = parse(read('lastcall.yaml')) as { sources: { format: string }[] };
    expect(sources.map(({ format }) => /^pattern:.*\(\?<key>.*\(\?<ip>/.test(format))).toEqual([true, true]);
    expect(run('scan', '--quiet', '-o', 'json=report.json').status).toBe(0);
    const { keys, summary } = JSON.parse(read('report.json')) as Report;
    expect([[...keys].length, summary.records, summary.quarantined]).toEqual([1, 6, 0]);
  });

  it('looks at a log that ends in the middle of its compressed data, and names the place', () => {
    const bytes = gzipSync(Buffer.concat([...Array(400).keys()].map((i) => Buffer.from(lineOf(i)))));
    write('access.log.1.gz', bytes.subarray(0, bytes.length - 20));
    const { status, stdout } = run('init', '.');
    expect(status).toBe(0);
    expect(stdout).toMatch(/ {2}access\.log\.1\.gz: the compressed data end too early at byte \d+\./);
  });

  it('names files whose compression it does not read, or that do not decompress at all, and goes on', () => {
    write('old.log.xz', Buffer.from('fd377a585a000004e6d6b446', 'hex'));
    write('torn.log.gz', Buffer.from('1f8b08000000000000030102030405060708', 'hex'));
    write('access.log', lineOf(1));
    const { status, stdout, stderr } = run('init', '.');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('  old.log.xz: xz compression is not supported: decompress it first\n');
    expect(stdout).toMatch(/ {2}torn\.log\.gz: the compressed data .* at byte \d+\n/);
    const looked = run('formats', 'detect', 'old.log.xz');
    expect(looked.status).toBe(2);
    expect(looked.stderr).toContain('lastcall: old.log.xz: xz compression is not supported: decompress it first\n');
  });

  it('says of keys that are redacted or masked what can be known of them', () => {
    const call = {
      ts: 1_793_347_302,
      status: 200,
      request: { remote_ip: '10.0.4.1', method: 'GET', uri: '/', host: 'x' },
    };
    const headers = { Authorization: ['REDACTED'], 'User-Agent': ['billing/2.1'] };
    const caddy = { ...call, logger: 'http.log.access', msg: 'handled request', request: { ...call.request, headers } };
    write('caddy.json', `${JSON.stringify(caddy)}\n`);
    write('app/app.log', '{"time":"2026-10-30T08:15:02Z","api_key":"acme_liv****Zk2x","status":200}\n');
    const { stdout } = run('init', '.');
    expect(stdout).toContain('They are redacted: that a key is used can be seen, and not which.');
    expect(stdout).toContain('They show a part of it: only a list with whole keys');
    expect(read('lastcall.yaml')).toContain('# They are redacted');
  });

  it('asks whether list and logs speak of the same keys where none of the list was seen', () => {
    writeLogs();
    write('keys.csv', 'id,label\n4711,Billing\n');
    expect(run('init', '.').stdout).toContain('Do the logs show keys as this list does');
    expect(read('lastcall.yaml')).toContain('# Do the logs show keys as this list does');
  });

  it('takes dated exports of one list as one, and a scan reads the newest, also one that is made later', () => {
    writeLogs();
    const list = read('keys.csv');
    fs.rmSync(path.join(folder, 'keys.csv'));
    write('keys-2026-10-29.csv', list);
    write('keys-2026-10-30.csv', `${list}later,Later,2026-10-30,active,${KEY}x\n`);
    expect(run('init', '.').stdout).toContain('Read is the last one by name, now keys-2026-10-30.csv');
    expect((parse(read('lastcall.yaml')) as Written).inventories).toEqual([{ path: 'keys-????-??-??.csv' }]);
    const idsOf = (): string[] => {
      expect(run('scan', '--quiet', '-o', 'json=report.json').status).toBe(0);
      return [...(JSON.parse(read('report.json')) as Report).keys].map(({ key }) => key).toSorted();
    };
    expect(idsOf()).toEqual(['billing', 'break-glass', 'later']);
    write('keys-2026-10-31.csv', list);
    expect(idsOf()).toEqual(['billing', 'break-glass']);
  });

  it('keeps lists apart that tell of different keys, whatever the dates in their names', () => {
    writeLogs();
    write('teams-2025-01-01.csv', 'id,label\na,A\nb,B\n');
    write('teams-2026-01-01.csv', 'id,label\nc,C\nd,D\n');
    run('init', '.');
    expect((parse(read('lastcall.yaml')) as Written).inventories).toEqual([
      { path: 'keys.csv' },
      { path: 'teams-2025-01-01.csv' },
      { path: 'teams-2026-01-01.csv' },
    ]);
  });

  it('says what plainly is no log: empty, no text, or an error log', () => {
    writeLogs();
    write('a/empty.log', '');
    write('a/core.123', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 1, 2]));
    write('a/error.log', '2026/10/30 10:11:12 [error] 1#1: *4 connect() failed, request: "GET /v1/x HTTP/1.1"\n');
    const { stdout } = run('init', '.');
    expect(stdout).toContain('a/empty.log: it is empty');
    expect(stdout).toContain('a/core.123: it holds bytes that are no text');
    expect(stdout).toContain('a/error.log: it is the error log of a server');
  });

  it('asks once where keys sit in many logs, and offers a format string that can be taken as it is', () => {
    const line = '10.0.0.1 - - [30/Oct/2026:08:15:02 +0000] "GET /v1 HTTP/1.1" 200 5 "-" "billing/2"';
    for (const name of ['a', 'b', 'c', 'd']) write(`${name}/${name}.log`, `${line} "${KEY}"\n`);
    expect(run('init', '.').stdout.match(/Where do keys sit/g)).toHaveLength(1);
    const text = read('lastcall.yaml').replaceAll(/^ {4}format: combined\n {4}# (?=logFormatString)/gm, '    ');
    write('lastcall.yaml', text);
    expect(run('scan', '--quiet', '-o', 'json=report.json')).toMatchObject({ status: 0, stderr: '' });
    expect([...(JSON.parse(read('report.json')) as Report).keys]).toHaveLength(1);
  });

  it('looks into more than three of many short logs before it says what a source shows', () => {
    const calls = [...Array(9).keys()].map((minute) => ({
      ts: `2026-10-30T08:0${minute}:00Z`,
      ip: '10.0.4.1',
      status: 200,
    }));
    for (const [minute, { ip }] of calls.entries()) {
      const line = `${ip} - - [30/Oct/2026:08:0${minute}:00 +0000] "GET /v1?api_key=${KEY} HTTP/1.1" 200 5\n`;
      write(`logs/access-2026-10-30-0${minute}.log`, line);
    }
    write('calls.jsonl', calls.map((call) => `${JSON.stringify(call)}\n`).join(''));
    const { stdout } = run('init', '.');
    expect(stdout).toContain('9 calls of 9 sampled ones show a key');
    expect(stdout).toContain('calls.jsonl*: it tells the calls of the logs beside it again');
  });

  it('replaces no file', () => {
    writeLogs();
    write('lastcall.yaml', '# mine\n');
    const { status, stderr } = run('init', '.');
    expect(status).toBe(2);
    expect(stderr).toContain('"lastcall.yaml" is there already');
    expect(read('lastcall.yaml')).toBe('# mine\n');
    expect(run('init', '.', '--config', 'new.yaml').status).toBe(0);
  });

  it('writes nothing when it recognises no log', () => {
    write('notes.txt', 'nothing to see here\n');
    const { status, stderr } = run('init', '.');
    expect(status).toBe(2);
    expect(stderr).toContain('No log was recognised');
    expect(fs.existsSync(path.join(folder, 'lastcall.yaml'))).toBe(false);
  });
});

interface Written {
  readonly sources: unknown;
  readonly inventories: unknown;
}

function writeLogs(): void {
  const record = (minute: number): string =>
    `${JSON.stringify({
      when: `2026-10-30T08:${String(minute).padStart(2, '0')}:00Z`,
      auth: { credential: KEY },
      consumer: { name: 'billing' },
      client: { ip: '10.0.4.17' },
      status: 200,
    })}\n`;
  write('gateway/requests.jsonl', record(30) + record(31));
  write('gateway/requests.jsonl.1.gz', gzipSync(record(10) + record(11)));
  const rows = ['id,label,created,status,key', `billing,Billing,2024-02-01,active,${KEY}`];
  write('keys.csv', [...rows, `break-glass,Break glass,2024-01-08,active,${OTHER_KEY}`, ''].join('\n'));
}

/** Of an access log; compresses badly. */
function lineOf(index: number): string {
  const id = (index * 2_654_435_761) % 4_294_967_296;
  return `10.0.4.1 - - [30/Oct/2026:08:15:02 +0000] "GET /v1/${id}?api_key=${KEY} HTTP/1.1" 200 ${id} "-" "a/1"\n`;
}

function run(...args: readonly string[]): ReturnType<typeof runCli> {
  return runCli(args, { cwd: folder });
}

function write(name: string, content: string | Buffer): void {
  fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  fs.writeFileSync(path.join(folder, name), content);
}

function read(name: string): string {
  return fs.readFileSync(path.join(folder, name), 'utf8');
}
