import type { LogFiles, LogKind } from './log-files.ts';
import { REFUSED } from '../../src/formats/aws-cloudtrail.ts';

const REFUSALS = JSON.stringify([...REFUSED]);

/** Rows of key, time, outcome (0 accepted, 1 failed, 2 refused), address, agent and, if need be, event id. */
const GATEWAY = `
  [.auth.api_key, .timestamp, (.status | if . < 400 then 0 elif . == 401 or . == 403 or . == 407 then 2 else 1 end),
   .client.ip, .headers["user-agent"]] | @tsv`;
const TRAIL = `
  .Records[] | (.errorCode // .errorMessage) as $error
  | [.userIdentity.accessKeyId, .eventTime,
     (if $error == null then 0 elif ${REFUSALS} | index($error) != null then 2 else 1 end),
     .sourceIPAddress, .userAgent, .eventID] | @tsv`;

const FILTERS: Readonly<Partial<Record<LogKind, string>>> = {
  plain: GATEWAY,
  gzip: GATEWAY,
  many: GATEWAY,
  cloudtrail: TRAIL,
};

/** Counting in a table of awk's: faster than sort and uniq. */
const COUNT = `
  $6 != "" && seen[$6]++ { next }
  {
    at = $1 "," substr($2, 1, 10); caller = $4 ",\\"" $5 "\\""; row = at SUBSEP caller
    if (!(row in first)) { key[row] = at; who[row] = caller; first[row] = last[row] = $2 }
    count[row, $3]++
    if ($2 < first[row]) first[row] = $2
    if ($2 > last[row]) last[row] = $2
  }
  END {
    for (row in first)
      print key[row] "," count[row, 0] + 0 "," count[row, 1] + 0 "," count[row, 2] + 0 "," first[row] "," last[row] "," who[row]
  }`;

/** A pipe of as many programs as there are cores; undefined for what is no JSON. */
export function jqScript({ kind, files }: LogFiles, out: string): string | undefined {
  const filter = FILTERS[kind];
  if (filter === undefined) return undefined;
  const names = files.map((file) => `'${file}'`).join(' ');
  const read = kind === 'plain' ? `jq -r '${filter}' ${names}` : `gzip -dc ${names} | jq -r '${filter}'`;
  return `${read} | awk -F'\\t' '${COUNT}' >'${out}'`;
}
