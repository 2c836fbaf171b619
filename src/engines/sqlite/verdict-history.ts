import type { EpochMs, Verdict } from '../../model.ts';
import type { Connection } from './database.ts';

const EARLIER = 'SELECT verdict FROM verdicts WHERE key = ? AND scan_id < ? ORDER BY scan_id DESC LIMIT 1';

const WITHDRAWN = `
  SELECT (
    SELECT started_at FROM verdicts AS next JOIN scans ON scans.id = next.scan_id
    WHERE next.key = safe.key AND next.scan_id > safe.scan_id ORDER BY next.scan_id LIMIT 1
  ) AS at
  FROM verdicts AS safe JOIN scans ON scans.id = safe.scan_id
  WHERE safe.key = ? AND verdict = 'safe' AND started_at <= ? ORDER BY safe.scan_id DESC LIMIT 1`;

/**
 * When a scan took back the last `safe` on a key, looked up: `asOf` if none has done so yet. Undefined: nothing said
 * before that the key is safe.
 */
export function withdrawals(db: Connection, asOf: EpochMs): (key: string) => EpochMs | undefined {
  const isFirst = db.prepare('SELECT 1 FROM verdicts LIMIT 1').get() === undefined;
  if (isFirst) return () => undefined;
  const statement = db.prepare<[string, EpochMs], { at: EpochMs | null }>(WITHDRAWN);
  return (key) => {
    const withdrawn = statement.get(key, asOf);
    return withdrawn === undefined ? undefined : (withdrawn.at ?? asOf);
  };
}

/** Keeps the verdicts that changed. */
export function recordVerdicts(
  db: Connection,
  scan: number,
  verdicts: Iterable<{ key: string; verdict: Verdict }>,
): void {
  const earlier = db.prepare<[string, number], { verdict: Verdict }>(EARLIER);
  const insert = db.prepare('INSERT OR REPLACE INTO verdicts VALUES (?, ?, ?)');
  for (const { key, verdict } of verdicts)
    if (earlier.get(key, scan)?.verdict !== verdict) insert.run(key, scan, verdict);
}

/** The newest finished scan; 0 when there is none. */
export function readLastScan(db: Connection): number {
  const row = db
    .prepare<[], { id: number | null }>('SELECT max(id) AS id FROM scans WHERE finished_at IS NOT NULL')
    .get();
  return row?.id ?? 0;
}
