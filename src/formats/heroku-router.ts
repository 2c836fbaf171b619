import type { RawFields, Skip } from '../model.ts';
import type { Format, Pairs } from './format.ts';
import { logfmtPairs } from './logfmt-pairs.ts';
import { NOT_A_REQUEST, takeIdentity } from './marks.ts';
import { shareOfLines } from './text-lines.ts';

/** Heroku's router, as a drain or `heroku logs` gives it. devcenter.heroku.com/articles/http-routing#heroku-router-log-format */
export const herokuRouter: Format = {
  name: 'heroku-router',
  title: 'Heroku: log of the router',
  syntax: { kind: 'text', match },
  fields: {
    time: 'time',
    ip: 'fwd',
    status: 'status',
    error: 'code',
    method: 'method',
    action: 'path',
    'identity.level': 'at',
    'identity.host': 'host',
    'identity.request_id': 'request_id',
    'identity.dyno': 'dyno',
  },
  recognise: (sample) => (sample.lines.some((line) => ROUTER.test(line.slice(0, MAX_PREFIX))) ? shareOfLines(sample, match) : 0),
  refine,
  limits:
    'It carries no header: keys are seen only in query strings. What the app writes beside it is read where it is of a known format, else quarantined: drain the lines of the router alone.',
}; // prettier-ignore

const MAX_PREFIX = 512;

/** logplex leaves out a field of RFC 5424, and forwarders more of them. */
const ROUTER =
  /^(?:(?:\d{1,6} )?(?:<\d{1,3}>1 )?(?<time>\d{4}-\d\d-\d\d[T ][\d:.]{8,20}(?:Z|[+-]\d\d:\d\d)) (?:(?!\d{4}-)\S{1,255} )??heroku(?: router|\/router|\[router\]):?(?: -){0,3} )?(?:sock=\w+ )?at=(?:info|warning|error) (?=(?:[a-z]+=(?:[^"\s]*|"[^"]*") )*?method=)/;
/** What Heroku says of dynos and add-ons, whole or without its prefix. */
const PLATFORM =
  /^(?:(?:\d{1,6} )?(?:<\d{1,3}>1 )?\d{4}-\d\d-\d\d[T ][\d:.]{8,20}(?:Z|[+-]\d\d:\d\d) (?:(?!\d{4}-)\S{1,255} )??(?:heroku(?:\[|\/| )(?!router)\S|app(?:\[|\/| )(?:api|heroku-)))|^(?:State changed from \w+ to \w+$|Starting process with command `|Process exited with status \d+$|Process running mem=|Error [RL]\d\d \(|Stopping (?:all processes|process) with SIG|Cycling$|Restarting$|Idling$|Unidling$|Release v\d+ created by user |source=\S+ (?:dyno=\S+ )?sample#)/;

function match(line: string): Pairs | Skip | undefined {
  const head = line.slice(0, MAX_PREFIX);
  const router = ROUTER.exec(head);
  if (router === null) return PLATFORM.test(head) ? NOT_A_REQUEST : undefined;
  const { time } = router.groups ?? {};
  const pairs = logfmtPairs(line);
  return pairs === undefined || time === undefined ? pairs : [...pairs, ['time', time]];
}

/** It gives a code to warnings too. */
function refine(fields: RawFields): RawFields {
  const level = takeIdentity(fields, 'level');
  if (level !== 'error') delete fields.error;
  else fields.error ??= level;
  return fields;
}
