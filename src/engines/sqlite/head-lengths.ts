import type { Statement } from 'better-sqlite3';
import type { Connection } from './database.ts';

/** Which lengths the heads of logs have, for one transaction. Most logs are longer than the longest: of others are few. */
export class HeadLengths {
  readonly #select: Statement<unknown[]>;
  readonly #known = new Map<number, boolean>();

  constructor(db: Connection) {
    this.#select = db.prepare('SELECT 1 FROM streams WHERE head_length = ? LIMIT 1');
  }

  has(length: number): boolean {
    let isThere = this.#known.get(length);
    if (isThere === undefined) this.#known.set(length, (isThere = this.#select.get(length) !== undefined));
    return isThere;
  }

  /** A log has one that is as long from now on. */
  add(length: number): void {
    this.#known.set(length, true);
  }

  forget(): void {
    this.#known.clear();
  }
}
