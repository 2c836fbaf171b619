import { type Dialect, tokensBy } from './dialect.ts';

/** The format of a stage. docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html */
export const awsApiGatewayVariables: Dialect = {
  directive: /^\$context\./,
  variable: /\$context\.[A-Za-z]/g,
  tokens: (text) =>
    tokensBy(text, /\$context\.([A-Za-z][\w-]*(?:\.[\w-]+)*)/g, ([, variable = '']) => {
      const width = WIDTHS[variable];
      return [{ kind: 'field', name: NAMES[variable] ?? variable, ...(width === undefined ? {} : { width }) }];
    }),
};

const NAMES: Readonly<Record<string, string>> = {
  requestTime: 'time',
  requestTimeEpoch: 'time',
  status: 'status',
  httpMethod: 'method',
  path: 'path',
  resourcePath: 'path',
  'identity.sourceIp': 'ip',
  'identity.userAgent': 'userAgent',
  'identity.apiKeyId': 'keyId',
  'identity.apiKey': 'key',
  'identity.accessKey': 'keyId',
  'identity.accountId': 'identity.accountId',
  'authorizer.principalId': 'identity.principalId',
  requestId: 'identity.request_id',
  domainName: 'identity.host',
};
const WIDTHS: Readonly<Record<string, number>> = { requestTime: 26 };
