import type { RawFields } from '../model.ts';
import type { Format } from './format.ts';
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

/** Tyk's own hashes are ids; without hashing, the key itself is written. */
function refine(fields: RawFields): RawFields {
  fields.keys = fields.keys.map((key) => ({
    ...key,
    kind: /^(?:[0-9a-f]{8}){1,2}$|^[0-9a-f]{64}$/.test(key.text) ? 'public' : 'secret',
  }));
  return fields;
}
