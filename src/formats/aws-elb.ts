import type { Captures, Format } from './format.ts';
import { LineCursor } from './line-cursor.ts';
import { splitRequest, unescapeLog } from './log-format.ts';
import { NOT_A_REQUEST } from './marks.ts';
import { hostOf, type LineReader, sameNames, shareOfLines, withoutPort } from './text-lines.ts';

const LIMITS = 'It carries no header and no credential: keys are seen only in query strings.';

/**
 * Access log of an application load balancer. AWS adds columns at the end now and then, which are not counted.
 * docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
 */
export const awsAlb: Format = {
  name: 'aws-alb',
  title: 'AWS application load balancer access log',
  syntax: { kind: 'text', match: matchAlbLine },
  fields: sameNames(
    'time ip userAgent status method action identity.elb identity.host identity.trace identity.target_status',
  ),
  recognise: (sample) => shareOfLines(sample, matchAlbLine),
  limits: LIMITS,
};

/** Access log of a classic load balancer. docs.aws.amazon.com/elasticloadbalancing/latest/classic/access-log-collection.html */
export const awsElb: Format = {
  name: 'aws-elb',
  title: 'AWS classic load balancer access log',
  syntax: { kind: 'text', match: matchClassic },
  fields: sameNames('time ip userAgent status method action identity.elb identity.host'),
  recognise: (sample) => shareOfLines(sample, matchClassic),
  limits: `${LIMITS} TCP listeners log connections only.`,
};

/** Load balancers that log connections write them beside the requests. */
function matchAlbLine(line: string): ReturnType<LineReader> {
  return CONNECTION.test(line.slice(0, MAX_CONNECTION)) ? NOT_A_REQUEST : matchAlb(line);
}

const MAX_CONNECTION = 512;
/** `time client port listener-port tls cipher seconds "subject" ...` */
const CONNECTION =
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z [\da-fA-F.:]+ \d+ \d+ (?:-|TLSv[\d.]+) [\w-]+ (?:-|[\d.]+) "/;

/** `type time elb client:port target:port 3 durations status target_status received sent "request" "agent" cipher ...` */
function matchAlb(line: string): Captures | undefined {
  const cursor = new LineCursor(line);
  if (!TYPE.test(cursor.word())) return undefined;
  const call = matchCall(cursor, ANY_ELB, (after) => TLS_AND_TARGET.test(line.slice(after, after + MAX_TLS)));
  if (call === undefined) return undefined;
  cursor.skip(3);
  const trace = cursor.quoted();
  return trace === undefined ? undefined : { ...call, 'identity.trace': trace };
}

const TYPE = /^(?:https?|h2|grpcs?|wss?)$/;
const MAX_TLS = 160;
/** What follows the agent: cipher, protocol, and an ARN or `-`. */
const TLS_AND_TARGET = /^ [\w-]+ (?:-|TLSv[\d.]+|SSLv[\d.]+) (?:-|arn:)/;

function matchClassic(line: string): Captures | undefined {
  return matchCall(new LineCursor(line), CLASSIC_ELB, (after) => TLS_AT_END.test(line.slice(after, after + MAX_TLS)));
}

const ANY_ELB = /^\S/;
/** Others have a kind and an id in their name: `app/name/id`. */
const CLASSIC_ELB = /^[^/]+$/;

/** Oldest logs end with the request, others with the agent and, since 2015, cipher and protocol. */
const TLS_AT_END = /^(?:$| [\w-]+ (?:-|TLSv[\d.]+|SSLv[\d.]+)$)/;

/** What both logs have: from the time to the agent. */
function matchCall(cursor: LineCursor, name: RegExp, isAgentEnd: (after: number) => boolean): Captures | undefined {
  const time = cursor.word();
  if (!TIME.test(time)) return undefined;
  const elb = cursor.word();
  if (!name.test(elb)) return undefined;
  const client = cursor.word();
  cursor.skip(1);
  const durations = [cursor.word(), cursor.word(), cursor.word()];
  if (!CLIENT.test(client) || !durations.every((text) => DURATION.test(text))) return undefined;
  const status = cursor.word();
  const targetStatus = cursor.word();
  if (!/^(?:\d{1,3}|-)$/.test(status)) return undefined;
  cursor.skip(2);
  if (cursor.line[cursor.at] !== '"') return undefined;
  const request = cursor.quoted((after) => after === cursor.line.length || cursor.line[after + 1] === '"');
  const agent = cursor.isAtEnd ? '' : cursor.quoted(isAgentEnd);
  if (request === undefined || agent === undefined) return undefined;
  const { method, action } = splitRequest(unescapeLog(request));
  return {
    time,
    ip: withoutPort(client),
    userAgent: unescapeLog(agent),
    status,
    method,
    action,
    'identity.elb': elb,
    'identity.host': hostOf(action),
    'identity.target_status': targetStatus,
  };
}

const CLIENT = /^(?:[\da-fA-F.:[\]]{2,60}:\d{1,5}|-)$/;
const DURATION = /^(?:-?\d{1,9}(?:\.\d{1,9})?|-)$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;
