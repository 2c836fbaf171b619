import { keyHeaderNames } from './key-headers.ts';
import type { Format, Pairs } from './format.ts';
import { logfmtPairs } from './logfmt-pairs.ts';
import { shareOfLines } from './text-lines.ts';

/** One line for each request of a Rails or Phoenix app. github.com/roidrage/lograge, github.com/navinpeiris/logster */
export const railsLograge: Format = {
  name: 'rails-lograge',
  title: 'Rails: lograge (key=value), and Logster of Phoenix',
  syntax: { kind: 'text', match, isNamed: true },
  fields: {
    time: 'time || timestamp || @timestamp || datetime || date || prefix.time',
    key: `api_key || apikey || ${keyHeaderNames('_')}`,
    keyId: 'key_id || api_key_id || access_key_id || token_id || credential_id',
    system: 'client_name || consumer',
    ip: 'remote_ip || ip || client_ip || remote_addr || ip_address',
    userAgent: 'user_agent || ua || agent',
    status: 'status',
    error: 'error',
    method: 'method',
    action: 'fullpath || request_uri || url || path',
    'identity.controller': 'controller',
    'identity.action': 'action',
    'identity.user': 'user || user_id || current_user || current_user_id',
    'identity.host': 'host',
    'identity.request_id': 'request_id || prefix.request_id',
  },
  recognise: (sample) => 0.95 * shareOfLines(sample, match),
  limits:
    'By itself it writes neither key nor address nor agent, and the path without its query: add them by custom_options. A time stands before the line only where the logger writes one.',
};

/** Behind whatever the logger writes: `I, [2026-09-01T10:00:00.000000 #4]  INFO -- : [request id] `. */
function match(line: string): Pairs | undefined {
  const start = REQUEST.exec(line.slice(0, MAX_PREFIX))?.index;
  if (start === undefined) return undefined;
  const prefix = line.slice(0, start);
  // A line within JSON is for an envelope.
  if (prefix.includes('{"')) return undefined;
  const pairs = logfmtPairs(line.slice(start).trimStart(), 'phrases');
  const names = new Set(pairs?.map(([name]) => name));
  if (pairs === undefined || !names.has('controller') || !names.has('status')) return undefined;
  const time = HEROKU.exec(prefix)?.[1] ?? prefix.match(STAMP)?.at(-1);
  const request = UUID.exec(prefix)?.[0];
  return [
    ...pairs,
    ...(time === undefined ? [] : [['prefix.time', time] as const]),
    ...(request === undefined ? [] : [['prefix.request_id', request] as const]),
  ];
}

const MAX_PREFIX = 512;
const REQUEST = /(?:^| )(?:state=\w+ )?method=[A-Z]+ path=/;
/** Heroku's own stamp has a zone, that of the logger has none. */
const HEROKU = /(\d{4}-\d\d-\d\dT[\d:.]{8,20}(?:Z|[+-]\d\d:\d\d)) (?:\S{1,255} )?app\[[\w.-]{1,40}\]: /;
const STAMP = /\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z| ?[+-]\d\d:?\d\d)?/g;
const UUID = /(?<=\[)[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}(?=\])/;
