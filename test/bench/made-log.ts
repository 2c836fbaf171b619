/** Numbers from a seed: the same log on every machine. */
export function numbersFrom(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

export const AGENTS: readonly string[] = [
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
export const METHODS: readonly string[] = ['GET', 'GET', 'GET', 'POST', 'PUT', 'DELETE'];
export const STATUSES: readonly number[] = [200, 200, 200, 200, 200, 201, 204, 304, 404, 401, 500];

export const FIRST_DAY: number = Date.UTC(2026, 8, 1);
const WEEK_MS = 7 * 86_400_000;

/** One who calls: a key, and from where. */
export interface MadeCaller {
  readonly key: string;
  readonly agent: string;
  readonly ip: string;
}

/** 5,000 callers with 2,000 keys; the first ones call most. */
export function madeCallers(next: (below: number) => number): () => MadeCaller {
  const callers = Array.from({ length: 5000 }, (_, i) => ({
    key: `acme_live_EXAMPLE${String(i % 2000).padStart(8, '0')}`,
    agent: AGENTS[next(AGENTS.length)] as string,
    ip: `10.${next(40)}.${next(250)}.${next(250)}`,
  }));
  return () => callers[Math.floor((next(1000) * next(1000) * callers.length) / 1_000_000)] as MadeCaller;
}

/** Instants of a week in order, so many of them, each by chance up to a second late. */
export function madeInstants(records: number, next: (below: number) => number): (record: number) => Date {
  const step = WEEK_MS / records;
  return (record) => new Date(FIRST_DAY + Math.floor(record * step) + next(1000));
}

/** What no packer can make smaller than half: ids, as they are in every log. */
export function hexDigits(digits: number, next: (below: number) => number): string {
  let text = '';
  while (text.length < digits) {
    text += next(2 ** 16)
      .toString(16)
      .padStart(4, '0');
  }
  return text.slice(0, digits);
}

/** A gateway log as JSON lines of some 570 bytes: nested objects, 2,000 keys, each called by a few systems; a week. */
export function* gatewayLines(records: number, seed = 1): Generator<string> {
  const next = numbersFrom(seed);
  const caller = madeCallers(next);
  const instant = madeInstants(records, next);
  for (let i = 0; i < records; i++) {
    const { key, agent, ip } = caller();
    const status = STATUSES[next(STATUSES.length)] as number;
    yield (
      `{"timestamp":"${instant(i).toISOString()}","level":"info",` +
      `"trace":{"id":"${hexDigits(32, next)}","span":"${hexDigits(16, next)}","sampled":${next(2) === 0}},` +
      `"client":{"ip":"${ip}","port":${1024 + next(60_000)},"tls":"1.3"},` +
      `"auth":{"type":"api_key","api_key":"${key}","scopes":["read","write"]},` +
      `"headers":{"host":"api.example.com","user-agent":"${agent}"},` +
      `"request":{"method":"${METHODS[next(METHODS.length)]}","path":"/v1/customers/${next(100_000)}/invoices","bytes":${next(5000)}},` +
      `"status":${status},"latency_ms":${next(900)}.${next(1000)},"upstream":"10.1.${next(4)}.${next(200)}:8443","region":"${REGIONS[next(4)]}"}\n`
    );
  }
}
