import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openForReading, openForWriting, type Store } from '../../src/engines/sqlite/store.ts';
import { isWorthThreads, judgeInThreads, type JudgingSizes } from '../../src/report/judging-threads.ts';
import type { Report } from '../../src/model.ts';
import { makeReport, type StockOptions, withStock } from '../../src/report/report.ts';
import { csv } from '../../src/reporters/csv.ts';
import { json } from '../../src/reporters/json.ts';
import { DAY_MS } from '../../src/tally/rollup.ts';
import { DEFAULT_POLICY } from '../../src/verdicts/policy.ts';
import { makeFleet } from '../bench/fleet-database.ts';

const TODAY = 20_700;
const ASOF = (TODAY + 0.5) * DAY_MS;
const OPTIONS: StockOptions = {
  asOf: ASOF,
  now: ASOF,
  policy: DEFAULT_POLICY,
  stricter: [{ match: { owner: 'team-7' }, constants: { floorDays: 90 } }],
  sources: [],
  exemptions: [{ key: 'key-20', reason: 'kept', untilAt: ASOF + DAY_MS }],
  successors: [],
  includeSessions: false,
  secret: '00'.repeat(32),
  secretFile: '',
};
const VIEW = { columns: 120, color: false };

describe('keys that two threads judge', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-judging-'));
  const file = path.join(folder, 'fleet.db');
  let store: Store;
  let alone: Report;
  beforeAll(() => {
    makeFleet(file, 'canary', { keys: 1500, callers: 2, days: 400, today: TODAY });
    withUnlistedKeys(file);
    store = openForReading(file, 'canary');
    alone = withStock(store, OPTIONS, [], (stock) => makeReport(store, stock, OPTIONS, 'test'));
  });
  afterAll(() => {
    store.close();
    fs.rmSync(folder, { recursive: true });
  });

  it.each([1, 7, 100, 5000])('are the same as one thread finds them, %i at a time', async (keysAtOnce) => {
    const report = await inThreads({ keysAtOnce });
    expect([...report.keys]).toEqual([...alone.keys]);
    expect({ ...report, keys: report.keys.length }).toEqual({ ...alone, keys: alone.keys.length });
  });

  it('come as the rows that reporters make of them, in the same order', async () => {
    const report = await inThreads({ keysAtOnce: 50 }, { rows: ['csv', 'json'] });
    for (const { render } of [csv, json]) {
      expect([...render(report, VIEW)].join('')).toBe([...render(alone, VIEW)].join(''));
    }
    expect(() => [...report.keys]).toThrow('not kept');
    const kept = await inThreads({ keysAtOnce: 50 }, { rows: ['csv'], isKept: true });
    expect([...csv.render(kept, VIEW)].join('')).toBe([...csv.render(alone, VIEW)].join(''));
    expect([...kept.keys]).toEqual([...alone.keys]);
  });

  it('say which of them changed since an earlier audit', async () => {
    const report = await inThreads({ keysAtOnce: 64 }, { extras: { since: 'last' } });
    const expected = withStock(store, OPTIONS, [], (stock) =>
      makeReport(store, stock, OPTIONS, 'test', { since: 'last' }),
    );
    expect(report.since).toEqual(expected.since);
    expect([...report.keys]).toEqual([...expected.keys]);
  });

  it('are judged by one of them alone when somebody wrote between their looks', async () => {
    const report = await inThreads(
      { keysAtOnce: 20 },
      {
        begin: () => {
          const writer = openForWriting(file, 'canary');
          writer.db.prepare("DELETE FROM callers WHERE key_id IN (SELECT id FROM keys WHERE key LIKE 'k_a%')").run();
          writer.close();
        },
      },
    );
    expect([...report.keys]).toEqual([...alone.keys]);
    const after = await inThreads({ keysAtOnce: 20 });
    expect([...after.keys]).not.toEqual([...alone.keys]);
  });

  it('are many', () => {
    expect(isWorthThreads(store)).toBe(false);
    expect(isWorthThreads(store, { leastKeys: 1500, keysAtOnce: 9 })).toBe(os.availableParallelism() > 1);
  });

  function inThreads(
    sizes: Pick<JudgingSizes, 'keysAtOnce'>,
    more: Partial<Parameters<typeof judgeInThreads>[1]> = {},
  ): Promise<Report> {
    const what = { options: OPTIONS, version: 'test', extras: {}, rows: [], begin: () => {}, ...more };
    return judgeInThreads(store, { isKept: what.rows.length === 0, ...what }, { leastKeys: 0, ...sizes });
  }
});

/** Half of the keys are in no inventory any more. */
function withUnlistedKeys(file: string): void {
  const store = openForWriting(file, 'canary');
  store.db.prepare('DELETE FROM inventory_matches WHERE row % 2 = 0').run();
  store.db.prepare('DELETE FROM inventory_keys WHERE row % 2 = 0').run();
  store.close();
}
