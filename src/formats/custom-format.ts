import { isErrorLogLine } from './combined.ts';
import type { FieldMap, Format } from './format.ts';
import { isHaproxyMessage } from './haproxy.ts';
import { captureNames, compileLogFormat } from './log-format.ts';
import { NOT_A_REQUEST } from './marks.ts';
import { type LineReader, shareOfLines } from './text-lines.ts';
import { isTextPattern, textPattern } from './text-pattern.ts';

/** The format that a string of the user's describes: of a server's configuration, or a pattern with named groups. */
export function customLogFormat(spec: string): Format {
  return isTextPattern(spec) ? textPattern(spec) : serverLogFormat(spec);
}

const FIELDS: FieldMap = {
  time: 'time',
  ip: 'ip',
  userAgent: 'userAgent',
  status: 'status',
  outcome: 'outcome',
  method: 'method',
  action: 'action',
};

function serverLogFormat(spec: string): Format {
  const matchSpec = compileLogFormat(spec);
  const matchOwn: LineReader = (line) => matchSpec(line) ?? (isMessage(line) ? NOT_A_REQUEST : undefined);
  const names = captureNames(spec);
  const key = names.filter(isKeyCapture).join(' || ');
  const hasKeys = key !== '' || names.includes('keyId');
  return {
    name: 'custom',
    title: 'Lines as a log format string describes them',
    syntax: { kind: 'text', match: matchOwn },
    fields: {
      ...FIELDS,
      ...callerFields(names),
      ...identityFields(names),
      ...(names.includes('keyId') ? { keyId: 'keyId' } : {}),
      ...(key === '' ? {} : { key }),
    },
    recognise: (sample) => 0.95 * shareOfLines(sample, matchOwn),
    ...(hasKeys
      ? {}
      : { limits: 'The format string writes no header with a key: only keys in the query string show.' }),
  };
}

function isMessage(line: string): boolean {
  return isErrorLogLine(line) || isHaproxyMessage(line);
}

/** Behind a proxy the format may have the forwarded address only. */
function callerFields(names: readonly string[]): FieldMap {
  return names.includes('ip') ? {} : { ip: 'header.x-real-ip || header.x-forwarded-for' };
}

function identityFields(names: readonly string[]): FieldMap {
  return Object.fromEntries(names.filter((name) => name.startsWith('identity.')).map((name) => [name, name]));
}

/** Headers, arguments and variables that hold a key by their name. */
function isKeyCapture(name: string): boolean {
  const [space, own = name] = /^(header|arg|cookie|env|note|response|var)\.(.*)/.exec(name)?.slice(1) ?? [];
  if (space === 'response') return false;
  if (name === 'keyId') return false;
  if (space === 'cookie') return /api[-_]?key$/.test(own);
  return own.endsWith('authorization') || (/key$|token$|secret$|^auth$/.test(own) && !NO_KEY.test(own));
}

const NO_KEY = /csrf|xsrf|idempotency|websocket|cache|surrogate|security-token/;
