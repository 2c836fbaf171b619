import { isErrorLogLine, matchCombined } from './combined.ts';
import type { Captures, Format } from './format.ts';
import { NOT_A_REQUEST } from './marks.ts';
import { type LineReader, sameNames, shareOfLines } from './text-lines.ts';

/**
 * The `upstreaminfo` format of ingress-nginx: combined, with what happened upstream behind it.
 * kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/log-format
 */
export const nginxIngress: Format = {
  name: 'nginx-ingress',
  title: 'Kubernetes ingress-nginx access log',
  syntax: { kind: 'text', match },
  fields: sameNames(
    'time ip userAgent status method action identity.user identity.referer identity.upstream identity.request_id',
  ),
  recognise: (sample) => (sample.lines.some(isRequest) ? shareOfLines(sample, match) : 0),
  bearsPrefix: true,
  limits: 'It carries no header but agent and referer: keys are seen only in query strings.',
};

function match(line: string): ReturnType<LineReader> {
  return isErrorLogLine(line) || CONTROLLER.test(line) ? NOT_A_REQUEST : matchRequest(line);
}

function isRequest(line: string): boolean {
  return matchRequest(line) !== undefined;
}

/** `I0102 15:04:05.678901       7 controller.go:190] ...`, and the banner of its start. */
const CONTROLLER = /^(?:[IWEF]\d{4} \d\d:\d\d:\d\d\.\d{6} +\d+ [\w.-]+:\d+\]|-{20,}$|NGINX Ingress controller$)/;

function matchRequest(line: string): Captures | undefined {
  const captures = matchCombined(line);
  const quote = line.lastIndexOf('"');
  const upstream = captures === undefined ? null : UPSTREAM.exec(line.slice(quote + 1));
  if (captures === undefined || upstream === null) return undefined;
  const user = captures['identity.user'];
  return {
    ...captures,
    'identity.vhost': undefined,
    'identity.user': user?.replace(REAL_IP, ''),
    'identity.upstream': upstream[1],
    'identity.request_id': upstream[2],
  };
}

/** `length time [upstream] [alternative] address bytes time status id`. Retries make lists of them; older versions lack some. */
const UPSTREAM =
  /^ (?:\d+|-) (?:[\d.]+|-) \[([^\]]*)\] (?:\[[^\]]*\] )?(?:[^"]* )?(?:([0-9a-f]{16,}|[\w-]{20,})|\d{3}|-)$/;
/** Up to version 0.25 the line begins `ip - [ip] - user`. */
const REAL_IP = /^\[[^\]]*\] - /;
