import type { Statement } from 'better-sqlite3';
import { hash } from 'node:crypto';
import type { Connection } from './database.ts';
import { type Digest, DigestSet } from './digest-set.ts';

/**
 * Adds many at once, in the order of the table: 1.1 us each on the machine where one statement for each takes 5.5. With
 * 8,192 at a time, what SQLite copies of them stays small.
 */
const INSERT_ALL = `
  WITH RECURSIVE places (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM places WHERE i < :last)
  INSERT OR IGNORE INTO event_ids SELECT :day, substr(:digests, 1 + 16 * i, 16), :stream FROM places`;

const DIGEST_BYTES = 16;
const INSERTED_AT_ONCE = 8192;

/** So many ids are kept in memory, 21 to 43 bytes each; those of other days are looked up one by one. */
const MOST_KEPT = 1_000_000;

/** Below this, to look up one by one is no trouble. */
const FEW_LOOKUPS = 4096;

/** A day whose ids were asked for. */
interface Day {
  /** All that is settled of it. Undefined: it is looked up in the database. */
  settled: DigestSet | undefined;
  lookups: number;
}

/** Ids of events that were counted, so that a record delivered twice counts once. Kept by the event's own day. */
export class EventIds {
  readonly #select: Statement<unknown[]>;
  readonly #insert: Statement<unknown[]>;
  readonly #delete: Statement<unknown[]>;
  readonly #count: Statement<unknown[]>;
  readonly #selectSettled: Statement<unknown[]>;
  readonly #selectTail: Statement<unknown[]>;
  readonly #mostKept: number;
  /** The latest is last. */
  readonly #days = new Map<number, Day>();
  #hasTails: boolean;

  constructor(db: Connection, mostKept: number = MOST_KEPT) {
    this.#select = db.prepare('SELECT 1 FROM event_ids WHERE day = ? AND id = ? AND (stream_id = 0 OR stream_id <> ?)');
    this.#insert = db.prepare(INSERT_ALL);
    this.#delete = db.prepare('DELETE FROM event_ids WHERE stream_id = ? AND stream_id <> 0');
    this.#count = db.prepare('SELECT count(*) FROM (SELECT 1 FROM event_ids WHERE day = ? LIMIT ?)').pluck();
    this.#selectSettled = db.prepare('SELECT id FROM event_ids WHERE day = ? AND stream_id = 0').pluck();
    this.#selectTail = db.prepare('SELECT 1 FROM event_ids WHERE stream_id <> 0 LIMIT 1');
    this.#mostKept = mostKept;
    this.#hasTails = this.#selectTail.get() !== undefined;
  }

  /** Whether it was counted, apart from the tail of this stream, which is being read again. */
  has(id: string, day: number, stream: number): boolean {
    const known = this.#lookUp(day);
    const digest = digestOf(id);
    if (known.settled?.has(digest) === true) return true;
    if (known.settled !== undefined && !this.#hasTails) return false;
    return this.#select.get(day, BYTES, stream) !== undefined;
  }

  /** `stream` is 0 for what is settled. */
  add(ids: ReadonlyMap<string, number>, stream: number): void {
    if (ids.size === 0) return;
    if (stream !== 0) this.#hasTails = true;
    for (const [day, ofDay] of byDay(ids)) this.#addDay(day, ofDay, stream);
  }

  forgetTail(stream: number): void {
    if (!this.#hasTails) return;
    this.#delete.run(stream);
    this.#hasTails = this.#selectTail.get() !== undefined;
  }

  /** What was added may have been rolled back. */
  forget(): void {
    this.#days.clear();
    this.#hasTails = this.#selectTail.get() !== undefined;
  }

  #addDay(day: number, ids: readonly string[], stream: number): void {
    const settled = stream === 0 ? this.#days.get(day)?.settled : undefined;
    const digests = new Uint32Array(ids.length * WORDS.length);
    let end = 0;
    for (const id of ids) {
      const digest = digestOf(id);
      settled?.add(digest);
      for (let i = 0; i < WORDS.length; i++) digests[end++] = digest[i] as number;
    }
    const inOrder = Buffer.from(nearlySorted(digests).buffer);
    for (let at = 0; at < inOrder.length; at += INSERTED_AT_ONCE * DIGEST_BYTES) {
      const some = inOrder.subarray(at, at + INSERTED_AT_ONCE * DIGEST_BYTES);
      this.#insert.run({ day, digests: some, last: some.length / DIGEST_BYTES - 1, stream });
    }
    if (settled !== undefined) this.#makeRoom();
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
    const most = Math.max(0, Math.min(lookups * 2, this.#mostKept));
    if ((this.#count.get(day, most + 1) as number) > most) return known;
    known.settled = new DigestSet();
    for (const id of this.#selectSettled.iterate(day)) {
      BYTES.set(id as Buffer);
      known.settled.add(WORDS);
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

function byDay(ids: ReadonlyMap<string, number>): ReadonlyMap<number, readonly string[]> {
  const days = new Map<number, string[]>();
  for (const [id, day] of ids) {
    const ofDay = days.get(day);
    if (ofDay === undefined) days.set(day, [id]);
    else ofDay.push(id);
  }
  return days;
}

/** By their first two bytes: enough for neighbours in the table to be written together. */
function nearlySorted(digests: Uint32Array): Uint32Array {
  const ends = new Uint32Array(65_537);
  for (let at = 0; at < digests.length; at += WORDS.length) {
    const next = placeOf(digests[at] as number) + 1;
    ends[next] = (ends[next] as number) + 1;
  }
  for (let i = 0; i < 65_536; i++) ends[i + 1] = (ends[i + 1] as number) + (ends[i] as number);
  const sorted = new Uint32Array(digests.length);
  for (let at = 0; at < digests.length; at += WORDS.length) {
    const place = placeOf(digests[at] as number);
    let to = (ends[place] as number) * WORDS.length;
    ends[place] = (ends[place] as number) + 1;
    for (let i = 0; i < WORDS.length; i++) sorted[to++] = digests[at + i] as number;
  }
  return sorted;
}

function placeOf(word: number): number {
  return ((word & 0xff) << 8) | ((word >>> 8) & 0xff);
}

/** The digest that was made last, as words and as bytes. */
const WORDS = new Uint32Array(4);
const BYTES = Buffer.from(WORDS.buffer);

/** 16 bytes: a UUID as it is, anything else by SHA-256. Overwritten by the next one. */
function digestOf(id: string): Digest {
  if (!readUuid(id)) BYTES.set(hash('sha256', id, 'buffer').subarray(0, DIGEST_BYTES));
  return WORDS;
}

/** Lower case alone: another spelling is another id. */
function readUuid(id: string): boolean {
  if (id.length !== 36) return false;
  for (let at = 0, byte = 0; at < 36; at += 2) {
    if (at === 8 || at === 13 || at === 18 || at === 23) {
      if (id.charCodeAt(at) !== DASH) return false;
      at++;
    }
    const value = (HEX[id.charCodeAt(at)] ?? 256) * 16 + (HEX[id.charCodeAt(at + 1)] ?? 256);
    if (value > 255) return false;
    BYTES[byte++] = value;
  }
  return true;
}

const DASH = 0x2d;
const HEX = new Uint16Array(128).fill(256);
for (const [value, digit] of [...'0123456789abcdef'].entries()) HEX[digit.charCodeAt(0)] = value;
