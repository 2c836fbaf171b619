import type { RawFields, Skip } from '../model.ts';
import { matchCombined } from './combined.ts';
import type { Format } from './format.ts';
import { joinQuery, share } from './json.ts';
import { KEY_HEADERS } from './key-headers.ts';
import { NOT_A_REQUEST, takeIdentity } from './marks.ts';
import { quarantined } from './reader.ts';

const at = (...names: readonly string[]): string => names.map((name) => `attributes{${name}}`).join(' || ');
const HEADERS = KEY_HEADERS.flatMap((header) => [header, header.replaceAll('-', '_')]);
const KEYS = at(
  ...HEADERS.map((header) => `http.request.header.${header}`),
  'api_key',
  'api.key',
  'apiKey',
  'x-api-key',
);
const STATUS = at('http.response.status_code', 'http.status_code');
const METHOD = at('http.request.method', 'http.method');

/** OTLP logs as JSON, as the file exporter of the collector writes them. opentelemetry.io/docs/specs/semconv/http/http-spans */
export const otlp: Format = {
  name: 'otlp',
  title: 'OpenTelemetry logs as OTLP JSON',
  syntax: { kind: 'json' },
  fields: {
    time: 'timeUnixNano || observedTimeUnixNano',
    key: KEYS,
    keyId: at('api_key.id', 'api_key_id', 'key_id'),
    // Not peer.service: in the spans of a client it names who is called.
    system: at('consumer.name', 'client.name'),
    ip: at('client.address', 'http.client_ip', 'network.peer.address', 'net.peer.ip', 'source.address'),
    userAgent: at('user_agent.original', 'http.user_agent'),
    status: STATUS,
    method: METHOD,
    action: at('url.full', 'http.url', 'http.target', 'url.path', 'http.route'),
    'identity.query': at('url.query'),
    'identity.user': at('enduser.id', 'user.id'),
    'identity.host': at('server.address', 'http.host'),
    'identity.body': 'body.stringValue',
  },
  // Records whose body is the line of another log have no attributes of a request, and are read as that.
  recognise: (sample) => (share(sample, 'timeUnixNano || observedTimeUnixNano') > 0.5 && share(sample, `${KEYS} || ${STATUS} || ${METHOD}`) > 0 ? 0.95 : 0), // prettier-ignore
  refine,
  limits: 'Attributes are the choice of the owner: keys show where http.request.header.<name> is captured.',
};

/** What has no attributes of a request may be one all the same, as the line of an access log in its body. */
function refine(fields: RawFields): RawFields | Skip {
  joinQuery(fields);
  const body = takeIdentity(fields, 'body') ?? '';
  const { status, method, action, ip, keys } = fields;
  if (keys.length > 0 || [status, method, action, ip].some((value) => value !== undefined)) return fields;
  const line = matchCombined(body);
  if (line === undefined) return MAY_HOLD_KEY.test(body) ? quarantined('malformed-line') : NOT_A_REQUEST;
  for (const name of ['ip', 'userAgent', 'status', 'method', 'action'] as const) {
    const value = line[name];
    if (value !== undefined) fields[name] = value;
  }
  return fields;
}

const MAY_HOLD_KEY = /key|token|authorization|bearer|HTTP\/\d|https?:\/\//i;
