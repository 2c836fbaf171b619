import type { Statement } from 'better-sqlite3';
import type { DayNumber, EpochMs } from '../../model.ts';
import type { HourCount } from '../../tally/rollup.ts';
import type { Connection } from './database.ts';
import type { Names } from './names.ts';

const KNOWN = `
  SELECT records, quarantined, first_at, last_at, hours FROM days
  WHERE source_id = ? AND day = ? AND stream_id = ?`;

const REPLACE = `
  INSERT OR REPLACE INTO days VALUES (:source, :day, :stream, :records, :quarantined, :first_at, :last_at, :hours)`;

/** Records and quarantined records of one hour of a day. */
export interface HourOfDay {
  readonly records: number;
  readonly quarantined: number;
}

/** The write side of what arrived per source and hour: a row a day, with the counts of its 24 hours. */
export class SourceDays {
  readonly #names: Names;
  readonly #known: Statement<unknown[], DayRow>;
  readonly #replace: Statement<unknown[]>;
  readonly #dropTail: Statement<unknown[]>;
  readonly #dropDay: Statement<unknown[]>;

  constructor(db: Connection, names: Names) {
    this.#names = names;
    this.#known = db.prepare(KNOWN);
    this.#replace = db.prepare(REPLACE);
    this.#dropTail = db.prepare('DELETE FROM days WHERE stream_id = ? AND stream_id <> 0');
    this.#dropDay = db.prepare('DELETE FROM days WHERE source_id = ? AND day = ? AND stream_id = 0');
  }

  /** `stream` is 0 for what is settled. */
  add(hours: Iterable<HourCount>, stream: number): void {
    const days = Map.groupBy(hours, ({ source, hour }) => `${this.#names.source(source, '')} ${Math.floor(hour / 24)}`);
    for (const [name, ofDay] of days) {
      const [source, day] = name.split(' ').map(Number) as [number, number];
      const row = this.#known.get(source, day, stream) ?? emptyDay();
      this.#replace.run({ ...addHours(row, ofDay), source, day, stream });
    }
  }

  dropTail(stream: number): void {
    this.#dropTail.run(stream);
  }

  /** What is settled of one day of a source is forgotten. */
  dropDay(source: number, day: DayNumber): void {
    this.#dropDay.run(source, day);
  }
}

interface DayRow extends HourOfDay {
  readonly first_at: EpochMs | null;
  readonly last_at: EpochMs | null;
  readonly hours: Buffer;
}

function emptyDay(): DayRow {
  return { records: 0, quarantined: 0, first_at: null, last_at: null, hours: Buffer.alloc(HOURS_LENGTH) };
}

function addHours(row: DayRow, counts: readonly HourCount[]): DayRow {
  const hours = Buffer.from(row.hours);
  let { records, quarantined, first_at, last_at } = row;
  for (const count of counts) {
    const at = (((count.hour % 24) + 24) % 24) * HOUR_LENGTH;
    hours.writeUIntLE(hours.readUIntLE(at, COUNT_LENGTH) + count.records, at, COUNT_LENGTH);
    const quarantinedAt = at + COUNT_LENGTH;
    hours.writeUIntLE(hours.readUIntLE(quarantinedAt, COUNT_LENGTH) + count.quarantined, quarantinedAt, COUNT_LENGTH);
    records += count.records;
    quarantined += count.quarantined;
    if (count.records === 0) continue;
    first_at = Math.min(first_at ?? count.firstAt, count.firstAt);
    last_at = Math.max(last_at ?? count.lastAt, count.lastAt);
  }
  return { records, quarantined, first_at, last_at, hours };
}

/** The hours of a day, midnight to midnight UTC. */
export function decodeHours(hours: Buffer): HourOfDay[] {
  return Array.from({ length: 24 }, (_, hour) => ({
    records: hours.readUIntLE(hour * HOUR_LENGTH, COUNT_LENGTH),
    quarantined: hours.readUIntLE(hour * HOUR_LENGTH + COUNT_LENGTH, COUNT_LENGTH),
  }));
}

/** Only the records of each hour, for who reads years of days: byte by byte, since calls cost in a program that has just begun. */
export function recordsByHour(hours: Buffer): number[] {
  const records: number[] = [];
  for (let at = 0; at < HOURS_LENGTH; at += HOUR_LENGTH) {
    const low = hours[at]! + hours[at + 1]! * 2 ** 8 + hours[at + 2]! * 2 ** 16 + hours[at + 3]! * 2 ** 24;
    records.push(low + hours[at + 4]! * 2 ** 32 + hours[at + 5]! * 2 ** 40);
  }
  return records;
}

const COUNT_LENGTH = 6;
const HOUR_LENGTH = 2 * COUNT_LENGTH;
const HOURS_LENGTH = 24 * HOUR_LENGTH;
