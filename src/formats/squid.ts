import type { Captures, Format } from './format.ts';
import { sameNames, shareOfLines } from './text-lines.ts';

/** Squid's native access log (`logformat squid`). wiki.squid-cache.org/Features/LogFormat */
export const squid: Format = {
  name: 'squid',
  title: 'Squid access log, native format',
  syntax: { kind: 'text', match },
  fields: sameNames('time ip status method action identity.user identity.result'),
  recognise: (sample) => shareOfLines(sample, match),
  limits:
    'It carries no header and no user agent; of HTTPS it shows the host only, and query strings only with strip_query_terms off.',
};

function match(line: string): Captures | undefined {
  const captures = LINE.exec(line)?.groups;
  if (captures === undefined) return undefined;
  const { time, ip, result, status, method, action, user } = captures;
  return { time, ip, status, method, action, 'identity.user': user, 'identity.result': result };
}

/** `time elapsed client result/status bytes method url user hierarchy/peer type`. No field holds a blank. */
const LINE =
  /^(?<time>\d{9,11}\.\d{3}) +-?\d+ (?<ip>\S+) (?<result>[A-Z_]+)\/(?<status>\d{3}) \d+ (?<method>\S+) (?<action>\S+) (?<user>\S+) [A-Z_]+\/\S+ \S+/;
