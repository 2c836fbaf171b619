import type { RawFields, Skip } from '../model.ts';
import type { Format } from './format.ts';
import { joinQuery } from './json.ts';
import { keyHeadersIn } from './key-headers.ts';
import { addressOf, marks, NOT_A_REQUEST, takeIdentity } from './marks.ts';
import { fromUsTime } from './us-time.ts';

/** Access logs of Azure Front Door and Application Gateway. learn.microsoft.com/azure/frontdoor/monitor-front-door-reference */
export const azureFrontDoor: Format = {
  name: 'azure-front-door',
  title: 'Azure Front Door and Application Gateway: access log',
  syntax: { kind: 'json' },
  fields: {
    time: 'time || timeStamp',
    key: keyHeadersIn('properties.requestHeaders'),
    ip: 'properties.clientIp',
    userAgent: 'properties.userAgent',
    status: 'properties.httpStatusCode || properties.httpStatus',
    method: 'properties.httpMethod',
    action: 'properties.requestUri || properties.originalRequestUriWithArgs',
    'identity.query': 'properties.requestQuery',
    'identity.host': 'properties.hostName || properties.originalHost || properties.host',
    'identity.request_id': 'properties.trackingReference || properties.transactionId',
    'identity.category': 'category || Category',
  },
  recognise: (sample) => marks(sample, 'properties.httpMethod', 'properties.requestUri', 'properties.clientIp'),
  refine,
  refineReads: ['identity.category', 'status', 'method', 'action'],
  queryField: 'identity.query',
  limits: 'It carries no header with a key: keys are seen only in query strings.',
};

/** What its firewall says of a request stands beside the request, rule by rule. The gateway adds parameters to the query. */
function refine(fields: RawFields): RawFields | Skip {
  const category = takeIdentity(fields, 'category');
  const { status, method, action } = fields;
  if (category !== undefined && /Firewall/i.test(category)) return NOT_A_REQUEST;
  if (status === undefined && method === undefined && action === undefined) return NOT_A_REQUEST;
  if (fields.time !== undefined) fields.time = fromUsTime(fields.time);
  joinQuery(fields);
  if (fields.ip !== undefined) fields.ip = addressOf(fields.ip);
  return fields;
}
