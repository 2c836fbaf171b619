import { describe, expect, it } from 'vitest';
import { writeTransaction } from '../../src/engines/sqlite/database.ts';
import { storeInventory } from '../../src/engines/sqlite/inventories.ts';
import { openForReading, type WritableStore } from '../../src/engines/sqlite/store.ts';
import { recordVerdicts } from '../../src/engines/sqlite/verdict-history.ts';
import type { LoadedInventory } from '../../src/report/known-keys.ts';
import type { InventoryEntry, KeyReport, Report, Usage } from '../../src/model.ts';
import { makeReport, reportOnSources, type StockOptions, withStock } from '../../src/report/report.ts';
import { DAY_MS } from '../../src/tally/rollup.ts';
import { DEFAULT_POLICY } from '../../src/verdicts/policy.ts';
import { entryOf } from '../engines/sqlite/made-inventory.ts';
import { addStreams, AT, DAY, keyRef, newStore, tallyOf, usageOf } from '../engines/sqlite/made-store.ts';

describe('inventories', () => {
  it('that list one id are told apart by age: the newest says what the key is', () => {
    const store = newStore();
    list(store, 'a.csv', [entry('k1', 'k_one', { label: 'newest' })], 20);
    list(store, 'b.csv', [entry('k1', 'k_one', { label: 'older' }), entry('k2', 'k_two')], 10);
    const labels = (): unknown => Object.fromEntries([...reported(store).keys].map(({ key, label }) => [key, label]));
    expect(labels()).toEqual({ k1: 'newest', k2: null });
    list(store, 'b.csv', [entry('k1', 'k_one', { label: 'read again' }), entry('k2', 'k_two')], 30);
    expect(labels()).toEqual({ k1: 'read again', k2: null });
  });

  it('that say nothing of it do not end what an older one keeps', () => {
    const store = newStore();
    const keepUntilAt = OPTIONS.asOf + DAY_MS;
    list(store, 'a.csv', [entry('k1', 'k_one', { keepUntilAt, keepReason: 'drill' })], 10);
    list(store, 'b.csv', [entry('k1', 'k_one', { label: 'newest' })], 20);
    expect([...reported(store).keys]).toMatchObject([
      { label: 'newest', exemption: { reason: 'the inventory says to keep it: drill' } },
    ]);
  });

  it('that are not stored stand in for what is stored of their file', () => {
    const store = newStore();
    list(store, '/a.csv', [entry('k1', 'k_one'), entry('k2', 'k_two')], 10);
    const fresh = { file: '/a.csv', sha256: '', partial: undefined, entries: [entry('k3', 'k_three')] };
    const reader = openForReading(store.file, undefined);
    const keys = withStock(reader, OPTIONS, [fresh as unknown as LoadedInventory], ({ evidence }) =>
      [...evidence.all()].map(({ key }) => key),
    );
    reader.close();
    expect(keys).toEqual(['k3']);
    expect([...reported(store).keys].map(({ key }) => key)).toEqual(['k1', 'k2']);
  });

  it('prove by one key that they describe what the logs show, whatever their file is called in them', () => {
    const store = newStore();
    addStreams(store, [{ settled: tallyOf([usageOf()]) }]);
    list(store, '/etc/keys.csv', [entry('k1', 'k_one'), entry('k2', 'k_two')], 10);
    const codes = (key: string): readonly string[] =>
      [...reported(store).keys].find((one) => one.key === key)?.blockers.map(({ code }) => code) ?? [];
    expect(codes('k2')).not.toContain('uncovered-source');
    list(store, '/etc/others.csv', [entry('k3', 'k_three')], 10);
    expect(codes('k3')).toContain('uncovered-source');
  });

  it('make a key that none of them lists a finding, and their absence does not', () => {
    const store = newStore();
    addStreams(store, [{ settled: tallyOf([usageOf()]) }]);
    expect([...reported(store).keys]).toMatchObject([{ key: 'k_one', status: 'unlisted', findings: [] }]);
    list(store, 'a.csv', [entry('k2', 'k_two')], 10);
    expect([...reported(store).keys].find(({ key }) => key === 'k_one')?.findings).toContain('shadow');
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

  it('shows for a week that a key was safe and is called again', () => {
    const store = newStore();
    addStreams(store, [{ settled: tallyOf([usageOf()]) }]);
    const findings = (days: number): readonly string[] =>
      [...reported(store, { asOf: AT + days * DAY_MS }).keys][0]?.findings ?? [];
    expect(findings(1)).not.toContain('revived');
    record(store, finishedScan(store), 'safe');
    expect(findings(1)).toContain('revived');
    record(store, finishedScan(store, AT + DAY_MS), 'in-use');
    finishedScan(store, AT + 2 * DAY_MS);
    expect(findings(8)).toContain('revived');
    expect(findings(9)).not.toContain('revived');
  });
});

describe('a log whose records name their source', () => {
  const declared = { deliveryLagDays: undefined, sampling: 0.1, outages: [], carriesKeys: undefined };
  const source = { name: 'gateway', fields: {}, ...declared };
  const sources = [source] as unknown as StockOptions['sources'];

  it('stands for the sources that it names: they have its format, and what is declared of it is true of them', () => {
    const store = newStore();
    addStreams(store, [{ settled: tallyOf([usageOf({ source: 'eu' })]), tail: tallyOf([usageOf({ source: 'us' })]) }]);
    const { keys, sources: found } = reported(store, { sources });
    const [key] = keys;
    expect(found.map(({ source: name, format }) => [name, format])).toEqual([
      ['eu', 'json'],
      ['gateway', 'json'],
      ['us', 'json'],
    ]);
    const sampled = key?.blockers.find(({ code }) => code === 'sampled');
    expect(sampled?.text).toBe('only a sample of the requests is logged by eu, us: no silence can be proven');
    expect(key?.blockers.map(({ code }) => code)).not.toContain('uncovered-source');
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
    expect([...keys].map(({ key }) => key)).toEqual(['k_one']);
    expect(found).toEqual([{ issuer: 'role/a', credentials: 2, requests: 2, lastUsedAt: '2026-09-01T12:00:00.000Z' }]);
    expect(reported(store, { includeSessions: true }).keys).toHaveLength(3);
  });
});

it('a key whose calls all failed is judged as a used key, and one whose calls were all refused is not', () => {
  const store = newStore();
  const at = OPTIONS.asOf - DAY_MS;
  addStreams(store, [
    {
      settled: tallyOf([
        usageOf({ key: 'k_failed', outcome: 'failed', at }),
        usageOf({ key: 'k_refused', outcome: 'refused', at }),
      ]),
    },
  ]);
  const used = [...reported(store).keys].map(({ key, verdict, lastUsedAt }) => [key, verdict, lastUsedAt !== null]);
  expect(used).toContainEqual(['k_failed', 'in-use', true]);
  expect(used).toContainEqual(['k_refused', expect.not.stringMatching('in-use'), false]);
});

it('the days of a caller are those of all keys that an entry means', () => {
  const store = newStore();
  addStreams(store, [
    { settled: tallyOf([usageOf(), usageOf({ at: AT + DAY_MS, outcome: 'refused' })]), tail: tallyOf([usageOf()]) },
    { settled: tallyOf([usageOf({ key: 'kid', at: AT + 300 * DAY_MS }), usageOf({ key: 'kid', caller: 'go' })]) },
  ]);
  list(store, 'a.csv', [entry('k1', 'k_one', { match: { by: 'id', keys: ['k_one', 'kid'] } })], 1);
  const days = withStock(store, OPTIONS, [], ({ evidence, daysOf }) => {
    const one = evidence.of('k1')!;
    return daysOf(
      one,
      one.callers.find(({ system }) => system.name === 'curl')!,
    );
  });
  expect(days).toEqual([
    { day: DAY, requests: 2, refused: 0 },
    { day: DAY + 1, requests: 1, refused: 1 },
    { day: DAY + 300, requests: 1, refused: 0 },
  ]);
});

it('a report on sources alone says nothing of keys', () => {
  const store = newStore();
  addStreams(store, [{ settled: tallyOf([usageOf()]) }]);
  const report = withStock(store, OPTIONS, [], (stock) => reportOnSources(store, stock, OPTIONS, 'test'));
  expect({ ...report, keys: [], summary: undefined }).toEqual({ ...reported(store), keys: [], summary: undefined });
  expect([report.keys.length, report.summary.keys, report.summary.records]).toEqual([0, 0, 1]);
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
    const report = reported(store);
    return { ...report, keys: [...report.keys], database: undefined };
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
  secret: '00'.repeat(32),
  secretFile: '',
};

function reported(store: WritableStore, options: Partial<StockOptions> = {}): Report {
  const all = { ...OPTIONS, ...options };
  return withStock(store, all, [], (stock) => makeReport(store, stock, all, 'test'));
}

function finishedScan(store: WritableStore, at = AT): number {
  const scan = store.ledger.startScan(at, 1, 'test');
  store.ledger.finishScan(scan, at, { files: 0, records: 0, quarantined: 0, skipped: 0, bytes: 0 });
  return scan;
}

function record(store: WritableStore, scan: number, verdict: KeyReport['verdict']): void {
  writeTransaction(store.db, store.file, () =>
    recordVerdicts(store.db, scan, [{ key: 'k_one', verdict, findings: [] }]),
  );
}

function list(store: WritableStore, file: string, entries: readonly InventoryEntry[], at: number): void {
  writeTransaction(store.db, store.file, () =>
    storeInventory(store.db, { file, sha256: '', partial: undefined, entries }, at),
  );
}

function entry(id: string, key: string, overrides: Partial<InventoryEntry> = {}): InventoryEntry {
  return entryOf(id, { match: { by: 'fingerprint', key }, file: 'a.csv', row: Number(id.slice(1)), ...overrides });
}
