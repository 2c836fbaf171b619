import type { RawFields, Skip } from '../model.ts';
import type { Format } from './format.ts';
import { keyHeadersIn } from './key-headers.ts';
import { addressOf, marks, NOT_A_REQUEST, takeIdentity } from './marks.ts';

/** Caddy writes its access log among its other messages. caddyserver.com/docs/caddyfile/directives/log */
export const caddy: Format = {
  name: 'caddy',
  title: 'Caddy: JSON access log',
  syntax: { kind: 'json' },
  fields: {
    time: 'ts',
    key: keyHeadersIn('request.headers'),
    ip: 'request.client_ip || request.remote_ip || request.remote_addr',
    userAgent: 'request.headers["user-agent"]',
    cookie: 'request.headers.cookie',
    status: 'status',
    method: 'request.method',
    action: 'request.uri',
    'identity.user': 'user_id',
    'identity.host': 'request.host',
    'identity.socket_ip': 'request.remote_ip || request.remote_addr',
    'identity.logger': 'logger',
  },
  recognise: (sample) => marks(sample, 'request.uri', 'request.remote_ip || request.remote_addr', 'resp_headers'),
  hallmarks: ['resp_headers'],
  refine,
  refineReads: ['identity.logger', 'method'],
  // As older versions write it; newer ones write ["REDACTED"].
  redactions: ['"Authorization":[]', '"X-Api-Key":[]'],
  limits:
    'Authorization and cookies are redacted unless log_credentials is set: then it only shows that some key was used. Where no listed key is sent there, say so: sessionHeaders: [authorization].',
};

function refine(fields: RawFields): RawFields | Skip {
  const logger = takeIdentity(fields, 'logger');
  const isRequest = logger === undefined ? fields.method !== undefined : logger.startsWith('http.log.access');
  if (!isRequest) return NOT_A_REQUEST;
  const { socket_ip: socket } = fields.identity;
  if (socket !== undefined) fields.identity['socket_ip'] = addressOf(socket);
  if (fields.keys.some(({ text }) => /^(?:\[?REDACTED\]?|\[\])$/i.test(text)))
    fields.identity['auth_header_present'] = 'true';
  return fields;
}
