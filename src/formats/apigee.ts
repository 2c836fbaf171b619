import type { RawFields } from '../model.ts';
import { detectDelimiter, hasColumns, headerLine } from './csv.ts';
import type { FieldMap, Format } from './format.ts';
import { marks } from './marks.ts';

/** Analytics of Apigee, as its export writes them. cloud.google.com/apigee/docs/api-platform/analytics/export-data */
export const apigee: Format = {
  name: 'apigee',
  title: 'Apigee: exported analytics (JSON)',
  syntax: { kind: 'json' },
  fields: {
    time: 'client_received_start_timestamp || client_received_end_timestamp',
    key: 'client_id || access_token',
    ip: 'ax_resolved_client_ip || x_forwarded_for_ip || client_ip',
    userAgent: 'useragent',
    status: 'response_status_code',
    method: 'request_verb',
    action: 'request_uri || request_path || proxy_pathsuffix',
    'identity.app': 'developer_app',
    'identity.developer': 'developer_email || developer',
    'identity.product': 'api_product',
    'identity.proxy': 'apiproxy',
    'identity.request_id': 'gateway_flow_id',
  },
  recognise: (sample) =>
    marks(sample, 'apiproxy', 'client_id || developer_app', 'response_status_code || request_verb', TIMES),
  refine,
  refineReads: [],
  limits: 'An export holds only what analytics kept: sampling and the retention of the plan take calls out.',
};

const TIMES = 'client_received_start_timestamp || client_received_end_timestamp';

/** The same as rows. */
export const apigeeCsv: Format = {
  ...apigee,
  name: 'apigee-csv',
  title: 'Apigee: exported analytics (CSV)',
  syntax: { kind: 'delimited', delimiter: undefined, columns: undefined },
  recognise: ({ lines }) => {
    const header = headerLine(lines);
    return hasColumns(header, detectDelimiter(header), NEEDED) ? 0.95 : 0;
  },
};

const NEEDED: FieldMap = { time: TIMES, key: 'client_id', 'identity.proxy': 'apiproxy' };

/** What is not known reads `(not set)`. */
function refine(fields: RawFields): RawFields {
  fields.keys = fields.keys.filter(({ text }) => text !== NOT_SET);
  for (const name of ['ip', 'userAgent', 'status', 'method', 'action'] as const) {
    if (fields[name] === NOT_SET) delete fields[name];
  }
  for (const [name, value] of Object.entries(fields.identity)) if (value === NOT_SET) delete fields.identity[name];
  return fields;
}

const NOT_SET = '(not set)';
