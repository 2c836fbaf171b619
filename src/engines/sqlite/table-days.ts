import type { DayNumber, EpochMs } from '../../model.ts';
import type { Connection } from './database.ts';
import type { StreamIdentity } from './stream-record.ts';

/** What is stored of one day of a table. */
export interface TableDay {
  readonly stream: number;
  /** Says by which query the day was read. */
  readonly query: string;
  /** As the server counted them. */
  readonly rows: number;
  /** Rows, less those that repeat an event id. */
  readonly calls: number;
  /** When its newest row came; undefined: no column says it. */
  readonly ingestedAt: EpochMs | undefined;
  /** Its rollups are settled. Otherwise they are a tail, and replaced when the day is read again. */
  readonly isSealed: boolean;
}

/** A day of a table as it was just read. */
export interface ReadDay extends Omit<TableDay, 'stream'> {
  readonly place: string;
  readonly source: string;
  readonly day: DayNumber;
}

interface Row {
  readonly day: DayNumber;
  readonly stream_id: number;
  readonly query: string;
  readonly rows: number;
  readonly sealed: number;
  readonly calls: number | null;
  readonly ingested_at: number | null;
}

export function readTableDays(db: Connection, place: string): ReadonlyMap<DayNumber, TableDay> {
  const rows = db.prepare<unknown[], Row>('SELECT * FROM table_days WHERE place = ?').all(place);
  return new Map(rows.map((row) => [row.day, tableDayOf(row)]));
}

export function readTableDay(db: Connection, place: string, day: DayNumber): TableDay | undefined {
  const row = db.prepare<unknown[], Row>('SELECT * FROM table_days WHERE place = ? AND day = ?').get(place, day);
  return row === undefined ? undefined : tableDayOf(row);
}

function tableDayOf({ stream_id, query, rows, sealed, calls, ingested_at }: Row): TableDay {
  const ingestedAt = ingested_at ?? undefined;
  return { stream: stream_id, query, rows, calls: calls ?? rows, ingestedAt, isSealed: sealed === 1 };
}

const REPLACE_DAY = `
  INSERT OR REPLACE INTO table_days (place, day, stream_id, query, rows, sealed, calls, ingested_at)
  VALUES (:place, :day, :stream, :query, :rows, :sealed, :calls, :ingested_at)`;

export function writeTableDay(db: Connection, stream: number, read: ReadDay): void {
  const { place, day, query, rows, calls, ingestedAt, isSealed } = read;
  const sealed = isSealed ? 1 : 0;
  db.prepare(REPLACE_DAY).run({ place, day, stream, query, rows, sealed, calls, ingested_at: ingestedAt ?? null });
}

const FED_BY_OTHERS = `
  SELECT 1 FROM streams JOIN sources ON sources.id = streams.source_id
    WHERE sources.name = :source AND streams.id NOT IN (SELECT stream_id FROM table_days WHERE place = :place)
  UNION ALL
  SELECT 1 FROM named_sources JOIN sources ON sources.id = named_sources.source_id WHERE sources.name = :source`;

/** Whether anything else than this table gave records of the source: then its days cannot be read anew. */
export function isFedByOthers(db: Connection, source: string, place: string): boolean {
  return db.prepare(FED_BY_OTHERS).get({ source, place }) !== undefined;
}

/** A day has no bytes by which it could be found again: its place says which it is. */
export function identityOf({ place, source, day }: Pick<ReadDay, 'place' | 'source' | 'day'>): StreamIdentity {
  const nothing = Buffer.alloc(0);
  return {
    source,
    format: 'clickhouse',
    headLength: 0,
    headHash: nothing,
    heads: [],
    position: 0,
    resumeAt: undefined,
    header: undefined,
    readLength: 0,
    crc: 0,
    tailHash: nothing,
    path: placeOfDay(place, day),
    device: '',
    inode: '',
    size: 0,
    modifiedNs: '',
    changedNs: '',
  };
}

export function placeOfDay(place: string, day: DayNumber): string {
  return `${place} ${new Date(day * 86_400_000).toISOString().slice(0, 10)}`;
}

/** The counts of a stream whose settled day is forgotten. */
export const FORGET_COUNTS: readonly string[] = [
  `UPDATE streams SET records = 0, keyed = 0, quarantined = 0, skipped = 0, first_at = NULL, last_at = NULL
     WHERE id = ?`,
  'DELETE FROM skips WHERE stream_id = ?',
  'DELETE FROM quarantine WHERE stream_id = ?',
];
