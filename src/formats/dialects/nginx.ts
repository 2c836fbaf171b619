import { type Dialect, quotedTexts, type SpecField, tokensBy } from './dialect.ts';

/** `log_format` of nginx. nginx.org/en/docs/http/ngx_http_log_module.html */
export const nginx: Dialect = {
  directive: /^log_format\s/i,
  variable: /\$\{?[A-Za-z_]/g,
  tokens: (text) =>
    tokensBy(withoutDirective(text).replaceAll('\\"', '"'), /\$(?:\{(\w+)\}|(\w+))/g, ([, braced, bare]) => [
      nginxField((braced ?? bare ?? '').toLowerCase()),
    ]),
};

function withoutDirective(text: string): string {
  return nginx.directive.test(text) ? quotedTexts(text) : text;
}

const NGINX: Readonly<Record<string, string>> = {
  remote_addr: 'ip',
  time_local: 'time',
  time_iso8601: 'time',
  msec: 'time',
  request_uri: 'action',
  uri: 'path',
  document_uri: 'path',
  args: 'query',
  query_string: 'query',
  request_method: 'method',
  remote_user: 'identity.user',
  server_name: 'identity.vhost',
  host: 'identity.host',
  http_host: 'identity.host',
  http_user_agent: 'userAgent',
  http_referer: 'identity.referer',
  request_id: 'identity.requestId',
  ssl_client_s_dn: 'identity.client',
};
const NGINX_WIDTHS: Readonly<Record<string, number>> = { time_local: 26, time_iso8601: 25 };

function nginxField(variable: string): SpecField {
  const width = NGINX_WIDTHS[variable];
  return { kind: 'field', name: NGINX[variable] ?? nginxName(variable), ...(width === undefined ? {} : { width }) };
}

function nginxName(variable: string): string {
  if (variable.startsWith('http_')) return `header.${variable.slice(5).replaceAll('_', '-')}`;
  return variable.replace(/^(arg|cookie)_/, '$1.');
}
