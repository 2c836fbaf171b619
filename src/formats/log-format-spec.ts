import { LastcallError } from '../errors.ts';

export type SpecToken = { readonly kind: 'literal'; readonly text: string } | SpecField;

export interface SpecField {
  readonly kind: 'field';
  /** Usage field, `request`, `path`, `query`, `header.<name>` or the variable's own name. */
  readonly name: string;
  /** Always so many characters long. */
  readonly width?: number;
  /** The strftime pattern of a time stamp, which tells how many separators its values hold. */
  readonly pattern?: string;
}

/** Splits a log format string into literals and named fields: nginx where it has `$variables`, else Apache. */
export function parseSpec(spec: string): readonly SpecToken[] {
  const text = withoutDirective(spec.trim());
  const nginx = text.match(/\$\{?[A-Za-z_]/g)?.length ?? 0;
  const apache = text.match(/%[<>!\d,]*(?:\{|\^?[A-Za-z])/g)?.length ?? 0;
  if (nginx + apache === 0) throw invalid(spec, 'it has neither $variables (nginx) nor % directives (Apache)');
  const tokens = nginx >= apache ? nginxTokens(text) : apacheTokens(unescapeSpec(text));
  return separated(spec, fused(tokens));
}

function invalid(spec: string, reason: string): LastcallError {
  return new LastcallError('config', `The log format cannot be used: ${reason}. It reads: ${spec.slice(0, 200)}`, {
    hint: 'Copy the string of log_format (nginx) or LogFormat (Apache) from the configuration of the server.',
  });
}

/** Takes a whole directive too: `log_format main '...' '...';` or `LogFormat "..." combined`. */
function withoutDirective(text: string): string {
  if (/^log_format\s/i.test(text)) {
    return [...text.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/g)]
      .map(([, single, double]) => (single ?? double ?? '').replace(/\\(['"])/g, '$1'))
      .join('');
  }
  return /^(?:LogFormat|CustomLog\s+\S+)\s+"((?:[^"\\]|\\.)*)"/i.exec(text)?.[1] ?? text;
}

const SPEC_ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n' };

function unescapeSpec(text: string): string {
  return text.replace(/\\(.)/g, (_, char: string) => SPEC_ESCAPES[char] ?? char);
}

function nginxTokens(text: string): SpecToken[] {
  return tokensBy(text.replaceAll('\\"', '"'), /\$(?:\{(\w+)\}|(\w+))/g, ([, braced, bare]) => [
    nginxField((braced ?? bare ?? '').toLowerCase()),
  ]);
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
  return tokensBy(text, /%(?:%|[!\d,]*[<>]?(?:\{([^}]*)\})?[<>]?(\^t[io]|[A-Za-z]))/g, ([match, argument, letter]) => {
    if (match === '%%') return [{ kind: 'literal', text: '%' }];
    if (letter === 't') return apacheTime(argument);
    return [{ kind: 'field', name: apacheName(argument, letter ?? '') }];
  });
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

function tokensBy(text: string, directive: RegExp, tokensOf: (match: RegExpExecArray) => SpecToken[]): SpecToken[] {
  const tokens: SpecToken[] = [];
  let position = 0;
  for (const match of text.matchAll(directive)) {
    tokens.push({ kind: 'literal', text: text.slice(position, match.index) }, ...tokensOf(match));
    position = match.index + match[0].length;
  }
  return [...tokens, { kind: 'literal', text: text.slice(position) }];
}

/** Joins neighbouring literals, the parts of one time stamp, and a path with its query. */
function fused(tokens: readonly SpecToken[]): SpecToken[] {
  const joined: SpecToken[] = [];
  for (const token of tokens) {
    if (token.kind === 'literal' && token.text === '') continue;
    joined.push(token);
    for (let whole = fusedTail(joined); whole !== undefined; whole = fusedTail(joined)) {
      joined.splice(-whole.parts, whole.parts, whole.token);
    }
  }
  return joined;
}

function fusedTail(tokens: readonly SpecToken[]): { parts: number; token: SpecToken } | undefined {
  const [third, second, last] = [tokens.at(-3), tokens.at(-2), tokens.at(-1)];
  if (last?.kind === 'literal') {
    return second?.kind === 'literal'
      ? { parts: 2, token: { kind: 'literal', text: second.text + last.text } }
      : undefined;
  }
  if (last === undefined || second === undefined) return undefined;
  if (last.pattern !== undefined && second.kind === 'field' && second.pattern !== undefined) {
    return { parts: 2, token: { ...last, pattern: second.pattern + last.pattern } };
  }
  if (
    last.pattern !== undefined &&
    second.kind === 'literal' &&
    third?.kind === 'field' &&
    third.pattern !== undefined
  ) {
    return { parts: 3, token: { ...last, pattern: third.pattern + second.text + last.pattern } };
  }
  if (second.kind !== 'field') return undefined;
  if (second.name === 'path' && last.name === 'is_args') return { parts: 2, token: second };
  return second.name === 'path' && last.name === 'query'
    ? { parts: 2, token: { kind: 'field', name: 'action' } }
    : undefined;
}

/** Two fields without a literal between them cannot be told apart, unless the second is a path: it begins with `/`. */
function separated(spec: string, tokens: readonly SpecToken[]): readonly SpecToken[] {
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1];
    if (token.kind !== 'field' || next?.kind !== 'field' || next.name === 'action' || next.name === 'path') continue;
    throw invalid(spec, `nothing separates "${token.name}" from "${next.name}"`);
  }
  return tokens;
}
