import { matchCombined } from './combined.ts';
import type { Captures, Format, Sample } from './format.ts';
import { NOT_A_REQUEST } from './marks.ts';
import { type LineReader, sameNames } from './text-lines.ts';

/** The request log that uWSGI writes by default, among what the application prints. uwsgi-docs.readthedocs.io/en/latest/LogFormat.html */
export const uwsgi: Format = {
  name: 'uwsgi',
  title: 'uWSGI request log, default format',
  syntax: { kind: 'text', match },
  fields: sameNames('time ip status method action identity.user'),
  recognise,
  limits:
    'It carries no header and no user agent: keys are seen only in query strings. Its times have no zone: set the timezone of the source.',
};

/** Few requests among many other lines are enough, if no other format knows those lines. */
function recognise({ lines }: Sample): number {
  const requests = lines.filter((line) => line.includes(START) && matchRequest(line.slice(line.indexOf(START))));
  return requests.length === 0 ? 0 : 0.55 + (0.4 * requests.length) / lines.length;
}

/** Lines that are no part of a request are what the application and the server say; another server's requests are not. */
function match(line: string): ReturnType<LineReader> {
  const start = line.indexOf(START);
  if (start >= 0) return matchRequest(line.slice(start));
  return line.includes(GENERATED) || line.includes(END) || matchCombined(line) !== undefined
    ? undefined
    : NOT_A_REQUEST;
}

const START = '[pid: ';
const END = ' switches on core ';

const GENERATED = ' => generated ';

/** `[pid: 1|app: 0|req: 1/1] 1.2.3.4 (user) {38 vars in 696 bytes} [time] GET /path => generated 47 bytes in 129 msecs (HTTP/1.1 200) ...` */
function matchRequest(line: string): Captures | undefined {
  const vars = VARS.exec(line);
  const arrow = line.lastIndexOf(GENERATED);
  if (vars === null || arrow < vars.index) return undefined;
  const caller = CALLER.exec(line.slice(0, vars.index));
  const clock = vars.index + vars[0].length;
  const bracket = line.indexOf('] ', clock);
  const status = STATUS.exec(line.slice(arrow));
  if (caller === null || status === null || bracket < 0 || bracket > arrow) return undefined;
  const request = line.slice(bracket + 2, arrow);
  const space = request.indexOf(' ');
  if (space < 0) return undefined;
  return {
    time: line.slice(clock, bracket),
    ip: caller[1],
    'identity.user': caller[2],
    method: request.slice(0, space),
    action: request.slice(space + 1),
    status: status[1],
  };
}

const CALLER = /^\[pid: \d+\|app: [\d-]+\|req: [\d/-]+\] ([^(]{0,512}?) ?\(([^)]{0,512})\) $/;
const VARS = /\{\d+ vars in \d+ bytes\} \[/;
const STATUS = /\(\S{1,20} (\d{1,3})\) \d+ headers/;
