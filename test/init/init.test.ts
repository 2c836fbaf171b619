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
