import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { captureNames, compileLogFormat, splitRequest, unescapeLog } from '../../src/formats/log-format.ts';
import { cpuMs } from '../cpu-time.ts';

const NGINX =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"';
const APACHE = String.raw`%v:%p %h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\" \"%{X-Api-Key}i\"`;
const read = (spec: string, line: string): Record<string, string> | undefined => {
  const captures = compileLogFormat(spec)(line);
  return (
    captures &&
    Object.fromEntries(Object.entries(captures).filter((entry): entry is [string, string] => entry[1] !== undefined))
  );
};

const withAgent = (agent: string): string =>
  `1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5 "-" "${agent}"`;

const escape = (text: string): string =>
  [...Buffer.from(text)]
    .map((b) =>
      b < 32 || b > 126 || b === 34 || b === 92
        ? `\\x${b.toString(16).padStart(2, '0').toUpperCase()}`
        : String.fromCharCode(b),
    )
    .join('');

describe('compileLogFormat', () => {
  it('reads lines of an nginx format with a key header', () => {
    const line =
      '10.0.0.1 - anna [17/May/2015:10:05:03 +0000] "GET /a?b=c HTTP/1.1" 200 5 "-" "curl/8.1" "demo_0123456789abcdef"';
    expect(read(`${NGINX} "$http_x_api_key"`, line)).toEqual({
      ip: '10.0.0.1',
      'identity.user': 'anna',
      time: '17/May/2015:10:05:03 +0000',
      method: 'GET',
      action: '/a?b=c',
      status: '200',
      body_bytes_sent: '5',
      userAgent: 'curl/8.1',
      'header.x-api-key': 'demo_0123456789abcdef',
    });
  });

  it('reads lines of an Apache format', () => {
    const line = String.raw`api.example.org:443 2001:db8::1 - - [17/May/2015:10:05:03 +0200] "POST /v1 HTTP/2.0" 401 - "-" "say \"hi\" \\o/" "demo-key"`;
    expect(read(APACHE, line)).toEqual({
      'identity.vhost': 'api.example.org',
      port: '443',
      ip: '2001:db8::1',
      time: '17/May/2015:10:05:03 +0200',
      method: 'POST',
      action: '/v1',
      status: '401',
      userAgent: String.raw`say "hi" \o/`,
      'header.x-api-key': 'demo-key',
    });
  });

  it('takes the whole directive of either server', () => {
    const line = '10.0.0.1 [17/May/2015:10:05:03 +0000] 200';
    const expected = { ip: '10.0.0.1', time: '17/May/2015:10:05:03 +0000', status: '200' };
    expect(read(`log_format main escape=default '$remote_addr '\n '[$time_local] \${status}';`, line)).toEqual(
      expected,
    );
    expect(read('LogFormat "%h %t %>s" short', line)).toEqual(expected);
  });

  it.each([
    ['$msec $status', '1689000000.123 200', { time: '1689000000.123', status: '200' }],
    [
      '[$time_iso8601] $status',
      '[2022-02-08T09:23:37+00:00] 200',
      { time: '2022-02-08T09:23:37+00:00', status: '200' },
    ],
    ['%{%Y-%m-%d %H:%M:%S %z}t %h', '2022-02-08 09:23:37 +0000 h1', { time: '2022-02-08 09:23:37 +0000', ip: 'h1' }],
    [
      '[%{%Y-%m-%dT%H:%M:%S}t.%{msec_frac}t%{%z}t] %h',
      '[2022-02-08T09:23:37.123+0000] h1',
      { time: '2022-02-08T09:23:37.123+0000', ip: 'h1' },
    ],
    ['%{begin:sec}t %h', '1689000000 h1', { time: '1689000000', ip: 'h1' }],
    ['%t 100%% %400,501>s', '[17/May/2015:10:05:03 +0000] 100% -', { time: '17/May/2015:10:05:03 +0000' }],
  ])('reads the times of %s', (spec, line, expected) => {
    expect(read(spec, line)).toEqual(expected);
  });

  it.each([
    ['$msec "$request_method $uri$is_args$args"', '1689000000 "GET /a?api_key=demo"'],
    ['$msec $request_method $uri "$args"', '1689000000 GET /a "api_key=demo"'],
    ['%{sec}t "%m %U%q %H"', '1689000000 "GET /a?api_key=demo HTTP/1.1"'],
    ['%{sec}t %m %U "%q"', '1689000000 GET /a "?api_key=demo"'],
    ['$msec $request_method $host$request_uri', '1689000000 GET example.org/a?api_key=demo'],
  ])('puts path and query together in %s', (spec, line) => {
    expect(read(spec, line)).toMatchObject({ method: 'GET', action: '/a?api_key=demo' });
  });

  it('names arguments, cookies, headers and variables of its own', () => {
    expect(captureNames('$msec $arg_token $cookie_sid $http_x_a_b $upstream_addr "$request"')).toEqual([
      'time',
      'arg.token',
      'cookie.sid',
      'header.x-a-b',
      'upstream_addr',
      'method',
      'action',
    ]);
    expect(captureNames('%t %{sid}C %{UNIQUE_ID}e %{x}n %{Etag}o %{X-Key}i %{c}a')).toEqual([
      'time',
      'cookie.sid',
      'identity.requestId',
      'note.x',
      'response.etag',
      'header.x-key',
      'ip',
    ]);
  });

  it('ends quoted fields at quotes that are not escaped, and keeps bare quotes in the last one', () => {
    expect(read(NGINX, withAgent(String.raw`a\" 200 \"b`))?.['userAgent']).toBe('a" 200 "b');
    expect(read(NGINX, withAgent(String.raw`a\x22 \xC3\xA9`))?.['userAgent']).toBe('a" é');
    expect(read(NGINX, withAgent('a "b" c'))?.['userAgent']).toBe('a "b" c');
    expect(read(NGINX, withAgent('a\\\\'))?.['userAgent']).toBe('a\\');
  });

  it.each([
    ['10.0.0.1:80', '200'],
    ['10.0.0.1:80, 10.0.0.2:80', '502, 200'],
    ['10.0.0.1:80, 10.0.0.2:80 : [2001:db8::1]:80', '502, 504 : 200'],
    ['-', '-'],
  ])('reads past the list of servers that nginx tried: %s', (servers, statuses) => {
    const spec = '$http_x_forwarded_for $upstream_addr $upstream_status $status [$time_local] "$http_x_api_key"';
    const line = `198.51.100.9, 192.0.2.1 ${servers} ${statuses} 200 [17/May/2015:10:05:03 +0000] "example-key"`;
    expect(read(spec, line)).toMatchObject({
      'header.x-forwarded-for': '198.51.100.9, 192.0.2.1',
      status: '200',
      'header.x-api-key': 'example-key',
    });
  });

  it.each([
    ['$msec|$status|$http_user_agent|$http_x_api_key', '1689000000|200|curl/8', 'example-key'],
    ['$msec|$status|$http_user_agent $http_x_api_key|$request_time', '1689000000|200|curl/8', 'example-key|0.1'],
    ['$msec $status $http_user_agent $http_x_api_key $request_time', '1689000000 200 curl/8', 'example-key 0.1'],
  ])('does not guess where an agent without quotes ends: %s', (spec, head, tail) => {
    const separator = spec.includes('agent ') ? ' ' : '|';
    expect(read(spec, `${head}${separator}${tail}`)).toMatchObject({
      userAgent: 'curl/8',
      'header.x-api-key': 'example-key',
    });
    expect(read(spec, `${head}${separator}more${separator}${tail}`)).toBeUndefined();
  });

  it('reads free text at the end of the line whole', () => {
    expect(read('$msec $request_uri $status $http_user_agent', '1689000000 /a 200 a b c')).toMatchObject({
      userAgent: 'a b c',
    });
  });

  it('is not fooled by a time stamp in the user name', () => {
    const line =
      '1.2.3.4 - x [01/Jan/2000:00:00:00 +0000] y [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5 "-" "-"';
    expect(read(NGINX, line)).toMatchObject({
      time: '17/May/2015:10:05:03 +0000',
      'identity.user': 'x [01/Jan/2000:00:00:00 +0000] y',
    });
  });

  it.each([
    '',
    'nonsense',
    '1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5 "-"',
    '1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5 "-" "-" 0.005',
    '1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" abc 5 "-" "-"',
    '1.2.3.4 - - [-] "GET / HTTP/1.1" 200 5 "-" "-"',
  ])('does not accept a line of another format: %s', (line) => {
    expect(read(NGINX, line)).toBeUndefined();
  });

  it.each([
    ['hello', /no variables/],
    ['$remote_addr $status', /no time stamp/],
    ['%h %s', /no time stamp/],
    ['[$time_local] $status$body_bytes_sent', /nothing separates "status" from "body_bytes_sent"/],
  ])('refuses the format string %s', (spec, message) => {
    expect(() => compileLogFormat(spec)).toThrow(message);
  });

  it('returns any user agent as nginx escaped it', () => {
    const match = compileLogFormat(`${NGINX} "$http_x_api_key"`);
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 1 }),
        fc.string({ unit: 'binary', minLength: 1 }),
        (agent, key) => {
          fc.pre(agent !== '-' && key !== '-' && agent.isWellFormed() && key.isWellFormed());
          const captures = match(
            `::1 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5 "-" "${escape(agent)}" "${escape(key)}"`,
          );
          expect(captures?.['userAgent']).toBe(agent);
          expect(captures?.['header.x-api-key']).toBe(key);
        },
      ),
    );
  });

  it('takes time in line with the length of hostile lines', () => {
    const match = compileLogFormat(NGINX);
    const head = '1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5 "-" "';
    for (const part of ['"', '\\', '\\"', '" "', ' [', ' [17/May/2015:10:05:03 +0000]', '\\x', '\\xC3']) {
      const ms = cpuMs(() => {
        match(part.repeat(100_000));
        match(head + part.repeat(100_000));
        match(`1.2.3.4 - ${part.repeat(100_000)}`);
      });
      expect(ms, part).toBeLessThan(1000);
    }
  });
});

