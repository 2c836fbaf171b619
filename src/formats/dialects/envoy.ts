import { type Dialect, type SpecToken, tokensBy, unescapeSpec } from './dialect.ts';

/** `text_format` of Envoy and Istio. envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage */
export const envoyOperators: Dialect = {
  directive: /^(?:text_format|inline_string|accessLogFormat|format):\s/,
  variable: /%[A-Z][A-Z0-9_]{2,}(?:\([^()]*\))?(?::\d+)?%/g,
  tokens: (text) =>
    tokensBy(withoutDirective(text), /%([A-Z][A-Z0-9_]{2,})(?:\(((?:[^()]|\([^()]*\))*)\))?(?::\d+)?%/g, (match) =>
      tokensOf(match[1] ?? '', match[2]),
    ),
};

function withoutDirective(text: string): string {
  const value = text.replace(envoyOperators.directive, '').trim();
  const quoted = /^"((?:[^"\\]|\\.)*)"$/s.exec(value)?.[1];
  return (quoted === undefined ? value.replace(/\\n$/, '') : unescapeSpec(quoted)).trimEnd();
}

const NAMES: Readonly<Record<string, string>> = {
  RESPONSE_CODE: 'status',
  PROTOCOL: 'protocol',
  DOWNSTREAM_REMOTE_ADDRESS: 'ip',
  DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT: 'ip',
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS: 'identity.socket_ip',
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT: 'identity.socket_ip',
  DOWNSTREAM_PEER_URI_SAN: 'identity.client',
  DOWNSTREAM_PEER_SUBJECT: 'identity.client',
  UPSTREAM_CLUSTER: 'identity.cluster',
  ROUTE_NAME: 'identity.route',
  RESPONSE_FLAGS: 'identity.flags',
};

function tokensOf(operator: string, argument: string | undefined): SpecToken[] {
  if (operator === 'START_TIME' || operator === 'START_TIME_LOCAL') {
    const width = argument === undefined ? { width: 24 } : { pattern: argument };
    return [{ kind: 'field', name: 'time', ...width }];
  }
  return [{ kind: 'field', name: nameOf(operator, argument ?? '') }];
}

const HEADERS: Readonly<Record<string, string>> = {
  ':method': 'method',
  ':path': 'action',
  'x-envoy-original-path': 'action',
  ':authority': 'identity.host',
  'user-agent': 'userAgent',
  referer: 'identity.referer',
  'x-request-id': 'identity.requestId',
};

/** `REQ(A?B)` is A, or B where A is missing; metadata and filter state may hold a key or the name of a consumer. */
function nameOf(operator: string, argument: string): string {
  const header = argument.split('?')[0]?.trim().toLowerCase() ?? '';
  if (operator === 'REQ') return HEADERS[header] ?? `header.${header}`;
  if (operator === 'RESP' || operator === 'TRAILER') return `response.${header}`;
  const last = argument.split(':').at(-1)?.trim().toLowerCase() ?? '';
  if (operator === 'DYNAMIC_METADATA' || operator === 'FILTER_STATE') return `var.${last}`;
  return NAMES[operator] ?? operator.toLowerCase();
}
