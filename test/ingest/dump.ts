import type { Connection } from '../../src/engines/sqlite/database.ts';

/** The whole of what a database says of the logs, without ids, paths and run numbers: equal content, equal dump. */
export interface Dump {
  /** Per source, key, system and day: accepted, failed, refused, first and last instants. */
  readonly uses: readonly string[];
  /** Per source and hour: records, quarantined, first and last instant. */
  readonly hours: readonly string[];
  /** Per source: records of all streams, with a key, quarantined, skipped. */
  readonly sources: readonly string[];
  /** Per source and reason: records and bytes that were not counted. */
  readonly skips: readonly string[];
  /** Per source: reason and length of each defect that is kept. */
  readonly quarantine: readonly string[];
  readonly faults: readonly string[];
}

const USES = `
  SELECT sources.name AS source, keys.key, keys.kind, coalesce(issuer, '') AS issuer, systems.name AS system, attribution,
    day, sum(accepted), sum(failed), sum(refused),
    min(first_used_at), max(last_used_at), min(first_refused_at), max(last_refused_at)
  FROM rollups JOIN keys ON keys.id = key_id JOIN systems ON systems.id = system_id JOIN sources ON sources.id = source_id
  GROUP BY source_id, key_id, system_id, day`;

const HOURS = `
  SELECT name, hour, sum(records), sum(quarantined), min(first_at), max(last_at)
  FROM hours JOIN sources ON sources.id = source_id GROUP BY source_id, hour`;

const SOURCES = `
  SELECT name, sources.format, sum(records + pending_records), sum(quarantined), sum(skipped)
  FROM streams JOIN sources ON sources.id = source_id GROUP BY source_id`;

const SKIPS = `
  SELECT name, reason, sum(skips.records), sum(skips.bytes)
  FROM skips JOIN streams ON streams.id = stream_id JOIN sources ON sources.id = source_id GROUP BY source_id, reason`;

const QUARANTINE = `
  SELECT name, reason, length FROM quarantine JOIN streams ON streams.id = stream_id JOIN sources ON sources.id = source_id`;

const FAULTS = `SELECT reason, coalesce(name, '') FROM faults LEFT JOIN sources ON sources.id = source_id`;

export function dump(db: Connection): Dump {
  const lines = (sql: string): string[] =>
    (db.prepare(sql).raw().all() as unknown[][]).map((row) => row.map((cell) => cell ?? '').join(' | ')).toSorted();
  return {
    uses: lines(USES),
    hours: lines(HOURS),
    sources: lines(SOURCES),
    skips: lines(SKIPS),
    quarantine: lines(QUARANTINE),
    faults: lines(FAULTS),
  };
}
