import type { Statement } from 'better-sqlite3';
import { bytesOf, EventDays, type EventDigest } from '../../tally/event-digests.ts';
import type { Connection } from './database.ts';

const INSERTED_AT_ONCE = 1024;

/** Numbers by which the digests of a buffer are taken apart within one statement. */
const PLACES = `
  CREATE TEMP TABLE IF NOT EXISTS places (i INTEGER PRIMARY KEY);
  WITH RECURSIVE upto (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM upto WHERE i + 1 < ${INSERTED_AT_ONCE})
  INSERT OR IGNORE INTO places SELECT i FROM upto`;

/** Adds many at once: in the order of the table, it takes 0.6 us each where one statement for each takes 5. */
const INSERT_ALL = `
  INSERT OR IGNORE INTO event_ids
  SELECT :day, substr(:digests, 1 + 16 * i, 16), :stream FROM temp.places WHERE i < :count`;

const DIGEST_BYTES = 16;
const DIGEST_WORDS = 4;

/** So many are gathered before they are written, in the order of the table. */
const MOST_PENDING = 256 * 1024;
const TIDY_AFTER = 4096;

/** So many ids are kept in memory, 26 to 53 bytes each; those of other days are looked up one by one. */
const MOST_KEPT = 1_000_000;

/** Below this, to look up one by one is no trouble. */
const FEW_LOOKUPS = 4096;

/** A day whose ids were asked for. */
interface Day {
  /** All that is settled of it. Undefined: it is looked up in the database. */
  settled: EventDays | undefined;
  lookups: number;
}

/** Ids of events that were counted, so that a record delivered twice counts once. Kept by the event's own day. */
export class EventIds {
  readonly #db: Connection;
  readonly #select: Statement<unknown[]>;
  /** Its table goes when a transaction is rolled back in which it was made. */
  #insert: Statement<unknown[]> | undefined;
  readonly #delete: Statement<unknown[]>;
  readonly #count: Statement<unknown[]>;
  readonly #selectSettled: Statement<unknown[]>;
  readonly #selectTail: Statement<unknown[]>;
  readonly #mostKept: number;
  /** The latest is last. */
  readonly #days = new Map<number, Day>();
  /** What is settled and not in the table yet, by day. */
  readonly #pending = new Map<number, Digests>();
  #pendingCount = 0;
  #hasTails: boolean;

  constructor(db: Connection, mostKept: number = MOST_KEPT) {
    this.#db = db;
    this.#select = db.prepare('SELECT 1 FROM event_ids WHERE day = ? AND id = ? AND (stream_id = 0 OR stream_id <> ?)');
    this.#delete = db.prepare('DELETE FROM event_ids WHERE stream_id = ? AND stream_id <> 0');
    this.#count = db.prepare('SELECT count(*) FROM (SELECT 1 FROM event_ids WHERE day = ? LIMIT ?)').pluck();
    this.#selectSettled = db.prepare('SELECT id FROM event_ids WHERE day = ? AND stream_id = 0').pluck();
    this.#selectTail = db.prepare('SELECT 1 FROM event_ids WHERE stream_id <> 0 LIMIT 1');
    this.#mostKept = mostKept;
    this.#hasTails = this.#selectTail.get() !== undefined;
  }

