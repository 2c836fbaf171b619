import { describe, expect, it } from 'vitest';
import { writeTransaction } from '../src/engines/sqlite/database.ts';
import { recordVerdicts } from '../src/engines/sqlite/evidence.ts';
import { storeInventory } from '../src/engines/sqlite/inventories.ts';
import type { WritableStore } from '../src/engines/sqlite/store.ts';
import type { InventoryEntry, KeyReport, Report, Usage } from '../src/model.ts';
import { findKeys, makeReport, type StockOptions, takeStock } from '../src/report.ts';
import { DAY_MS } from '../src/rollup.ts';
import { DEFAULT_POLICY } from '../src/verdicts/policy.ts';
import { addStreams, AT, keyRef, newStore, tallyOf, usageOf } from './engines/sqlite/made-store.ts';

describe('finding a key', () => {
  const keys = [
    { key: 'billing', label: 'Billing', display: 'sk_...0001' },
    { key: 'Billing', label: null, display: 'sk_...0002' },
    { key: 'k_0123456789abcdef0123', label: 'export', display: 'sk_...0003' },
    { key: 'k_0123ffffffffffffffff', label: 'export', display: 'sk_...0003' },
    { key: 'kid-12345', label: null, display: 'kid-12345' },
  ] as unknown as KeyReport[];

  it.each([
    ['billing', ['billing']],
    ['Billing', ['Billing']],
    ['sk_...0001', ['billing']],
    ['export', ['k_0123456789abcdef0123', 'k_0123ffffffffffffffff']],
    ['k_0123456789abcdef0123', ['k_0123456789abcdef0123']],
    ['k_01234', ['k_0123456789abcdef0123']],
    ['k_0123', ['k_0123456789abcdef0123', 'k_0123ffffffffffffffff']],
    ['k_012', []],
    ['kid-123', []],
    ['', []],
    ['other', []],
  ])('by %j finds %j', (wanted, found) => {
    expect(findKeys(keys, wanted).map(({ key }) => key)).toEqual(found);
  });
});

describe('inventories', () => {
  it('that list one id are told apart by age: the newest says what the key is', () => {
    const store = newStore();
    list(store, 'a.csv', [entry('k1', 'k_one', { label: 'newest' })], 20);
    list(store, 'b.csv', [entry('k1', 'k_one', { label: 'older' }), entry('k2', 'k_two')], 10);
    const labels = (): unknown => Object.fromEntries(reported(store).keys.map(({ key, label }) => [key, label]));
    expect(labels()).toEqual({ k1: 'newest', k2: null });
    list(store, 'b.csv', [entry('k1', 'k_one', { label: 'read again' }), entry('k2', 'k_two')], 30);
    expect(labels()).toEqual({ k1: 'read again', k2: null });
  });

  it('that say nothing of it do not end what an older one keeps', () => {
    const store = newStore();
    const keepUntilAt = OPTIONS.asOf + DAY_MS;
    list(store, 'a.csv', [entry('k1', 'k_one', { keepUntilAt, keepReason: 'drill' })], 10);
    list(store, 'b.csv', [entry('k1', 'k_one', { label: 'newest' })], 20);
    expect(reported(store).keys).toMatchObject([
      { label: 'newest', exemption: { reason: 'the inventory says to keep it: drill' } },
    ]);
  });

  it('that are not stored stand in for what is stored of their file', () => {
    const store = newStore();
    list(store, '/a.csv', [entry('k1', 'k_one'), entry('k2', 'k_two')], 10);
    const fresh = { file: '/a.csv', sha256: '', partial: undefined, entries: [entry('k3', 'k_three')] };
    const stock = takeStock(store, OPTIONS, [fresh as unknown as Parameters<typeof takeStock>[2][number]]);
    expect(stock.evidence.map(({ key }) => key)).toEqual(['k3']);
    expect(reported(store).keys.map(({ key }) => key)).toEqual(['k1', 'k2']);
  });

  it('make a key that none of them lists a finding, and their absence does not', () => {
    const store = newStore();
    addStreams(store, [{ settled: tallyOf([usageOf()]) }]);
    expect(reported(store).keys).toMatchObject([{ key: 'k_one', status: 'unlisted', findings: [] }]);
    list(store, 'a.csv', [entry('k2', 'k_two')], 10);
    expect(reported(store).keys.find(({ key }) => key === 'k_one')?.findings).toContain('shadow');
  });
});

