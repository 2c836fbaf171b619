import type { RawFields } from '../model.ts';
import type { Format } from './format.ts';
import { marks } from './marks.ts';
import { orUsual } from './usual-fields.ts';

/** Fastly's log streaming with the JSON templates of its guides. The CLF templates are read as `combined`. docs.fastly.com/en/guides/useful-log-formats */
export const fastly: Format = {
  name: 'fastly',
  title: 'Fastly log streaming, JSON templates of its guides',
  syntax: { kind: 'json' },
  fields: orUsual({
    time: 'timestamp || time_start || start_time || time_start_epoch || time',
    key: 'request_x_api_key || request_api_key || request_authorization || x_api_key || api_key',
    ip: 'client_ip || fastly_client_ip',
    userAgent: 'request_user_agent || user_agent',
    status: 'response_status || status || resp_status',
    method: 'request_method || req_method || request',
    action: 'url || request_url || req_url',
    'identity.host': 'host || request_host || orig_host',
    'identity.referer': 'request_referer',
    'identity.service': 'service_id || service',
    'identity.server': 'fastly_server || server_datacenter || pop || datacenter',
  }),
  recognise: (sample) =>
    marks(
      sample,
      'fastly_is_edge || fastly_server || geo_country_code || is_cacheable || response_state || cache_status',
      'request_user_agent || request_method || request',
      'client_ip || fastly_server || fastly_is_edge',
    ),
  refine,
  refineReads: [],
  limits:
    'Its fields are the choice of the owner; the templates have no header with a key: keys are seen only in the URL.',
};

/** VCL writes this for a header that was not sent. */
const NO_HEADER = '(null)';

function refine(fields: RawFields): RawFields {
  if (fields.userAgent === NO_HEADER) delete fields.userAgent;
  for (const [name, value] of Object.entries(fields.identity)) if (value === NO_HEADER) delete fields.identity[name];
  return fields;
}
