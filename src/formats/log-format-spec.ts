import { LastcallError } from '../errors.ts';
import { apache } from './dialects/apache.ts';
import { awsApiGatewayVariables } from './dialects/aws-api-gateway.ts';
import type { Dialect, SpecToken } from './dialects/dialect.ts';
import { envoyOperators } from './dialects/envoy.ts';
import { haproxyVariables } from './dialects/haproxy.ts';
import { nginx } from './dialects/nginx.ts';

/** The first of which a text has as many variables as of any other; special spellings before general ones. */
const DIALECTS: readonly Dialect[] = [awsApiGatewayVariables, envoyOperators, haproxyVariables, nginx, apache];

/** Splits a log format string into literals and named fields, in the dialect of the server that it is for. */
export function parseSpec(spec: string): readonly SpecToken[] {
  const text = spec.trim();
  return separated(spec, fused(dialectOf(spec, text).tokens(text)));
}

function dialectOf(spec: string, text: string): Dialect {
  const named = DIALECTS.find(({ directive }) => directive.test(text));
  if (named !== undefined) return named;
  const counts = DIALECTS.map(({ variable }) => text.match(variable)?.length ?? 0);
  const special = DIALECTS.find((_, index) => index < GENERAL && (counts[index] ?? 0) >= ENOUGH);
  const most = Math.max(...counts);
  if (most === 0) throw invalid(spec, 'it has no variables of nginx, Apache, HAProxy, Envoy or API Gateway');
  return special ?? (DIALECTS[counts.indexOf(most)] as Dialect);
}

/** What is written as the first three write it, nginx and Apache would read in part. */
const GENERAL = 3;
const ENOUGH = 2;

function invalid(spec: string, reason: string): LastcallError {
  return new LastcallError('config', `The log format cannot be used: ${reason}. It reads: ${spec.slice(0, 200)}`, {
    hint: 'Copy it from the configuration of the server: log_format (nginx), LogFormat (Apache), log-format (HAProxy).',
  });
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
