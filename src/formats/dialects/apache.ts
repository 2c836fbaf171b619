import { type Dialect, type SpecToken, tokensBy, unescapeSpec } from './dialect.ts';

/** `LogFormat` of Apache, also of other servers that took it over. httpd.apache.org/docs/current/mod/mod_log_config.html */
export const apache: Dialect = {
  directive: /^(?:LogFormat|CustomLog\s+\S+)\s+"((?:[^"\\]|\\.)*)"/i,
  variable: /%[<>!\d,]*(?:\{|\^?[A-Za-z])/g,
  tokens: apacheTokens,
};

function withoutDirective(text: string): string {
  return apache.directive.exec(text)?.[1] ?? text;
}

const APACHE: Readonly<Record<string, string>> = {
  h: 'ip',
  a: 'ip',
  l: 'ident',
  u: 'identity.user',
  r: 'request',
  m: 'method',
  U: 'path',
  q: 'query',
  s: 'status',
  v: 'identity.vhost',
  V: 'identity.vhost',
  L: 'identity.requestId',
  b: 'bytes',
  B: 'bytes',
  O: 'bytes_out',
  I: 'bytes_in',
  S: 'bytes_all',
  D: 'duration',
  T: 'duration',
  H: 'protocol',
  p: 'port',
  P: 'process',
  f: 'file',
  k: 'keepalive',
  R: 'handler',
  X: 'connection',
};
const APACHE_HEADERS: Readonly<Record<string, string>> = {
  'user-agent': 'userAgent',
  referer: 'identity.referer',
  host: 'identity.host',
};
const APACHE_SPACES: Readonly<Record<string, string>> = { C: 'cookie', e: 'env', n: 'note', o: 'response' };

function apacheTokens(text: string): SpecToken[] {
  return tokensBy(
    unescapeSpec(withoutDirective(text)),
    /%(?:%|[!\d,]*[<>]?(?:\{([^}]*)\})?[<>]?(\^t[io]|[A-Za-z]))/g,
    ([match, argument, letter]) => {
      if (match === '%%') return [{ kind: 'literal', text: '%' }];
      if (letter === 't') return apacheTime(argument);
      return [{ kind: 'field', name: apacheName(argument, letter ?? '') }];
    },
  );
}

function apacheTime(pattern: string | undefined): SpecToken[] {
  if (pattern === undefined) {
    return [
      { kind: 'literal', text: '[' },
      { kind: 'field', name: 'time', width: 26 },
      { kind: 'literal', text: ']' },
    ];
  }
  return [{ kind: 'field', name: 'time', pattern: pattern.replace(/^(?:begin|end):/, '') }];
}

function apacheName(argument: string | undefined, letter: string): string {
  const lower = argument?.toLowerCase() ?? '';
  if (argument === undefined || letter === 'a' || letter === 'h') return APACHE[letter] ?? letter;
  if (letter === 'i') return APACHE_HEADERS[lower] ?? `header.${lower}`;
  if (letter === 'e' && lower === 'unique_id') return 'identity.requestId';
  const space = APACHE_SPACES[letter];
  return space === undefined ? (APACHE[letter] ?? `${letter}.${lower}`) : `${space}.${lower}`;
}
