import type { RawFields } from '../model.ts';
import { REFUSED } from './aws-cloudtrail.ts';
import type { Format } from './format.ts';
import { marks, takeIdentity } from './marks.ts';

/** Before version 1.0, who called stood under `identity`. */
const of = (...paths: readonly string[]): string =>
  ['actor', 'identity'].flatMap((who) => paths.map((path) => `${who}.${path}`)).join(' || ');

/** Events of the Open Cybersecurity Schema, as Security Lake writes CloudTrail. schema.ocsf.io/classes/api_activity */
export const ocsf: Format = {
  name: 'ocsf',
  title: 'OCSF events, such as API activity of AWS Security Lake',
  syntax: { kind: 'json' },
  fields: {
    time: 'time || time_dt',
    keyId: of('user.credential_uid', 'session.credential_uid'),
    ip: 'src_endpoint.ip || src_endpoint.svc_name || src_endpoint.domain',
    userAgent: 'http_request.user_agent',
    status: 'http_response.code || http_response.status',
    error: 'api.response.error || api.response.error_message || status_code',
    method: 'http_request.http_method',
    action: 'api.operation || http_request.url.path',
    eventId: 'metadata.uid',
    issuer: of('session.issuer', 'user.uid_alt', 'user.uid', 'user.name'),
    'identity.service': 'api.service.name',
    'identity.type': of('user.type'),
    'identity.arn': of('user.uid_alt', 'user.uid'),
    'identity.userName': of('user.name'),
    'identity.accountId': `${of('user.account.uid', 'user.account_uid')} || cloud.account.uid || cloud.account_uid`,
    'identity.region': 'cloud.region',
    'identity.issuer': of('session.issuer'),
    'identity.success': 'status_id',
  },
  recognise: (sample) => marks(sample, 'class_uid', 'metadata', 'actor || identity || api || http_request'),
  hallmarks: ['class_uid'],
  refine,
  refineReads: ['error', 'identity.success'],
  redelivers: true,
  limits:
    'The credential id is there where the source had one (CloudTrail does). Data events only where they are collected.',
};

/** `status_id` 1 is success; codes of errors may stand beside it all the same. */
function refine(fields: RawFields): RawFields {
  const success = takeIdentity(fields, 'success');
  const service = takeIdentity(fields, 'service');
  if (service !== undefined && fields.action !== undefined) fields.action = `${service}:${fields.action}`;
  if (success === '1') delete fields.error;
  else if (fields.error !== undefined) fields.outcome = REFUSED.has(fields.error) ? 'refused' : 'failed';
  else if (success === '2') fields.outcome = 'failed';
  return fields;
}