  /** Whether it was counted, apart from the tail of this stream, which is being read again. */
  has(event: EventDigest, day: number, stream: number): boolean {
    const { settled } = this.#lookUp(day);
    if (settled?.has(event) === true) return true;
    if (settled !== undefined && !this.#hasTails) return false;
    this.#writeDay(day);
    return this.#select.get(day, bytesOf(event), stream) !== undefined;
  }

  /** `stream` is 0 for what is settled: that is in the table when it is written. */
  add(events: EventDays, stream: number): void {
    if (events.size === 0) return;
    if (stream === 0) {
      events.forEach((event, day) => this.#note(event, day));
      this.#tidy();
      return;
    }
    // What is settled goes first: where an event of a tail stands already, it would be left out, and lost with the tail.
    this.write();
    this.#hasTails = true;
    const tails = new Map<number, Digests>();
    events.forEach((event, day) => digestsOf(tails, day).add(event));
    for (const [day, digests] of tails) this.#insertAll(day, digests, stream);
  }

  /** Adds an event that is settled, if it was not counted. Returns whether it was not. */
  take(event: EventDigest, day: number): boolean {
    if (this.has(event, day, 0)) return false;
    this.#note(event, day);
    if (this.#pendingCount % TIDY_AFTER === 0) this.#tidy();
    return true;
  }

  /** Puts what was added and is settled into the table. */
  write(): void {
    for (const day of this.#pending.keys()) this.#writeDay(day);
  }

  forgetTail(stream: number): void {
    if (!this.#hasTails) return;
    this.#delete.run(stream);
    this.#hasTails = this.#selectTail.get() !== undefined;
  }

  /** What was added may have been rolled back. */
  forget(): void {
    this.#days.clear();
    this.#pending.clear();
    this.#pendingCount = 0;
    this.#insert = undefined;
    this.#hasTails = this.#selectTail.get() !== undefined;
  }

  #note(event: EventDigest, day: number): void {
    this.#days.get(day)?.settled?.set(event, day);
    digestsOf(this.#pending, day).add(event);
    this.#pendingCount++;
  }

  #tidy(): void {
    this.#makeRoom();
    if (this.#pendingCount >= MOST_PENDING) this.write();
  }

  #writeDay(day: number): void {
    const digests = this.#pending.get(day);
    if (digests === undefined) return;
    this.#insertAll(day, digests, 0);
    this.#pending.delete(day);
    this.#pendingCount -= digests.count;
  }

  #insertAll(day: number, digests: Digests, stream: number): void {
    const bytes = digests.inOrder();
    this.#insert ??= this.#db.exec(PLACES).prepare(INSERT_ALL);
    for (let at = 0; at < bytes.length; at += INSERTED_AT_ONCE * DIGEST_BYTES) {
      const some = bytes.subarray(at, at + INSERTED_AT_ONCE * DIGEST_BYTES);
      this.#insert.run({ day, digests: some, count: some.length / DIGEST_BYTES, stream });
    }
  }

  /** The ids of a day are taken into memory when it has none yet, or when they were asked for often enough to pay for it. */
  #lookUp(day: number): Day {
    const known = this.#days.get(day) ?? { settled: undefined, lookups: -1 };
    const { lookups } = known;
    known.lookups++;
    if (known.settled !== undefined && lookups % FEW_LOOKUPS !== 0) return known;
    this.#days.delete(day);
    this.#days.set(day, known);
    const isDue = lookups < 0 || (lookups >= FEW_LOOKUPS && Number.isInteger(Math.log2(lookups)));
    if (known.settled !== undefined || !isDue) return known;
    this.#writeDay(day);
    const most = Math.max(0, Math.min(lookups * 2, this.#mostKept));
    if ((this.#count.get(day, most + 1) as number) > most) return known;
    known.settled = new EventDays();
    const event = new Uint32Array(DIGEST_WORDS);
    for (const id of this.#selectSettled.iterate(day)) {
      bytesOf(event).set(id as Buffer);
      known.settled.set(event, day);
    }
    this.#makeRoom();
    return known;
  }

  #makeRoom(): void {
    let kept = 0;
    for (const { settled } of this.#days.values()) kept += settled?.size ?? 0;
    for (const day of this.#days.values()) {
      if (kept <= this.#mostKept) return;
      kept -= day.settled?.size ?? 0;
      day.settled = undefined;
      day.lookups = 0;
    }
  }
}

function digestsOf(days: Map<number, Digests>, day: number): Digests {
  let digests = days.get(day);
  if (digests === undefined) days.set(day, (digests = new Digests()));
  return digests;
}

/** Digests one behind the other. */
class Digests {
  count = 0;
  #words = new Uint32Array(64 * DIGEST_WORDS);

  add(digest: EventDigest): void {
    const at = this.count++ * DIGEST_WORDS;
    if (at === this.#words.length) {
      const words = this.#words;
      this.#words = new Uint32Array(at * 2);
      this.#words.set(words);
    }
    for (let i = 0; i < DIGEST_WORDS; i++) this.#words[at + i] = digest[i] as number;
  }

  /** By their first two bytes: enough for neighbours in the table to be written together. */
  inOrder(): Buffer {
    const words = this.#words.subarray(0, this.count * DIGEST_WORDS);
    const ends = new Uint32Array(65_537);
    for (let at = 0; at < words.length; at += DIGEST_WORDS) {
      const next = placeOf(words[at] as number) + 1;
      ends[next] = (ends[next] as number) + 1;
    }
    for (let i = 0; i < 65_536; i++) ends[i + 1] = (ends[i + 1] as number) + (ends[i] as number);
    const sorted = new Uint32Array(words.length);
    for (let at = 0; at < words.length; at += DIGEST_WORDS) {
      const place = placeOf(words[at] as number);
      let to = (ends[place] as number) * DIGEST_WORDS;
      ends[place] = (ends[place] as number) + 1;
      for (let i = 0; i < DIGEST_WORDS; i++) sorted[to++] = words[at + i] as number;
    }
    return Buffer.from(sorted.buffer);
  }
}

function placeOf(word: number): number {
  return ((word & 0xff) << 8) | ((word >>> 8) & 0xff);
}
