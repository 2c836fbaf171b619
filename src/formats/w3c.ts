import type { RawFields } from '../model.ts';
import type { FieldMap, Format } from './format.ts';
import { joinQuery } from './json.ts';
import { KEY_HEADERS } from './key-headers.ts';
import { marks, takeIdentity } from './marks.ts';
import { w3cColumns } from './table.ts';

const FIELDS: FieldMap = {
  time: 'w3c-time || timestamp',
  // A header that was added by the administrator of IIS has the name of the column that was chosen.
  key: KEY_HEADERS.map((header) => `cs(${header}) || ${header}`).join(' || '),
  cookie: 'cs(Cookie)',
  ip: 'c-ip',
  userAgent: 'cs(User-Agent) || c-user-agent',
  status: 'sc-status',
  method: 'cs-method',
  action: 'w3c-uri',
  'identity.user': 'cs-username',
  'identity.host': 'cs(Host) || cs-host',
  'identity.referer': 'cs(Referer) || cs(Referrer) || c-referrer',
  'identity.site': 's-sitename',
};

/** IIS and other servers that write the W3C extended format. learn.microsoft.com/windows/win32/http/w3c-logging */
export const w3c: Format = {
  name: 'w3c',
  title: 'W3C extended log: IIS and others, with #Fields lines',
  syntax: { kind: 'w3c', columns: undefined, mayEndAfter: undefined },
  fields: FIELDS,
  recognise: ({ lines }) => (w3cColumns(lines)?.some((name) => REQUEST_COLUMN.test(name)) === true ? 0.9 : 0),
  refine,
  limits:
    'Keys are seen in query strings, in cookies, and in headers that are logged as columns. IIS has none of these by default.',
};

const REQUEST_COLUMN = /^(?:c-ip|cs-method|cs-uri(?:-stem)?|sc-status)$/i;

/** IIS writes `+` for a blank in the agent and between cookies; servers that quote values do not. Edgio's status reads `TCP_HIT/200`. */
function refine(fields: RawFields): RawFields {
  const { userAgent, status, cookie } = fields;
  if (cookie !== undefined) fields.cookie = cookie.replaceAll(';+', '; ');
  if (status?.includes('/') === true) fields.status = status.slice(status.indexOf('/') + 1);
  if (userAgent !== undefined && !userAgent.includes(' ')) fields.userAgent = userAgent.replaceAll('+', ' ');
  return fields;
}

const CLOUDFRONT_COLUMNS = [
  'date', 'time', 'x-edge-location', 'sc-bytes', 'c-ip', 'cs-method', 'cs(Host)', 'cs-uri-stem', 'sc-status', 'cs(Referer)',
  'cs(User-Agent)', 'cs-uri-query', 'cs(Cookie)', 'x-edge-result-type', 'x-edge-request-id', 'x-host-header', 'cs-protocol',
  'cs-bytes', 'time-taken', 'x-forwarded-for', 'ssl-protocol', 'ssl-cipher', 'x-edge-response-result-type',
  'cs-protocol-version', 'fle-status', 'fle-encrypted-fields', 'c-port', 'time-to-first-byte', 'x-edge-detailed-result-type',
  'sc-content-type', 'sc-content-len', 'sc-range-start', 'sc-range-end',
]; // prettier-ignore

/**
 * CloudFront standard log. Files that were joined may have lost their header: the columns have only ever grown at the end.
 * docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
 */
export const awsCloudFront: Format = {
  name: 'aws-cloudfront',
  title: 'AWS CloudFront standard log',
  syntax: { kind: 'w3c', columns: CLOUDFRONT_COLUMNS, mayEndAfter: 'cs-uri-query' },
  fields: {
    ...FIELDS,
    'identity.request_id': 'x-edge-request-id',
    'identity.xff': 'x-forwarded-for',
  },
  recognise: ({ lines }) => {
    const columns = w3cColumns(lines);
    if (columns !== undefined) return columns.includes('x-edge-location') ? 1 : 0;
    return lines.length === 0 ? 0 : lines.filter((line) => HEADLESS.test(line)).length / lines.length;
  },
  refine: refineCloudFront,
  limits: 'It carries no header but host, referer, agent and cookie: keys are seen only in query strings and cookies.',
};

/** Date, time, edge location (`CDG50-P2`), bytes, address, method. */
const HEADLESS = /^\d{4}-\d\d-\d\d\t\d\d:\d\d:\d\d\t[A-Z]{3}\d{1,3}(?:-[A-Z]\d+)?\t\d+\t[\da-fA-F.:]+\t[A-Z]+\t/;

/** The same fields as JSON, which CloudFront's standard logging (v2) writes too. */
export const awsCloudFrontJson: Format = {
  name: 'aws-cloudfront-json',
  title: 'AWS CloudFront standard log (v2) as JSON',
  syntax: { kind: 'json' },
  fields: {
    time: '["timestamp(ms)"] || timestamp || time',
    ip: 'c-ip',
    userAgent: '["cs(User-Agent)"]',
    cookie: '["cs(Cookie)"]',
    status: 'sc-status',
    method: 'cs-method',
    action: 'cs-uri-stem',
    'identity.date': 'date',
    'identity.query': 'cs-uri-query',
    'identity.host': '["cs(Host)"]',
    'identity.referer': '["cs(Referer)"]',
    'identity.request_id': 'x-edge-request-id',
  },
  recognise: (sample) =>
    marks(sample, 'x-edge-location || x-edge-request-id || x-edge-result-type', 'c-ip || sc-status'),
  refineReads: ['cookie'],
  queryField: 'identity.query',
  refine: (fields) => {
    const date = takeIdentity(fields, 'date');
    if (date !== undefined && /^\d\d:/.test(fields.time ?? '')) fields.time = `${date}T${fields.time}Z`;
    return refineCloudFront(joinQuery(fields));
  },
  limits: 'It carries no header but host, referer, agent and cookie: keys are seen only in query strings and cookies.',
};

/** CloudFront percent-encodes what it logs, percent signs included, so that `%2F` of the caller reads `%252F`. */
export function refineCloudFront(fields: RawFields): RawFields {
  if (fields.userAgent !== undefined) fields.userAgent = decodeAgent(fields.userAgent);
  if (fields.cookie !== undefined) fields.cookie = percentDecode(fields.cookie);
  const query = fields.action?.indexOf('?') ?? -1;
  if (fields.action !== undefined && query >= 0) {
    fields.action = fields.action.slice(0, query) + fields.action.slice(query).replaceAll('%25', '%');
  }
  return fields;
}

/** For years blanks were encoded twice; an agent with blanks that were encoded once is whole after one step. */
function decodeAgent(agent: string): string {
  return percentDecode(agent.includes('%20') ? agent : agent.replaceAll('%2520', '%20'));
}

/** Sequences that are no UTF-8 stay as they are. */
export function percentDecode(text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (sequence) => {
    try {
      return decodeURIComponent(sequence);
    } catch {
      return sequence;
    }
  });
}
