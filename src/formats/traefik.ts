import type { RawFields, Skip } from '../model.ts';
import type { Format } from './format.ts';
import { KEY_HEADERS, share } from './json.ts';
import { NOT_A_REQUEST, withoutPort } from './text-lines.ts';

/** Traefik's access log as JSON. Its CLF is read as `combined`. doc.traefik.io/traefik/reference/install-configuration/observability/logs-and-accesslogs */
export const traefikJson: Format = {
  name: 'traefik-json',
  title: 'Traefik access log, JSON',
  syntax: { kind: 'json' },
  fields: {
    time: 'StartUTC || time || StartLocal',
    key: KEY_HEADERS.map((header) => `["request_${header}"]`).join(' || '),
    ip: 'ClientHost || ClientAddr',
    userAgent: '["request_User-Agent"]',
    status: 'DownstreamStatus || OriginStatus',
    method: 'RequestMethod',
    action: 'RequestPath',
    'identity.user': 'ClientUsername',
    'identity.host': 'RequestHost || RequestAddr',
    'identity.router': 'RouterName',
    'identity.service': 'ServiceName',
    'identity.socket_ip': 'ClientAddr',
  },
  recognise: (sample) =>
    share(sample, 'DownstreamStatus || OriginStatus || RouterName || entryPointName') *
    share(sample, 'ClientHost || ClientAddr || RequestHost || RequestPath'),
  refine,
  limits: 'Headers, and keys in them, are there only with accesslog.fields.headers set to keep them.',
};

/** Messages of the proxy itself may be in the same stream. */
function refine(fields: RawFields): RawFields | Skip {
  const { socket_ip: socket } = fields.identity;
  if (socket !== undefined) fields.identity['socket_ip'] = withoutPort(socket);
  const isRequest = fields.method !== undefined || fields.action !== undefined || fields.status !== undefined;
  return isRequest || fields.keys.length > 0 ? fields : NOT_A_REQUEST;
}
