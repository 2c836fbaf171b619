import { expect, it } from 'vitest';
import {
  audit,
  createFingerprinter,
  DEFAULT_POLICY,
  type Evidence,
  inferCoverage,
  readInventory,
  type Report,
  reporters,
  reportSchema,
  type SourceActivity,
  type World,
} from '../src/index.ts';

const DAY_MS = 86_400_000;
const TODAY = 20_500;

it('lets a program judge its own evidence: an inventory in, verdicts out', () => {
  const fingerprinter = createFingerprinter('0123456789abcdef'.repeat(4));
  const inventory = readInventory(
    Buffer.from('id,created,status,key\nbilling,2024-01-01,active,acme_live_EXAMPLE000000000001\n'),
    'keys.csv',
    { columns: {}, source: undefined, fingerprinter },
  );
  const [entry] = inventory.entries;
  expect(JSON.stringify(entry)).toContain(fingerprinter.ofKey('acme_live_EXAMPLE000000000001').key);
  expect(JSON.stringify(entry)).not.toContain('acme_live_EXAMPLE000000000001');

  const world: World = {
    asOf: TODAY * DAY_MS,
    policy: DEFAULT_POLICY,
    coverage: new Map([['gateway', inferCoverage(gateway(), TODAY * DAY_MS, DEFAULT_POLICY)]]),
    others: () => undefined,
    keysOf: () => [],
    withdrawnAt: () => undefined,
    exemptions: new Map(),
    hasInventory: true,
  };
  const [silentForAYear, usedYesterday] = [366, 1].map((days) => audit([evidence(entry, TODAY - days)], world)[0]);
  expect(silentForAYear).toMatchObject({ key: 'billing', verdict: 'safe', blockers: [] });
  expect(usedYesterday).toMatchObject({ key: 'billing', verdict: 'in-use', reason: 'recent-use' });
});

it('offers the reporters by name, and the schema of the report', async () => {
  const empty: Report = {
    schema: 'lastcall.report/1',
    tool: { name: 'lastcall', version: '0.0.0' },
    generatedAt: '2026-01-01T00:00:00.000Z',
    asOf: '2026-01-01T00:00:00.000Z',
    database: { id: 'none', scan: 0 },
    summary: { keys: 0, safe: 0, inUse: 0, waiting: 0, unknown: 0, findings: {}, records: 0, quarantined: 0 },
    sources: [],
    sessions: [],
    keys: [],
  };
  const json = await reporters.find(({ name }) => name === 'json')?.load();
  expect(JSON.parse([...(json?.render(empty, { columns: 80, color: false }) ?? [])].join(''))).toEqual(empty);
  expect(reportSchema).toMatchObject({ properties: { schema: { const: 'lastcall.report/1' } } });
});

/** Complete logs of 800 days, up to yesterday. */
function gateway(): SourceActivity {
  const days = Array.from({ length: 800 }, (_, back) => ({ day: TODAY - 800 + back, records: 100, quarantined: 0 }));
  return {
    source: 'gateway',
    format: 'json',
    firstAt: (TODAY - 800) * DAY_MS,
    lastAt: TODAY * DAY_MS - 1,
    records: 80_000,
    quarantined: 0,
    skipped: 0,
    bytes: 8_000_000,
    days,
    steadyCallers: [],
    keyKinds: ['secret'],
    faults: [],
    declared: { deliveryLagDays: undefined, sampling: undefined, outages: [], carriesKeys: undefined },
  };
}

/** One system called every day from the start of the logs to `lastDay`. */
function evidence(entry: Evidence['entry'], lastDay: number): Evidence {
  const useDays = Array.from({ length: lastDay - (TODAY - 800) + 1 }, (_, index) => TODAY - 800 + index);
  return {
    key: 'billing',
    display: 'acme_...0001',
    kind: 'secret',
    entry,
    listedSince: undefined,
    ambiguousWith: [],
    isMatchProven: true,
    callers: [
      {
        system: { name: 'billing', attribution: 'field' },
        sources: ['gateway'],
        useDays,
        refusedDays: [],
        totals: {
          requests: useDays.length,
          refused: 0,
          firstSeenAt: useDays[0]! * DAY_MS,
          lastUsedAt: lastDay * DAY_MS,
          lastRefusedAt: undefined,
        },
      },
    ],
  };
}