describe('splitRequest', () => {
  it.each([
    ['GET /a HTTP/1.1', { method: 'GET', action: '/a' }],
    ['GET /a b HTTP/1.1', { method: 'GET', action: '/a b' }],
    ['CONNECT example.org:443 HTTP/1.1', { method: 'CONNECT', action: 'example.org:443' }],
    ['OPTIONS * HTTP/1.0', { method: 'OPTIONS', action: '*' }],
    ['GET /cut?api_key=x', { method: 'GET', action: '/cut?api_key=x' }],
    ['HELP', {}],
    ['-', {}],
    ['', {}],
    ['\u0016\u0003\u0001 \u0002', {}],
    ["lv|'|'|Win XP|'|'|No", {}],
    ['GET  HTTP/1.1', {}],
  ])('splits %j', (request, expected) => {
    expect(splitRequest(request)).toEqual(expected);
  });
});

describe('unescapeLog', () => {
  it('leaves bytes that are no UTF-8 as they are written, so that two keys stay two', () => {
    expect(unescapeLog(String.raw`a\xFEb`)).not.toBe(unescapeLog(String.raw`a\xFFb`));
    expect(unescapeLog(String.raw`\xC3\x28\xE2\x82\xAC`)).toBe(String.raw`\xC3(€`);
    expect(unescapeLog(String.raw`\q \x2`)).toBe(String.raw`\q \x2`);
  });
});
