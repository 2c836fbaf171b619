import { REFUSED } from './aws-cloudtrail.ts';
import type { Captures, Format } from './format.ts';
import { LineCursor } from './line-cursor.ts';
import { splitRequest, unescapeLog } from './log-format.ts';
import { sameNames, shareOfLines } from './text-lines.ts';

/**
 * Amazon S3 server access log. Columns were added at the end over the years and are not counted.
 * docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html
 */
export const awsS3Access: Format = {
  name: 'aws-s3-access',
  title: 'Amazon S3 server access log',
  syntax: { kind: 'text', match },
  fields: sameNames(
    'time ip userAgent status outcome method action identity.requester identity.bucket identity.operation identity.request_id',
  ),
  recognise: (sample) => shareOfLines(sample, match),
  limits:
    'It names the requester but not the access key: key ids are seen only in presigned URLs. CloudTrail data events show the others.',
};

/** `owner bucket [time] ip requester request_id operation key "request" status error 4 numbers "referer" "agent" version ...` */
function match(line: string): Captures | undefined {
  const cursor = new LineCursor(line);
  if (!OWNER.test(cursor.word())) return undefined;
  const bucket = cursor.word();
  const time = cursor.bracketed();
  if (time === undefined || !TIME.test(time)) return undefined;
  const [ip, requester, requestId, operation] = [cursor.word(), cursor.word(), cursor.word(), cursor.word()];
  cursor.skip(1);
  const request = cursor.quoted((after) => /^ (?:\d{3}|-) /.test(line.slice(after, after + 5)));
  const status = cursor.word();
  if (request === undefined || !/^(?:\d{3}|-)$/.test(status) || !OPERATION.test(operation)) return undefined;
  const error = cursor.word();
  cursor.skip(4);
  return {
    time,
    ip,
    userAgent: agentOf(line, cursor),
    status,
    outcome: error === '-' ? undefined : REFUSED.has(error) ? 'refused' : 'failed',
    ...splitRequest(unescapeLog(request)),
    'identity.requester': requester,
    'identity.bucket': bucket,
    'identity.operation': operation,
    'identity.request_id': requestId,
  };
}

const OWNER = /^(?:[0-9a-f]{32,64}|[\w+/=.-]{1,256})$/i;
const TIME = /^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}$/;
const OPERATION = /^[A-Z0-9]+\.[A-Z0-9_.-]+$/;

/** The agent ends at the last quote of the line: S3 does not escape quotes in it, and quotes nothing behind it. */
function agentOf(line: string, cursor: LineCursor): string | undefined {
  cursor.quoted((after) => line[after + 1] === '"' || line.startsWith(' - ', after));
  if (line[cursor.at] !== '"') return undefined;
  const end = line.lastIndexOf('"');
  return end > cursor.at ? line.slice(cursor.at + 1, end) : line.slice(cursor.at + 1);
}
