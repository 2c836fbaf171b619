import { describe, expect, it } from 'vitest';
import { combinedFormats, isErrorLogLine } from '../../src/formats/combined.ts';
import { customLogFormat } from '../../src/formats/custom-format.ts';
import type { Format, Sample } from '../../src/formats/format.ts';
import { cpuMs } from '../cpu-time.ts';

const combined = combinedFormats[0] as Format;
const TIME = '17/May/2015:10:05:03 +0000';
const read = (line: string, format = combined): Record<string, string> | undefined => {
  const captures = format.syntax.kind === 'text' ? format.syntax.match(line) : undefined;
  return (
    captures &&
    Object.fromEntries(Object.entries(captures).filter((entry): entry is [string, string] => entry[1] !== undefined))
  );
};
const sample = (...lines: string[]): Sample => ({
  text: lines.join('\n'),
  lines,
  records: [],
  recordsPath: '',
  isLines: false,
});

describe('combined', () => {
  it.each([
    ['common', `1.2.3.4 - - [${TIME}] "GET /a?x=1 HTTP/1.1" 200 12`, {}],
    ['combined', `1.2.3.4 - - [${TIME}] "GET /a?x=1 HTTP/1.1" 200 12 "-" "curl/8"`, { userAgent: 'curl/8' }],
    [
      'referer',
      `1.2.3.4 - - [${TIME}] "GET /a?x=1 HTTP/1.1" 200 - "http://r/" "-"`,
      { 'identity.referer': 'http://r/' },
    ],
    [
      'virtual host',
      `www.example.org:80 1.2.3.4 - - [${TIME}] "GET /a?x=1 HTTP/1.1" 200 1`,
      { 'identity.vhost': 'www.example.org:80' },
    ],
    ['user', `1.2.3.4 - anna b. [${TIME}] "GET /a?x=1 HTTP/1.1" 200 1`, { 'identity.user': 'anna b.' }],
    ['quoted dashes', `1.2.3.4 "-" "-" [${TIME}] "GET /a?x=1 HTTP/1.1" 200 1`, {}],
    [
      'more fields',
      `1.2.3.4 - - [${TIME}] "GET /a?x=1 HTTP/1.1" 200 1 "-" "Nikto" 24 "a@docker -> b" "http://b:80" 1ms`,
      { userAgent: 'Nikto' },
    ],
    ['prefix of syslog', `Mar 24 14:02:50 web nginx: 1.2.3.4 - - [${TIME}] "GET /a?x=1 HTTP/1.1" 200 1`, {}],
  ])('reads %s', (_, line, more) => {
    expect(read(line)).toEqual({ ip: '1.2.3.4', time: TIME, method: 'GET', action: '/a?x=1', status: '200', ...more });
  });

  it.each([
    ['2001:db8::1 - -', '2001:db8::1'],
    ['::1 - -', '::1'],
    ['v.example.org 2001:db8::1 - -', '2001:db8::1'],
    ['host.example.org - -', 'host.example.org'],
    ['host.example.org - 1.2.3.4 x y', 'host.example.org'],
    ['10.0.0.1, 10.0.0.2 - -', '10.0.0.1, 10.0.0.2'],
    ['192.0.2.7 2001:db8::1, 10.0.0.2 10.0.0.3 - -', '10.0.0.3'],
    ['v.example.org localhost, localhost - -', 'localhost'],
  ])('finds the client in %s', (head, ip) => {
    expect(read(`${head} [${TIME}] "GET / HTTP/1.1" 200 1 "-" "-"`)?.['ip']).toBe(ip);
  });

  it.each(['\\x16\\x03\\x01\\x01 \\x02', '-', '', 'HELP', "lv|'|'|Win XP|'|'|[endof]"])(
    'counts the bad request %j as a record without method and action',
    (request) => {
      expect(read(`1.2.3.4 - - [${TIME}] "${request}" 400 226 "-" "-"`)).toEqual({
        ip: '1.2.3.4',
        time: TIME,
        status: '400',
      });
    },
  );

  it.each([
    [String.raw`a\"b`, 'a"b'],
    [String.raw`a\x22 200 1 \x22b`, 'a" 200 1 "b'],
    [String.raw`a\" 200 1 \"-\" \"b`, 'a" 200 1 "-" "b'],
    ['a "b" c', 'a "b" c'],
    ['a\\\\', 'a\\'],
  ])('reads the agent %s whole', (agent, expected) => {
    expect(read(`1.2.3.4 - - [${TIME}] "GET / HTTP/1.1" 401 1 "-" "${agent}"`)).toMatchObject({
      status: '401',
      userAgent: expected,
    });
  });

  it('reads the time and status of the record, whatever the user name pretends', () => {
    const line = `1.2.3.4 - x [01/Jan/2000:00:00:00 +0000] \\"GET / HTTP/1.1\\" 200 1 [${TIME}] "GET / HTTP/1.1" 401 1 "-" "-"`;
    expect(read(line)).toMatchObject({ time: TIME, status: '401' });
  });

  const ERRORS = [
    '2021/12/01 13:53:33 [error] 31#31: *46 "/x" is not found, client: 1.2.3.4, request: "GET / HTTP/1.1"',
    '[Thu Oct 13 12:24:49.880562 2022] [auth_basic:error] [pid 10:tid 14] [client 1.2.3.4:50229] user sss not found: /',
    '2022-06-08 22:49:20.774649 [NOTICE] [1226033] [1.2.3.4:45164:HTTP2-41#x] Failed Login Attempt',
  ];

  it.each(ERRORS)('passes over the error log line %s', (line) => {
    expect(read(line)).toEqual({ skip: 'not-a-request', quarantined: false });
  });

  it.each([`1.2.3.4 - [${TIME}] "GET / HTTP/1.1" 200 1 "-" "-"`, `1.2.3.4 - - [${TIME}] "GET / HT`, '', '{"a":1}'])(
    'does not match %s',
    (line) => {
      expect(read(line)).toBeUndefined();
    },
  );

  it('knows the lines of error logs', () => {
    expect(ERRORS.every(isErrorLogLine)).toBe(true);
    expect(isErrorLogLine(`1.2.3.4 - - [${TIME}] "GET / HTTP/1.1" 200 1`)).toBe(false);
    expect(isErrorLogLine('2026-09-01 10:00:00 [1.2.3.4] GET /v1 200')).toBe(false);
  });

  it('is sure of access logs, error lines among them or not, and of nothing else', () => {
    const line = `1.2.3.4 - - [${TIME}] "GET / HTTP/1.1" 200 1`;
    expect(combined.recognise(sample(line, line))).toBeGreaterThan(0.8);
    expect(combined.recognise(sample(line, ...ERRORS))).toBeGreaterThan(0.8);
    expect(combined.recognise(sample(...ERRORS))).toBe(0);
    expect(combined.recognise(sample())).toBe(0);
    expect(combined.recognise(sample(line, 'x', 'y'))).toBeLessThan(0.5);
  });

  it('takes time in line with the length of hostile lines', () => {
    const head = `1.2.3.4 - - [${TIME}] "`;
    for (const part of [
      '"',
      '\\',
      '\\"',
      '" 2',
      '" "',
      ' [',
      '- ',
      `[${TIME}`,
      `[${TIME}] "`,
      '1.2.3.4 ',
      '::',
      ', ',
    ]) {
      const hostile = part.repeat(100_000);
      const ms = cpuMs(() => {
        for (const line of [
          hostile,
          head + hostile,
          `${head}GET / HTTP/1.1" 200 1 "-" "${hostile}`,
          `1.2.3.4 - ${hostile} [${TIME}] "`,
        ])
          read(line);
      });
      expect(ms, part).toBeLessThan(1000);
    }
  });
});

