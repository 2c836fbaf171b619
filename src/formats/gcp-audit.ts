import type { RawFields, Skip } from '../model.ts';
import type { Format } from './format.ts';
import { marks, NOT_A_REQUEST, takeIdentity } from './marks.ts';

const AUDIT = 'protoPayload.authenticationInfo';

/** Google Cloud audit logs as LogEntry. cloud.google.com/logging/docs/reference/audit/auditlog/rest/Shared.Types/AuditLog */
export const gcpAudit: Format = {
  name: 'gcp-audit',
  title: 'Google Cloud audit logs',
  syntax: { kind: 'json' },
  fields: {
    time: 'timestamp || receiveTimestamp',
    keyId: `${AUDIT}.serviceAccountKeyName`,
    ip: 'protoPayload.requestMetadata.callerIp',
    userAgent: 'protoPayload.requestMetadata.callerSuppliedUserAgent',
    status: 'protoPayload.status.code',
    error: 'protoPayload.status.message',
    action: 'protoPayload.methodName',
    eventId: 'insertId',
    'identity.principalEmail': `${AUDIT}.principalEmail`,
    'identity.principalSubject': `${AUDIT}.principalSubject`,
    'identity.delegatedBy': `${AUDIT}.serviceAccountDelegationInfo[0].firstPartyPrincipal.principalEmail || ${AUDIT}.serviceAccountDelegationInfo[0].principalSubject`,
    'identity.service': 'protoPayload.serviceName',
    'identity.project': 'resource.labels.project_id',
    'identity.first': 'operation.first',
    'identity.last': 'operation.last',
  },
  recognise: (sample) => marks(sample, 'protoPayload.methodName || protoPayload.serviceName', 'logName || insertId'),
  hallmarks: ['serviceAccountKeyName', 'protoPayload'],
  refine,
  refineReads: ['status', 'action', 'identity.first', 'identity.last'],
  limits:
    'It names the key only where a service account key signed the call. Calls with API keys (AIza...) are not in audit logs, reads only where Data Access logs are on.',
};

const UNAUTHENTICATED = '16';
const PERMISSION_DENIED = '7';

function refine(fields: RawFields): RawFields | Skip {
  const [first, last] = [takeIdentity(fields, 'first'), takeIdentity(fields, 'last')];
  if (fields.action === undefined) return NOT_A_REQUEST;
  // The end of a long operation repeats its start without the caller.
  if (last === 'true' && first !== 'true' && fields.ip === undefined) return NOT_A_REQUEST;
  // A message without a code is no failure.
  const { status = '0' } = fields;
  const isRefused = status === UNAUTHENTICATED || status === PERMISSION_DENIED;
  fields.outcome = isRefused ? 'refused' : status === '0' ? 'accepted' : 'failed';
  fields.keys = fields.keys.map((key) => ({ ...key, text: key.text.replace(/^\/\/iam\.googleapis\.com\//, '') }));
  return fields;
}
