import type { DayNumber } from '../../model.ts';
import type { Connection } from './database.ts';
import type { StreamIdentity } from './stream-record.ts';

/** What is stored of one day of a table. */
export interface TableDay {
  readonly stream: number;
  /** Says by which query the day was read. */
  readonly query: string;
  /** As the server counted them. */
  readonly rows: number;
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
}

export function readTableDays(db: Connection, place: string): ReadonlyMap<DayNumber, TableDay> {
  const rows = db.prepare<unknown[], Row>('SELECT * FROM table_days WHERE place = ?').all(place);
  return new Map(
    rows.map(({ day, stream_id, query, rows: count, sealed }) => [
      day,
      { stream: stream_id, query, rows: count, isSealed: sealed === 1 },
    ]),
  );
}

export function writeTableDay(db: Connection, stream: number, { place, day, query, rows, isSealed }: ReadDay): void {
  db.prepare('INSERT OR REPLACE INTO table_days VALUES (?, ?, ?, ?, ?, ?)').run(
    place,
    day,
    stream,
    query,
    rows,
    isSealed ? 1 : 0,
  );
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
