import type { NamedSources } from '../../verdicts/shared-logs.ts';
import type { Connection } from './database.ts';

/** The sources that the records of a log name instead of the log's own, by name. */
export function readNamedSources(db: Connection): NamedSources {
  const named = new Map<string, string[]>();
  for (const { log, source } of db.prepare<[], { log: string; source: string }>(NAMED_SOURCES).all()) {
    named.set(log, [...(named.get(log) ?? []), source]);
  }
  return named;
}

const NAMED_SOURCES = `
  SELECT logs.name AS log, sources.name AS source FROM named_sources
    JOIN sources AS logs ON logs.id = log_source_id
    JOIN sources ON sources.id = source_id
  ORDER BY log, source`;
