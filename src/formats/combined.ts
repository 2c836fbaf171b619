import type { FieldMap, Format } from './format.ts';
import { splitRequest, unescapeLog } from './log-format.ts';
import { NOT_A_REQUEST } from './marks.ts';
import { type LineReader, shareOfLines } from './text-lines.ts';

const FIELDS: FieldMap = {
  time: 'time',
  ip: 'ip',
  userAgent: 'userAgent',
  status: 'status',
  method: 'method',
  action: 'action',
  'identity.user': 'identity.user',
  'identity.referer': 'identity.referer',
  'identity.vhost': 'identity.vhost',
};

const combined: Format = {
  name: 'combined',
  title: 'Apache and nginx access log, common or combined',
  syntax: { kind: 'text', match, isCombined: true },
  fields: FIELDS,
  recognise: (sample) => 0.9 * shareOfLines(sample, match),
  bearsPrefix: true,
  limits:
    'It shows keys in the query string only. Keys in request headers need a log format string that writes the header.',
};

/** Some put durations, sizes or addresses between the bytes of the response and the referer. */
const combinedTimed: Format = {
  ...combined,
  name: 'combined-timed',
  title: 'Apache, nginx and Tomcat access log, combined with more words before the referer',
  syntax: { kind: 'text', match: matchTimed },
  recognise: (sample) => (sample.lines.some((line) => TIMED.test(line)) ? 0.92 * shareOfLines(sample, matchTimed) : 0),
};

/** The web server formats that are known without a format string. */
export const combinedFormats: readonly Format[] = [combined, combinedTimed];

function match(line: string): ReturnType<LineReader> {
  return isErrorLogLine(line) ? NOT_A_REQUEST : matchCombined(line);
}

function matchTimed(line: string): ReturnType<LineReader> {
  return match(line.replace(TIMED, '$1'));
}

const TIMED = /(" (?:\d{1,3}|-) (?:\d{1,20}|-))(?: [^ "\\]{1,64}){1,4}(?= "(?:[^"\\]|\\.)*" ")/;

/** Lines of the error log that servers and containers mix into the access log. They are no requests. */
export function isErrorLogLine(line: string): boolean {
  return ERROR_LINE.test(line.slice(0, 80));
}

