import type { RawFields } from '../model.ts';
import { detectDelimiter, hasColumns, headerLine } from './csv.ts';
import type { FieldMap, Format } from './format.ts';
import { marks } from './marks.ts';

/** Analytics records of Tyk's pump. tyk.io/docs/api-management/tyk-pump */
export const tyk: Format = {
  name: 'tyk',
  title: 'Tyk: analytics records of its pump',
  syntax: { kind: 'json' },
  fields: {
    time: 'timestamp || TimeStamp',
    key: 'api_key || APIKey',
    ip: 'ip_address || IPAddress',
    userAgent: 'user_agent || UserAgent',
    status: 'response_code || ResponseCode',
    method: 'method',
    action: 'raw_path || RawPath || path',
    'identity.alias': 'alias',
    'identity.oauth_id': 'oauth_id || OauthID',
    'identity.api': 'api_name || APIName',
    'identity.host': 'host',
  },
  recognise: (sample) =>
    marks(sample, 'api_key || APIKey', 'api_id || APIID', 'org_id || OrgID', 'response_code || ResponseCode'),
  refine,
  refineReads: [],
  limits: 'Keys are hashed unless hash_keys is off; analytics can be switched off per API.',
};

/** What its CSV pump writes. */
export const tykCsv: Format = {
  ...tyk,
  name: 'tyk-csv',
  title: 'Tyk: analytics records of its pump (CSV)',
  syntax: { kind: 'delimited', delimiter: undefined, columns: undefined },
  recognise: ({ lines }) => {
    const header = headerLine(lines);
    return hasColumns(header, detectDelimiter(header), NEEDED) ? 0.95 : 0;
  },
};

const NEEDED: FieldMap = { time: 'TimeStamp', key: 'APIKey', status: 'ResponseCode', 'identity.api': 'APIID' };

/** What stands for the key where none was asked for. */
const NO_KEY = '00000000';

/** Tyk's own hashes are ids; without hashing, the key itself is written. */
function refine(fields: RawFields): RawFields {
  const keys = fields.keys.filter(({ text }) => text !== NO_KEY);
  fields.keys = keys.map((key) => ({
    ...key,
    kind: /^(?:[0-9a-f]{8}){1,2}$|^[0-9a-f]{64}$/.test(key.text) ? 'public' : 'secret',
  }));
  return fields;
}
