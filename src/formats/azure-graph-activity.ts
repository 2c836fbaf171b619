import type { Format } from './format.ts';
import { marks } from './marks.ts';

const both = (name: string): string => `properties.${name} || ${name}`;

/** Requests to Microsoft Graph, and to Azure AD Graph before it. learn.microsoft.com/graph/microsoft-graph-activity-logs-overview */
export const azureGraphActivity: Format = {
  name: 'azure-graph-activity',
  title: 'Microsoft Graph: activity logs',
  syntax: { kind: 'json' },
  fields: {
    time: 'time || properties.timeGenerated || TimeGenerated',
    ip: 'callerIpAddress || properties.callerIpAddress || properties.ipAddress || ipAddress',
    userAgent: both('userAgent'),
    status: `${both('responseStatusCode')} || ${both('httpStatusCode')}`,
    method: `${both('requestMethod')} || ${both('httpMethod')}`,
    action: both('requestUri'),
    eventId: both('requestId'),
    'identity.appId': both('appId'),
    'identity.servicePrincipalId': both('servicePrincipalId'),
    'identity.userId': both('userId'),
    'identity.tenantId': 'tenantId || properties.tenantId || AadTenantId',
    'identity.signIn': both('signInActivityId'),
  },
  recognise: (sample) => marks(sample, both('requestUri'), both('signInActivityId'), both('appId')),
  hallmarks: ['signInActivityId'],
  limits: 'It names the app that called, not which of its secrets or certificates: those are in its sign-ins.',
};
