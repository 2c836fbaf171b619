import * as fc from 'fast-check';

/** Lines of an access log: as servers write them, as they seldom write them, and as none should. */
export function accessLine(): fc.Arbitrary<Buffer> {
  const usual = lineOf(TIMES.slice(0, 4), REQUESTS.slice(0, 12), AGENTS.slice(0, 4), TAILS.slice(0, 3));
  const line = fc.oneof({ weight: 3, arbitrary: usual }, { weight: 2, arbitrary: lineOf(TIMES, REQUESTS, AGENTS, TAILS) });
  const damaged = fc.tuple(line, fc.array(MUTATION, { minLength: 1, maxLength: 3 })).map(([text, mutations]) => mutations.reduce(mutate, text));
  return fc.oneof(
    { weight: 8, arbitrary: line },
    { weight: 4, arbitrary: damaged },
    { weight: 1, arbitrary: fc.constantFrom(...OTHERS) },
  ).map((text) => Buffer.from(text.replaceAll('\n', ' '), 'latin1'));
} // prettier-ignore

function lineOf(
  times: readonly string[],
  requests: readonly string[],
  agents: readonly string[],
  tails: readonly string[],
): fc.Arbitrary<string> {
  return fc
    .record({
      caller: fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom(...CALLERS.slice(0, 5)) },
        { weight: 1, arbitrary: fc.constantFrom(...CALLERS) },
      ),
      time: fc.constantFrom(...times),
      request: fc.constantFrom(...requests),
      result: fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(...RESULTS.slice(0, 5)) },
        { weight: 1, arbitrary: fc.constantFrom(...RESULTS) },
      ),
      referer: fc.constantFrom(...REFERERS),
      agent: fc.constantFrom(...agents),
      tail: fc.constantFrom(...tails),
      isCommon: fc.constantFrom(false, false, false, true),
    })
    .map(({ caller, time, request, result, referer, agent, tail, isCommon }) => {
      const end = isCommon ? '' : ` "${referer}" "${agent}"`;
      return `${caller} [${time}] "${request}" ${result}${end}${tail}`;
    });
}

const CALLERS = [
  '10.0.0.1 - -', '10.0.0.2 - alice', '2001:db8::1 - -', 'api.example.com 10.0.0.3 - -', '::1 - bob',
  '10.9.0.9 10.0.0.3 - -', '::1 10.0.0.3 - -', '10.0.0.1 - "alice"', '- - -', 'localhost - -', '10.0.0.1:4321 - -', '[2001:db8::1]:80 - -', 'api.example.com:443 10.0.0.3 - bob', 'face.beef 10.0.0.3 - -', '10.0.0.1, 10.0.0.2 - -', '10.0.0.1, - -',
  '10.0.0.1 ident alice', '10.0.0.1 - "quoted name"', '10.0.0.1 - two words', '10.0.0.1 -', '10.0.0.1', '', ' - -', '10.0.0.1  - -', '10.0.0.1 -  ', '10.0.0.1 - [x]', '10.0.0.1 - [17/Sep/2026:10',
  '999.1.1.1 - -', 'host 999.1.1.1 - -', 'host 10.0.0 - -', 'host 10.0.0.1 x -', '- 10.0.0.1 - -', 'a b 10.0.0.1 - -', '{ - -', '{"eventVersion" - -', '2026-1 - -', '2026/ - -', '0123-abc - -',
  `${'f'.repeat(63)}z 10.0.0.3 - -`, `::${'f'.repeat(63)}z 10.0.0.3 - -`, '1000.0.0.1 - -', 'host 1000.0.0.1 - -', 'host 10.0.0.1. - -', 'host 10..0.1 - -', '10.0.0.1 - caf\xe9', '10.0.0.1 - \xc3\xa9', '10.0.0.1 - a\\"b', '10.0.0.1\t-\t-', '10.0.0.1\t10.0.0.2 - -', 'x\ty 10.0.0.2 - -',
]; // prettier-ignore

const TIMES = [
  '01/Sep/2026:10:00:00 +0000', '01/Sep/2026:23:59:59 +0000', '02/Sep/2026:00:00:00 +0200', '29/Feb/2024:12:00:00 -0130',
  '29/Feb/2026:12:00:00 +0000', '01/sep/2026:10:00:60 +0000', '01/Sep/2026:24:00:00 +0000', '01/Sep/1989:10:00:00 +0000', '01/Sep/2026:10:00:00 +1600', '01/Sep/2026:10:00:00  0000',
  '1/Sep/2026:10:00:00 +00000', '01/Sep/2026:10:00:00', '01/Sep/2026:10:00:00 +00', '01/09/2026:10:00:00 +00000', 'xx/Sep/2026:10:00:00 +0000', '2026-09-01T10:00:00+00:00', '01/Sep/2026:10:00:0] "0000', '',
]; // prettier-ignore

