import type { RawFields } from '../model.ts';
import type { FieldMap, Format } from './format.ts';
import { marks, takeIdentity } from './marks.ts';
import { fromUsTime } from './us-time.ts';

/** Diagnostic settings put the sign-in under `properties`; Microsoft Graph and Log Analytics write it flat. */
const both = (name: string): string => `properties.${name} || ${name}`;

const FIELDS: FieldMap = {
  time: 'time || properties.createdDateTime || createdDateTime || TimeGenerated',
  keyId: `${both('servicePrincipalCredentialKeyId')} || ${both('servicePrincipalCredentialThumbprint')}`,
  ip: 'callerIpAddress || properties.ipAddress || ipAddress',
  userAgent: both('userAgent'),
  status: 'resultType || properties.status.errorCode || status.errorCode',
  action: 'operationName || properties.resourceDisplayName || resourceDisplayName',
  eventId: both('id'),
  'identity.appId': both('appId'),
  'identity.appDisplayName': both('appDisplayName'),
  'identity.servicePrincipalId': both('servicePrincipalId'),
  'identity.servicePrincipalName': both('servicePrincipalName'),
  'identity.user': both('userPrincipalName'),
  'identity.credentialType': `${both('clientCredentialType')} || ${both('credentialType')}`,
  'identity.tenantId': 'tenantId || properties.tenantId',
  'identity.resource': both('resourceDisplayName'),
};

/** Microsoft Entra ID sign-ins. learn.microsoft.com/azure/azure-monitor/reference/tables/aadserviceprincipalsigninlogs */
export const azureSignIn: Format = {
  name: 'azure-sign-in',
  title: 'Microsoft Entra ID sign-ins: users, service principals, managed identities',
  syntax: { kind: 'json' },
  fields: FIELDS,
  recognise: (sample) =>
    marks(
      sample,
      both('appId'),
      `resultType || ${both('status.errorCode')}`,
      `${both('servicePrincipalId')} || ${both('resourceServicePrincipalId')} || ${both('userPrincipalName')} || ${both('conditionalAccessStatus')}`,
    ),
  hallmarks: ['servicePrincipalCredentialKeyId', 'servicePrincipalCredentialThumbprint'],
  refine,
  refineReads: ['status', 'identity.servicePrincipalId'],
  redelivers: true,
  limits:
    'A sign-in gets a token that is used for an hour or more without another: the last call may be later than the last sign-in.',
};

/** Error codes of a secret, certificate or app that is expired, unknown, disabled or not allowed in. */
const REFUSED =
  /^(?:7000(?:2[12]|1[1259]|222|215|216|229|112|027)\d*|50126|50034|50055|50057|50105|53003|65001|90002|700016|700027)$/;
const NO_CREDENTIAL = '00000000-0000-0000-0000-000000000000';

function refine(fields: RawFields): RawFields {
  if (fields.time !== undefined) fields.time = fromUsTime(fields.time);
  const { status } = fields;
  fields.outcome = status === undefined || status === '0' ? 'accepted' : REFUSED.test(status) ? 'refused' : 'failed';
  fields.keys = fields.keys.filter(({ text }) => text !== NO_CREDENTIAL);
  const resource = takeIdentity(fields, 'resource');
  if (fields.identity['servicePrincipalId'] !== undefined && resource !== undefined)
    fields.identity['resource'] = resource;
  return fields;
}
