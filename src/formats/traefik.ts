import type { RawFields, Skip } from '../model.ts';
import type { Format } from './format.ts';
import { KEY_HEADERS } from './key-headers.ts';
import { addressOf, marks, NOT_A_REQUEST } from './marks.ts';

/** Traefik. doc.traefik.io/traefik/observe/logs-and-access-logs */
export const traefik: Format = {
  name: 'traefik',
  title: 'Traefik: JSON access log',
  syntax: { kind: 'json' },
  fields: {
    time: 'StartUTC || StartLocal || time',
    key: KEY_HEADERS.map((header) => `["request_${header}"]`).join(' || '),
    ip: 'ClientHost || ClientAddr',
    userAgent: '["request_User-Agent"]',
    cookie: 'request_Cookie',
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
    marks(sample, 'RequestMethod', 'ClientAddr || ClientHost', 'DownstreamStatus || OriginStatus || RequestCount'),
  hallmarks: ['DownstreamStatus'],
  refine,
  refineReads: ['method'],
  limits:
    'It keeps request headers only where accessLog.fields.headers says so; a redacted one shows that some key was used.',
};

function refine(fields: RawFields): RawFields | Skip {
  if (fields.method === undefined && fields.status === undefined) return NOT_A_REQUEST;
  const { socket_ip: socket } = fields.identity;
  if (socket !== undefined) fields.identity['socket_ip'] = addressOf(socket);
  return fields;
}
