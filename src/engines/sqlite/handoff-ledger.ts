import { canonicalJson } from '../../handoff/canonical-json.ts';
import type { LedgerBody, LedgerEntry, LedgerPlace } from '../../handoff/steps.ts';
import type { Connection } from './database.ts';

/** A line that is to be added. */
export type NewLine = Omit<LedgerPlace, 'seq'> & LedgerBody;

/** Proves that a line follows the one before: a hash under a key of the installation. */
export type Chain = (text: string) => string;

interface Row {
  readonly seq: number;
  readonly at: number;
  readonly kind: string;
  readonly plan: string;
  readonly nonce: string | null;
  readonly key: string | null;
  readonly body: string;
  readonly hash: string;
}

/** What was planned, done and seen of hand-offs, in order. */
export function readHandoffs(db: Connection): readonly LedgerEntry[] {
  return rowsOf(db).map((row) => {
    const { hash: _hash, body, ...place } = row;
    return { ...place, body: JSON.parse(body) as unknown } as LedgerEntry;
  });
}

/** Adds a line. To be called inside a transaction that holds the write lock. */
export function appendHandoff(db: Connection, line: NewLine, chain: Chain): LedgerEntry {
  const last = db.prepare<[], Row>('SELECT * FROM handoff_ledger ORDER BY seq DESC LIMIT 1').get();
  const row = { ...line, seq: (last?.seq ?? 0) + 1, body: canonicalJson(line.body) };
  const hash = hashOf(row, last?.hash ?? '', chain);
  db.prepare('INSERT INTO handoff_ledger VALUES (:seq, :at, :kind, :plan, :nonce, :key, :body, :hash)').run({
    ...row,
    hash,
  });
  return { ...line, seq: row.seq };
}

/** The number of the first line that does not follow from those before it; undefined when all do. */
export function brokenHandoff(db: Connection, chain: Chain): number | undefined {
  let [previous, seq] = ['', 0];
  for (const row of rowsOf(db)) {
    if (row.seq !== ++seq || row.hash !== hashOf(row, previous, chain)) return row.seq;
    previous = row.hash;
  }
  return undefined;
}

function rowsOf(db: Connection): readonly Row[] {
  return db.prepare<[], Row>('SELECT * FROM handoff_ledger ORDER BY seq').all();
}

function hashOf({ seq, at, kind, plan, nonce, key, body }: Omit<Row, 'hash'>, previous: string, chain: Chain): string {
  return chain(canonicalJson([seq, at, kind, plan, nonce, key, body, previous]));
}
