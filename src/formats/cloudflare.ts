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
