import { LastcallError } from '../errors.ts';
import { parseSpec } from './log-format-spec.ts';
import type { SpecField, SpecToken } from './dialects/dialect.ts';

export type LineMatcher = (line: string) => Record<string, string | undefined> | undefined;

/**
 * Compiles the log format string of a server into a matcher of its lines. It walks the literals
 * from left to right and never goes back, so that its time is linear in the line. Captures bear the names of usage
 * fields where known, `header.<name>` for request headers, else the name of the variable.
 */
export function compileLogFormat(spec: string): LineMatcher {
  const tokens = parseSpec(spec);
  const steps = tokens.map((token, index) => stepOf(token, tokens.slice(index + 1)));
  const fields = tokens.filter((token) => token.kind === 'field');
  if (!fields.some((field) => field.name === 'time')) {
    throw new LastcallError('config', `The log format has no time stamp: ${spec.slice(0, 200)}`, {
      hint: 'Use the string as it stands in the configuration of the server, with $time_local or %t.',
    });
  }
  return (line) => matchLine(steps, line.trimEnd());
}

/** The names that a log format string captures. */
export function captureNames(spec: string): readonly string[] {
  const names = parseSpec(spec).flatMap((token) => (token.kind === 'field' ? [token.name] : []));
  return [...new Set(names.flatMap((name) => (name === 'request' ? ['method', 'action'] : [name])))];
}

/**
 * Splits `GET /path HTTP/1.1`. Anything else (TLS bytes, a port scanner's greeting) has neither method nor action,
 * but a target that starts like one counts even if the protocol is cut off: a key may stand in it.
 */
export function splitRequest(request: string): { method?: string; action?: string } {
  const first = request.indexOf(' ');
  const method = request.slice(0, Math.max(first, 0));
  if (method === '' || method.length > 32 || !/^[A-Za-z][\w-]*$/.test(method)) return {};
  const last = request.lastIndexOf(' ');
  const hasProtocol = last > first && /^HTTP\/\d/.test(request.slice(last + 1, last + 8));
  const action = request.slice(first + 1, hasProtocol ? last : undefined).trim();
  const isTarget = hasProtocol || /^(?:\/|https?:\/\/)/i.test(action.slice(0, 8));
  return isTarget && action !== '' ? { method, action } : {};
}

/** Undoes `\"`, `\\`, `\t`, `\u0041` and `\xHH` (as UTF-8). Bytes that are no UTF-8 stay written as `\xHH`. */
export function unescapeLog(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(ESCAPES, (escape) => {
    const kind = escape.charAt(1);
    if (kind === 'x') return decodeHex(escape);
    if (kind === 'u') return String.fromCharCode(Number.parseInt(escape.slice(2), 16));
    return CONTROL[kind] ?? kind;
  });
}

