import type { RawFields } from '../model.ts';
import type { Format } from './format.ts';
import { marks } from './marks.ts';

/** Audit events of Oracle Cloud. docs.oracle.com/en-us/iaas/Content/Audit/Reference/logeventreference.htm */
export const ociAudit: Format = {
  name: 'oci-audit',
  title: 'Oracle Cloud Infrastructure: audit log',
  syntax: { kind: 'json' },
  fields: {
    time: everyPlace('time', 'eventTime', 'data.eventTime'),
    keyId: everyPlace('data.identity.credentials'),
    ip: everyPlace('data.identity.ipAddress'),
    userAgent: everyPlace('data.identity.userAgent'),
    status: everyPlace('data.response.status'),
    method: everyPlace('data.request.action'),
    action: everyPlace('data.eventName'),
    eventId: everyPlace('id', 'eventID'),
    'identity.principalName': everyPlace('data.identity.principalName'),
    'identity.principalId': everyPlace('data.identity.principalId'),
    'identity.caller': everyPlace('data.identity.callerName'),
    'identity.tenant': everyPlace('data.identity.tenantId'),
    'identity.service': everyPlace('type', 'eventType'),
  },
  recognise: (sample) => marks(sample, everyPlace('data.identity'), everyPlace('data.eventName'), everyPlace('data.request', 'data.response')), // prettier-ignore
  refine,
  refineReads: [],
  limits:
    'It names API keys by tenancy, user and fingerprint. Callers with session or instance tokens show as principals.',
};

/** As the service connector writes it, and as a search in Logging does. */
function everyPlace(...paths: readonly string[]): string {
  return paths.flatMap((path) => [path, `logContent.${path}`]).join(' || ');
}

/** Of a token for a session, its beginning stands there. */
function refine(fields: RawFields): RawFields {
  fields.keys = fields.keys.filter(({ text }) => !text.startsWith('ST$'));
  return fields;
}
