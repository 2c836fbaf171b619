import type { RawFields, Skip } from '../model.ts';
import type { Format } from './format.ts';
import { keyHeadersIn } from './key-headers.ts';
import { marks, NOT_A_REQUEST } from './marks.ts';

/** Cloudflare Logpush, data set `http_requests`. developers.cloudflare.com/logs/logpush/logpush-job/datasets/zone/http_requests */
export const cloudflare: Format = {
  name: 'cloudflare',
  title: 'Cloudflare Logpush, http_requests',
  syntax: { kind: 'json' },
  fields: {
    time: 'EdgeStartTimestamp || EdgeEndTimestamp',
    key: keyHeadersIn('RequestHeaders'),
    ip: 'ClientIP',
    userAgent: 'ClientRequestUserAgent',
    status: 'EdgeResponseStatus',
    method: 'ClientRequestMethod',
    action: 'ClientRequestURI || ClientRequestPath',
    eventId: 'RayID',
    'identity.host': 'ClientRequestHost',
    'identity.referer': 'ClientRequestReferer',
    'identity.client': 'ClientMTLSAuthCertFingerprint',
    'identity.worker': 'WorkerScriptName',
  },
  recognise: (sample) =>
    marks(
      sample,
      'EdgeStartTimestamp || EdgeEndTimestamp',
      'RayID || ClientIP || ClientRequestHost || ClientRequestURI || EdgeResponseStatus',
    ),
  refine,
  refineReads: [],
  redelivers: true,
  limits: 'Keys in headers are there only as custom fields of the job (RequestHeaders); else only in query strings.',
};

/** The first object of a new job is `{"content":"test"}`. */
function refine(fields: RawFields): RawFields | Skip {
  const isEmpty = fields.time === undefined && fields.ip === undefined && fields.eventId === undefined;
  return isEmpty && fields.action === undefined && fields.keys.length === 0 ? NOT_A_REQUEST : fields;
}

/** Cloudflare Gateway, which people and devices go through to the web; data set `gateway_http` of Logpush. */
export const cloudflareGateway: Format = {
  name: 'cloudflare-gateway',
  title: 'Cloudflare Gateway: HTTP requests of people and devices (Logpush, gateway_http)',
  syntax: { kind: 'json' },
  fields: {
    time: 'Datetime',
    ip: 'SourceIP',
    userAgent: 'UserAgent',
    status: 'HTTPStatusCode',
    outcome: 'Action',
    method: 'HTTPMethod',
    action: 'URL',
    'identity.user': 'Email',
    'identity.user_id': 'UserID',
    'identity.device': 'DeviceName || DeviceID',
    'identity.host': 'HTTPHost',
    'identity.request_id': 'RequestID',
  },
  recognise: (sample) => marks(sample, 'Datetime', 'SourceIP', 'HTTPHost || URL', 'HTTPMethod || HTTPStatusCode'),
  refine: (fields) => {
    if (fields.outcome?.toLowerCase() === 'block') fields.outcome = 'refused';
    else delete fields.outcome;
    return fields;
  },
  refineReads: ['outcome'],
  limits: 'It carries no header but agent and referer: keys are seen only in query strings.',
};
