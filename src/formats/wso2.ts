import type { RawFields } from '../model.ts';
import type { Format } from './format.ts';
import { marks } from './marks.ts';

/** Calls as analytics of API Manager writes them to `apim_metrics.log`. apim.docs.wso2.com */
export const wso2: Format = {
  name: 'wso2',
  title: 'WSO2 API Manager: analytics of calls',
  syntax: { kind: 'json' },
  fields: {
    time: 'requestTimestamp || requestTime',
    // One of them may be listed.
    keyId: 'applicationConsumerKey || applicationId',
    system: 'applicationName',
    ip: 'userIp',
    userAgent: 'userAgent || userAgentHeader',
    status: 'proxyResponseCode || responseCode',
    method: 'apiMethod',
    action: 'apiResourcePath || apiResourceTemplate',
    'identity.owner': 'applicationOwner',
    'identity.user': 'userName || username',
    'identity.api': 'apiName',
    'identity.request_id': 'correlationId',
  },
  recognise: (sample) => marks(sample, 'apiName', 'applicationId || applicationName', 'apiMethod', 'requestTimestamp || requestTime', 'apiCreator || apiVersion || apiContext'), // prettier-ignore
  refine,
  refineReads: ['system'],
  limits: 'It names the application that called; its consumer key only up to version 3, and never which of its tokens.',
};

const NOBODY = 'UNKNOWN';

function refine(fields: RawFields): RawFields {
  fields.keys = fields.keys.filter(({ text }) => text !== NOBODY);
  if (fields.system === NOBODY) delete fields.system;
  return fields;
}
