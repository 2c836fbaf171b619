import { lowerAscii } from '../kernel/field-path.ts';
import type { FieldMap, Format, Sample } from './format.ts';
import { parseTime } from './timestamp.ts';
import { alsoFlat } from './usual-fields.ts';

const NAMES: FieldMap = {
  time: 'time || timestamp || @timestamp || datetime || date_time || eventTime || event_time || requestTime || start_time || startTime || created_at || createdAt || occurred_at || logged_at || ts || date || request_timestamp || requestTimestamp || time_iso8601 || started_at',
  key: 'key || api_key || apiKey || api-key || x-api-key || x_api_key || api_token || token || access_token || auth_token || authorization',
  keyId:
    'keyId || key_id || apiKeyId || api_key_id || accessKeyId || access_key_id || credentialId || credential_id || token_id',
  system: 'system || consumer || client || client_name || caller',
  ip: 'ip || client_ip || clientIp || remote_addr || remote_ip || source_ip || sourceIp || sourceIPAddress || ip_address || ipAddress || remoteIp || remoteAddr || remote_address || caller_ip || callerIp || callerIpAddress',
  userAgent: 'userAgent || user_agent || user-agent || http_user_agent || agent || ua',
  status:
    'status || status_code || statusCode || response_code || responseCode || http_status || httpStatusCode || http_status_code || response_status || elb_status_code || code',
  outcome: 'outcome || result',
  error: 'error || error_code || errorCode',
  method: 'method || http_method || request_method || httpMethod || requestMethod || request_verb || verb',
  action:
    'action || path || url || uri || request_uri || request_url || requestUri || requestUrl || request_path || requestPath || endpoint || operation || event_name || eventName',
  eventId: 'eventId || event_id',
  issuer: 'issuer',
  'identity.user': 'user || username || user_name || actor || principal',
  'identity.requestId': 'requestId || request_id',
};

/** People write them with blanks, too: `API Key`. */
const FIELDS: FieldMap = Object.fromEntries(
  Object.entries(alsoFlat(NAMES)).map(([field, names = '']) => [field, [names, ...spaced(names)].join(' || ')]),
);

/** Rows of a delimited file whose first line names the columns. */
export const csv: Format = {
  name: 'csv',
  title: 'Delimited rows (comma, semicolon, tab or pipe) with a header line',
  syntax: { kind: 'delimited', delimiter: undefined, columns: undefined },
  fields: FIELDS,
  hasNamesOfUsers: true,
  recognise,
};

function spaced(names: string): readonly string[] {
  return names
    .split(' || ')
    .filter((name) => name.includes('_'))
    .map((name) => name.replaceAll('_', ' '));
}

/** Splits one row by RFC 4180. Undefined when a quote is left open or text follows a closing quote. */
export function splitDelimited(line: string, delimiter: string): string[] | undefined {
  const cells = splitRow(line, delimiter);
  return typeof cells === 'string' ? undefined : cells;
}

/** `open`: a quote is left open, so the row may go on in the next line. `torn`: text follows a closing quote. */
export function splitRow(row: string, delimiter: string): string[] | 'open' | 'torn' {
  const cells: string[] = [];
  for (let start = 0; ;) {
    let end: number;
    if (row.charCodeAt(start) === QUOTE) {
      const closing = closingQuote(row, start + 1);
      if (closing < 0) return 'open';
      cells.push(row.slice(start + 1, closing).replaceAll('""', '"'));
      end = closing + 1;
      if (end < row.length && !row.startsWith(delimiter, end)) return 'torn';
    } else {
      const next = row.indexOf(delimiter, start);
      end = next < 0 ? row.length : next;
      cells.push(row.slice(start, end));
    }
    if (end >= row.length) return cells;
    start = end + delimiter.length;
  }
}

/** Joins lines that a quoted cell holds with the row that they are part of. */
export function joinRows(lines: readonly string[], delimiter: string): string[] {
  const rows: string[] = [];
  let open: string | undefined;
  for (const line of lines) {
    const row: string = open === undefined ? line : `${open}\n${line}`;
    open = splitRow(row, delimiter) === 'open' ? row : undefined;
    if (open === undefined) rows.push(row);
  }
  return open === undefined ? rows : [...rows, open];
}

/** The first line that is no remark. */
export function headerLine(lines: readonly string[]): string {
  return lines.find((line) => !isRemark(line)) ?? '';
}

/** A comment, or the separator as Excel wants it said: `sep=;`. */
export function isRemark(line: string): boolean {
  return line.startsWith('#') || /^"?sep=.?"?\r?$/i.test(line);
}

/** Whether a line names a column for each field of the map. */
export function hasColumns(header: string, delimiter: string | undefined, fields: FieldMap): boolean {
  const columns = splitDelimited(header, delimiter ?? detectDelimiter(header));
  const names = new Set(columns?.map((column) => lowerAscii(column.trim())));
  return Object.values(fields).every((paths = '') =>
    paths.split('||').some((name) => names.has(lowerAscii(name.trim()))),
  );
}

/** The separator that occurs most often outside quotes; a comma when there is none. */
export function detectDelimiter(header: string): string {
  const outside = header.slice(0, MOST_OF_HEADER).replace(/"[^"]*"/g, '');
  let best = ',';
  let most = 0;
  for (const delimiter of [',', ';', '\t', '|']) {
    const count = outside.split(delimiter).length - 1;
    if (count > most) [best, most] = [delimiter, count];
  }
  return best;
}

/** A document of JSON is one long line. */
const MOST_OF_HEADER = 8192;
const QUOTE = 34;

function closingQuote(line: string, start: number): number {
  for (let at = line.indexOf('"', start); at >= 0; at = line.indexOf('"', at + 2)) {
    if (line.charCodeAt(at + 1) !== QUOTE) return at;
  }
  return -1;
}

const MIN_COLUMNS = 2;
/** Columns with usual names that there must be when none of them is a key's. */
const MIN_KNOWN = 3;

function recognise(sample: Sample): number {
  const header = headerLine(sample.lines);
  const delimiter = detectDelimiter(header);
  const lines = sample.lines.filter((line) => line !== header && !isRemark(line));
  const columns = splitDelimited(header, delimiter)?.map((column) => column.trim().toLowerCase()) ?? [];
  const times = columnsOf(columns, FIELDS.time);
  const keys = [...columnsOf(columns, FIELDS.key), ...columnsOf(columns, FIELDS.keyId)];
  const known = Object.values(FIELDS).filter((names) => columnsOf(columns, names).length > 0).length;
  if (columns.length < MIN_COLUMNS || times.length === 0 || (keys.length === 0 && known < MIN_KNOWN)) return 0;
  const isRow = (row: string): boolean => {
    const cells = splitDelimited(row, delimiter);
    return (
      cells?.length === columns.length &&
      times.some((time) => typeof parseTime(cells[time] ?? '', undefined) === 'number')
    );
  };
  // Where a quote was left open by mistake, most lines fit by themselves.
  const shares = [lines, joinRows(lines, delimiter)].map((rows) => rows.filter(isRow).length / rows.length);
  return lines.length === 0 ? HEADER_ALONE : 0.9 * Math.max(...shares);
}

const HEADER_ALONE = 0.6;

function columnsOf(columns: readonly string[], names: string | undefined): number[] {
  return (names?.split(' || ') ?? []).map((name) => columns.indexOf(name.toLowerCase())).filter((index) => index >= 0);
}