const ESCAPES = /(?:\\x[0-9A-Fa-f]{2})+|\\u[0-9A-Fa-f]{4}|\\["\\/bfnrtv]/g;
const CONTROL: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

function decodeHex(escapes: string): string {
  const bytes = Buffer.from(escapes.replaceAll('\\x', ''), 'hex');
  let text = '';
  for (let index = 0; index < bytes.length;) {
    const length = sequenceLength(bytes, index);
    text += length > 0 ? bytes.toString('utf8', index, index + length) : escapes.slice(index * 4, index * 4 + 4);
    index += Math.max(length, 1);
  }
  return text;
}

/** Length of the UTF-8 sequence at `index`, 0 if there is none. */
function sequenceLength(bytes: Buffer, index: number): number {
  const lead = bytes[index] ?? 0;
  const length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  const sequence = bytes.subarray(index, index + length);
  return sequence.length === length && (length < 2 || !sequence.toString('utf8').includes('\ufffd')) ? length : 0;
}

interface Literal {
  readonly kind: 'literal';
  readonly text: string;
}

interface Field {
  readonly kind: 'field';
  readonly name: string;
  /** The literal that ends the field; empty: the line ends it. A path that follows at once begins with its slash. */
  readonly end: string;
  /** The field that follows has this fixed width and is ended by `after`: a forged `end` does not pass for it. */
  readonly nextWidth: number;
  readonly after: string;
  /** How often `end` occurs within the value itself, as blanks do in a time stamp. */
  readonly inner: number;
  readonly width: number;
  /** Ended by the end of the line too: nothing but `end` follows. */
  readonly isLast: boolean;
  /** `{a|b}`, or nothing and no blank behind it. */
  readonly isBlock: boolean;
  /** An address with a port: of the colons in it, only the last ends it. */
  readonly isBeforePort: boolean;
  /** May be a list with blanks in it: `10.0.0.1:80, 10.0.0.2:80 : 10.0.0.3:80`. */
  readonly isList: boolean;
}

function stepOf(token: SpecToken, rest: readonly SpecToken[]): Literal | Field {
  if (token.kind === 'literal') return token;
  const [literal, next, after] = rest;
  const end = literal?.kind === 'literal' ? literal.text : literal === undefined ? '' : '/';
  return {
    kind: 'field',
    name: token.name,
    end,
    nextWidth: next?.kind === 'field' ? (next.width ?? 0) : 0,
    after: after?.kind === 'literal' ? after.text : '',
    inner: innerCount(token, end),
    width: token.width ?? 0,
    isLast: literal === undefined || (literal.kind === 'literal' && rest.length === 1),
    isBlock: token.isBlock === true,
    isBeforePort: token.name === 'ip' && end === ':',
    isList: /^(?:upstream_|header\.x-forwarded-for$|ip$)/.test(token.name),
  };
}

function innerCount(field: SpecField, end: string): number {
  return field.pattern === undefined || end === '' ? 0 : field.pattern.split(end).length - 1;
}

function matchLine(steps: readonly (Literal | Field)[], line: string): Record<string, string | undefined> | undefined {
  const captures = Object.create(null) as Record<string, string | undefined>;
  let position = 0;
  let doubt = '';
  for (const step of steps) {
    if (step.kind === 'literal') {
      if (!line.startsWith(step.text, position)) return undefined;
      position += step.text.length;
      continue;
    }
    if (step.isBlock) {
      position = captureBlock(captures, line, position);
      continue;
    }
    const end = findEnd(step, line, position);
    if (end < 0) return undefined;
    const raw = line.slice(position, end);
    doubt = isFixed(step, line, position) ? '' : doubt;
    if (doubt !== '' && (step.isList ? raw.replaceAll(LIST_SEPARATOR, '') : raw).includes(doubt)) return undefined;
    if (!capture(captures, step.name, raw)) return undefined;
    if (FREE_TEXT.test(step.name) && !isQuoted(step, line, position)) doubt = step.end;
    position = end;
  }
  if (position !== line.length) return undefined;
  joinQuery(captures);
  return captures;
}

/**
 * What callers write as they like. Without quotes it may hold the literal that should end it; the rest of it then stands in
 * the fields that follow, a key among them. Such a line shows the literal once more, and is not guessed at.
 */
const FREE_TEXT =
  /^(?:userAgent|request|action|path|query|identity\.(?:referer|user|client)|(?:header|arg|cookie|note|env|var|capture)\..*)$/;

const LIST_SEPARATOR = /, | : /g;

/** A field that nothing shifted can pass for. */
function isFixed(field: Field, line: string, start: number): boolean {
  return field.width > 0 || field.name === 'status' || isQuoted(field, line, start);
}

function isQuoted(field: Field, line: string, start: number): boolean {
  return field.end.startsWith('"') && start > 0 && line.charCodeAt(start - 1) === 34;
}

/** Numbers the values from 1 in the order of the line. Where there is no block, its blank is missing too. */
function captureBlock(captures: Record<string, string | undefined>, line: string, start: number): number {
  const close = line[start] === '{' ? line.indexOf('}', start) : -1;
  if (close < 0) return line[start - 1] === ' ' ? start - 1 : start;
  let number = Object.keys(captures).filter((name) => name.startsWith('capture.')).length;
  for (const value of line.slice(start + 1, close).split('|')) captures[`capture.${++number}`] = value;
  return close + 1;
}

function findEnd(field: Field, line: string, start: number): number {
  if (field.width > 0 && line.startsWith(field.end, start + field.width)) return start + field.width;
  if (field.end === '') return line.length;
  if (field.isBeforePort) return lastColon(line, start);
  if (field.isLast) return line.endsWith(field.end) ? Math.max(start, line.length - field.end.length) : -1;
  const hasQuotes = isQuoted(field, line, start);
  let position = start;
  for (let inner = field.inner; ;) {
    const end = hasQuotes ? closingQuote(field.end, line, position) : line.indexOf(field.end, position);
    if (end < 0) return -1;
    if (!(field.isList && isWithinList(line, end)) && inner-- <= 0 && isFollowed(field, line, end)) return end;
    position = end + 1;
  }
}

/** The last colon of the word: an address of IPv6 holds more of them. */
function lastColon(line: string, start: number): number {
  const blank = line.indexOf(' ', start);
  const colon = line.slice(start, blank < 0 ? undefined : blank).lastIndexOf(':');
  return colon < 0 ? -1 : start + colon;
}

/** nginx lists the servers that it tried with `, `, and with ` : ` where an internal redirect led to others. */
function isWithinList(line: string, end: number): boolean {
  if (line[end] !== ' ') return false;
  return line[end - 1] === ',' || line.startsWith(' : ', end) || line.startsWith(' : ', end - 2);
}

function isFollowed(field: Field, line: string, end: number): boolean {
  return field.nextWidth === 0 || line.startsWith(field.after, end + field.end.length + field.nextWidth);
}

/** The first place at or after `start` where the literal begins with a quote that no backslash escapes. */
function closingQuote(literal: string, line: string, start: number): number {
  for (let position = start; ;) {
    const quote = line.indexOf('"', position);
    if (quote < 0) return -1;
    if (!isEscaped(line, quote, start) && line.startsWith(literal, quote)) return quote;
    position = quote + 1;
  }
}

/** An odd number of backslashes stands before it. Linear over a whole line: each run of them ends at one quote. */
function isEscaped(line: string, index: number, start: number): boolean {
  let first = index;
  while (first > start && line.charCodeAt(first - 1) === 92) first--;
  return (index - first) % 2 === 1;
}

const STATUS = /^-?\d{1,3}$/;

/** False when the text cannot be what the field says: the line is of another format. */
function capture(captures: Record<string, string | undefined>, name: string, raw: string): boolean {
  if (raw === '' || raw === '-') return name !== 'time';
  if (name === 'status' && !STATUS.test(raw)) return false;
  if (name === 'ip' && raw.includes(' ') && !raw.includes(',')) return false;
  const text = unescapeLog(raw);
  if (name === 'request') {
    const { method, action } = splitRequest(text);
    captures['method'] ??= method;
    captures['action'] ??= action;
  } else {
    captures[name] ??= text;
  }
  // HAProxy sent no response.
  if (name === 'status' && text.startsWith('-')) captures['outcome'] = 'failed';
  return true;
}

/** A format with `$uri` and `$args` apart: the query may hold the key, so it goes back where it was. */
function joinQuery(captures: Record<string, string | undefined>): void {
  const query = captures['query']?.replace(/^\?/, '');
  captures['action'] ??= captures['path'];
  const { action } = captures;
  if (query !== undefined && query !== '' && !action?.includes('?')) captures['action'] = `${action ?? ''}?${query}`;
}
