import type { Captures, Format } from './format.ts';
import { sameNames, shareOfLines, withoutPort } from './text-lines.ts';

/** TLS listeners of network load balancers. docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-access-logs.html */
export const awsNlb: Format = {
  name: 'aws-nlb',
  title: 'AWS network load balancer access log (TLS listeners)',
  isUtc: true,
  syntax: { kind: 'text', match },
  fields: sameNames('time ip identity.elb identity.host'),
  recognise: (sample) => shareOfLines(sample, match),
  limits: 'It has connections, not requests: neither key nor agent nor status.',
};

function match(line: string): Captures | undefined {
  const [type, version, time = '', elb, , client = '', target] = line.split(' ', 7);
  if (type !== 'tls' || !/^\d\.\d$/.test(version ?? '') || !TIME.test(time) || target === undefined) return undefined;
  const host = line.split(' ', 18)[17];
  return { time, ip: withoutPort(client), 'identity.elb': elb, 'identity.host': host };
}

/** UTC, though it does not say so. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/;
