import type { RawFields } from '../model.ts';
import { REFUSED } from './aws-cloudtrail.ts';
import { detectDelimiter, hasColumns, headerLine } from './csv.ts';
import type { Captures, FieldMap, Format } from './format.ts';
import { LineCursor } from './line-cursor.ts';
import { splitRequest, unescapeLog } from './log-format.ts';
import { marks } from './marks.ts';
import { sameNames, shareOfLines } from './text-lines.ts';

const LIMITS =
  'It names the requester but not the access key: key ids are seen only in presigned URLs. CloudTrail data events show the others.';

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
  limits: LIMITS,
};

/** The columns by the names of Athena's tables and of those who parse the lines first. `key` is the name of an object. */
const COLUMNS: FieldMap = {
  time: 'requestdatetime || time',
  ip: 'remoteip',
  userAgent: 'useragent',
  status: 'httpstatus',
  error: 'errorcode',
  action: 'request_uri || requesturi',
  'identity.requester': 'requester',
  'identity.bucket': 'bucket || bucket_name',
  'identity.operation': 'operation',
  'identity.request_id': 'requestid',
};

/** The same, parsed by another program. docs.aws.amazon.com/AmazonS3/latest/userguide/using-s3-access-logs-to-identify-requests.html */
export const awsS3AccessJson: Format = {
  name: 'aws-s3-access-json',
  title: 'Amazon S3 server access log, as JSON',
  isUtc: true,
  syntax: { kind: 'json' },
  fields: COLUMNS,
  recognise: (sample) => marks(sample, 'remoteip', 'httpstatus', 'operation', 'bucket || bucket_name'),
  refine: refineParsed,
  refineReads: ['error'],
  limits: LIMITS,
};

/** The same, as Athena saves results. */
export const awsS3AccessCsv: Format = {
  ...awsS3AccessJson,
  name: 'aws-s3-access-csv',
  title: 'Amazon S3 server access log, as CSV from Athena',
  isUtc: true,
  syntax: { kind: 'delimited', delimiter: undefined, columns: undefined },
  recognise: ({ lines }) => {
    const header = headerLine(lines);
    return hasColumns(header, detectDelimiter(header), NEEDED) ? 0.95 : 0;
  },
};

const NEEDED: FieldMap = { time: 'requestdatetime || time', ip: 'remoteip', status: 'httpstatus', action: 'requester' };

function refineParsed(fields: RawFields): RawFields {
  Object.assign(fields, splitRequest(fields.action ?? ''));
  if (fields.error !== undefined) fields.outcome = REFUSED.has(fields.error) ? 'refused' : 'failed';
  return fields;
}

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
