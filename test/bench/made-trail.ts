import { AGENTS, hexDigits, madeInstants, numbersFrom } from './made-log.ts';

/** Events in one delivery. */
const EVENTS_PER_FILE = 2000;
/** One event in so many is delivered once more: what AWS promises is "at least once". */
const REPEATED_ONE_IN = 5;
const REMEMBERED = 4096;

const CALLS: readonly (readonly [source: string, name: string])[] = [
  ['s3.amazonaws.com', 'GetObject'],
  ['s3.amazonaws.com', 'PutObject'],
  ['dynamodb.amazonaws.com', 'Query'],
  ['ec2.amazonaws.com', 'DescribeInstances'],
  ['kms.amazonaws.com', 'Decrypt'],
  ['sqs.amazonaws.com', 'ReceiveMessage'],
];
const ERRORS = ['AccessDenied', 'ThrottlingException', 'InvalidClientTokenId', 'ExpiredToken'];

/** CloudTrail as it lies in a bucket: the text of one `{"Records":[...]}` document after the other. */
export function* trailDocuments(events: number, seed = 1): Generator<string> {
  const all = trailEvents(events, seed);
  for (let first = 0; first < events; first += EVENTS_PER_FILE) {
    const records: string[] = [];
    for (let i = first; i < Math.min(first + EVENTS_PER_FILE, events); i++) records.push(all.next().value as string);
    yield `{"Records":[${records.join(',')}]}`;
  }
}

function* trailEvents(events: number, seed: number): Generator<string> {
  const next = numbersFrom(seed);
  const instant = madeInstants(events, next);
  const latest: string[] = [];
  let made = 0;
  for (let i = 0; i < events; i++) {
    const at = instant(i);
    if (latest.length > 0 && next(REPEATED_ONE_IN) === 0) {
      yield latest[next(latest.length)] as string;
      continue;
    }
    const event = trailEvent(i, at, next);
    latest[made++ % REMEMBERED] = event;
    yield event;
  }
}

function trailEvent(number: number, at: Date, next: (below: number) => number): string {
  const [eventSource, eventName] = CALLS[next(CALLS.length)] as (typeof CALLS)[number];
  const caller = next(400);
  const bucket = `example-bucket-${next(60)}`;
  const event = {
    eventVersion: '1.11',
    userIdentity: caller % 4 === 0 ? roleOf(caller) : userOf(caller),
    eventTime: at.toISOString().replace(/\.\d+Z$/, 'Z'),
    eventSource,
    eventName,
    awsRegion: 'eu-west-1',
    sourceIPAddress: `10.${caller % 40}.${caller % 7}.${next(3)}`,
    userAgent: `[${AGENTS[caller % AGENTS.length]}]`,
    ...(next(20) === 0 ? { errorCode: ERRORS[next(ERRORS.length)], errorMessage: 'The request was not granted.' } : {}),
    requestParameters: {
      bucketName: bucket,
      key: `exports/2026/09/part-${next(100_000)}.parquet`,
      Host: `${bucket}.s3.eu-west-1.amazonaws.com`,
    },
    responseElements: null,
    additionalEventData: {
      SignatureVersion: 'SigV4',
      CipherSuite: 'TLS_AES_128_GCM_SHA256',
      bytesTransferredIn: 0,
      AuthenticationMethod: 'AuthHeader',
      'x-amz-id-2': hexDigits(76, next),
      bytesTransferredOut: next(1_000_000),
    },
    requestID: hexDigits(16, next).toUpperCase(),
    eventID: `${hexDigits(8, next)}-0000-4000-8000-${number.toString(16).padStart(12, '0')}`,
    readOnly: true,
    resources: [
      { type: 'AWS::S3::Object', ARN: `arn:aws:s3:::${bucket}/exports/2026/09` },
      { accountId: '123456789012', type: 'AWS::S3::Bucket', ARN: `arn:aws:s3:::${bucket}` },
    ],
    eventType: 'AwsApiCall',
    managementEvent: false,
    recipientAccountId: '123456789012',
    eventCategory: 'Data',
    tlsDetails: { tlsVersion: 'TLSv1.3', cipherSuite: 'TLS_AES_128_GCM_SHA256', clientProvidedHostHeader: bucket },
  };
  return JSON.stringify(event);
}

function userOf(caller: number): object {
  return {
    type: 'IAMUser',
    principalId: `AIDAEXAMPLEEXAMPLE${caller}`,
    arn: `arn:aws:iam::123456789012:user/example-${caller}`,
    accountId: '123456789012',
    accessKeyId: `AKIAEXAMPLEKEY00${String(caller).padStart(4, '0')}`,
    userName: `example-${caller}`,
  };
}

/** What a role was lent: a session, which is counted by its role. */
function roleOf(caller: number): object {
  const role = `deploy-${caller % 20}`;
  return {
    type: 'AssumedRole',
    principalId: `AROAEXAMPLEEXAMPLE${caller % 20}:run-${caller}`,
    arn: `arn:aws:sts::123456789012:assumed-role/${role}/run-${caller}`,
    accountId: '123456789012',
    accessKeyId: `ASIAEXAMPLEKEY00${String(caller).padStart(4, '0')}`,
    sessionContext: {
      sessionIssuer: { type: 'Role', arn: `arn:aws:iam::123456789012:role/${role}`, userName: role },
      attributes: { creationDate: '2026-09-01T00:00:00Z', mfaAuthenticated: 'false' },
    },
  };
}
