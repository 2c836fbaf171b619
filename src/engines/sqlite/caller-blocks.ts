import type { Statement } from 'better-sqlite3';
import type { Rollup } from '../../model.ts';
import { UNREADABLE } from '../../rollup.ts';
import { decodeSum, encodeSum, mergeSums, sumUp } from './caller-sum.ts';
import type { Connection } from './database.ts';
import { blockOf, type DayCounts, decodeBlock, encodeBlock, mergeDays } from './day-block.ts';
import type { Names } from './names.ts';

/** Blocks of one caller: the days of 300,000 years and more to both sides of 1970. */
const BLOCKS_PER_CALLER = 2 ** 20;
const FIRST_BLOCK = -(2 ** 19);

/** The row of `rollups` in which a block of a caller stands. */
export function blockRow(caller: number, block: number): number {
  return caller * BLOCKS_PER_CALLER + (block - FIRST_BLOCK);
}

/** The first and the last row in which a block of a caller may stand. */
export function blockRows(caller: number): readonly [first: number, last: number] {
  return [caller * BLOCKS_PER_CALLER, (caller + 1) * BLOCKS_PER_CALLER - 1];
}

/** In SQL: the rows of `rollups` that belong to a row of `callers`, and the block that a row is. */
export const IS_BLOCK_OF: string = `rollups.id >= callers.id * ${BLOCKS_PER_CALLER} AND rollups.id < (callers.id + 1) * ${BLOCKS_PER_CALLER}`;
export const BLOCK: string = `rollups.id % ${BLOCKS_PER_CALLER} + ${FIRST_BLOCK}`;

const INSERT_KIND = `
  INSERT OR IGNORE INTO source_kinds
    SELECT source_id, kind FROM callers JOIN keys ON keys.id = key_id JOIN systems ON systems.id = system_id
    WHERE callers.id = ? AND systems.name <> '${UNREADABLE.name}'`;

const DROP_IF_GONE = `
  DELETE FROM callers WHERE id = ? AND summary IS NULL AND NOT EXISTS (SELECT 1 FROM tails WHERE caller_id = callers.id)
  RETURNING key_id`;

const DROP_KEY_IF_GONE = 'DELETE FROM keys WHERE id = ? AND NOT EXISTS (SELECT 1 FROM callers WHERE key_id = keys.id)';

const SETTLED_OF_SYSTEM = `
  SELECT callers.id, source_id, ${BLOCK} AS block, 0 AS stream, counts
  FROM callers JOIN rollups ON ${IS_BLOCK_OF} WHERE key_id = ? AND system_id = ?`;

const TAILS_OF_SYSTEM = `
  SELECT callers.id, source_id, block, stream_id AS stream, counts
  FROM callers JOIN tails ON caller_id = callers.id WHERE key_id = ? AND system_id = ?`;

/**
 * The write side of the days of callers. To be used inside a transaction. A caller is there as long as somebody called,
 * and a key as long as it has a caller.
 */
export class CallerBlocks {
  readonly #names: Names;
  readonly #block: Statement<unknown[], { counts: Buffer }>;
  readonly #replaceBlock: Statement<unknown[]>;
  readonly #tail: Statement<unknown[], { counts: Buffer }>;
  readonly #replaceTail: Statement<unknown[]>;
  readonly #summary: Statement<unknown[], { summary: Buffer | null }>;
  readonly #setSummary: Statement<unknown[]>;
  readonly #insertKind: Statement<unknown[]>;
  readonly #dropTail: Statement<unknown[], { caller_id: number }>;
  readonly #db: Connection;

  constructor(db: Connection, names: Names) {
    this.#db = db;
    this.#names = names;
    this.#block = db.prepare('SELECT counts FROM rollups WHERE id = ?');
    this.#replaceBlock = db.prepare('INSERT OR REPLACE INTO rollups VALUES (?, ?)');
    this.#tail = db.prepare('SELECT counts FROM tails WHERE stream_id = ? AND caller_id = ? AND block = ?');
    this.#replaceTail = db.prepare('INSERT OR REPLACE INTO tails VALUES (?, ?, ?, ?)');
    this.#summary = db.prepare('SELECT summary FROM callers WHERE id = ?');
    this.#setSummary = db.prepare('UPDATE callers SET summary = ?, days = ?, first_used_day = ? WHERE id = ?');
    this.#insertKind = db.prepare(INSERT_KIND);
    this.#dropTail = db.prepare('DELETE FROM tails WHERE stream_id = ? RETURNING caller_id');
  }

