import type { RawFields, Skip } from '../model.ts';
import type { Captures, Format } from './format.ts';
import { KEY_HEADERS, keyHeadersIn } from './key-headers.ts';
import { splitRequest } from './log-format.ts';
import { hostOf, marks, NOT_A_REQUEST } from './marks.ts';

const LIMITS = 'It shows keys in headers only where the access log format names the header, e.g. %REQ(X-API-KEY)%.';

/** Operators name the members; these are the names of Envoy Gateway, Istio and the documentation. */
const HEADER_NAMES = KEY_HEADERS.flatMap((header) => [
  header,
  header.replaceAll('-', '_'),
  `http_${header.replaceAll('-', '_')}`,
]);

/** Envoy, Envoy Gateway and Istio. envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage */
export const envoy: Format = {
  name: 'envoy',
  title: 'Envoy, Envoy Gateway and Istio: JSON access log',
  syntax: { kind: 'json' },
  fields: {
    time: 'start_time || timestamp || time || @timestamp',
    key: [
      ...HEADER_NAMES.map((name) => `["${name}"]`),
      keyHeadersIn('headers', 'request_headers', 'request.headers'),
    ].join(' || '),
    ip: 'x-forwarded-for || x_forwarded_for || downstream_remote_address || downstream_direct_remote_address || downstream_remote_address_without_port',
    userAgent: 'user-agent || user_agent',
    cookie: 'cookie || http_cookie || headers.cookie || request_headers.cookie',
    status: 'response_code || status',
    method: 'method || :method',
    action: 'x-envoy-origin-path || x-envoy-original-path || path || :path',
    'identity.host': ':authority || authority || host',
    'identity.peer_addr': 'downstream_remote_address || downstream_remote_address_without_port',
    'identity.peer': 'downstream_peer_uri_san || downstream_peer_subject',
    'identity.request_id': 'x-request-id || request_id',
  },
  recognise: (sample) =>
    marks(
      sample,
      'response_code',
      'response_flags',
      'upstream_host || upstream_cluster || downstream_remote_address || bytes_received || protocol',
    ),
  hallmarks: ['response_flags'],
  refine,
  limits: LIMITS,
};

/** The default format, and Istio's, which says more. A client that sends quotes in its agent does not shift the others. */
export const envoyText: Format = {
  name: 'envoy-text',
  title: 'Envoy and Istio: default text access log',
  syntax: { kind: 'text', match: matchLine },
  fields: {
    time: 'time',
    ip: 'forwardedFor || peer_addr',
    userAgent: 'userAgent',
    status: 'status',
    method: 'method',
    action: 'action',
    'identity.host': 'host',
    'identity.peer_addr': 'peer_addr',
    'identity.request_id': 'request_id',
  },
  recognise: ({ lines }) => {
    const fitting = lines.filter((line) => LINE.test(line));
    return lines.length === 0 ? 0 : (0.95 * fitting.length) / lines.length;
  },
  refine,
  limits: `${LIMITS} The default text format names none: only keys in the query string show.`,
};

const LINE =
  /^\[(\d{4}-\d\d-\d\dT[\d:.]{5,20}Z)\] "([^"]*|.*? HTTP\/[\d.]+|-.*?)" (\d{1,3}|-) (\S+) (?:\S+ \S+ "[^"]*" |\S+ )?(?:\d+|-) (?:\d+|-) (?:\d+|-) (?:\d+|-) "([^"]*)" "(.*)" "([^"]*)" "([^"]*)" "([^"]*)"(?: ([^"]*))?$/;

function matchLine(line: string): Captures | Skip | undefined {
  const parts = LINE.exec(line.trimEnd());
  if (parts === null) return PROGRAM_LINE.test(line) ? NOT_A_REQUEST : undefined;
  const [, time, request = '', status, , forwardedFor, userAgent, requestId, host, , tail = ''] = parts;
  return {
    time,
    ...splitRequest(request),
    status,
    forwardedFor,
    userAgent,
    request_id: requestId,
    host,
    peer_addr: tail.split(' ')[3],
  };
}

/** `[2024-01-24 12:08:14.911][1][info][main] [source/server/server.cc:404] ...`, and Istio's agent `2024-..Z\tinfo\t...`. */
const PROGRAM_LINE = /^(?:\[\d{4}-\d\d-\d\d [\d:.]{5,20}\]\[\d+\]\[[a-z]+\]|\d{4}-\d\d-\d\dT[\d:.]{5,30}Z\t[a-z]+\t)/;

/** Of the addresses in X-Forwarded-For, the last was written by the proxy itself; what stands before, a client can forge. */
function refine(fields: RawFields): RawFields | Skip {
  if (fields.status === undefined && fields.method === undefined) return NOT_A_REQUEST;
  const last = fields.ip?.split(',').at(-1)?.trim();
  if (last !== undefined) fields.ip = last;
  const { peer_addr: peer } = fields.identity;
  if (peer !== undefined) fields.identity['peer_addr'] = hostOf(peer);
  return fields;
}
