import type { RawFields } from '../model.ts';
import type { Format } from './format.ts';
import { share } from './json.ts';

/** Codes of calls whose credential itself was not accepted. Everything else, AccessDenied too, was made with a live key. */
const REFUSED = new Set([ 'ExpiredToken', 'ExpiredTokenException', 'IncompleteSignature', 'InvalidAccessKeyId',
  'InvalidClientTokenId', 'InvalidToken', 'MissingAuthenticationToken', 'SignatureDoesNotMatch', 'TokenRefreshRequired', 'UnrecognizedClientException',
]); // prettier-ignore

const SESSION_ISSUER = 'userIdentity.sessionContext.sessionIssuer.arn || userIdentity.arn || userIdentity.principalId';

/**
 * AWS CloudTrail events: S3 delivery (`Records`), lookup-events output (`Events`, with the event as JSON in a string),
 * or one event a line. docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
export const awsCloudTrail: Format = {
  name: 'aws-cloudtrail',
  title: 'AWS CloudTrail: S3 delivery, lookup-events output, or one event a line',
  syntax: { kind: 'json' },
  fields: {
    time: bothPlaces('eventTime'),
    keyId: bothPlaces('userIdentity.accessKeyId'),
    ip: bothPlaces('sourceIPAddress'),
    userAgent: bothPlaces('userAgent'),
    error: bothPlaces('errorCode || errorMessage'),
    action: bothPlaces('eventName'),
    eventId: bothPlaces('eventID'),
    issuer: bothPlaces(SESSION_ISSUER),
    'identity.service': bothPlaces('eventSource'),
    'identity.type': bothPlaces('userIdentity.type'),
    'identity.arn': bothPlaces('userIdentity.arn'),
    'identity.accountId': bothPlaces('userIdentity.accountId'),
    'identity.userName': bothPlaces('userIdentity.userName'),
    'identity.invokedBy': bothPlaces('userIdentity.invokedBy'),
    'identity.region': bothPlaces('awsRegion'),
  },
  recognise: (sample) =>
    Math.max(
      share(sample, 'eventVersion') * share(sample, 'eventSource'),
      share(sample, 'CloudTrailEvent') * share(sample, 'EventId'),
    ),
  hallmarks: ['userIdentity'],
  refine,
  redelivers: true,
  limits: 'Object-level calls (S3, Lambda, DynamoDB) are there only when the trail logs data events.',
};

/** Digest files lie beside the logs and hold no calls. */
export const awsCloudTrailDigest: Format = {
  name: 'aws-cloudtrail-digest',
  title: 'AWS CloudTrail digest files (skipped: they hold no calls)',
  syntax: { kind: 'json' },
  fields: { time: 'digestEndTime' },
  recognise: (sample) => share(sample, 'digestS3Object') * share(sample, 'digestEndTime'),
  refine: () => ({ skip: 'not-a-request', quarantined: false }),
};

function bothPlaces(paths: string): string {
  const alternatives = paths.split('||').map((path) => path.trim());
  return [...alternatives, ...alternatives.map((path) => `CloudTrailEvent.${path}`)].join(' || ');
}

function refine(fields: RawFields): RawFields {
  const service = fields.identity['service'];
  if (service !== undefined && fields.action !== undefined) fields.action = `${service}:${fields.action}`;
  delete fields.identity['service'];
  if (fields.error !== undefined) fields.outcome = REFUSED.has(fields.error) ? 'refused' : 'failed';
  return fields;
}