  /** `stream` is 0 for what is settled. */
  add(rollups: Iterable<Rollup>, stream: number): void {
    const byCaller = new Map<number, DayCounts[]>();
    for (const rollup of rollups) {
      const { id: key, collapse } = this.#names.key(rollup.key, rollup.issuer);
      const system = this.#names.system(rollup.system, collapse);
      const caller = this.#names.caller(key, system, this.#names.source(rollup.source, ''));
      const days = byCaller.get(caller);
      if (days === undefined) byCaller.set(caller, [rollup]);
      else days.push(rollup);
    }
    for (const [caller, days] of byCaller) this.#addDays(caller, stream, foldDays(days));
  }

  /** What the tail of this stream said is forgotten, with callers and keys that nothing else speaks of. */
  dropTail(stream: number): void {
    const callers = new Set(this.#dropTail.all(stream).map(({ caller_id }) => caller_id));
    if (callers.size === 0) return;
    const dropCaller = this.#db.prepare<unknown[], { key_id: number }>(DROP_IF_GONE);
    const dropKey = this.#db.prepare(DROP_KEY_IF_GONE);
    for (const { key_id } of [...callers].flatMap((caller) => dropCaller.all(caller))) dropKey.run(key_id);
    this.#names.forgetRows();
  }

  /** All that `from` did with this key was done by `to`. */
  move(key: number, from: number, to: number): void {
    const rows = [SETTLED_OF_SYSTEM, TAILS_OF_SYSTEM].flatMap((sql) =>
      this.#db.prepare<unknown[], BlockRow>(sql).all(key, from),
    );
    for (const { source_id, block, stream, counts } of rows) {
      this.#addDays(this.#names.caller(key, to, source_id), stream, decodeBlock(block, counts));
    }
    const drops = ['DELETE FROM tails WHERE caller_id = ?', 'DELETE FROM callers WHERE id = ?'];
    for (const caller of new Set(rows.map(({ id }) => id))) for (const sql of drops) this.#db.prepare(sql).run(caller);
    const dropBlock = this.#db.prepare('DELETE FROM rollups WHERE id = ?');
    for (const { id, block } of rows) dropBlock.run(blockRow(id, block));
  }

  /** `days`: sorted, each once. */
  #addDays(caller: number, stream: number, days: readonly DayCounts[]): void {
    for (const [block, ofBlock] of Map.groupBy(days, ({ day }) => blockOf(day))) {
      if (stream === 0) {
        const known = this.#block.get(blockRow(caller, block));
        this.#replaceBlock.run(blockRow(caller, block), mergedBlock(block, known, ofBlock));
      } else {
        const known = this.#tail.get(stream, caller, block);
        this.#replaceTail.run(stream, caller, block, mergedBlock(block, known, ofBlock));
      }
    }
    if (stream === 0) this.#sumUp(caller, days);
  }

  #sumUp(caller: number, days: readonly DayCounts[]): void {
    const known = this.#summary.get(caller)?.summary ?? null;
    const sum = known === null ? sumUp(days) : mergeSums(decodeSum(known), sumUp(days));
    const activeDays = new Set([...sum.useDays, ...sum.refusedDays]).size;
    this.#setSummary.run(encodeSum(sum), activeDays, sum.useDays[0] ?? null, caller);
    if (known === null) this.#insertKind.run(caller);
  }
}

interface BlockRow {
  id: number;
  source_id: number;
  block: number;
  stream: number;
  counts: Buffer;
}

function mergedBlock(block: number, known: { counts: Buffer } | undefined, days: readonly DayCounts[]): Uint8Array {
  return encodeBlock(block, known === undefined ? days : mergeDays(decodeBlock(block, known.counts), days));
}

/** Callers that are folded together (see collapse.ts) may have the same day twice. */
function foldDays(days: readonly DayCounts[]): readonly DayCounts[] {
  const sorted = days.toSorted((a, b) => a.day - b.day);
  const isFolded = sorted.some(({ day }, index) => sorted[index - 1]?.day === day);
  return isFolded ? sorted.reduce<readonly DayCounts[]>((folded, day) => mergeDays(folded, [day]), []) : sorted;
}
