import { describe, expect, it } from 'vitest';
import { writeTransaction } from '../../../src/engines/sqlite/database.ts';
import { earlierVerdicts, readLastScan, recordVerdicts } from '../../../src/engines/sqlite/verdict-history.ts';
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

  it('the verdict before a scan is the last one that an earlier scan came to', () => {
    const store = newStore();
    const record = (scan: number, verdict: 'safe' | 'in-use'): void =>
      writeTransaction(store.db, store.file, () => recordVerdicts(store.db, scan, [{ key: 'k', verdict }]));
    record(1, 'safe');
    record(2, 'safe');
    record(3, 'in-use');
    record(5, 'safe');
    const before = (scan: number): unknown => earlierVerdicts(store.db, scan)('k');
    expect([1, 2, 3, 4, 5, 6].map(before)).toEqual([undefined, 'safe', 'safe', 'in-use', 'in-use', 'safe']);
  });
});
