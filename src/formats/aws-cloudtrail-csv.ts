import type { RawFields } from '../model.ts';
import { judge } from './aws-cloudtrail.ts';
import { detectDelimiter, headerLine, splitDelimited } from './csv.ts';
import type { Format } from './format.ts';
import { takeIdentity } from './marks.ts';

/**
 * CloudTrail events as CloudTrail Lake and Athena save results: `userIdentity` is a struct in one cell,
 * `{type=IAMUser, accesskeyid=AKIA..., ...}`.
 */
export const awsCloudTrailCsv: Format = {
  name: 'aws-cloudtrail-csv',
  title: 'AWS CloudTrail events as CSV, from CloudTrail Lake or Athena',
  isUtc: true,
  syntax: { kind: 'delimited', delimiter: undefined, columns: undefined },
  fields: {
    time: 'eventTime',
    keyId: 'accessKeyId || userIdentity.accessKeyId || userIdentity_accessKeyId',
    ip: 'sourceIPAddress',
    userAgent: 'userAgent',
    error: 'errorCode || errorMessage',
    action: 'eventName',
    eventId: 'eventID',
    'identity.service': 'eventSource',
    'identity.region': 'awsRegion',
    'identity.struct': 'userIdentity',
  },
  recognise: ({ lines }) => {
    const header = headerLine(lines);
    const columns = new Set(splitDelimited(header, detectDelimiter(header))?.map((name) => name.trim().toLowerCase()));
    const hasIdentity = [...columns].some((name) => name.startsWith('useridentity') || name === 'accesskeyid');
    return columns.has('eventtime') && columns.has('eventname') && hasIdentity ? 0.97 : 0;
  },
  refine,
  redelivers: true,
  limits: 'Only what the query selected is there: without the column userIdentity no key shows.',
};

function refine(fields: RawFields): RawFields {
  const struct = takeIdentity(fields, 'struct') ?? '';
  const service = takeIdentity(fields, 'service');
  const accessKey = memberOf(struct, 'accesskeyid');
  if (fields.keys.length === 0 && accessKey !== undefined) fields.keys.push({ text: accessKey, kind: 'public' });
  for (const [name, member] of IDENTITY) {
    const value = memberOf(struct, member);
    if (value !== undefined) fields.identity[name] = value;
  }
  const issuer = /sessionissuer["=: ]+\{[^{}]*/i.exec(struct)?.[0];
  const issuerArn = (issuer === undefined ? undefined : memberOf(issuer, 'arn')) ?? fields.identity['arn'];
  if (issuerArn !== undefined) fields.issuer = issuerArn;
  if (service !== undefined && fields.action !== undefined) fields.action = `${service}:${fields.action}`;
  judge(fields);
  return fields;
}

const IDENTITY = [['type', 'type'], ['arn', 'arn'], ['accountId', 'accountid'], ['userName', 'username']] as const; // prettier-ignore

/** `name=value` of a struct, or `"name":"value"`; the first, so that what is nested does not stand for the whole. */
function memberOf(struct: string, name: string): string | undefined {
  const value = new RegExp(`(?:^|[{, "])${name}(?:=|"?\\s*:\\s*"?)([^,}"]*)`, 'i').exec(struct)?.[1]?.trim();
  return value === undefined || value === '' || value === 'null' || value === '-' ? undefined : value;
}
