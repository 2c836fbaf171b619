import { isErrorLogLine } from './combined.ts';
import type { Captures, Format } from './format.ts';
import { LineCursor } from './line-cursor.ts';
import { unescapeLog } from './log-format.ts';
import { NOT_A_REQUEST } from './marks.ts';
import { type LineReader, sameNames, shareOfLines } from './text-lines.ts';

/** The formats `proxy` and `standard` of Nginx Proxy Manager: the second lacks cache state, upstream status and upstream. */
export const nginxProxyManager: Format = {
  name: 'nginx-proxy-manager',
  title: 'Nginx Proxy Manager access log',
  syntax: { kind: 'text', match },
  fields: sameNames('time ip userAgent status method action identity.host identity.upstream identity.referer'),
  recognise: (sample) => shareOfLines(sample, match),
  limits: 'It carries no header but agent and referer: keys are seen only in query strings.',
};

function match(line: string): ReturnType<LineReader> {
  return isErrorLogLine(line) ? NOT_A_REQUEST : matchRequest(line);
}

/** `[time] [cache upstream_status] status - METHOD scheme host "uri" [Client ip] [Length n] [Gzip r] [[Sent-to x]] "agent" "referer"` */
function matchRequest(line: string): Captures | undefined {
  const cursor = new LineCursor(line);
  const time = cursor.bracketed();
  const before = wordsBeforeDash(cursor);
  if (time === undefined || before === undefined) return undefined;
  const method = cursor.word();
  cursor.skip(1);
  const host = cursor.word();
  const uri = cursor.quoted((after) => line.startsWith(' [Client ', after));
  const client = tagged(cursor, 'Client');
  if (uri === undefined || client === undefined) return undefined;
  if (tagged(cursor, 'Length') === undefined || tagged(cursor, 'Gzip') === undefined) return undefined;
  const upstream = tagged(cursor, 'Sent-to');
  const userAgent = cursor.quoted((after) => line[after + 1] === '"');
  const referer = cursor.quoted((after) => after === line.length);
  if (userAgent === undefined || referer === undefined) return undefined;
  return {
    time,
    ip: client,
    status: before.at(-1),
    method,
    action: unescapeLog(uri),
    userAgent: unescapeLog(userAgent),
    'identity.host': host,
    'identity.upstream': upstream,
    'identity.referer': unescapeLog(referer),
  };
}

/** The status, with the cache state and the status of the upstream before it where the format has them. */
function wordsBeforeDash(cursor: LineCursor): string[] | undefined {
  const first = cursor.word();
  const second = cursor.word();
  if (/^\d{3}$/.test(first) && second === '-') return [first];
  const status = cursor.word();
  // On a retry the upstream's status is a list: `502, 200`.
  const last = second.endsWith(',') ? cursor.word() : status;
  return /^\d{3}$/.test(last) && cursor.word() === '-' ? [first, second, last] : undefined;
}

function tagged(cursor: LineCursor, name: string): string | undefined {
  return cursor.line.startsWith(`[${name} `, cursor.at) ? cursor.bracketed()?.slice(name.length + 1) : undefined;
}
