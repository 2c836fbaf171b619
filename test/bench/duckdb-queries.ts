import { REFUSED } from '../../src/formats/aws-cloudtrail.ts';
import type { LogFiles, LogKind } from './log-files.ts';

/** One way to ask DuckDB for the rollup. */
export type Query = (log: LogFiles) => string;

const COUNTS = `
  count(*) FILTER (status < 400) AS accepted,
  count(*) FILTER (status >= 400 AND status NOT IN (401, 403, 407)) AS failed,
  count(*) FILTER (status IN (401, 403, 407)) AS refused,
  min(time) AS first, max(time) AS last`;

/** A list of columns with the members that are wanted: the rest is passed over, and nothing is guessed. */
const gateway: Query = (log) => `
  SELECT auth.api_key AS key, CAST(timestamp AS DATE) AS day, ${COUNTS.replaceAll('time', 'timestamp')},
    client.ip AS ip, headers."user-agent" AS agent
  FROM read_json(${list(log)}, format = 'newline_delimited', columns = {timestamp: 'TIMESTAMP', status: 'INTEGER',
    auth: 'STRUCT(api_key VARCHAR)', client: 'STRUCT(ip VARCHAR)', headers: 'STRUCT("user-agent" VARCHAR)'})
  GROUP BY key, day, ip, agent`;

/** The time as text: no parsing, but longer comparisons. */
const gatewayText: Query = (log) =>
  gateway(log)
    .replace("timestamp: 'TIMESTAMP'", "timestamp: 'VARCHAR'")
    .replace('CAST(timestamp AS DATE)', 'left(timestamp, 10)');

/** The objects as JSON, whose members are looked up afterwards. */
const gatewayJson: Query = (log) => `
  SELECT auth->>'api_key' AS key, CAST(timestamp AS DATE) AS day, ${COUNTS.replaceAll('time', 'timestamp')},
    client->>'ip' AS ip, headers->>'user-agent' AS agent
  FROM read_json(${list(log)}, format = 'newline_delimited', columns = {timestamp: 'TIMESTAMP', status: 'INTEGER',
    auth: 'JSON', client: 'JSON', headers: 'JSON'})
  GROUP BY key, day, ip, agent`;

/** What one writes first. */
const gatewayGuessed: Query = (log) => `
  SELECT auth.api_key AS key, CAST(timestamp AS DATE) AS day, ${COUNTS.replaceAll('time', 'timestamp')},
    client.ip AS ip, headers."user-agent" AS agent
  FROM read_json(${list(log)}) GROUP BY key, day, ip, agent`;

const TRAIL_COUNTS = `
  count(*) FILTER (error IS NULL) AS accepted, count(*) FILTER (NOT refusal) AS failed,
  count(*) FILTER (refusal) AS refused, min(eventTime) AS first, max(eventTime) AS last`;

const events: Query = (log) => `
  SELECT eventID, userIdentity.accessKeyId AS key, eventTime, sourceIPAddress AS ip, userAgent AS agent,
    coalesce(errorCode, errorMessage) AS error, error IN (${[...REFUSED].map((code) => `'${code}'`).join(', ')}) AS refusal
  FROM (
    SELECT unnest(Records, max_depth := 2)
    FROM read_json(${list(log)}, maximum_object_size = 67108864, columns = {Records: 'STRUCT(eventID VARCHAR,
      eventTime TIMESTAMP, userIdentity STRUCT(accessKeyId VARCHAR), sourceIPAddress VARCHAR, userAgent VARCHAR,
      errorCode VARCHAR, errorMessage VARCHAR)[]'})
  )`;

const trailOf = (from: string): string => `
  SELECT key, CAST(eventTime AS DATE) AS day, ${TRAIL_COUNTS}, ip, agent FROM (${from}) GROUP BY key, day, ip, agent`;

/** Each event once, whichever of its deliveries it is: they are equal. */
const trail: Query = (log) => trailOf(`SELECT DISTINCT * FROM (${events(log)})`);
const trailDistinctOn: Query = (log) => trailOf(`SELECT DISTINCT ON (eventID) * FROM (${events(log)})`);
const trailRepeats: Query = (log) => trailOf(events(log));

const combined: Query = (log) => `
  SELECT regexp_extract(request, '[?&]api_key=([^& ]+)', 1) AS key, CAST(time AS DATE) AS day, ${COUNTS}, ip, agent
  FROM (
    SELECT ip, request, status, agent, strptime(time, '[%d/%b/%Y:%H:%M:%S') AS time
    FROM read_csv(${list(log)}, auto_detect = false, header = false, delim = ' ', quote = '"', escape = '\\', columns = {
      ip: 'VARCHAR', ident: 'VARCHAR', name: 'VARCHAR', time: 'VARCHAR', zone: 'VARCHAR', request: 'VARCHAR',
      status: 'INTEGER', bytes: 'VARCHAR', referer: 'VARCHAR', agent: 'VARCHAR'})
  )
  GROUP BY key, day, ip, agent`;

/** The first is the fastest that was found; the others are kept to be measured again. */
export const DUCKDB_QUERIES: Readonly<Record<LogKind, Readonly<Record<string, Query>>>> = {
  plain: {
    best: gateway,
    'time as text': gatewayText,
    'objects as JSON': gatewayJson,
    'columns guessed': gatewayGuessed,
  },
  gzip: { best: gateway },
  many: { best: gateway },
  cloudtrail: { best: trail, 'DISTINCT ON': trailDistinctOn, 'repeats counted': trailRepeats },
  combined: { best: combined },
};

function list({ files }: LogFiles): string {
  return `[${files.map((file) => `'${file}'`).join(', ')}]`;
}
