import type { Format } from './format.ts';
import { marks } from './marks.ts';

/** Access log in Simple Log Service. alibabacloud.com/help/en/api-gateway, "Use Simple Log Service to manage logs" */
export const alibabaApiGateway: Format = {
  name: 'alibaba-api-gateway',
  title: 'Alibaba Cloud API Gateway: access log',
  syntax: { kind: 'json' },
  fields: {
    time: 'requestHandleTime || __time__ || responseHandleTime',
    // One of them may be listed.
    keyId: 'consumerAppKey || appKey || appId || consumerAppId',
    system: 'appName',
    ip: 'clientIp',
    userAgent: 'userAgent || requestHeaders["user-agent"]',
    status: 'statusCode',
    method: 'httpMethod',
    action: 'path',
    'identity.api': 'apiName',
    'identity.host': 'domain',
    'identity.request_id': 'requestId',
  },
  recognise: (sample) => marks(sample, 'apiGroupUid || apiGroupName', 'apiStageUid || apiStageName', 'apiUid || apiName', 'clientIp'), // prettier-ignore
  limits:
    'It names the application that signed the call, by its key (AppKey) and its id, whether it sent a signature or an AppCode.',
};
