import { describe, expect, it } from 'vitest';
import { writeTransaction } from '../../../src/engines/sqlite/database.ts';
import { readLastScan, recordVerdicts, withdrawals } from '../../../src/engines/sqlite/verdict-history.ts';
import type { Verdict } from '../../../src/model.ts';
import { AT, newStore } from './made-store.ts';

describe('scans and verdicts', () => {
  it('a scan counts when it is finished', () => {
    const { db, ledger } = newStore();
    expect(readLastScan(db)).toBe(0);
    const [first, second] = [ledger.startScan(AT, 1, 'test'), ledger.startScan(AT, 1, 'test')];
    expect(readLastScan(db)).toBe(0);
    ledger.finishScan(first, AT, { files: 1, records: 1, quarantined: 0, skipped: 0, bytes: 1 });
    expect([readLastScan(db), second > first]).toEqual([first, true]);
  });

  it('a verdict is kept when it changes', () => {
    const { record, db } = history();
    for (const verdict of ['safe', 'safe', 'in-use', 'in-use', 'safe'] as const) record(verdict);
    expect(db.prepare('SELECT scan_id, verdict FROM verdicts ORDER BY scan_id').raw().all()).toEqual([
      [1, 'safe'],
      [3, 'in-use'],
      [5, 'safe'],
    ]);
  });

  it('what was safe was withdrawn by the next scan that said otherwise, else just now', () => {
    const { record, withdrawnAt } = history();
    expect(withdrawnAt(10)).toBeUndefined();
    record('waiting');
    expect(withdrawnAt(10)).toBeUndefined();
    record('safe');
    expect(withdrawnAt(10)).toBe(10);
    record('safe');
    record('unknown');
    record('in-use');
    expect(withdrawnAt(10)).toBe(4);
    record('safe');
    expect(withdrawnAt(11)).toBe(11);
    record('in-use');
    expect(withdrawnAt(11)).toBe(7);
  });

  it('what was said later than the time of the report does not count', () => {
    const { record, withdrawnAt } = history();
    record('in-use');
    record('safe');
    expect([withdrawnAt(1), withdrawnAt(2)]).toEqual([undefined, 2]);
  });
});

/** Scan 1 is of time 1, and so on. */
function history() {
  const store = newStore();
  let scan = 0;
  return {
    db: store.db,
    record: (verdict: Verdict): void => {
      const id = store.ledger.startScan(++scan, 1, 'test');
      writeTransaction(store.db, store.file, () => recordVerdicts(store.db, id, [{ key: 'k', verdict }]));
    },
    withdrawnAt: (asOf: number) => withdrawals(store.db, asOf)('k'),
  };
}
