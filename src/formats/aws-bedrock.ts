import type { Format } from './format.ts';
import { marks } from './marks.ts';

/** Amazon Bedrock. docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html */
export const awsBedrock: Format = {
  name: 'aws-bedrock',
  title: 'Amazon Bedrock: model invocation log',
  syntax: { kind: 'json' },
  fields: {
    time: 'timestamp',
    system: 'identity.arn',
    error: 'errorCode',
    action: 'operation',
    'identity.arn': 'identity.arn',
    'identity.accountId': 'accountId',
    'identity.region': 'region',
    'identity.model': 'modelId',
    'identity.request_id': 'requestId',
  },
  recognise: (sample) => marks(sample, 'schemaType', 'modelId', 'operation', 'identity.arn || requestId'),
  limits:
    'It names the user or role that called, but no key, address or agent, and a Bedrock API key only as the user made for it. CloudTrail names the keys.',
};
