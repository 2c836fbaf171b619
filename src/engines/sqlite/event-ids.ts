import type { Statement } from 'better-sqlite3';
import { hash } from 'node:crypto';
import type { Connection } from './database.ts';

/** Ids of events that were counted, so that a record delivered twice counts once. Kept by the event's own day. */
export class EventIds {
  readonly #select: Statement<unknown[]>;
  readonly #insert: Statement<unknown[]>;
  readonly #delete: Statement<unknown[]>;

  constructor(db: Connection) {
    this.#select = db.prepare('SELECT 1 FROM event_ids WHERE day = ? AND id = ? AND (stream_id = 0 OR stream_id <> ?)');
    this.#insert = db.prepare('INSERT OR IGNORE INTO event_ids VALUES (?, ?, ?)');
    this.#delete = db.prepare('DELETE FROM event_ids WHERE stream_id = ? AND stream_id <> 0');
  }

  /** Whether it was counted, apart from the tail of this stream, which is being read again. */
  has(id: string, day: number, stream: number): boolean {
    return this.#select.get(day, digest(id), stream) !== undefined;
  }

  /** `stream` is 0 for what is settled. */
  add(ids: ReadonlyMap<string, number>, stream: number): void {
    for (const [id, day] of ids) this.#insert.run(day, digest(id), stream);
  }

  forgetTail(stream: number): void {
    this.#delete.run(stream);
  }
}

/** 16 bytes: a UUID as it is, anything else by SHA-256. */
function digest(id: string): Buffer {
  const hex = id.replaceAll('-', '');
  if (id.length === 36 && hex.length === 32 && /^[0-9a-f]+$/.test(hex)) return Buffer.from(hex, 'hex');
  return hash('sha256', id, 'buffer').subarray(0, 16);
}
