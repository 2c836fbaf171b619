import type { RawFields, Skip } from '../model.ts';
import type { Format } from './format.ts';
import { KEY_HEADERS, keyHeadersIn } from './key-headers.ts';
import { addressOf, marks, NOT_A_REQUEST } from './marks.ts';

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
  refineReads: ['method'],
  limits: 'It shows keys in headers only where the access log format names the header, e.g. %REQ(X-API-KEY)%.',
};

/** Of the addresses in X-Forwarded-For, the last was written by the proxy itself; what stands before, a client can forge. */
function refine(fields: RawFields): RawFields | Skip {
  if (fields.status === undefined && fields.method === undefined) return NOT_A_REQUEST;
  const last = fields.ip?.split(',').at(-1)?.trim();
  if (last !== undefined) fields.ip = last;
  const { peer_addr: peer } = fields.identity;
  if (peer !== undefined) fields.identity['peer_addr'] = addressOf(peer);
  return fields;
}
