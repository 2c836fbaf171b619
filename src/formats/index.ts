import { LastcallError } from '../errors.ts';
import { didYouMean } from '../near-miss.ts';
import { awsApiGateway, awsApiGatewayClf, awsApiGatewayCsv } from './aws-apigateway.ts';
import { awsCloudTrail, awsCloudTrailDigest } from './aws-cloudtrail.ts';
import { awsAlb, awsElb } from './aws-elb.ts';
import { awsS3Access } from './aws-s3-access.ts';
import { cloudflare } from './cloudflare.ts';
import { combinedFormats } from './combined.ts';
import { csv } from './csv.ts';
import { envoyText } from './envoy-text.ts';
import { fastly } from './fastly.ts';
import type { Format, Sample } from './format.ts';
import { haproxy } from './haproxy.ts';
import { json } from './json.ts';
import { nginxIngress } from './nginx-ingress.ts';
import { nginxProxyManager } from './nginx-proxy-manager.ts';
import { squid } from './squid.ts';
import { uwsgi } from './uwsgi.ts';
import { awsCloudFront, awsCloudFrontJson, w3c } from './w3c.ts';

/** Every log format. Add one: a file, a fixture folder, and its line here. */
export const FORMATS: readonly Format[] = [
  awsCloudTrail,
  awsCloudTrailDigest,
  awsAlb,
  awsElb,
  awsCloudFront,
  awsCloudFrontJson,
  awsS3Access,
  awsApiGateway,
  awsApiGatewayClf,
  awsApiGatewayCsv,
  ...combinedFormats,
  nginxIngress,
  nginxProxyManager,
  haproxy,
  envoyText,
  cloudflare,
  fastly,
  squid,
  uwsgi,
  w3c,
  csv,
  json,
];

/** Throws `usage` with the near miss. */
export function formatNamed(name: string): Format {
  const format = FORMATS.find((known) => known.name === name);
  if (format !== undefined) return format;
  const names = FORMATS.map((known) => known.name);
  throw new LastcallError('usage', `There is no log format "${name}"`, {
    hint: didYouMean(name, names) ?? `Known are ${names.join(', ')}.`,
  });
}

const SURE = 0.5;

/** The format that is surest of the sample, or undefined when none is sure enough. */
export function recogniseFormat(sample: Sample): Format | undefined {
  let best: Format | undefined;
  let bestScore = SURE;
  for (const format of FORMATS) {
    const score = format.recognise(sample);
    if (score > bestScore) [best, bestScore] = [format, score];
  }
  return best;
}
