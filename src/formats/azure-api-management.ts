import type { Format } from './format.ts';
import { keyHeadersIn } from './key-headers.ts';
import { marks, publicFirst } from './marks.ts';

const both = (name: string): string => `properties.${name} || ${name}`;

/** GatewayLogs, by diagnostic settings or out of Log Analytics. learn.microsoft.com/azure/api-management/gateway-log-schema-reference */
export const azureApiManagement: Format = {
  name: 'azure-api-management',
  title: 'Azure API Management: gateway logs',
  syntax: { kind: 'json' },
  fields: {
    time: 'time || TimeGenerated || properties.timestamp',
    key: keyHeadersIn('properties.requestHeaders', 'requestHeaders'),
    keyId: both('apimSubscriptionId'),
    ip: 'callerIpAddress || properties.callerIpAddress || properties.clientIp',
    userAgent: 'properties.requestHeaders["user-agent"] || requestHeaders["user-agent"]',
    cookie: 'properties.requestHeaders.cookie || requestHeaders.cookie',
    status: both('responseCode'),
    method: both('method'),
    action: both('url'),
    'identity.user': both('userId'),
    'identity.product': both('productId'),
    'identity.api': both('apiId'),
    'identity.operation': both('operationId'),
    'identity.request_id': 'correlationId || properties.correlationId',
  },
  recognise: (sample) =>
    marks(
      sample,
      both('apiId'),
      both('responseCode'),
      `${both('backendResponseCode')} || ${both('apimSubscriptionId')} || ${both('apiRevision')}`,
    ),
  hallmarks: ['apimSubscriptionId'],
  refine: publicFirst,
  refineReads: [],
  limits:
    'A subscription has two keys: the log names the subscription, not which of them. It logs the agent only where headers are logged.',
};
