import type { Format } from './format.ts';
import { joinQuery } from './json.ts';
import { KEY_HEADERS } from './key-headers.ts';
import { marks } from './marks.ts';

const HEADERS = 'httpRequest.headers';

/** AWS WAF web ACL logs. docs.aws.amazon.com/waf/latest/developerguide/logging-fields.html */
export const awsWaf: Format = {
  name: 'aws-waf',
  title: 'AWS WAF: traffic of a web ACL',
  syntax: { kind: 'json' },
  fields: {
    time: 'timestamp',
    key: KEY_HEADERS.map((header) => `${HEADERS}{${header}}`).join(' || '),
    ip: 'httpRequest.clientIp',
    userAgent: `${HEADERS}{user-agent}`,
    status: 'responseCodeSent',
    outcome: 'action',
    method: 'httpRequest.httpMethod',
    action: 'httpRequest.uri',
    'identity.host': `${HEADERS}{host}`,
    'identity.query': 'httpRequest.args',
    'identity.request_id': 'httpRequest.requestId',
    'identity.acl': 'webaclId',
  },
  recognise: (sample) => marks(sample, 'webaclId', 'httpRequest.clientIp', 'action'),
  hallmarks: ['webaclId'],
  refine: (fields) => {
    joinQuery(fields);
    // Blocked before it came to the API: somebody still calls with the key.
    fields.outcome = fields.outcome?.toUpperCase() === 'ALLOW' ? 'accepted' : 'refused';
    return fields;
  },
  limits:
    'It says what the firewall let through, not how the API answered; redacted fields read REDACTED or are left out.',
};
