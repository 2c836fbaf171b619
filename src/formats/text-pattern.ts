import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';
import { LastcallError } from '../errors.ts';
import type { Captures, FieldMap, Format } from './format.ts';
import { splitRequest } from './log-format.ts';
import { type LineReader, shareOfLines } from './text-lines.ts';
import { USAGE_FIELDS } from './usage-fields.ts';

/** Whether a log format string is a pattern of the user's, with named groups, and not one of a server. */
export function isTextPattern(spec: string): boolean {
  return PREFIX.test(spec) || /\(\?P?<[A-Za-z_]/.test(spec);
}

/**
 * The format that a pattern such as `(?<time>\S+) (?<ip>\S+) key=(?<key>\w+)` describes. Groups are named like usage fields;
 * `request` is `GET /path HTTP/1.1`, other names become `identity.<name>`. RE2 reads in time linear in the line, whatever the
 * pattern. A line that does not fit is malformed, and so is one from whose middle of a word a key was cut.
 */
export function textPattern(spec: string): Format {
  const { pattern, names } = compile(spec);
  const fields = fieldsOf(names);
  const match: LineReader = (line) => {
    const matcher = pattern.matcher(line.trimEnd());
    if (!matcher.find()) return undefined;
    const captures: Record<string, string | undefined> = {};
    for (const name of names) {
      const text = matcher.group(name);
      if (text === null) continue;
      if (isKey(fields, name) && cutsWord(line, matcher.end(name))) return undefined;
      captures[name] = text;
    }
    return withRequest(captures);
  };
  const hasKeys = fields.key !== undefined || fields.keyId !== undefined;
  return {
    name: 'pattern',
    title: 'Lines as a pattern with named groups describes them',
    syntax: { kind: 'text', match },
    fields,
    recognise: (sample) => 0.95 * shareOfLines(sample, match),
    ...(hasKeys ? {} : { limits: 'The pattern has no group "key" or "keyId": only keys in the query string show.' }),
  };
}

const PREFIX = /^pattern:/;

function compile(spec: string): { pattern: RE2JS; names: readonly string[] } {
  const text = spec.replace(PREFIX, '');
  // Loaded for those who use a pattern: it is as large as all formats together.
  const re2 = createRequire(import.meta.url)('re2js') as typeof import('re2js');
  let pattern: RE2JS;
  try {
    pattern = re2.RE2JS.compile(text);
  } catch (cause) {
    if (!(cause instanceof re2.RE2JSException)) throw cause;
    throw invalid(text, cause.message.replace(/^error parsing regexp: /, ''), 'Patterns are RE2: without lookaround and back references. Groups are named (?<name>...).'); // prettier-ignore
  }
  const names = Object.keys(pattern.namedGroups());
  if (!names.some((name) => fieldOf(name) === 'time')) {
    throw invalid(text, 'it has no group for the time', 'Name it: (?<time>...), and (?<key>...), (?<ip>...), (?<userAgent>...) beside it.'); // prettier-ignore
  }
  return { pattern, names };
}

function invalid(text: string, reason: string, hint: string): LastcallError {
  return new LastcallError('config', `The pattern cannot be used: ${reason}. It reads: ${text.slice(0, 200)}`, {
    hint,
  });
}

/** `user_agent` and `useragent` are `userAgent`; `identity_team` is `identity.team`, and so is `team`. */
function fieldOf(name: string): string {
  const plain = plainName(name);
  return USAGE_FIELDS.find((field) => plainName(field) === plain) ?? `identity.${name.replace(/^identity_/, '')}`;
}

function plainName(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}

function fieldsOf(names: readonly string[]): FieldMap {
  const fields: Record<string, string> = {};
  for (const name of names) {
    for (const field of name === 'request' ? ['method', 'action'] : [fieldOf(name)]) {
      const capture = name === 'request' ? `request.${field}` : name;
      fields[field] = fields[field] === undefined ? capture : `${fields[field]} || ${capture}`;
    }
  }
  return fields as FieldMap;
}

function isKey({ key, keyId }: FieldMap, name: string): boolean {
  return [key, keyId].some((captures) => captures?.split(' || ').includes(name));
}

/** What looks like a whole key would be another one. */
function cutsWord(line: string, end: number): boolean {
  return /^[A-Za-z0-9]{2}/.test(line.slice(end - 1, end + 1));
}

function withRequest({ request, ...captures }: Readonly<Record<string, string | undefined>>): Captures {
  if (request === undefined) return captures;
  const { method, action } = splitRequest(request);
  return { ...captures, 'request.method': method, 'request.action': action };
}
