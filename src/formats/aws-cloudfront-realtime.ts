import type { RawFields } from '../model.ts';
import type { Format } from './format.ts';
import { KEY_HEADERS } from './key-headers.ts';
import { takeIdentity } from './marks.ts';
import { percentDecode, refineCloudFront } from './w3c.ts';

/** In the order in which CloudFront writes those that were chosen. */
const COLUMNS = [
  'timestamp', 'c-ip', 'time-to-first-byte', 'sc-status', 'sc-bytes', 'cs-method', 'cs-protocol', 'cs-host', 'cs-uri-stem',
  'cs-bytes', 'x-edge-location', 'x-edge-request-id', 'x-host-header', 'time-taken', 'cs-protocol-version', 'c-ip-version',
  'cs-user-agent', 'cs-referer', 'cs-cookie', 'cs-uri-query', 'x-edge-response-result-type', 'x-forwarded-for', 'ssl-protocol',
  'ssl-cipher', 'x-edge-result-type', 'fle-encrypted-fields', 'fle-status', 'sc-content-type', 'sc-content-len',
  'sc-range-start', 'sc-range-end', 'c-port', 'x-edge-detailed-result-type', 'c-country', 'cs-accept-encoding', 'cs-accept',
  'cache-behavior-path-pattern', 'cs-headers', 'cs-header-names', 'cs-headers-count', 'primary-distribution-id',
  'primary-distribution-dns-name', 'origin-fbl', 'origin-lbl', 'asn',
]; // prettier-ignore

/** docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/real-time-logs.html */
export const awsCloudFrontRealtime: Format = {
  name: 'aws-cloudfront-realtime',
  title: 'AWS CloudFront real-time log',
  syntax: { kind: 'w3c', columns: COLUMNS, mayEndAfter: 'cs-headers' },
  fields: {
    time: 'timestamp',
    ip: 'c-ip',
    userAgent: 'cs-user-agent',
    cookie: 'cs-cookie',
    status: 'sc-status',
    method: 'cs-method',
    action: 'w3c-uri',
    'identity.headers': 'cs-headers',
    'identity.host': 'cs-host',
    'identity.referer': 'cs-referer',
    'identity.request_id': 'x-edge-request-id',
    'identity.xff': 'x-forwarded-for',
  },
  recognise: ({ lines }) => lines.filter((line) => ROW.test(line)).length / Math.max(lines.length, 1),
  refine,
  limits:
    'Where not all fields were chosen, name the format and the columns of the source; declare a sampling rate under 100 %. CloudFront calls it no complete account of all requests.',
};

/** Time, address, time to the first byte, status, bytes, method, protocol, seven more, version, version of the address. */
const ROW =
  /^\d{10}\.\d{3}\t[\da-fA-F.:]+\t[\d.-]+\t\d{3}\t\d+\t[A-Z]+\t(?:https?|wss?)(?:\t[^\t]*){7}\tHTTP\/[\d.]+\tIPv[46](?:\t[^\t]*){21,}$/;

/** The headers of the request stand there as lines. */
function refine(fields: RawFields): RawFields {
  const headers = percentDecode(takeIdentity(fields, 'headers') ?? '');
  const lines = headers.split(/\r?\n/);
  for (const [i, line] of lines.entries()) {
    const [, name = '', value = ''] = /^([\w-]+): ?(.*)$/.exec(line) ?? [];
    if (!KEY_HEADERS.includes(name.toLowerCase())) continue;
    const isCut = i === lines.length - 1 && headers.length >= CUT_LENGTH;
    fields.keys.push({ text: isCut ? `${value}...` : value, kind: 'secret' });
  }
  return refineCloudFront(fields);
}

/** CloudFront cuts the headers after 800 bytes: of the last one, no more may be there than its beginning. */
const CUT_LENGTH = 780;
