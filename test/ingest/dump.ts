import { BLOCK, IS_BLOCK_OF } from '../../src/engines/sqlite/caller-blocks.ts';
import type { Connection } from '../../src/engines/sqlite/database.ts';
import type { DayCounts } from '../../src/tally/day-row.ts';
import { decodeBlock, mergeDays } from '../../src/engines/sqlite/day-block.ts';
import { decodeHours } from '../../src/engines/sqlite/source-days.ts';

/** The whole of what a database says of the logs, without ids, paths and run numbers: equal content, equal dump. */
export interface Dump {
  /** Per source, key, system and day: accepted, failed, refused, first and last instants. */
  readonly uses: readonly string[];
  /** Per source, key and system: where the key was sent. */
  readonly places: readonly string[];
  /** Per source and hour: records, quarantined. */
  readonly hours: readonly string[];
  /** Per source and day: records, quarantined, first and last instant. */
  readonly days: readonly string[];
  /** Per source: records of all streams, with a key, quarantined, skipped. */
  readonly sources: readonly string[];
  /** Per source and reason: records and bytes that were not counted. */
  readonly skips: readonly string[];
  /** Per source: reason and length of each defect that is kept. */
  readonly quarantine: readonly string[];
  readonly faults: readonly string[];
}

const BLOCKS = `
  WITH blocks AS (
    SELECT callers.id AS caller_id, ${BLOCK} AS block, counts FROM callers JOIN rollups ON ${IS_BLOCK_OF}
    UNION ALL SELECT caller_id, block, counts FROM tails
  )
  SELECT sources.name AS source, keys.key, keys.kind, coalesce(issuer, '') AS issuer, systems.name AS system, attribution,
    block, counts
  FROM blocks JOIN callers ON callers.id = caller_id
    JOIN keys ON keys.id = key_id JOIN systems ON systems.id = system_id JOIN sources ON sources.id = source_id`;

const PLACES = `
  SELECT sources.name, keys.key, systems.name, attribution, replace(places, char(10), ' and ')
  FROM callers JOIN keys ON keys.id = key_id JOIN systems ON systems.id = system_id
    JOIN sources ON sources.id = source_id LEFT JOIN place_sets ON place_sets.id = place_set_id`;

const DAYS = `
  SELECT name, day, records, quarantined, first_at, last_at, hours FROM days JOIN sources ON sources.id = source_id`;

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
  const lines = (sql: string): string[] => (db.prepare(sql).raw().all() as Cell[][]).map(lineOf).toSorted();
  return {
    uses: readUses(db),
    places: lines(PLACES),
    hours: readHours(db),
    days: readDays(db),
    sources: lines(SOURCES),
    skips: lines(SKIPS),
    quarantine: lines(QUARANTINE),
    faults: lines(FAULTS),
  };
}

type Cell = string | number | null | undefined;

function lineOf(cells: readonly Cell[]): string {
  return cells.map((cell) => cell ?? '').join(' | ');
}

/** What is settled and what is not together. */
function readUses(db: Connection): string[] {
  const uses = new Map<string, DayCounts[]>();
  for (const row of db.prepare<[], BlockRow>(BLOCKS).all()) {
    const { source, key, kind, issuer, system, attribution, block } = row;
    const name = lineOf([source, key, kind, issuer, system, attribution]);
    uses.set(name, mergeDays(uses.get(name) ?? [], decodeBlock(block, row.counts)));
  }
  return [...uses].flatMap(([name, days]) => days.map((one) => lineOf([name, ...cellsOf(one)]))).toSorted();
}

function cellsOf(one: DayCounts): Cell[] {
  const { day, accepted, failed, refused, firstUsedAt, lastUsedAt, firstRefusedAt, lastRefusedAt } = one;
  return [day, accepted, failed, refused, firstUsedAt, lastUsedAt, firstRefusedAt, lastRefusedAt];
}

interface BlockRow {
  readonly source: string;
  readonly key: string;
  readonly kind: string;
  readonly issuer: string;
  readonly system: string;
  readonly attribution: string;
  readonly block: number;
  readonly counts: Buffer;
}

function readHours(db: Connection): string[] {
  const hours = new Map<string, { records: number; quarantined: number }>();
  for (const { name, day, hours: bytes } of db.prepare<[], DayRow>(DAYS).all()) {
    for (const [hour, { records, quarantined }] of decodeHours(bytes).entries()) {
      if (records + quarantined === 0) continue;
      const at = lineOf([name, day * 24 + hour]);
      const known = hours.get(at) ?? { records: 0, quarantined: 0 };
      hours.set(at, { records: known.records + records, quarantined: known.quarantined + quarantined });
    }
  }
  return [...hours].map(([at, { records, quarantined }]) => lineOf([at, records, quarantined])).toSorted();
}

function readDays(db: Connection): string[] {
  const days = Map.groupBy(db.prepare<[], DayRow>(DAYS).all(), ({ name, day }) => lineOf([name, day]));
  return [...days]
    .map(([at, rows]) => {
      const sum = (of: 'records' | 'quarantined'): number => rows.reduce((total, row) => total + row[of], 0);
      const first = rows.flatMap((row) => row.first_at ?? []).toSorted((a, b) => a - b)[0];
      const last = rows.flatMap((row) => row.last_at ?? []).toSorted((a, b) => b - a)[0];
      return lineOf([at, sum('records'), sum('quarantined'), first, last]);
    })
    .toSorted();
}

interface DayRow {
  readonly name: string;
  readonly day: number;
  readonly records: number;
  readonly quarantined: number;
  readonly first_at: number | null;
  readonly last_at: number | null;
  readonly hours: Buffer;
}
