import type { Skip } from '../model.ts';
import type { Captures, Format } from './format.ts';
import { NOT_A_REQUEST } from './marks.ts';
import { sameNames } from './text-lines.ts';

/**
 * AWS AppSync in CloudWatch Logs: each request is logged in several events, the one with its headers counts.
 * docs.aws.amazon.com/appsync/latest/devguide/monitoring.html
 */
export const awsAppSync: Format = {
  name: 'aws-appsync',
  title: 'AWS AppSync: request log, from CloudWatch',
  syntax: { kind: 'text', match },
  fields: sameNames('key ip userAgent identity.host identity.request_id'),
  recognise: ({ lines }) => {
    const results = lines.map(match);
    const isSure = results.some((result) => result !== undefined && result !== NOT_A_REQUEST);
    return isSure ? (0.95 * results.filter((result) => result !== undefined).length) / lines.length : 0;
  },
  limits:
    'It shows the end of a key only, and not how the request ended. Headers are there only where verbose content is logged; without them it shows no key.',
};

const ID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const HEADERS = new RegExp(`^(${ID}) Request Headers: \\{(.{0,65536})\\}$`);
const OTHER = new RegExp(
  `^${ID} (?:Begin |End |GraphQL |Response Headers: |Tokens Consumed|Operation |Unauthorized|Execution )`,
);

function match(line: string): Captures | Skip | undefined {
  const [, id, text] = HEADERS.exec(line) ?? [];
  if (text === undefined) return OTHER.test(line) || isSummary(line) ? NOT_A_REQUEST : undefined;
  const headers = new Map([...text.matchAll(HEADER)].map(([, name = '', value]) => [name.toLowerCase(), value]));
  const key = headers.get('x-api-key') ?? headers.get('authorization');
  const peers = headers.get('x-forwarded-for')?.split(/, ?/) ?? [];
  return {
    key,
    // The last one is CloudFront, which stands before every API.
    ip: peers.at(-2) ?? peers[0],
    userAgent: headers.get('user-agent'),
    'identity.host': headers.get('host'),
    'identity.request_id': id,
  };
}

const HEADER = /([\w-]{1,100})=\[([^\]]*)\]/g;

/** Summaries and traces are JSON. */
function isSummary(line: string): boolean {
  return line.startsWith('{') && line.includes('"logType":') && line.includes('"graphQLAPIId":');
}
