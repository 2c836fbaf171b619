import type { RawFields, Skip } from '../model.ts';
import type { Format } from './format.ts';
import { share } from './json.ts';
import { marks, NOT_A_REQUEST } from './marks.ts';

/** Codes of calls whose credential itself was not accepted. Everything else, AccessDenied too, was made with a live key. */
export const REFUSED: ReadonlySet<string> = new Set([ 'ExpiredToken', 'ExpiredTokenException', 'IncompleteSignature', 'InvalidAccessKeyId',
  'InvalidClientTokenId', 'InvalidToken', 'MissingAuthenticationToken', 'SignatureDoesNotMatch', 'TokenRefreshRequired', 'UnrecognizedClientException',
]); // prettier-ignore

const SESSION_ISSUER = 'userIdentity.sessionContext.sessionIssuer.arn || userIdentity.arn || userIdentity.principalId';

/**
 * AWS CloudTrail events: S3 delivery (`Records`), lookup-events output (`Events`, with the event as JSON in a string),
 * or one event a line. docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
export const awsCloudTrail: Format = {
  name: 'aws-cloudtrail',
  title: 'AWS CloudTrail: S3 delivery, lookup-events output, EventBridge, or one event a line',
  syntax: { kind: 'json' },
  fields: {
    time: everyPlace('eventTime'),
    // Tencent Cloud writes its audit log in the same way, with another name for the key.
    keyId: `${everyPlace('userIdentity.accessKeyId || userIdentity.secretId')} || AccessKeyId`,
    ip: everyPlace('sourceIPAddress'),
    userAgent: everyPlace('userAgent'),
    error: everyPlace('errorCode || errorMessage'),
    action: everyPlace('eventName'),
    eventId: everyPlace('eventID'),
    issuer: everyPlace(SESSION_ISSUER),
    'identity.service': everyPlace('eventSource'),
    'identity.type': everyPlace('userIdentity.type'),
    'identity.arn': everyPlace('userIdentity.arn'),
    'identity.accountId': everyPlace('userIdentity.accountId'),
    'identity.userName': everyPlace('userIdentity.userName'),
    'identity.invokedBy': everyPlace('userIdentity.invokedBy'),
    'identity.region': everyPlace('awsRegion'),
    'identity.issuer': everyPlace('userIdentity.sessionContext.sessionIssuer.arn'),
    'identity.digest': 'digestS3Object',
    'identity.insight': everyPlace('insightDetails.insightType'),
  },
  recognise: (sample) =>
    Math.max(
      marks(sample, 'eventVersion', 'eventSource'),
      marks(sample, 'CloudTrailEvent', 'EventId'),
      marks(sample, 'detail.eventVersion', 'detail.eventSource'),
      marks(sample, 'eventVersion', 'insightDetails'),
    ),
  hallmarks: ['userIdentity'],
  refine,
  refineReads: ['error', 'identity.insight'],
  redelivers: true,
  isDelivered: true,
  limits: 'Object-level calls (S3, Lambda, DynamoDB) are there only when the trail logs data events.',
};

/** Digest files lie beside the logs and hold no calls: they list the logs, which shows what is missing. */
export const awsCloudTrailDigest: Format = {
  name: 'aws-cloudtrail-digest',
  title: 'AWS CloudTrail digest files (no calls: they list the logs, so that a missing one is noticed)',
  syntax: { kind: 'json' },
  fields: { time: 'digestEndTime' },
  recognise: (sample) => 0.9 * share(sample, 'digestS3Object') * share(sample, 'digestEndTime'),
  refine: () => ({ skip: 'not-a-request', quarantined: false }),
  isDelivered: true,
};

/** The event is the record itself, a string in what lookup-events prints, or below `detail` in what EventBridge passes on. */
function everyPlace(paths: string): string {
  const alternatives = paths.split('||').map((path) => path.trim());
  return ['CloudTrailEvent.', '', 'detail.'].flatMap((place) => alternatives.map((path) => place + path)).join(' || ');
}

/** Some services write the status of a call that went well, "200" or 0, where others write an error. */
export function judge(fields: RawFields): void {
  if (/^(?:0|2\d\d)$/.test(fields.error ?? '')) delete fields.error;
  if (fields.error !== undefined) fields.outcome = REFUSED.has(fields.error) ? 'refused' : 'failed';
}

function refine(fields: RawFields): RawFields | Skip {
  // Digests lie beside the logs, and are among the events where both were joined.
  if (fields.identity['digest'] !== undefined && fields.time === undefined) return NOT_A_REQUEST;
  delete fields.identity['digest'];
  // Insights tell of calls that are events of their own.
  if (fields.identity['insight'] !== undefined) return NOT_A_REQUEST;
  const service = fields.identity['service'];
  // What is no name of an event but a URL stays one, so that the keys in it are found whatever the service.
  if (service !== undefined && fields.action?.includes(':') === false) fields.action = `${service}:${fields.action}`;
  delete fields.identity['service'];
  judge(fields);
  return fields;
}
