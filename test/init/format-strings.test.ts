import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { formatStringsIn } from '../../src/init/format-strings.ts';
import { type Run, runCli } from '../run-cli.ts';

const KEY = 'acme_live_EXAMPLEnqHb7Ts4Zk2';
const START = '10.0.4.17 - - [30/Oct/2026:08:15:02 +0000] "GET /v1/items HTTP/1.1" 200 512 "-" "billing/2.1"';
const NGINX = String.raw`
http {
    # log_format old '$remote_addr';
    log_format api escape=default '$remote_addr - $remote_user [$time_local] '
                   '"$request" $status $body_bytes_sent; '
                   "\"$http_x_api_key\"";
    access_log /var/log/nginx/access.log api;
}
`;
const API = String.raw`LogFormat "%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\" \"%{X-Api-Key}i\"" api`;
const FORWARDED = API.replace('X-Api-Key', 'X-Forwarded-For').replace(/api$/, 'forwarded');
const COMBINED = API.replace(String.raw` \"%{X-Api-Key}i\"`, '').replace(/api$/, 'combined');

let folder: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-strings-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

describe('formatStringsIn', () => {
  it('takes the strings of nginx as one, without quotes, comments and escape=', () => {
    write('nginx.conf', NGINX);
    expect(formatStringsIn(path.join(folder, 'nginx.conf'))).toEqual([
      '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent; "$http_x_api_key"',
    ]);
  });

  it('takes those of Apache, also of a CustomLog and over more than one line', () => {
    write(
      'httpd.conf',
      `  ${COMBINED}\n  CustomLog "logs/a b.log" "%h %t \\\n   \\"%r\\""\n  CustomLog logs/c.log combined\n`,
    );
    expect(formatStringsIn(path.join(folder, 'httpd.conf'))).toEqual([
      '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"',
      '%h %t "%r"',
    ]);
  });

  it('finds none in other files', () => {
    write('nginx.log', NGINX);
    write('my.conf', '[client]\nport = 3306\n');
    expect(['nginx.log', 'my.conf', 'none.conf'].map((name) => formatStringsIn(path.join(folder, name)))).toEqual(
      Array(3).fill(undefined),
    );
  });
});

describe('lastcall init with the configuration of a server beside its log', () => {
  it('proposes the one format string that fits, and a scan then knows the keys', () => {
    write('httpd.conf', `${COMBINED}\n${API}\n`);
    write('access.log', `${START} "${KEY}"\n`.repeat(3));
    const { status, stdout, stderr } = run('init', '.');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('3 calls of 3 sampled ones show a key');
    expect(stdout).toContain('httpd.conf: it is the configuration of a server');
    expect(proposed()).toEqual([
      expect.objectContaining({
        logFormatString: '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" "%{X-Api-Key}i"',
      }),
    ]);
    expect(run('scan', '--quiet', '-o', 'json=report.json').status).toBe(0);
    const { summary } = JSON.parse(read('report.json')) as { summary: { keys: number; quarantined: number } };
    expect(summary).toMatchObject({ keys: 1, quarantined: 0 });
  });

  it('leaves it to the user which it is where more than one fits: an address must not pass for a key', () => {
    write('httpd.conf', `${API}\n${FORWARDED}\n`);
    write('access.log', `${START} "192.0.2.7"\n`.repeat(3));
    const { status, stdout } = run('init', '.');
    expect(status).toBe(0);
    expect(stdout).toContain('0 calls of 3 sampled ones show a key');
    expect(proposed()).toEqual([{ name: expect.any(String) as string, paths: ['access.log*'], format: 'combined' }]);
    expect(read('lastcall.yaml').match(/^ {4}# logFormatString: '%h .*more than one fits$/gm)).toHaveLength(2);
  });

  it('leaves a log as it is that is written in the usual format, or is no lines of text', () => {
    write('httpd.conf', `${COMBINED}\n${API}\n`);
    write('access.log', `${START.replace('/items', `/items?api_key=${KEY}`)}\n`.repeat(3));
    write('app.jsonl', `{"ts":"2026-10-30T08:15:02Z","api_key":"${KEY}","status":200}\n`.repeat(3));
    expect(run('init', '.').status).toBe(0);
    expect(proposed().map(({ format }) => format)).toEqual(['combined', 'json']);
  });
});

function proposed(): { format?: string }[] {
  return (parse(read('lastcall.yaml')) as { sources: { format?: string }[] }).sources;
}

function run(...args: string[]): Run {
  return runCli(args, { cwd: folder });
}

function write(name: string, text: string): void {
  fs.writeFileSync(path.join(folder, name), text);
}

function read(name: string): string {
  return fs.readFileSync(path.join(folder, name), 'utf8');
}
