import type { Skip } from '../model.ts';
import type { Captures, Format } from './format.ts';
import { keyHeaderNames } from './key-headers.ts';
import { LineCursor } from './line-cursor.ts';
import { splitRequest, unescapeLog } from './log-format.ts';
import { NOT_A_REQUEST } from './marks.ts';
import { shareOfLines } from './text-lines.ts';

/** Access log of Cloud Foundry's router. github.com/cloudfoundry/routing-release/blob/develop/docs/04-observability.md */
export const cloudFoundry: Format = {
  name: 'cloud-foundry',
  title: 'Cloud Foundry: access log of the router (gorouter)',
  syntax: { kind: 'text', match },
  fields: {
    time: 'time',
    key: keyHeaderNames('_'),
    ip: 'x_forwarded_for || remote',
    userAgent: 'userAgent',
    status: 'status',
    method: 'method',
    action: 'action',
    'identity.host': 'host',
    'identity.referer': 'referer',
    'identity.xff': 'x_forwarded_for',
    'identity.request_id': 'vcap_request_id',
    'identity.app': 'app_id',
    'identity.error': 'x_cf_routererror',
  },
  recognise: (sample) => (sample.lines.some((line) => isRequest(match(line))) ? shareOfLines(sample, match) : 0),
  limits:
    'It carries no header but agent and referer, unless the operator adds some (extra_headers_to_log): keys are seen only in query strings. The address is the last of X-Forwarded-For, which the router wrote: that of a load balancer before it.',
};

function isRequest(found: Captures | Skip | undefined): boolean {
  return found !== undefined && !('quarantined' in found);
}

/** As `cf logs` prints it, and without that. */
function match(line: string): Captures | Skip | undefined {
  const [prefix = '', source] = CF_LOGS.exec(line.slice(0, MAX_PREFIX)) ?? [];
  if (source === undefined) return matchRequest(line);
  if (source.startsWith('RTR/')) return matchRequest(line.slice(prefix.length)) ?? blankOrMalformed(line, prefix);
  return /^(?:API|CELL|STG|SSH|HEALTH|LGR|PROXY)\b/.test(source) ? NOT_A_REQUEST : blankOrMalformed(line, prefix);
}

const MAX_PREFIX = 128;
const CF_LOGS = /^\s*\S{8,40} \[([A-Z]+\/[\w./-]{1,60})\] *(?:OUT|ERR)(?: |$)/;

function blankOrMalformed(line: string, prefix: string): Skip | undefined {
  return line.length <= prefix.length || line.slice(prefix.length).trim() === '' ? NOT_A_REQUEST : undefined;
}

/** `host - [time] "request" status received sent "referer" "agent" "peer" "backend" x_forwarded_for:"..." name:value ...` */
function matchRequest(line: string): Captures | undefined {
  const cursor = new LineCursor(line);
  const host = cursor.word();
  if (!cursor.literal('- ')) return undefined;
  const time = TIME.exec(cursor.bracketed() ?? '');
  if (time === null || line[cursor.at] !== '"') return undefined;
  const request = cursor.quoted((after) => COUNTS.test(line.slice(after, after + MAX_COUNTS)));
  const status = cursor.word().replaceAll('"', '');
  cursor.skip(2);
  const referer = cursor.quoted((after) => line[after + 1] === '"');
  const agent = cursor.quoted((after) => PEER.test(line.slice(after, after + MAX_COUNTS)));
  const remote = cursor.word().replaceAll('"', '');
  const headers = line.indexOf('x_forwarded_for:', cursor.at);
  if (request === undefined || agent === undefined || headers < 0) return undefined;
  const [, stamp, day, month, year, clock] = time;
  return {
    ...headersIn(line.slice(headers)),
    host,
    time: stamp ?? `${year}-${month}-${day}T${clock}`,
    ...splitRequest(unescapeLog(request)),
    status,
    referer,
    userAgent: unescapeLog(agent),
    remote,
  };
}

/** Today's, and `27/05/2015:03:46:35 +0000` of before 2016. */
const TIME = /^(?:(\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d{4}))|(\d\d)\/(\d\d)\/(\d{4}):(\d\d:\d\d:\d\d [+-]\d{4}))$/;
const MAX_COUNTS = 80;
const COUNTS = /^ (?:\d{1,3}|-|"-") (?:\d+|-|"-") (?:\d+|-|"-") "/;
const PEER = /^ "?(?:[\da-fA-F.:[\]]+:\d{1,5}|-|@)"? (?:"?[\w.:[\]-]+"? )?x_forwarded_for:/;

function headersIn(text: string): Record<string, string | undefined> {
  const headers = text.matchAll(/([a-z][\w-]{0,99}):(?:"((?:[^"\\]|\\.)*)"|(\S+))/g);
  return Object.fromEntries(
    Array.from(headers, ([, name, quoted, bare]) => [name, quoted === undefined ? bare : unescapeLog(quoted)]),
  );
}
