import type { Verdict } from '../../model.ts';
import type { Connection } from './database.ts';

const EARLIER = 'SELECT verdict FROM verdicts WHERE key = ? AND scan_id < ? ORDER BY scan_id DESC LIMIT 1';

/** The verdict on a key before this scan, looked up. */
export function earlierVerdicts(db: Connection, scan: number): (key: string) => Verdict | undefined {
  const isFirst = db.prepare('SELECT 1 FROM verdicts WHERE scan_id < ? LIMIT 1').get(scan) === undefined;
  if (isFirst) return () => undefined;
  const statement = db.prepare<[string, number], { verdict: Verdict }>(EARLIER);
  return (key) => statement.get(key, scan)?.verdict;
}

/** Keeps the verdicts that changed. */
export function recordVerdicts(
  db: Connection,
  scan: number,
  verdicts: Iterable<{ key: string; verdict: Verdict }>,
): void {
  const earlier = earlierVerdicts(db, scan);
  const insert = db.prepare('INSERT OR REPLACE INTO verdicts VALUES (?, ?, ?)');
  for (const { key, verdict } of verdicts) if (earlier(key) !== verdict) insert.run(key, scan, verdict);
}

/** The newest finished scan; 0 when there is none. */
export function readLastScan(db: Connection): number {
  const row = db
    .prepare<[], { id: number | null }>('SELECT max(id) AS id FROM scans WHERE finished_at IS NOT NULL')
    .get();
  return row?.id ?? 0;
}
