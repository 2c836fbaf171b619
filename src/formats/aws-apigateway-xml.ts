import type { Captures, Format } from './format.ts';
import { sameNames, shareOfLines } from './text-lines.ts';

/** The template "XML" of the console, with members of the owner's choice: one `<request>` a line. */
export const awsApiGatewayXml: Format = {
  name: 'aws-apigateway-xml',
  title: 'AWS API Gateway access log, XML',
  syntax: { kind: 'text', match },
  fields: {
    ...sameNames('ip status userAgent'),
    time: 'requestTimeEpoch || requestTime',
    key: 'apiKey',
    keyId: 'apiKeyId || accessKey',
    method: 'httpMethod',
    action: 'path || resourcePath || routeKey',
    'identity.caller': 'caller',
    'identity.user': 'user',
    'identity.request_id': 'id',
  },
  recognise: (sample) => shareOfLines(sample, match),
  limits: 'Keys are there only when the owner added apiKeyId (or apiKey, accessKey); the template has none.',
};

function match(line: string): Captures | undefined {
  const start = /^\s*<request id="([^"<>]{0,200})">/.exec(line);
  if (start === null || !line.trimEnd().endsWith('</request>')) return undefined;
  const captures: Record<string, string> = { id: start[1] ?? '' };
  for (const [, name = '', text = ''] of line.matchAll(/<([A-Za-z]\w{0,60})>([^<]*)<\/\w{1,61}>/g)) {
    captures[name] ??= unescapeXml(text.trim());
  }
  return captures['status'] === undefined ? undefined : captures;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

function unescapeXml(text: string): string {
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => ENTITIES[name] ?? '');
}