describe('the history of scans', () => {
  it('gives the report the number of the last finished one', () => {
    const store = newStore();
    expect(reported(store).database).toEqual({ id: store.id, scan: 0 });
    const scan = finishedScan(store);
    store.ledger.startScan(AT, 1, 'test');
    expect(reported(store).database.scan).toBe(scan);
  });

  it('shows that a key was safe and is called again, in the report of that scan only', () => {
    const store = newStore();
    addStreams(store, [{ settled: tallyOf([usageOf()]) }]);
    const findings = (): readonly string[] => reported(store).keys[0]?.findings ?? [];
    record(store, finishedScan(store), 'safe');
    expect(findings()).not.toContain('revived');
    const scan = finishedScan(store);
    expect(findings()).toContain('revived');
    record(store, scan, 'in-use');
    expect(findings()).toContain('revived');
    finishedScan(store);
    expect(findings()).not.toContain('revived');
  });
});

describe('session credentials', () => {
  const sessions: Usage[] = ['ASIA1', 'ASIA2'].map((key) =>
    usageOf({ keys: [keyRef(key, 'aws_sts_session_key')], issuer: 'role/a' }),
  );

  it('are counted by issuer and are no keys, unless they are asked for', () => {
    const store = newStore();
    addStreams(store, [{ settled: tallyOf([...sessions, usageOf()]) }]);
    const { keys, sessions: found } = reported(store);
    expect(keys.map(({ key }) => key)).toEqual(['k_one']);
    expect(found).toEqual([{ issuer: 'role/a', credentials: 2, requests: 2, lastUsedAt: '2026-09-01T12:00:00.000Z' }]);
    expect(reported(store, { includeSessions: true }).keys).toHaveLength(3);
  });
});

it('a report is the same in whatever order the logs were read', () => {
  const calls = Array.from({ length: 40 }, (_, n) =>
    usageOf({
      key: `k_${n % 7}`,
      caller: `agent${n % 3} @ 10.0.${n % 4}.0/24`,
      source: `s${n % 2}`,
      at: AT + n * 7 * 3_600_000,
      outcome: n % 5 === 0 ? 'refused' : 'accepted',
    }),
  );
  const reports = [calls, calls.toReversed()].map((order) => {
    const store = newStore();
    addStreams(
      store,
      order.map((call) => ({ settled: tallyOf([call]) })),
    );
    return { ...reported(store), database: undefined };
  });
  expect(JSON.stringify(reports[0])).toBe(JSON.stringify(reports[1]));
});

const OPTIONS: StockOptions = {
  asOf: AT + 10 * DAY_MS,
  now: AT + 11 * DAY_MS,
  policy: DEFAULT_POLICY,
  stricter: [],
  sources: [],
  exemptions: [],
  successors: [],
  includeSessions: false,
};

function reported(store: WritableStore, options: Partial<StockOptions> = {}): Report {
  const all = { ...OPTIONS, ...options };
  return makeReport(store, takeStock(store, all, []), all, 'test');
}

function finishedScan(store: WritableStore): number {
  const scan = store.ledger.startScan(AT, 1, 'test');
  store.ledger.finishScan(scan, AT, { files: 0, records: 0, quarantined: 0, skipped: 0, bytes: 0 });
  return scan;
}

function record(store: WritableStore, scan: number, verdict: KeyReport['verdict']): void {
  writeTransaction(store.db, store.file, () => recordVerdicts(store.db, scan, [{ key: 'k_one', verdict }]));
}

function list(store: WritableStore, file: string, entries: readonly InventoryEntry[], at: number): void {
  writeTransaction(store.db, store.file, () =>
    storeInventory(store.db, { file, sha256: '', partial: undefined, entries }, at),
  );
}

function entry(id: string, key: string, overrides: Partial<InventoryEntry> = {}): InventoryEntry {
  return {
    id,
    match: { by: 'fingerprint', key },
    display: undefined,
    label: undefined,
    owner: undefined,
    createdAt: undefined,
    expiresAt: undefined,
    status: 'active',
    successor: undefined,
    source: undefined,
    lastUsedAt: undefined,
    metadata: {},
    file: 'a.csv',
    row: Number(id.slice(1)),
    ...overrides,
  };
}
