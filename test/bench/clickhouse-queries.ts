import path from 'node:path';
import { REFUSED } from '../../src/formats/aws-cloudtrail.ts';
import type { Query } from './duckdb-queries.ts';
import type { LogFiles, LogKind } from './log-files.ts';

const COUNTS = `
  countIf(status < 400) AS accepted, countIf(status >= 400 AND status NOT IN (401, 403, 407)) AS failed,
  countIf(status IN (401, 403, 407)) AS refused, min(time) AS first, max(time) AS last`;

const GATEWAY = `timestamp String, auth Tuple(api_key String), client Tuple(ip String),
  headers Tuple(\`user-agent\` String), status UInt16`;

/** Lines, each parsed once by simdjson into what is wanted. */
const gateway: Query = (log) => `
  SELECT r.2.1 AS key, left(r.1, 10) AS day, ${COUNTS.replaceAll('time', 'r.1')}, r.3.1 AS ip, r.4.1 AS agent
  FROM (
    SELECT JSONExtract(line, '${text(`Tuple(${GATEWAY})`)}') AS r, r.5 AS status
    FROM file('${files(log)}', LineAsString, 'line String')
  )
  GROUP BY key, day, ip, agent`;

/** ClickHouse's own reader of JSON lines. */
const gatewayRows: Query = (log) => `
  SELECT auth.api_key AS key, left(timestamp, 10) AS day, ${COUNTS.replaceAll('time', 'timestamp')},
    client.ip AS ip, headers.\`user-agent\` AS agent
  FROM file('${files(log)}', JSONEachRow, '${text(GATEWAY)}')
  GROUP BY key, day, ip, agent`;

const EVENTS = `Array(Tuple(eventID String, userIdentity Tuple(accessKeyId String), eventTime String, sourceIPAddress String,
  userAgent String, errorCode String, errorMessage String))`;

const TRAIL_COUNTS = `
  countIf(error = '') AS accepted, countIf(error != '' AND NOT refusal) AS failed, countIf(refusal) AS refused,
  min(at) AS first, max(at) AS last`;

/** Documents, each parsed once by simdjson. */
const parsed: Query = (log) => `
  SELECT arrayJoin(JSONExtract(json, 'Records', '${text(EVENTS)}')) AS r
  FROM file('${files(log)}', JSONAsString, 'json String')`;

const rows: Query = (log) => `
  SELECT arrayJoin(Records) AS r FROM file('${files(log)}', JSONEachRow, 'Records ${text(EVENTS)}')`;

const eventsOf = (from: string): string => `
  SELECT r.1 AS id, r.2.1 AS key, r.3 AS at, r.4 AS ip, r.5 AS agent, if(r.6 = '', r.7, r.6) AS error,
    error IN (${[...REFUSED].map((code) => `'${code}'`).join(', ')}) AS refusal
  FROM (${from})`;

const trailOf = (from: string): string => `
  SELECT key, left(at, 10) AS day, ${TRAIL_COUNTS}, ip, agent FROM (${from}) GROUP BY key, day, ip, agent`;

const trail: Query = (log) => trailOf(`SELECT DISTINCT * FROM (${eventsOf(parsed(log))})`);
const trailRows: Query = (log) => trailOf(`SELECT DISTINCT * FROM (${eventsOf(rows(log))})`);
const trailRepeats: Query = (log) => trailOf(eventsOf(parsed(log)));

const combined: Query = (log) => `
  SELECT extract(request, '[?&]api_key=([^& ]+)') AS key, toDate(time) AS day, ${COUNTS}, ip, agent
  FROM (
    SELECT ip, request, status, agent, parseDateTime(stamp, '[%d/%b/%Y:%H:%i:%s', 'UTC') AS time
    FROM file('${files(log)}', CustomSeparated, 'ip String, ident String, name String, stamp String, zone String, request String,
      status UInt16, bytes String, referer String, agent String')
    SETTINGS format_custom_escaping_rule = 'CSV', format_custom_field_delimiter = ' '
  )
  GROUP BY key, day, ip, agent`;

/** The first is the fastest that was found; the others are kept to be measured again. */
export const CLICKHOUSE_QUERIES: Readonly<Record<LogKind, Readonly<Record<string, Query>>>> = {
  plain: { best: gateway, JSONEachRow: gatewayRows },
  gzip: { best: gateway, JSONEachRow: gatewayRows },
  many: { best: gateway, JSONEachRow: gatewayRows },
  cloudtrail: { best: trail, JSONEachRow: trailRows, 'repeats counted': trailRepeats },
  combined: { best: combined },
};

/** One path, or what all of them match. */
function files({ files: all }: LogFiles): string {
  const [first = ''] = all;
  return all.length === 1 ? first : path.join(path.dirname(first), '*.gz');
}

function text(structure: string): string {
  return structure.replaceAll("'", "\\'").replaceAll(/\s+/g, ' ');
}
