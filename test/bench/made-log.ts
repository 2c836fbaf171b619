/** Numbers from a seed: the same log on every machine. */
export function numbersFrom(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const AGENTS = [
  'aws-cli/2.15.30 Python/3.11.8 Linux/5.10.0 exe/x86_64.amzn.2 prompt/off command/s3.cp',
  'python-requests/2.31.0',
  'okhttp/4.12.0',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
  'billing-service/3.4.1 (go1.22; linux/amd64)',
  'axios/1.6.8',
  'node-fetch/3.3.2 (+https://github.com/node-fetch/node-fetch)',
  'Java-http-client/21.0.2',
];
const REGIONS = ['eu-central-1', 'us-east-1', 'ap-southeast-2', 'eu-west-1'];
const METHODS = ['GET', 'GET', 'GET', 'POST', 'PUT', 'DELETE'];
const STATUSES = [200, 200, 200, 200, 200, 201, 204, 304, 404, 401, 500];

/** A gateway log as JSON lines of some 570 bytes: nested objects, 2,000 keys, each called by a few systems; a week. */
export function gatewayLog(records: number, seed = 1): Buffer {
  const next = numbersFrom(seed);
  const callers = Array.from({ length: 5000 }, (_, i) => ({
    key: `acme_live_EXAMPLE${String(i % 2000).padStart(8, '0')}`,
    agent: AGENTS[next(AGENTS.length)] as string,
    ip: `10.${next(40)}.${next(250)}.${next(250)}`,
    consumer: `team-${i % 97}`,
  }));
  const start = Date.UTC(2026, 8, 1);
  const step = (7 * 86_400_000) / records;
  const lines: string[] = [];
  for (let i = 0; i < records; i++) {
    const caller = callers[Math.floor((next(1000) * next(1000) * callers.length) / 1_000_000)] as (typeof callers)[0];
    const status = STATUSES[next(STATUSES.length)] as number;
    const id = (next(2 ** 30) * 4 + next(4)).toString(16).padStart(8, '0');
    lines.push(
      `{"timestamp":"${new Date(start + Math.floor(i * step) + next(1000)).toISOString()}","level":"info","logger":"gateway.access",` +
        `"trace":{"id":"${id}${id}${id}${id}","span":"${id}${id}","sampled":${next(2) === 0}},` +
        `"client":{"ip":"${caller.ip}","port":${1024 + next(60_000)},"tls":{"version":"1.3","cipher":"TLS_AES_128_GCM_SHA256"}},` +
        `"auth":{"type":"api_key","api_key":"${caller.key}","scopes":["read","write"]},` +
        `"headers":{"host":"api.example.com","user-agent":"${caller.agent}","accept":"*/*"},` +
        `"request":{"method":"${METHODS[next(METHODS.length)]}","path":"/v1/customers/${next(100_000)}/invoices","bytes":${next(5000)}},` +
        `"status":${status},"latency_ms":${next(900)}.${next(1000)},"upstream":"10.1.${next(4)}.${next(200)}:8443","region":"${REGIONS[next(4)]}","retries":0}\n`,
    );
  }
  return Buffer.from(lines.join(''));
}

/** The map of that log: five fields. */
export const GATEWAY_FIELDS = {
  time: 'timestamp',
  key: 'auth.api_key',
  userAgent: 'headers["user-agent"]',
  ip: 'client.ip',
  status: 'status',
} as const;
