import { describe, expect, it } from 'vitest';
import { writeTransaction } from '../../../src/engines/sqlite/database.ts';
import {
  readAudit,
  readLastScan,
  recordAudit,
  recordVerdicts,
  withdrawals,
} from '../../../src/engines/sqlite/verdict-history.ts';
import type { EarlierSource, FindingKind, Verdict } from '../../../src/model.ts';
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
      writeTransaction(store.db, store.file, () => recordVerdicts(store.db, id, [{ key: 'k', verdict, findings: [] }]));
    },
    audit: (verdict: Verdict, findings: readonly FindingKind[], sources: readonly EarlierSource[]): void => {
      const id = store.ledger.startScan(++scan, 1, 'test');
      writeTransaction(store.db, store.file, () => {
        recordVerdicts(store.db, id, [{ key: 'k', verdict, findings }]);
        recordAudit(store.db, id, scan, sources);
      });
    },
    withdrawnAt: (asOf: number) => withdrawals(store.db, asOf)('k'),
  };
}

describe('audits', () => {
  const gaps = [{ from: '2026-03-01', to: '2026-03-02', reason: 'no-records' }] as const;
  const sources = [{ source: 'eu', state: 'active', gaps }] as const;

  it('are found by scan, by time, or as the one before, with what they said of keys and sources', () => {
    const { audit, db } = history();
    audit('waiting', ['shadow'], sources);
    audit('safe', [], sources);
    audit('safe', [], []);
    expect(readAudit(db, { scan: 1 }, 3)).toMatchObject({ scan: 1, asOf: 1, sources });
    expect(readAudit(db, { scan: 1 }, 3).verdictOn('k')).toEqual({ verdict: 'waiting', findings: ['shadow'] });
    expect(readAudit(db, { at: 2 }, 3)).toMatchObject({ scan: 2, sources });
    expect(readAudit(db, 'last', 3).verdictOn('k')).toEqual({ verdict: 'safe', findings: [] });
    expect(readAudit(db, { scan: 3 }, 3)).toMatchObject({ scan: 3, sources: [] });
    expect(() => readAudit(db, { scan: 99 }, 3)).toThrow('there is no scan 99');
    expect(readAudit(db, 'last', 3).verdictOn('other')).toBeUndefined();
    const kept = db.prepare('SELECT sources IS NULL FROM audits ORDER BY scan_id').pluck().all();
    expect(kept).toEqual([0, 1, 0]);
  });

  it('that nobody made are refused, and the first one of all is compared with nothing', () => {
    const { audit, db } = history();
    expect(() => readAudit(db, { scan: 1 }, 2)).toThrow('there is no scan 1');
    expect(readAudit(db, 'last', 1)).toMatchObject({ scan: 0, sources: [] });
    audit('safe', [], sources);
    expect(() => readAudit(db, { at: 0 }, 2)).toThrow('no verdicts of 1970-01-01 or before are stored');
  });
});
