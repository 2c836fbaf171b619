import type { RawFields } from '../model.ts';
import type { Format } from './format.ts';
import { joinQuery } from './json.ts';
import { keyHeadersIn } from './key-headers.ts';
import { marks } from './marks.ts';

/** API events of the analytics, exported or offloaded. ibm.com/docs/en/api-connect, "API event record fields" */
export const ibmApiConnect: Format = {
  name: 'ibm-api-connect',
  title: 'IBM API Connect: API events of its analytics',
  syntax: { kind: 'json' },
  fields: {
    time: 'datetime || @timestamp || timestamp',
    key: keyHeadersIn('request_http_headers', 'request_http_headers[*]', 'headers'),
    keyId: 'client_id',
    system: 'app_name',
    ip: 'client_ip',
    userAgent: 'http_user_agent || request_http_headers["user-agent"] || request_http_headers[*]["user-agent"]',
    status: 'status_code',
    method: 'request_method',
    action: 'uri_path',
    'identity.query': 'query_string',
    'identity.application': 'app_id',
    'identity.organization': 'consumer_org_name || developer_org_name',
    'identity.api': 'api_name',
    'identity.plan': 'plan_name',
    'identity.host': 'host',
    'identity.request_id': 'transaction_id',
  },
  recognise: (sample) => marks(sample, 'api_name', 'uri_path', 'request_method', 'consumer_org_name || developer_org_name || catalog_name || plan_name'), // prettier-ignore
  refine,
  refineReads: ['system'],
  queryField: 'identity.query',
  limits: 'It names the client id that was sent, not its secret; headers are there only where activity logs have them.',
};

function refine(fields: RawFields): RawFields {
  if (fields.system === 'N/A') delete fields.system;
  // "403 Forbidden"
  if (fields.status !== undefined) fields.status = fields.status.split(' ')[0] as string;
  return joinQuery(fields);
}
