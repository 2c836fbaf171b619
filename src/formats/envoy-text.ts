import type { Captures, Format } from './format.ts';
import { LineCursor } from './line-cursor.ts';
import { splitRequest } from './log-format.ts';
import { NOT_A_REQUEST } from './marks.ts';
import { type LineReader, sameNames, shareOfLines, withoutPort } from './text-lines.ts';

/**
 * The default text formats of Envoy and Istio. www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage
 * and istio.io/latest/docs/tasks/observability/logs/access-log. Envoy does not escape quotes in header values.
 */
export const envoyText: Format = {
  name: 'envoy-text',
  title: 'Envoy and Istio access log, default text format',
  syntax: { kind: 'text', match },
  fields: sameNames(
    'time ip userAgent status method action identity.host identity.request_id identity.peer_addr identity.upstream',
  ),
  recognise: (sample) => shareOfLines(sample, match),
  limits:
    'It carries no header with a key: keys are seen only in query strings. The address is the last of X-Forwarded-For, which the proxy wrote.',
};

/** `[time] "METHOD path protocol" status flags ... "forwarded" "agent" "request id" "authority" "upstream" ...` */
function match(line: string): ReturnType<LineReader> {
  return isEnvoyMessage(line)
    ? NOT_A_REQUEST
    : matchRequest(line.startsWith(AMBASSADOR) ? line.slice(AMBASSADOR.length) : line);
}

/** What Ambassador puts before its lines. */
const AMBASSADOR = 'ACCESS ';

/** What Envoy and Istio's agent write about themselves. */
export function isEnvoyMessage(line: string): boolean {
  return PROGRAM_LINE.test(line.slice(0, MAX_FLAGS));
}

/** `[2024-01-24 12:08:14.911][1][info][main] ...` of Envoy, and `2024-01-24T12:08:14.911Z<tab>info<tab>...` of Istio's agent. */
const PROGRAM_LINE = /^(?:\[\d{4}-\d\d-\d\d [\d:.]{5,20}\]\[\d+\]\[[a-z]+\]|\d{4}-\d\d-\d\dT[\d:.]{5,30}Z\t[a-z]+\t)/;

function matchRequest(line: string): Captures | undefined {
  const cursor = new LineCursor(line);
  const time = cursor.bracketed();
  if (time === undefined || !TIME.test(time) || line[cursor.at] !== '"') return undefined;
  const request = cursor.quoted((after) => RESPONSE.test(line.slice(after, after + MAX_FLAGS)));
  const status = cursor.word();
  const start = quotedPart(line, cursor.at);
  if (request === undefined || start < 0) return undefined;
  const headers = headersOf(line, start);
  if (headers === undefined) return undefined;
  const { forwarded, userAgent, requestId, authority, upstream, end } = headers;
  const peer = peerOf(line.slice(end));
  return {
    time,
    ip: forwarded === '-' || forwarded === '' ? peer : forwarded,
    userAgent,
    status,
    ...splitRequest(request),
    'identity.host': authority,
    'identity.request_id': requestId,
    'identity.peer_addr': peer,
    'identity.upstream': upstream,
  };
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;
const MAX_FLAGS = 64;
/** Status, response flags, and a byte count or the details of Istio. */
const RESPONSE = /^ (?:\d{1,3}|-) (?:-|[A-Z][A-Za-z0-9,_]*)(?: |$)/;
/** Bytes received, bytes sent, duration, and the time of the upstream service: behind them the headers begin. */
const COUNTS = /(?: |^)(?:\d+|-) (?:\d+|-) (?:\d+|-) (?:\d+|-) (?=")/;

function quotedPart(line: string, from: number): number {
  const counts = COUNTS.exec(line.slice(from, from + MAX_DETAILS));
  return counts === null ? -1 : from + counts.index + counts[0].length;
}

const MAX_DETAILS = 4096;

interface Headers {
  readonly forwarded: string;
  readonly userAgent: string;
  readonly requestId: string;
  readonly authority: string;
  readonly upstream: string;
  readonly end: number;
}

/** Five quoted values. A quote within the agent would make them more: the last three hold none, nor does the first. */
function headersOf(line: string, start: number): Headers | undefined {
  const end = line.lastIndexOf('"') + 1;
  const values = line.slice(start + 1, end - 1).split('" "');
  const [forwarded = '', ...others] = values;
  const [requestId, authority, upstream] = others.splice(-3);
  if (requestId === undefined || authority === undefined || upstream === undefined || others.length === 0) {
    return undefined;
  }
  return { forwarded, userAgent: others.join('" "'), requestId, authority, upstream, end };
}

/** Istio goes on with cluster, upstream's local address, local address, peer, server name and route. */
function peerOf(rest: string): string | undefined {
  const words = rest.trim().split(' ');
  const peer = words.length >= 5 ? words[3] : undefined;
  return peer === undefined || peer === '-' ? undefined : withoutPort(peer);
}
