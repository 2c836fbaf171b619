import type { RawFields } from '../model.ts';
import { matchCombined } from './combined.ts';
import type { Captures, FieldMap, Format } from './format.ts';
import { keyParametersIn } from './key-headers.ts';
import { marks } from './marks.ts';
import { sameNames, shareOfLines } from './text-lines.ts';
import { orUsual } from './usual-fields.ts';

const LIMITS =
  'Keys are there only when the format of the stage has $context.identity.apiKeyId (or apiKey, accessKey); most have none.';

/**
 * How owners call what a variable such as `identity.apiKeyId` is put into: after the whole of it or its last word, nested or
 * in one word, in camel, snake or kebab case. The event that a Lambda function logs has all of them in `requestContext`.
 */
function variable(...names: readonly string[]): string {
  const spellings = names.flatMap((name) => [...separated(name.replace(/^identity\./, '')), ...whole(name)]);
  return [...new Set(spellings)].join(' || ');
}

function whole(name: string): string[] {
  const joined = [name, `context.${name}`].flatMap((path) => {
    const words = path.split('.');
    return [
      path,
      words.join('_'),
      ...separated(words.reduce((text, word) => text + word[0]?.toUpperCase() + word.slice(1))),
    ];
  });
  return [...joined, `requestContext.${name}`];
}

/** `apiKeyId`, `api_key_id` and `api-key-id`. */
function separated(name: string): string[] {
  return [name, ...['_', '-'].map((sign) => name.replace(/[A-Z]/g, (letter) => sign + letter.toLowerCase()))];
}

const TIME = `${variable('requestTimeEpoch', 'requestTime')} || requestContext.timeEpoch || requestContext.time`;
const CALLER_KEY = [...whole('identity.apiKeyId'), ...whole('identity.apiKey')].join(' || ');

const FIELDS: FieldMap = orUsual({
  time: TIME,
  key: `${variable('identity.apiKey')} || ${keyParametersIn('queryStringParameters')}`,
  keyId: variable('identity.apiKeyId'),
  ip: `ip || ${variable('identity.sourceIp')} || clientIp || requestContext.http.sourceIp`,
  userAgent: `${variable('identity.userAgent')} || requestContext.http.userAgent`,
  status: `${variable('status')} || responseStatus`,
  method: `${variable('httpMethod')} || method || requestContext.http.method`,
  action: `${variable('path', 'resourcePath', 'routeKey')} || requestContext.http.path`,
  'identity.caller': variable('identity.caller'),
  'identity.user': variable('identity.user'),
  'identity.userArn': variable('identity.userArn'),
  'identity.accessKey': variable('identity.accessKey'),
  'identity.principalId': `principalId || ${variable('authorizer.principalId')}`,
  'identity.accountId': variable('identity.accountId'),
  'identity.request_id': variable('requestId'),
  'identity.apiId': variable('apiId'),
  'identity.host': variable('domainName'),
});

/**
 * Access log of API Gateway as JSON. Its fields are the owner's choice; these are the names of the console and of
 * docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html. The request id is not taken for an event id:
 * callers may set it.
 */
export const awsApiGateway: Format = {
  name: 'aws-apigateway',
  title: 'AWS API Gateway access log, JSON',
  syntax: { kind: 'json' },
  fields: FIELDS,
  recognise: (sample) =>
    marks(
      sample,
      `${variable('requestId', 'extendedRequestId')} || ${CALLER_KEY}`,
      TIME,
      `${variable('resourcePath', 'routeKey', 'httpMethod', 'eventType', 'connectionId')} || ${CALLER_KEY}`,
    ),
  refine,
  refineReads: ['identity.accessKey'],
  limits: LIMITS,
};

/** The access key of a signed call is a public id; the route of an HTTP API is `GET /path`. */
function refine(fields: RawFields): RawFields {
  const accessKey = fields.identity['accessKey'];
  delete fields.identity['accessKey'];
  if (accessKey !== undefined) {
    fields.keys.push({ text: accessKey, kind: /^A[KS]IA[A-Z0-9]{12,}$/.test(accessKey) ? 'public' : 'secret' });
  }
  const [, method, path] = /^([A-Z]{3,7}) (\/.*)$/.exec(fields.action ?? '') ?? [];
  if (method !== undefined && path !== undefined) {
    fields.method ??= method;
    fields.action = path;
  }
  return fields;
}

/** The template "CLF" of the console: common log format, and the request ids behind it. */
export const awsApiGatewayClf: Format = {
  name: 'aws-apigateway-clf',
  title: 'AWS API Gateway access log, CLF',
  syntax: { kind: 'text', match: matchClf },
  fields: sameNames('time ip status method action identity.caller identity.user identity.request_id'),
  recognise: (sample) => shareOfLines(sample, matchClf),
  limits: 'The template has no key and no user agent: keys are seen only in query strings.',
};

function matchClf(line: string): Captures | undefined {
  const parts = CLF.exec(line);
  const captures = parts === null ? undefined : matchCombined(line);
  if (parts === null || captures === undefined) return undefined;
  return {
    ...captures,
    'identity.vhost': undefined,
    'identity.caller': parts[1],
    'identity.user': parts[2],
    'identity.request_id': parts[3],
  };
}

const CLF =
  /^\S+ (\S+) (\S+) \[[^\]]+\] "[^"]*" (?:\d{3}|-) (?:\d+|-) ([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?: [\w=+/-]+)?$/i;

const CSV_COLUMNS = 'ip,caller,user,requestTime,method,action,protocol,status,length,requestId,extendedRequestId'.split(
  ',',
);

/** The template "CSV" of the console. */
export const awsApiGatewayCsv: Format = {
  name: 'aws-apigateway-csv',
  title: 'AWS API Gateway access log, CSV',
  syntax: { kind: 'delimited', delimiter: ',', columns: CSV_COLUMNS },
  fields: {
    ...sameNames('ip status method action'),
    time: 'requestTime',
    'identity.caller': 'caller',
    'identity.user': 'user',
    'identity.request_id': 'requestId',
  },
  recognise: (sample) => sample.lines.filter((line) => CSV.test(line)).length / Math.max(sample.lines.length, 1),
  limits: 'The template has no key and no user agent.',
};

const CSV =
  /^[\da-f.:]+,[^,]*,[^,]*,\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4},\w*,[^,]*,[^,]*,(?:\d{3}|-),(?:\d+|-),[0-9a-f-]{36},/i;
