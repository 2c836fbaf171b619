import type { RawFields } from '../model.ts';
import type { Format } from './format.ts';
import { joinQuery } from './json.ts';
import { KEY_HEADERS } from './key-headers.ts';
import { marks, takeIdentity } from './marks.ts';
import { percentDecode } from './w3c.ts';

const HEADERS_AT = 'httpMessage.requestHeaders';

/** Security events of Akamai's SIEM API. techdocs.akamai.com/siem-integration/reference/api-response */
export const akamaiSiem: Format = {
  name: 'akamai-siem',
  title: 'Akamai: security events of the SIEM API',
  syntax: { kind: 'json' },
  fields: {
    time: 'httpMessage.start',
    key: 'attackData.apiKey',
    ip: 'attackData.clientIP',
    status: 'httpMessage.status',
    method: 'httpMessage.method',
    action: 'httpMessage.path',
    'identity.query': 'httpMessage.query',
    'identity.headers': HEADERS_AT,
    'identity.host': 'httpMessage.host',
    'identity.request_id': 'httpMessage.requestId',
    'identity.api': 'attackData.apiId',
    'identity.applied': 'attackData.appliedAction',
  },
  recognise: (sample) =>
    marks(sample, 'attackData.configId || attackData.policyId', 'httpMessage.requestId || httpMessage.start'),
  refine,
  limits: 'It has only requests that a rule of the firewall matched: silence there proves nothing.',
};

/** The headers of the request stand in one text, percent-encoded. */
function refine(fields: RawFields): RawFields {
  const headers = takeIdentity(fields, 'headers') ?? '';
  for (const line of headers.split(/%0d%0a|\r\n/i).map(percentDecode)) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === 'user-agent') fields.userAgent ??= value;
    else if (name === 'cookie') fields.cookie ??= value;
    else if (KEY_HEADERS.includes(name))
      fields.keys.push({ text: value, kind: 'secret', place: `${HEADERS_AT}{${name}}` });
  }
  return joinQuery(fields);
}
