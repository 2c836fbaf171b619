import type { Captures, Format } from './format.ts';
import { LineCursor } from './line-cursor.ts';
import { splitRequest } from './log-format.ts';
import { NOT_A_REQUEST } from './marks.ts';
import { type LineReader, sameNames, shareOfLines, withoutPort } from './text-lines.ts';

/**
 * HAProxy's HTTP log (`option httplog`, and `httpslog`, which adds fields at the end), with whatever prefix syslog puts
 * before it. Captured headers have no names in the log. docs.haproxy.org, configuration manual, 8.2.3 and 8.6.
 */
export const haproxy: Format = {
  name: 'haproxy',
  title: 'HAProxy HTTP log (httplog, httpslog)',
  syntax: { kind: 'text', match },
  fields: sameNames(
    'time ip status outcome method action identity.frontend identity.backend identity.server identity.termination',
  ),
  recognise: (sample) => (sample.lines.some(isRequest) ? shareOfLines(sample, match) : 0),
  limits:
    'Headers are there only when captured, and without names: map them by their place, e.g. --field key=capture.1. Its times have no zone: set the timezone of the source.',
};

/** Without `option httplog`, HAProxy writes connections. They are no requests, and a log of them alone shows no call. */
export const haproxyTcp: Format = {
  name: 'haproxy-tcp',
  title: 'HAProxy TCP log (tcplog, or no log option): connections, no requests',
  syntax: { kind: 'text', match: (line) => (isHaproxyMessage(line) ? NOT_A_REQUEST : undefined) },
  fields: {},
  recognise: ({ lines }) => {
    if (!lines.some(isConnection) || lines.some(isRequest)) return 0;
    return lines.filter(isHaproxyMessage).length / lines.length;
  },
  limits: 'It has connections, not requests: neither key nor agent nor status. option httplog writes requests.',
};

/** The accept date is the fixed point: nothing that a caller writes stands before it. */
function match(line: string): ReturnType<LineReader> {
  const date = ACCEPT_DATE.exec(line.slice(0, MAX_HEAD));
  if (date === null) return isMessage(line) ? NOT_A_REQUEST : undefined;
  const [head, client = '', time] = date;
  // The whole line lies in JSON.
  if (line.slice(0, date.index + head.length).includes('{"')) return undefined;
  const rest = line.slice(date.index + head.length).trimEnd();
  if (CONNECTION_ERROR.test(rest)) return NOT_A_REQUEST;
  const call = matchCall(rest);
  if (call !== undefined) return { time, ip: withoutPort(client), ...call };
  return TCP_LOG.test(rest) ? NOT_A_REQUEST : undefined;
}

/** `client [date] frontend backend/server timers bytes ...`, or `Connect from client to address (frontend/TCP)`. */
function isConnection(line: string): boolean {
  const date = ACCEPT_DATE.exec(line.slice(0, MAX_HEAD));
  if (date === null) return CONNECT.test(line.slice(0, MAX_HEAD));
  // Errors of connections are too plain to be known by: other programs write lines like them.
  return TCP_LOG.test(line.slice(date.index + date[0].length).trimEnd());
}

/** What HAProxy writes beside its requests. */
export function isHaproxyMessage(line: string): boolean {
  const read = match(line);
  return read !== undefined && 'quarantined' in read;
}

function isRequest(line: string): boolean {
  const captures = match(line);
  return captures !== undefined && !('quarantined' in captures);
}

const MAX_HEAD = 512;
const ACCEPT_DATE = /(?:^|\s)(\S{1,128}) \[(\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d(?:\.\d{3})?)\] /;
/** `frontend/bind: SSL handshake failure`: there was no request. */
const CONNECTION_ERROR = /^\S{1,256}: [A-Za-z]/;
const TCP_LOG = /^\S+ \S+\/\S+ -?\d+\/-?\d+\/\+?-?\d+ \+?\d+ \S\S \d+\/\d+\/\d+\/\d+\/\+?\d+ \d+\/\d+/;
const CONNECT = /haproxy\[\d+\]: Connect from \S+ to \S+ \(\S+\/(?:TCP|HTTP)\)/;
const MESSAGE =
  /\b(?:haproxy\[\d+\]: (?:[A-Z][a-z]+|backend|proxy) |Proxy \S+ (?:started|stopped)|(?:Backup )?Server \S+ is |Health check for |(?:proxy|backend) \S+ has no server|\[(?:WARNING|NOTICE|ALERT)\])/;

