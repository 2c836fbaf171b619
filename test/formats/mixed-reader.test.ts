import { describe, expect, it } from 'vitest';
import { readText } from '../ingest/reading.ts';

const CADDY = (n: number): string =>
  `{"ts":17882568${n}.5,"logger":"http.log.access","request":{"remote_ip":"192.0.2.1","method":"GET","uri":"/v1","headers":{"X-Api-Key":["example-key-000${n % 10}"]}},"status":200,"resp_headers":{}}`;
const START = [10, 11, 12, 13].map(CADDY);

function keysAfter(...lines: string[]): (string | undefined)[] {
  const { usages } = readText([...START, ...lines].map((line) => `${line}\n`).join(''));
  return usages.slice(START.length).map(({ keys }) => keys[0]?.key);
}

describe('a record between those of another format', () => {
  it.each<[string, string, string]>([
    [
      'JSON of a gateway',
      '{"started_at":1788256800125,"client_ip":"192.0.2.1","latencies":{},"authenticated_entity":{"id":"credential-7"}}',
      'credential-7',
    ],
    [
      'an audit event that has a time where the other format has none',
      '{"time":"2026-09-01T10:00:00Z","type":"request","request":{"id":"r","operation":"read","client_token_accessor":"hmac-sha256:ab"}}',
      'hmac-sha256:ab',
    ],
    [
      'an audit event that another format takes for a message',
      '{"logName":"l","insertId":"i","timestamp":"2026-09-01T10:00:00Z","protoPayload":{"methodName":"m","authenticationInfo":{"serviceAccountKeyName":"//iam.googleapis.com/keys/7"}}}',
      'keys/7',
    ],
  ])('is read by its own: %s', (_, line, key) => {
    expect(keysAfter(line)).toEqual([key]);
  });

  it('is read by its own without a key, where it is of no other', () => {
    const event = (n: number): string =>
      `{"kind":"Event","auditID":"a-${n}","stage":"ResponseComplete","verb":"get","requestURI":"/api","user":{"username":"anna"},"sourceIPs":["192.0.2.1"],"responseStatus":{"code":200},"requestReceivedTimestamp":"2026-09-01T10:00:0${n}Z"}`;
    const entry =
      '{"logName":"l","insertId":"i","timestamp":"2026-09-01T10:00:09Z","protoPayload":{"methodName":"io.k8s.get","requestMetadata":{"callerIp":"192.0.2.9"}}}';
    const { usages } = readText([event(1), event(2), entry].map((line) => `${line}\n`).join(''));
    expect(usages.map(({ ip }) => ip)).toEqual(['192.0.2.1', '192.0.2.1', '192.0.2.9']);
  });

  it('is read out of the JSON of a shipper', () => {
    const entry = (n: number): string =>
      `{"logName":"l","insertId":"i-${n}","timestamp":"2026-09-01T10:00:0${n}Z","protoPayload":{"methodName":"m","requestMetadata":{"callerIp":"192.0.2.1"}}}`;
    const event = `{"kind":"Event","auditID":"a-1","stage":"ResponseComplete","verb":"get","requestURI":"/api","user":{"username":"anna","extra":{"authentication.kubernetes.io/credential-id":["JTI=7"]}},"sourceIPs":["192.0.2.2"],"requestReceivedTimestamp":"2026-09-01T10:00:09Z"}`;
    const wrapped = `{"category":"kube-audit","properties":{"log":${event}},"time":"2026-09-01T10:00:10Z"}`;
    const inText = JSON.stringify({ log: event, stream: 'stdout', time: '2026-09-01T10:00:11Z' });
    for (const line of [wrapped, inText]) {
      const amongOthers = readText(`${entry(1)}\n${entry(2)}\n${wrapped}\n`);
      expect(amongOthers.usages.map(({ keys }) => keys[0]?.key)).toEqual([undefined, undefined, 'JTI=7']);
      const amongItsOwn = readText(`${event}\n${event}\n${event}\n${line}\n`);
      expect(amongItsOwn.usages.map(({ keys }) => keys[0]?.key)).toEqual(['JTI=7', 'JTI=7', 'JTI=7', 'JTI=7']);
    }
  });

  it('is read by its own in text too', () => {
    const clf =
      '192.0.2.1 - - [01/Sep/2026:10:00:00 +0000] "GET /v1?api_key=example-key-0009 HTTP/1.1" 200 5 "-" "curl/8"';
    expect(keysAfter(clf)).toHaveLength(1);
  });

  it('is quarantined when no format knows it', () => {
    const { skips } = readText(`${START.join('\n')}\nwhat is this\n{"neither":"this"\n`);
    expect(skips).toEqual(['malformed-json', 'malformed-json']);
  });

  it('is passed over when it is a message of a program, unless it may tell of a request', () => {
    const harmless = [
      'time="2026-09-01T10:00:00Z" level=info msg="starting"',
      'I0901 10:00:00.123456       7 main.go:100] starting',
      '2026/09/01 10:00:00 [error] 7#7: *1 connect() failed',
    ];
    const doubtful = [
      'time="2026-09-01T10:00:00Z" level=info msg="request" api_key=example-key-0009',
      'I0901 10:00:00.123456       7 http.go:100] "HTTP" verb="GET" URI="/v1"',
    ];
    const { skips } = readText([...START, ...harmless, ...doubtful].map((line) => `${line}\n`).join(''));
    expect(skips).toEqual([...harmless.map(() => 'not-a-request'), ...doubtful.map(() => 'malformed-json')]);
  });
});