describe('customLogFormat', () => {
  it('maps every header and argument that holds a key', () => {
    const format = customLogFormat(
      '$remote_addr [$time_local] "$request" $status "$http_x_api_key" "$http_authorization" "$arg_token" "$http_idempotency_key" "$http_x_csrf_token" "$cookie_session_token" $host',
    );
    expect(format.fields.key).toBe('header.x-api-key || header.authorization || arg.token');
    expect(format.fields['identity.host']).toBe('identity.host');
    expect(format.limits).toBeUndefined();
    expect(customLogFormat('%h %t').limits).toMatch(/query string/);
  });

  it('takes the forwarded addresses where it has no other', () => {
    expect(customLogFormat('%{X-Forwarded-For}i %t %>s').fields.ip).toBe('header.x-real-ip || header.x-forwarded-for');
    expect(customLogFormat('%h %{X-Forwarded-For}i %t').fields.ip).toBe('ip');
  });

  it('passes over lines of the error log', () => {
    expect(read('2026/09/01 10:00:00 [error] 31#31: x', customLogFormat('%h %t %>s'))).toMatchObject({
      skip: 'not-a-request',
    });
  });

  it('recognises the lines that it describes', () => {
    const format = customLogFormat('%h %t %>s');
    expect(format.recognise(sample(`h1 [${TIME}] 200`))).toBeGreaterThan(0.9);
    expect(format.recognise(sample('h1 200'))).toBe(0);
    expect(read(`h1 [${TIME}] 200`, format)).toEqual({ ip: 'h1', time: TIME, status: '200' });
  });
});
