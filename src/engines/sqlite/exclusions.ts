import type { Connection } from './database.ts';

/** An input, and what was ever read of it. */
export interface Input {
  readonly path: string;
  readonly records: number;
  /** What keeps it from being read, in words; undefined: nothing does. */
  readonly trouble: string | undefined;
}

/** An input that the user declared to be no log, when it kept keys from being safe. */
export interface Exclusion {
  readonly path: string;
  /** The pattern that the user declared. */
  readonly pattern: string;
  readonly scan: number;
  readonly trouble: string;
}

const INPUTS = `
  SELECT path, sum(records) AS records, max(quarantined) AS quarantined, max(detail) AS detail FROM (
    SELECT path, records + pending_records AS records, quarantined + pending_quarantined AS quarantined, NULL AS detail
    FROM streams WHERE NOT EXISTS (SELECT 1 FROM table_days WHERE stream_id = streams.id)
    UNION ALL
    SELECT faults.path, coalesce(records + pending_records, 0), 0, detail
    FROM faults LEFT JOIN streams ON streams.id = stream_id WHERE reason = 'unread-input'
  ) GROUP BY path`;

/** All that was met where logs were looked for. */
export function readInputs(db: Connection): readonly Input[] {
  const rows = db.prepare<[], { path: string; records: number; quarantined: number; detail: string | null }>(INPUTS);
  return rows.all().map(({ path, records, quarantined, detail }) => ({
    path,
    records,
    trouble: detail ?? (quarantined > 0 ? 'none of its records could be read' : undefined),
  }));
}

const TABLES_OF_STREAM = ['heads', 'skips', 'quarantine', 'digest_files', 'digests', 'days', 'event_ids', 'faults'];

/** Forgets an input of which no record was ever read, and notes why. To be called inside a transaction. */
export function letGo(db: Connection, { path, pattern, scan, trouble }: Exclusion): void {
  const streams = db.prepare<[string], number>('SELECT id FROM streams WHERE path = ?').pluck().all(path);
  for (const id of streams) {
    for (const table of TABLES_OF_STREAM) db.prepare(`DELETE FROM ${table} WHERE stream_id = ?`).run(id);
    db.prepare('DELETE FROM streams WHERE id = ?').run(id);
  }
  db.prepare("DELETE FROM faults WHERE path = ? AND reason = 'unread-input'").run(path);
  db.prepare('INSERT OR REPLACE INTO exclusions VALUES (?, ?, ?, ?)').run(path, pattern, scan, trouble);
}

export function readExclusions(db: Connection): readonly Exclusion[] {
  return db
    .prepare<[], Exclusion>('SELECT path, pattern, scan_id AS scan, trouble FROM exclusions ORDER BY path')
    .all();
}