/** What HAProxy says of itself and of its servers. A request that was cut has an accept date, or the start of one. */
function isMessage(line: string): boolean {
  return !line.includes('"') && !/ \[\d/.test(line.slice(0, MAX_HEAD)) && MESSAGE.test(line.slice(0, MAX_HEAD));
}

/** `frontend backend/server timers status bytes cookie cookie termination conns queues [{..}] [{..}] "request"` */
function matchCall(rest: string): Captures | undefined {
  const cursor = new LineCursor(rest);
  const frontend = cursor.word();
  const target = cursor.word();
  const [timers, status] = timersAndStatus(cursor);
  const bytes = cursor.word();
  if (!TIMERS.test(timers) || !/^-?\d{1,3}$/.test(status) || !/^\+?\d+$/.test(bytes)) return undefined;
  cursor.skip(2);
  const termination = cursor.word();
  if (!CONNECTIONS.test(cursor.word()) || !QUEUES.test(cursor.word())) return undefined;
  const open = requestStart(rest, cursor.at);
  if (open === undefined) return undefined;
  const slash = target.indexOf('/');
  return {
    status,
    // No response was sent.
    outcome: status.startsWith('-') ? 'failed' : undefined,
    ...splitRequest(decode(open.request)),
    ...capturesOf(rest.slice(cursor.at, open.at)),
    'identity.frontend': frontend,
    'identity.backend': target.slice(0, slash),
    'identity.server': target.slice(slash + 1),
    'identity.termination': termination,
  };
}

/** A log-format of one's own may put a word, such as the host, before the timers. */
function timersAndStatus(cursor: LineCursor): [string, string] {
  const [first, second] = [cursor.word(), cursor.word()];
  return TIMERS.test(first) ? [first, second] : [second, cursor.word()];
}

const TIMERS = /^(?:-?\d+\/){4}\+?-?\d+$/;
const CONNECTIONS = /^(?:\d+\/){4}\+?\d+$/;
const QUEUES = /^\d+\/\d+$/;

/** HAProxy escapes quotes, so that the first is the request's; some syslog servers put a backslash before both. */
function requestStart(rest: string, from: number): { at: number; request: string } | undefined {
  const quote = rest.indexOf('"', from);
  if (quote < 0) return undefined;
  const end = rest.indexOf('"', quote + 1);
  const isEscaped = rest[quote - 1] === '\\';
  // A long request is cut at the limit of a syslog message: its quote is not closed.
  const request = rest.slice(quote + 1, end < 0 ? undefined : end - (isEscaped ? 1 : 0));
  return { at: isEscaped ? quote - 1 : quote, request };
}

/** The values of all `{a|b}` blocks, numbered from 1 in the order of the line. */
function capturesOf(text: string): Captures {
  const captures: Record<string, string> = {};
  let number = 0;
  for (const [, block = ''] of text.matchAll(/\{([^{}]*)\}/g)) {
    for (const value of block.split('|')) captures[`capture.${++number}`] = decode(value);
  }
  return captures;
}

/** `#22` stands for a quote, `#23` for the number sign, and so on. */
function decode(text: string): string {
  if (!text.includes('#')) return text;
  return text.replace(/(?:#[0-9A-F]{2})+/g, (run) => {
    const bytes = Buffer.from(run.replaceAll('#', ''), 'hex');
    const decoded = bytes.toString('utf8');
    return decoded.includes('\ufffd') ? run : decoded;
  });
}
