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