it('a log of many formats is read by the one that most lines are of, none of which loses its first word', () => {
  const combined = (path: string): string =>
    `192.0.2.1 - - [01/Sep/2026:10:00:00 +0000] "GET ${path} HTTP/1.1" 200 5 "-" "curl/8"`;
  const haproxy =
    'Sep  1 10:00:00 lb haproxy[1]: 192.0.2.1:4 [01/Sep/2026:10:00:00.123] in be/s 0/0/1/0/2 200 168 - - ---- 6/6/0/0/0 0/0 "GET /b HTTP/1.1"';
  const lines = [combined('/a'), combined('/a'), combined('/a?api_key=example-key-0001'), START[0], haproxy, 'what'];
  const { usages, skips } = readText(lines.map((line) => `${line}\n`).join(''));
  expect(usages.map(({ ip }) => ip)).toEqual(lines.slice(0, -1).map(() => '192.0.2.1'));
  expect(skips).toEqual(['malformed-line']);
});

it('network and application load balancers may write to one log', () => {
  const tls = 'tls 2.0 2026-09-01T10:00:00 net/things/0123 4567 192.0.2.1:2817 10.0.0.1:80 5 2 98 246 - arn:aws:acm:x - ECDHE-RSA-AES128-SHA tlsv12 - api.example.com - - - 2026-09-01T10:00:00'; // prettier-ignore
  const http = 'http 2026-09-01T10:00:00.000000Z app/things/0123 192.0.2.1:2817 10.0.0.1:80 0.000 0.001 0.000 200 200 34 366 "GET http://api.example.com:80/ HTTP/1.1" "curl/8" - - arn:aws:elasticloadbalancing:x "Root=1-5" "-" "-" 0 2026-09-01T10:00:00.000000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-"'; // prettier-ignore
  const { usages } = readText(`${tls}\n${http}\n${tls}\n${http}\n`);
  expect(usages.map(({ userAgent }) => userAgent)).toEqual([undefined, 'curl/8', undefined, 'curl/8']);
});

it('what CloudWatch sends to try out a subscription is no request', () => {
  const { skips } = readText(`${START.join('\n')}\nCWL CONTROL MESSAGE: Checking health of destination\n`);
  expect(skips).toEqual(['not-a-request']);
});