const REQUESTS = [
  'GET / HTTP/1.1', 'GET /v1/items/1 HTTP/1.1', 'POST /v1/items HTTP/2.0', 'GET /v1?page=3&sort=asc HTTP/1.1', 'GET /v1?api_key=example-key-0011 HTTP/1.1',
  'GET /v1?id=1&API-Key=example-key-0012&x=y HTTP/1.1', 'GET /v1?%61pi_key=example-key-0014 HTTP/2', 'GET /v1?x=1&token=EXAMPLEkey0000018 HTTP/1.0', 'GET /v1?key=short HTTP/1.1', 'GET https://user:example-key-0016@api.example.com/v1 HTTP/1.1',
  'DELETE /v1?a=b;apikey=example-key-0013;c=d HTTP/1.1', 'GET /v1?id=7&api_key=example-key-0011&page=8 HTTP/1.1',
  '-', '', 'GET', 'GET ', 'GET /', 'GET /v1?api_key=example-key-0020', 'get /v1?api_key=example-key-0021 HTTP/1.1', 'M-SEARCH * HTTP/1.1', 'GET  /v1?api_key=example-key-0022 HTTP/1.1', 'GET /v1?api_key=example-key-0023  HTTP/1.1', 'GET HTTP/1.1', 'GET  HTTP/1.1',
  'GET /a b?api_key=example key 0024 HTTP/1.1', 'GET /a?api_key=a"b HTTP/1.1', 'GET /a" 200 5 "?api_key=example-key-0025 HTTP/1.1', 'GET /v1 HTTP/x', 'GET /v1 HTTPS/1.1', 'GET /v1 HTTP/1.1.1.1.1.1.1', 'GET /v1 http/1.1', 'CONNECT api.example.com:443 HTTP/1.1', 'GET - HTTP/1.1',
  `${'G'.repeat(32)} /?token=EXAMPLEkey0000026 HTTP/1.1`, `${'G'.repeat(33)} /?token=EXAMPLEkey0000027 HTTP/1.1`, `GET /${'x'.repeat(300)}?api_key=example-key-0028 HTTP/1.1`,
  'GET /?api_key=example\\x2dkey HTTP/1.1', 'GET /?q=\\"&api_key=example-key-0029 HTTP/1.1', '\\x16\\x03\\x01', 'GET /caf\xc3\xa9?api_key=example-key-0030 HTTP/1.1', 'GET /?api_key=caf\xe9-0031 HTTP/1.1', 'GET /?ключ=1 HTTP/1.1', 'GET /?my-key=example-key-0032 HTTP/1.1', 'GET /v1#api_key=example-key-0033 HTTP/1.1', 'GET /?X-Amz-Credential=AKIAEXAMPLE000000001%2F2026 HTTP/1.1', 'GET /?token=[REDACTED] HTTP/1.1',
]; // prettier-ignore

const RESULTS = ['200 12', '401 0', '404 -', '500 7', '204 0', '200 12 - "agent/1"', '- 12', '- -', '000 1', '0 1', '99 1', '1000 1', '200', '200 ', '200 x', '20x 1', '200 1x', '200\t1', '-1 1', '407 1 0.005', '200 1 -', '200  ']; // prettier-ignore
const REFERERS = ['-', '-', '', 'https://app.example.com/x?api_key=example-key-0011', 'a"b', 'a" b', 'a\\"b', 'example-key-0011', 'x" "y']; // prettier-ignore
const AGENTS = ['curl/8.5.0', 'python-requests/2.31.0', 'Mozilla/5.0 (X11; Linux)', 'agent example-key-0011', '-', '', 'a"b', 'a" b', 'a" "b', '"', 'a\\"b', 'caf\xc3\xa9', 'caf\xe9', ' ', 'a\tb', 'x'.repeat(700)]; // prettier-ignore
const TAILS = [
  '',
  '',
  ' "10.9.9.9"',
  ' "',
  ' "-" 0.004',
  ' 0.004',
  ' ',
  '"',
  ' "x',
  ' "a" "b"',
  '\r',
  '\r\r',
  ' key="v w"',
  '\t',
];

const OTHERS = [
  '', ' ', '\t', '\r', '\0\0', '\0\x0010.0.0.1 - - [01/Sep/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 1', 'started', '[', '"', '10.0.0.1 - - [',
  '2026/09/01 10:00:00 [error] 1#1: *1 open() failed, client: 10.0.0.1, request: "GET /?api_key=example-key-0011 HTTP/1.1"',
  '2026/09/01 10:00:00 [error] - - [01/Sep/2026:10:00:00 +0000] "GET /?api_key=example-key-0011 HTTP/1.1" 200 1 "-" "x"',
  '[Tue Sep 01 10:00:00.1 2026] [core:error] [pid 1] [client 10.0.0.1] x',
  '{"eventVersion":"1.08","eventTime":"2026-09-01T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"X","eventID":"e1","userIdentity":{"accessKeyId":"AKIAEXAMPLE000000009"}}',
  '{"eventVersion" - - [01/Sep/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "x"',
  '10.0.0.1 - [01/Sep/2026:10:00:00 +0000] - [01/Sep/2026:11:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "x"',
  '10.0.0.1 - [xx/xxxxxxxx:xxxxxxxxxxxxx [01/Sep/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "x"',
]; // prettier-ignore

const MUTATION = fc.record({
  at: fc.nat(),
  text: fc.oneof(
    fc.constantFrom(...' "-[]\\/:?&=;@,.0{\0\t\r\x7f\x80\xff', '" "', ' - ', '] "'),
    fc.nat(255).map((byte) => String.fromCharCode(byte)),
  ),
  cut: fc.nat(2),
});

function mutate(line: string, { at, text, cut }: { at: number; text: string; cut: number }): string {
  const place = at % (line.length + 1);
  return line.slice(0, place) + text + line.slice(place + cut);
}
