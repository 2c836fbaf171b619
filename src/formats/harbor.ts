import type { Skip } from '../model.ts';
import type { Captures, Format } from './format.ts';
import { NOT_A_REQUEST } from './marks.ts';

/** Harbor core's log: `<time> [ERROR] [/file.go:72][client IP="..." requestID="..." user agent="..."]: message`. */
export const harbor: Format = {
  name: 'harbor',
  title: 'Harbor: sign-ins in the log of its core',
  syntax: { kind: 'text', match: matchLine },
  fields: {
    time: 'time',
    ip: 'ip',
    userAgent: 'userAgent',
    error: 'error',
    outcome: 'outcome',
    'identity.user': 'user',
    'identity.request_id': 'request_id',
  },
  recognise: ({ lines }) => {
    const fitting = lines.filter((line) => LINE.test(line));
    const calls = fitting.some((line) => matchLine(line) !== NOT_A_REQUEST);
    return calls ? (0.95 * fitting.length) / lines.length : 0;
  },
  limits:
    'It names users and robots that failed to sign in, never keys, and no call that went well. Lines of its proxy name no year: they are not read.',
};

const LINE = /^(\d{4}-\d\d-\d\dT[\d:.]{5,20}Z) \[[A-Z]+\] \[([^\]]*)\](?:\[(.*?)\])?: (.*)$/s;

function matchLine(line: string): Captures | Skip | undefined {
  const parts = LINE.exec(line);
  if (parts === null) return undefined;
  const [, time, , caller = '', message = ''] = parts;
  const ip = /(?:^| )client IP="([^"]*)"/.exec(caller)?.[1];
  if (ip === undefined) return NOT_A_REQUEST;
  const isRefused = /failed to (?:authenticate|verify)|unauthorized|invalid credentials/i.test(message);
  return {
    time,
    ip,
    userAgent: /user agent="(.*?)"(?: \w|$)/.exec(caller)?.[1],
    request_id: /requestID="([^"]*)"/.exec(caller)?.[1],
    user: /\buser:([^,\s]+)/.exec(message)?.[1],
    error: message.slice(0, MAX_ERROR),
    outcome: isRefused ? 'refused' : undefined,
  };
}

const MAX_ERROR = 200;