/** nginx `2021/12/01 13:53:33 [error]`, Apache `[Thu Oct 13 12:24:49.88 2022] [`, LiteSpeed `2022-06-08 22:49:20.77 [`. */
const ERROR_LINE =
  /^(?:\d{4}[/-]\d\d[/-]\d\d \d\d:\d\d:\d\d(?:\.\d+)? \[(?:emerg|alert|crit|err|warn|notice|info|debug|trace)[a-z]*\]|\[[A-Z][a-z]{2} [A-Z][a-z]{2} +\d+ \d\d:\d\d:\d\d(?:\.\d+)? \d{4}\] \[)/i;

/**
 * `[vhost] ip ident user [time] "request" status bytes ["referer" "agent" [more]]`. Time is the fixed point: the first
 * bracket that holds a stamp and is followed by a quote, which no user name can forge, as servers escape quotes.
 */
export function matchCombined(line: string): Record<string, string | undefined> | undefined {
  const bracket = timeBracket(line);
  if (bracket < 0) return undefined;
  const caller = matchCaller(line.slice(0, bracket));
  if (caller === undefined) return undefined;
  const opening = bracket + TIME_WIDTH + 3;
  const closing = requestEnd(line, opening + 1);
  if (closing < 0) return undefined;
  const [status, afterStatus] = token(line, closing + 2);
  if (!/^(?:\d{1,3}|-)$/.test(status)) return undefined;
  const [bytes, afterBytes] = token(line, afterStatus + 1);
  if (!/^(?:\d+|-|)$/.test(bytes)) return undefined;
  return {
    ...caller,
    time: line.slice(bracket + 1, bracket + 1 + TIME_WIDTH),
    ...splitRequest(unescapeLog(line.slice(opening + 1, closing))),
    status: present(status),
    ...matchAgent(line, afterBytes + 1),
  };
}

/** `17/May/2015:10:05:03 +0000` */
const TIME_WIDTH = 26;

function timeBracket(line: string): number {
  for (let at = line.indexOf('['); at >= 0; at = line.indexOf('[', at + 1)) {
    if (line.startsWith('] "', at + 1 + TIME_WIDTH) && line[at + 3] === '/' && line[at + 12] === ':') return at;
  }
  return -1;
}

type Caller = { ip: string | undefined } & Record<string, string | undefined>;

/** The part before the time. Undefined when ip, ident and user are not all there. */
function matchCaller(head: string): Caller | undefined {
  if (!head.endsWith(' ') || head.includes('\t')) return undefined;
  const words = peerFirst(head.slice(0, -1).replace(QUOTED_LIST, '$1 ').split(' ', MAX_WORDS));
  const first = addressIndex(words);
  let last = first;
  while (words[last]?.endsWith(',')) last++;
  if (words.length - last < 3) return undefined;
  // Behind the addresses that a proxy forwarded, or that of the server, stands the peer's own.
  const peer = words.length - last > 3 ? peerBehind(words, last) : undefined;
  const isNamed = first === 1 || (peer !== undefined && peer > 1 && words[0]?.endsWith(',') === false);
  last = peer ?? last;
  return {
    ip: present(peer === undefined ? words.slice(first, last + 1).join(' ') : (words[peer] ?? '')),
    'identity.vhost': isNamed ? present(words[0] ?? '') : undefined,
    'identity.user': present(unquoted(words.slice(last + 2).join(' '))),
  };
}

/** The last word before the dash for the ident, which most servers write, or else an address. */
function peerBehind(words: readonly string[], last: number): number | undefined {
  const dash = words.indexOf('-', last + 1);
  if (dash > last + 1 && dash + 1 < words.length) return dash - 1;
  return isAddress(words[last + 1] ?? '') ? last + 1 : undefined;
}

/** `"$http_x_forwarded_for" $remote_addr` */
const QUOTED_LIST = /^"([\da-fA-F.:, ]*)" /;

/** `%a:%{remote}p %v:%p` of Apache has the virtual host, known by its port, behind the peer. */
function peerFirst(words: readonly string[]): readonly string[] {
  const [peer = '', host = '', ident, ...rest] = words;
  if (ident === undefined || rest.length === 0 || !isAddress(peer) || isAddress(host)) return words;
  return /^[\w.-]{1,255}:\d{1,5}$/.test(host) ? [host, peer, ident, ...rest] : words;
}

/** A user name of more words is cut. */
const MAX_WORDS = 64;

/** Which word is the client: the first, unless a virtual host or another prefix stands before an address. */
function addressIndex(words: readonly string[]): number {
  if (isAddress(words[0] ?? '') || words[1] === '-') return 0;
  const address = words.findIndex((word, index) => isAddress(word) && index + 2 < words.length);
  if (address >= 0) return address;
  return words.length > 3 && words[2] === '-' ? 1 : 0;
}

function isAddress(word: string): boolean {
  const text = word.slice(0, 64);
  if (IPV4.test(text)) return true;
  return IPV6.test(text) && (text.includes('::') || text.split(':').length >= 8);
}

const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?,?$/;
const IPV6 = /^\[?[0-9A-Fa-f:.]+\]?(?::\d+)?,?$/;

/** The closing quote of the request: the first that is not escaped and has a status behind it. */
function requestEnd(line: string, start: number): number {
  for (let quote = quoteAt(line, start); quote >= 0; quote = quoteAt(line, quote + 1)) {
    if (/^ (?:\d|- )/.test(line.slice(quote + 1, quote + 4))) return quote;
  }
  return -1;
}

/** Referer and agent. What a server appends to them is not read. Traefik used to write no quotes around a missing referer. */
function matchAgent(line: string, start: number): Record<string, string | undefined> {
  if (line.startsWith('- "', start)) return { userAgent: agentAt(line, start + 3) };
  if (line[start] !== '"') return {};
  const refererEnd = fieldEnd(line, start + 1, line.length);
  if (refererEnd < 0) return {};
  const referer = present(unescapeLog(line.slice(start + 1, refererEnd)));
  if (line[refererEnd + 2] !== '"') return { 'identity.referer': referer };
  return { 'identity.referer': referer, userAgent: agentAt(line, refererEnd + 3) };
}

function agentAt(line: string, start: number): string | undefined {
  const traefik = TRAEFIK_AGENT.exec(line.slice(start))?.[1];
  const end = traefik === undefined ? balancedEnd(line, start) : start + traefik.length;
  return present(unescapeLog(line.slice(start, end < 0 ? undefined : end)));
}

/** Traefik goes on with a count, router, server and duration, and does not escape the quotes in them. */
const TRAEFIK_AGENT = /^((?:[^"\\]|\\.)*)" \d+ ".*" \d+ms$/;

/** The first quote that is not escaped and ends a word. */
function fieldEnd(line: string, start: number, limit: number): number {
  let quote = quoteAt(line, start);
  while (quote >= 0 && quote < limit && quote + 1 < line.length && line[quote + 1] !== ' ') {
    quote = quoteAt(line, quote + 1);
  }
  return quote;
}

/** As `fieldEnd`, but leaves an even number of quotes behind it, so that a bare quote in the agent does not end it. */
function balancedEnd(line: string, start: number): number {
  const quotes: number[] = [];
  for (let quote = quoteAt(line, start); quote >= 0; quote = quoteAt(line, quote + 1)) quotes.push(quote);
  const ends = (quote: number): boolean => quote + 1 === line.length || line[quote + 1] === ' ';
  return quotes.find((quote, index) => ends(quote) && (quotes.length - index) % 2 === 1) ?? quotes.findLast(ends) ?? -1;
}

/** The next quote from `start` on that no backslash escapes. */
function quoteAt(line: string, start: number): number {
  for (let at = line.indexOf('"', start); at >= 0; at = line.indexOf('"', at + 1)) {
    let slashes = 0;
    while (at - slashes > start && line.charCodeAt(at - slashes - 1) === 92) slashes++;
    if (slashes % 2 === 0) return at;
  }
  return -1;
}

/** The word at `start`, and where it ends. */
function token(line: string, start: number): [string, number] {
  const space = line.indexOf(' ', start);
  const end = space < 0 ? line.length : space;
  return [line.slice(start, end), end];
}

function unquoted(text: string): string {
  return text.length > 1 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
}

function present(text: string): string | undefined {
  return text === '-' || text === '' ? undefined : text;
}
