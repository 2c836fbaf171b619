import type { RawFields } from '../model.ts';
import type { Format } from './format.ts';
import { marks, takeIdentity } from './marks.ts';

/** Requests as reporters of the gateway write them, of APIs v2 and v4. documentation.gravitee.io/apim */
export const gravitee: Format = {
  name: 'gravitee',
  title: 'Gravitee: requests, from the reporters of its gateway',
  syntax: { kind: 'json' },
  fields: {
    time: '@timestamp || timestamp',
    key: 'security-token || securityToken',
    ip: 'remote-address || remoteAddress',
    userAgent: 'user-agent || userAgent',
    status: 'status',
    method: 'http-method || httpMethod || method',
    action: 'uri || path',
    'identity.application': 'application-id || application || applicationId',
    'identity.subscription': 'subscription-id || subscription || subscriptionId',
    'identity.plan': 'plan-id || plan || planId',
    'identity.api': 'api-id || api || apiId',
    'identity.user': 'user',
    'identity.host': 'host',
    'identity.request_id': 'request-id || _id || requestId',
    'identity.security': 'security-type || securityType',
  },
  recognise: (sample) =>
    marks(
      sample,
      'gw-id || gateway || security-type || securityType',
      'api-id || api || apiId',
      'transaction-id || transaction || transactionId',
      'remote-address || remoteAddress',
    ),
  refine,
  refineReads: ['identity.security'],
  limits: 'It shows the key of plans with API keys; of OAuth2 and JWT plans the id of the client, not its secret.',
};

/** Methods go by number in Elasticsearch. */
const METHODS = ['OTHER', 'CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'TRACE'];

function refine(fields: RawFields): RawFields {
  const security = takeIdentity(fields, 'security');
  const method = METHODS[Number(fields.method)];
  if (method !== undefined) fields.method = method;
  if (security === 'OAUTH2' || security === 'JWT')
    fields.keys = fields.keys.map((key) => ({ ...key, kind: 'public' as const }));
  return fields;
}
