import { describe, expect, it } from 'vitest';
import { readText } from '../ingest/reading.ts';
import { trailEvent } from '../ingest/made-logs.ts';

const USER_KEY = 'AKIAEXAMPLEEXAMPLE01';
const EVENT = { ...trailEvent(1), errorCode: undefined };

describe('a CloudTrail event', () => {
  it('says who called what, when and with which key', () => {
    expect(readText(JSON.stringify({ Records: [EVENT] }))).toMatchObject({
      format: 'aws-cloudtrail',
      skips: [],
      usages: [
        {
          at: Date.parse('2026-09-01T00:31:00Z'),
          keys: [{ key: USER_KEY, display: USER_KEY, kind: 'aws_access_key' }],
          outcome: 'accepted',
          action: 's3.amazonaws.com:PutObject',
          ip: '10.1.1.9',
          userAgent: 'aws-cli/2.17.0',
          issuer: undefined,
          eventId: '00000000-0000-4000-8000-000000000001',
          identity: { type: 'IAMUser', arn: 'arn:aws:iam::123456789012:user/example1', region: 'eu-west-1' },
        },
      ],
    });
  });

  it.each<[string, string]>([
    ['as S3 delivers it', JSON.stringify({ Records: [EVENT, EVENT] })],
    ['pretty-printed', JSON.stringify({ Records: [EVENT, EVENT] }, undefined, 4)],
    ['one a line', `${JSON.stringify(EVENT)}\n${JSON.stringify(EVENT)}\n`],
    ['as an array', JSON.stringify([EVENT, EVENT])],
  ])('is read the same %s', (_, text) => {
    const { format, usages, skips } = readText(text);
    const [first, second] = usages;
    expect([format, usages.length, skips]).toEqual(['aws-cloudtrail', 2, []]);
    expect(first).toEqual(second);
    expect(first).toEqual(readText(JSON.stringify({ Records: [EVENT] })).usages[0]);
  });

  it('is read the same in a string, as lookup-events prints it', () => {
    const { usages, skips } = readText(lookup([EVENT]), { format: 'aws-cloudtrail' });
    const [direct] = readText(JSON.stringify({ Records: [EVENT] })).usages;
    const places = [`CloudTrailEvent.${direct?.places?.[0]}`];
    expect([usages, skips]).toEqual([[{ ...direct, places }], []]);
  });

  // Known: recognition does not look into the string.
  it('is recognised in a string', () => {
    expect(readText(lookup([EVENT])).format).toBe('aws-cloudtrail');
  });

  it.each([
    [undefined, 'accepted'],
    ['AccessDenied', 'failed'],
    ['Client.UnauthorizedOperation', 'failed'],
    ['ThrottlingException', 'failed'],
    ['NoSuchBucket', 'failed'],
    ['InvalidClientTokenId', 'refused'],
    ['InvalidAccessKeyId', 'refused'],
    ['ExpiredToken', 'refused'],
    ['UnrecognizedClientException', 'refused'],
    ['accessdenied', 'failed'],
  ])('with the error %s is %s', (errorCode, outcome) => {
    expect(readText(JSON.stringify({ Records: [{ ...EVENT, errorCode }] })).usages).toMatchObject([
      { outcome, keys: [{ key: USER_KEY }] },
    ]);
  });

  // Known: these are answered to live keys, too (not entitled to the thing, not subscribed, a clock that is wrong).
  it.each(['AuthFailure', 'OptInRequired', 'NotSignedUp', 'RequestExpired'])(
    'with the error %s failed',
    (errorCode) => {
      expect(readText(JSON.stringify({ Records: [{ ...EVENT, errorCode }] })).usages).toMatchObject([
        { outcome: 'failed' },
      ]);
    },
  );

  it('that has only an error message failed', () => {
    expect(readText(JSON.stringify({ Records: [{ ...EVENT, errorMessage: 'no' }] })).usages).toMatchObject([
      { outcome: 'failed' },
    ]);
  });

  it('with a session credential names whom it was issued to', () => {
    const arn = 'arn:aws:iam::123456789012:role/deploy';
    const userIdentity = {
      type: 'AssumedRole',
      arn: 'arn:aws:sts::123456789012:assumed-role/deploy/run-77',
      accessKeyId: 'ASIAEXAMPLEEXAMPLE01',
      sessionContext: { sessionIssuer: { arn } },
    };
    expect(readText(JSON.stringify({ Records: [{ ...EVENT, userIdentity }] })).usages).toMatchObject([
      { issuer: arn, keys: [{ key: 'ASIAEXAMPLEEXAMPLE01', kind: 'aws_sts_session_key' }] },
    ]);
  });

  it('without a key is a record of the source all the same', () => {
    const userIdentity = { type: 'AWSService', invokedBy: 'ec2.amazonaws.com' };
    expect(readText(JSON.stringify({ Records: [{ ...EVENT, userIdentity }] })).usages).toMatchObject([{ keys: [] }]);
  });

  it('without a time is quarantined', () => {
    const { usages, skips } = readText(JSON.stringify({ Records: [EVENT, { ...EVENT, eventTime: undefined }] }));
    expect([usages.length, skips]).toEqual([1, ['no-time']]);
  });
});

it('a digest file holds no calls', () => {
  const digest = {
    awsAccountId: '123456789012',
    digestEndTime: '2026-09-01T01:00:00Z',
    digestS3Object: 'a/b.json.gz',
    logFiles: [{}],
  };
  expect(readText(JSON.stringify(digest))).toEqual({
    format: 'aws-cloudtrail-digest',
    usages: [],
    skips: ['not-a-request'],
  });
});

// Known: an empty list is not seen as a list of records, so that its container is taken for a record without a time.
it.each(['{"Records":[]}', '{"Events": []}\n'])('a delivery without events is empty and not malformed: %s', (text) => {
  expect(readText(text)).toMatchObject({ usages: [], skips: [] });
});

function lookup(events: readonly object[]): string {
  const listed = events.map((one) => ({
    EventId: '00000000-0000-4000-8000-000000000001',
    EventTime: Date.parse('2026-09-01T00:31:00Z') / 1000,
    Username: 'example1',
    CloudTrailEvent: JSON.stringify(one),
  }));
  return JSON.stringify({ Events: listed }, undefined, 4);
}
