import type { EpochMs } from '../../model.ts';
import { decodeSum, sumUp } from './caller-sum.ts';
import type { Connection } from './database.ts';
import { decodeBlock } from './day-block.ts';

/** What the session credentials of one issuer did. */
export interface SessionUse {
  readonly issuer: string;
  readonly credentials: number;
  readonly requests: number;
  readonly lastUsedAt: EpochMs | undefined;
}

/** Session credentials by the role or user that they were issued to. */
export function readSessions(db: Connection): SessionUse[] {
  const uses = new Map<string, SessionUse>();
  let credential: number | undefined;
  for (const row of db.prepare<[], SessionRow>(SESSIONS).iterate()) {
    const sum = row.summary === null ? sumUp(decodeBlock(row.block, row.counts)) : decodeSum(row.summary);
    const { credentials = 0, requests = 0, lastUsedAt } = uses.get(row.issuer) ?? {};
    uses.set(row.issuer, {
      issuer: row.issuer,
      credentials: credentials + (row.id === credential ? 0 : 1),
      requests: requests + sum.requests,
      lastUsedAt: lastUsedAt === undefined ? sum.lastUsedAt : Math.max(lastUsedAt, sum.lastUsedAt ?? lastUsedAt),
    });
    credential = row.id;
  }
  return [...uses.values()];
}

interface SessionRow {
  id: number;
  issuer: string;
  summary: Buffer | null;
  block: number;
  counts: Buffer;
}

const SESSIONS = `
  SELECT keys.id, coalesce(issuer, 'unknown issuer') AS issuer, summary, 0 AS block, NULL AS counts
    FROM keys JOIN callers ON key_id = keys.id WHERE kind = 'aws_sts_session_key' AND summary IS NOT NULL
  UNION ALL
  SELECT keys.id, coalesce(issuer, 'unknown issuer'), NULL, block, counts
    FROM keys JOIN callers ON key_id = keys.id JOIN tails ON caller_id = callers.id WHERE kind = 'aws_sts_session_key'
  ORDER BY 2, 1`;
