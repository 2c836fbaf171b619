import type { Statement } from 'better-sqlite3';
import type { Fault } from '../../model.ts';
import type { Connection } from './database.ts';
import type { Names } from './names.ts';

export interface FaultPlace {
  readonly path: string;
  /** 0: the file never became a stream. */
  readonly stream: number;
  /** Undefined: it may hide calls of any source. */
  readonly source: string | undefined;
  /** Which file it is, whatever it is called by now; empty: not known. */
  readonly file: string;
}

const CLEAR_FAULTS = `
  DELETE FROM faults WHERE (stream_id = :stream AND stream_id <> 0)
    OR (reason = 'unread-input' AND (path = :path OR (file = :file AND file <> '')))`;

const REPLACE_FAULT = `
  INSERT OR REPLACE INTO faults (path, reason, stream_id, source_id, file, detail, from_at, to_at, scan_id)
  VALUES (:path, :reason, :stream, :source, :file, :detail, :from_at, :to_at, :scan)`;

/** What kept input from being read whole. */
export class Faults {
  readonly #names: Names;
  readonly #replace: Statement<unknown[]>;
  readonly #clear: Statement<unknown[]>;
  readonly #marked: Statement<unknown[]>;
  readonly #open: Statement<unknown[]>;

  constructor(db: Connection, names: Names) {
    this.#names = names;
    this.#replace = db.prepare(REPLACE_FAULT);
    this.#clear = db.prepare(CLEAR_FAULTS);
    this.#marked = db.prepare('SELECT path FROM faults WHERE file = ?').pluck();
    this.#open = db.prepare("SELECT 1 FROM faults WHERE reason = 'unread-input' LIMIT 1");
  }

  add({ path, stream, source, file }: FaultPlace, { reason, detail, fromAt, toAt }: Fault, scan: number): void {
    this.#replace.run({
      path,
      reason,
      stream,
      source: source === undefined ? null : this.#names.source(source, ''),
      file,
      detail,
      from_at: fromAt ?? null,
      to_at: toAt ?? null,
      scan,
    });
  }

  clear({ path, stream, file }: FaultPlace): void {
    this.#clear.run({ path, stream, file });
  }

  placesMarked(mark: string): readonly string[] {
    return this.#marked.all(mark) as string[];
  }

  hasOpen(): boolean {
    return this.#open.get() !== undefined;
  }
}
