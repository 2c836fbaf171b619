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
