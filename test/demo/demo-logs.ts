import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

export const DEMO: string = fileURLToPath(new URL('../../fixtures/demo/', import.meta.url));

/** One call with a key, read without any part of lastcall. */
export interface Seen {
  readonly source: 'gateway' | 'edge' | 'aws';
  readonly key: string;
  readonly at: number;
  readonly day: number;
  readonly status: number;
  readonly service: string | undefined;
  readonly agent: string;
  readonly eventId: string | undefined;
}

export interface DemoLogs {
  readonly seen: readonly Seen[];
  readonly lines: Readonly<Record<Seen['source'], number>>;
  readonly unreadable: Readonly<Record<Seen['source'], number>>;
}

const COMBINED = /^(\S+) - - \[([^\]]+)\] "([^"]*)" (\d{3}) \d+ "-" "([^"]*)"$/;
const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';
const DAY_MS = 86_400_000;

/** Every file of the demo, relative to its folder, with forward slashes. */
export function demoPaths(): string[] {
  return readdirSync(DEMO, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(DEMO, path)).isFile())
    .map((path) => relative(DEMO, join(DEMO, path)).replaceAll('\\', '/'))
    .toSorted();
}

export function demoText(path: string): string {
  const bytes = readFileSync(join(DEMO, path));
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}

export function readDemoLogs(): DemoLogs {
  const logs = {
    seen: [] as Seen[],
    lines: { gateway: 0, edge: 0, aws: 0 },
    unreadable: { gateway: 0, edge: 0, aws: 0 },
  };
  const eventIds = new Set<string>();
  for (const path of demoPaths().filter((name) => name.startsWith('logs/'))) {
    const source = path.startsWith('logs/gateway/') ? 'gateway' : path.startsWith('logs/nginx/') ? 'edge' : 'aws';
    for (const record of recordsOf(source, demoText(path))) {
      logs.lines[source]++;
      const seen = record();
      if (seen === 'unreadable') logs.unreadable[source]++;
      else if (seen !== undefined && !(seen.eventId !== undefined && eventIds.has(seen.eventId))) logs.seen.push(seen);
      if (seen !== undefined && seen !== 'unreadable' && seen.eventId !== undefined) eventIds.add(seen.eventId);
    }
  }
  return logs;
}

type Read = () => Seen | 'unreadable' | undefined;

function recordsOf(source: Seen['source'], text: string): Read[] {
  if (source === 'aws') return JSON.parse(text).Records.map((record: Trail) => () => readTrail(record));
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => () => (source === 'gateway' ? readGateway(line) : readCombined(line)));
}

function readGateway(line: string): Seen | 'unreadable' {
  try {
    const { time, caller, request, response } = JSON.parse(line);
    const headers = request.headers;
    return seenAt('gateway', time, {
      key: headers['x-api-key'],
      status: response.status,
      service: caller?.service,
      agent: headers['user-agent'],
    });
  } catch {
    return 'unreadable';
  }
}

function readCombined(line: string): Seen | 'unreadable' | undefined {
  const match = COMBINED.exec(line);
  if (match === null) return 'unreadable';
  const [, , time = '', request = '', status, agent = ''] = match;
  const key = /[?&]api_key=([^ &]+)/.exec(request)?.[1];
  if (key === undefined) return undefined;
  const [day, month = '', year, clock] = time.split(/[/ ]|(?<=\d{4}):/);
  const number = String(MONTHS.indexOf(month) / 3 + 1).padStart(2, '0');
  return seenAt('edge', `${year}-${number}-${day}T${clock}Z`, { key, status: Number(status), agent });
}

interface Trail {
  readonly eventTime: string;
  readonly eventID: string;
  readonly errorCode?: string;
  readonly userAgent: string;
  readonly userIdentity: { readonly accessKeyId?: string };
}

function readTrail({ eventTime, eventID, errorCode, userAgent, userIdentity }: Trail): Seen | undefined {
  const key = userIdentity.accessKeyId;
  if (key === undefined) return undefined;
  return seenAt('aws', eventTime, {
    key,
    status: errorCode === undefined ? 200 : 400,
    agent: userAgent,
    eventId: eventID,
  });
}

function seenAt(
  source: Seen['source'],
  time: string,
  rest: { key: string; status: number; agent: string; service?: string; eventId?: string },
): Seen {
  const at = Date.parse(time);
  return { source, at, day: Math.floor(at / DAY_MS), service: undefined, eventId: undefined, ...rest };
}
