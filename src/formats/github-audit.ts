import type { RawFields } from '../model.ts';
import type { Format } from './format.ts';
import { marks } from './marks.ts';

/** GitHub audit log, exported or streamed. docs.github.com/enterprise-cloud@latest/admin/monitoring-activity-in-your-enterprise */
export const githubAudit: Format = {
  name: 'github-audit',
  title: 'GitHub audit log: export or stream',
  syntax: { kind: 'json' },
  fields: {
    time: '@timestamp || at_sign_timestamp || created_at || timestamp',
    // Both name the token: an inventory may know it by either.
    keyId: 'hashed_token || token_id',
    ip: 'actor_ip || actor_location.ip',
    userAgent: 'user_agent',
    status: 'status_code',
    method: 'request_method',
    action: 'action',
    eventId: '_document_id',
    'identity.actor': 'actor',
    'identity.user': 'user',
    'identity.org': 'org',
    'identity.repo': 'repo || repository',
    'identity.programmatic_access_type': 'programmatic_access_type',
    'identity.application': 'oauth_application_name || application_name || integration',
    'identity.token_scopes': 'token_scopes',
    'identity.url_path': 'url_path',
  },
  recognise: (sample) =>
    marks(
      sample,
      'action',
      'actor || user || org || business',
      '@timestamp || at_sign_timestamp || created_at',
      '_document_id || hashed_token || programmatic_access_type || actor_location || operation_type || actor_id || org_id',
    ),
  hallmarks: ['hashed_token', 'programmatic_access_type'],
  refine,
  refineReads: [],
  redelivers: true,
  limits:
    'Tokens of GitHub Apps live for an hour: each shows as a key of its own. API requests are there only where their streaming is on, addresses only where disclosing them is; what a person does in the browser has no token.',
};

/** The hash first; `"token_id":0` says that the token has no id. */
function refine(fields: RawFields): RawFields {
  const keys = fields.keys.filter(({ text }) => text !== '0');
  fields.keys = keys.toSorted((a, b) => Number(isNumber(a.text)) - Number(isNumber(b.text)));
  return fields;
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text);
}
