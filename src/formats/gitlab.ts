import type { RawFields, Skip } from '../model.ts';
import type { Format } from './format.ts';
import { marks, NOT_A_REQUEST, takeIdentity } from './marks.ts';

/** GitLab's api_json.log and production_json.log. docs.gitlab.com/administration/logs */
export const gitlab: Format = {
  name: 'gitlab',
  title: 'GitLab: api_json.log and production_json.log',
  syntax: { kind: 'json' },
  fields: {
    time: 'time',
    keyId: 'token_id || ["meta.token_id"]',
    // The list of all proxies stands in the other; this one is whom GitLab took for the caller.
    ip: '["meta.remote_ip"] || remote_ip || ip',
    userAgent: 'ua || user_agent || ["meta.user_agent"]',
    status: 'status',
    method: 'method',
    action: 'path',
    'identity.user': 'username || ["meta.user"]',
    'identity.user_id': 'user_id || ["meta.user_id"]',
    'identity.client_id': '["meta.client_id"]',
    'identity.project': '["meta.project"]',
    'identity.token_type': 'token_type || ["meta.token_type"]',
    'identity.host': 'host',
    'identity.route': 'route',
    'identity.request_id': 'correlation_id',
  },
  recognise: (sample) =>
    Math.max(
      marks(
        sample,
        'time',
        'path',
        'status',
        'route',
        'params',
        'db_duration_s || view_duration_s || duration || duration_s || gitaly_calls || db',
      ),
      // Any application in Rails may log the others.
      marks(
        sample,
        'time',
        'path',
        'controller',
        'action',
        'format',
        'status',
        'params || ["meta.caller_id"]',
        'correlation_id || ua || username',
      ),
    ),
  hallmarks: ['token_id'],
  // Parameters of these names, whose values are filtered: some token was sent.
  redactions: ['"private_token"', '"job_token"', '"access_token"'],
  refine,
  refineReads: ['identity.token_type'],
  limits:
    'It names the token only from GitLab 16 on, and only on authenticated API calls; values of tokens are filtered. Git over SSH and HTTP is in other logs.',
};

/** Each kind of token counts its own ids: a deploy token 7 is not the personal access token 7. */
function refine(fields: RawFields): RawFields {
  const { token_type: type } = fields.identity;
  if (type === undefined || type === 'PersonalAccessToken') return fields;
  fields.keys = fields.keys.map((key) => (key.kind === 'public' ? { ...key, text: `${type}/${key.text}` } : key));
  return fields;
}

/** The reverse proxy before it. Git over HTTP and uploads are only there. */
export const gitlabWorkhorse: Format = {
  name: 'gitlab-workhorse',
  title: 'GitLab: log of Workhorse, the proxy before it',
  syntax: { kind: 'json' },
  fields: {
    time: 'time',
    ip: 'remote_ip || remote_addr',
    userAgent: 'user_agent',
    status: 'status',
    method: 'method',
    action: 'uri',
    'identity.host': 'host',
    'identity.route': 'route',
    'identity.request_id': 'correlation_id',
    'identity.message': 'msg',
  },
  recognise: (sample) => marks(sample, 'correlation_id', 'msg', 'uri', 'duration_ms', 'written_bytes || ttfb_ms'),
  refine: refineWorkhorse,
  refineReads: ['identity.message'],
  limits: 'It names neither user nor token, and filters tokens out of query strings: api_json.log names them.',
};

function refineWorkhorse(fields: RawFields): RawFields | Skip {
  return takeIdentity(fields, 'message') === 'access' ? fields : NOT_A_REQUEST;
}
