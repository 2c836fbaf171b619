import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openForReading, type Store } from '../../src/engines/sqlite/store.ts';
import { makeReport, withStock } from '../../src/report/report.ts';
import { DEFAULT_POLICY } from '../../src/verdicts/policy.ts';
import { type Child, pause, seeded, startCli } from './child.ts';
import { dump, type Dump } from './dump.ts';
import { jsonLog } from './made-logs.ts';

/** More than a transaction holds (256); two runs at once read a part of them. */
const FILES = 330;
const PART = 60;
const LINES = 4;

let dir: string;

beforeAll(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-concurrency-'));
  for (const folder of ['part', 'rest']) fs.mkdirSync(path.join(dir, 'logs', folder), { recursive: true });
  for (let n = 0; n < FILES; n++) {
    const file = path.join(dir, 'logs', n < PART ? 'part' : 'rest', `${n}.log`);
    fs.writeFileSync(file, jsonLog(n * LINES, (n + 1) * LINES));
  }
});

afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

describe('two runs at once', () => {
  it('never both write, and after one more run the totals are those of one', async () => {
    const random = seeded(7);
    expect(await ingest('once.db', 'logs/part').ended).toMatchObject({ status: 0 });
    const expected = dumpOf('once.db');
    expect(expected.sources).toEqual([`json | json | ${PART * LINES} | 0 | 0`]);
    const statuses: (number | null)[] = [];
    for (let pair = 0; pair < 6; pair++) {
      const db = `pair-${pair}.db`;
      const first = ingest(db, 'logs/part');
      await pause(random() * 300);
      const ends = await Promise.all([first.ended, ingest(db, 'logs/part').ended]);
      statuses.push(...ends.map(({ status }) => status));
      for (const { status, stderr } of ends) if (status === 4) expect(stderr).toContain('Another run holds');
      expect(await ingest(db, 'logs/part').ended).toMatchObject({ status: 0 });
      expect(dumpOf(db)).toEqual(expected);
    }
    expect(new Set(statuses)).toEqual(new Set([0, 4]));
  });
});

describe('a report beside a run', () => {
  it('shows what was committed together', async () => {
    expect(await ingest('beside.db', 'logs/part/0.log').ended).toMatchObject({ status: 0 });
    const store = openForReading(path.join(dir, 'beside.db'), undefined);
    const run = ingest('beside.db');
    const seen = new Set<number>();
    for (let isOver = false; !isOver;) {
      const { requests, records } = totalsOf(store);
      expect(requests).toBe(records);
      seen.add(records);
      isOver = run.process.exitCode !== null;
      await pause(1);
    }
    expect(await run.ended).toMatchObject({ status: 0 });
    expect(totalsOf(store).records).toBe(FILES * LINES);
    expect(seen.size).toBeGreaterThan(1);
    store.close();
  });

  it('is what the program itself writes, too', async () => {
    const run = ingest('program.db');
    await run.says(/./);
    const report = startCli(['report', '--db', 'program.db', '-o', 'json=report.json'], dir);
    expect(await report.ended).toMatchObject({ status: 0 });
    await run.ended;
    const { summary, keys } = JSON.parse(fs.readFileSync(path.join(dir, 'report.json'), 'utf8')) as Totals;
    expect(keys.reduce((sum, { requests }) => sum + requests, 0)).toBe(summary.records);
  });
});

interface Totals {
  readonly summary: { readonly records: number };
  readonly keys: readonly { readonly requests: number }[];
}

function ingest(db: string, log = 'logs'): Child {
  return startCli(['ingest', log, '--db', db, '--progress'], dir);
}

/** Every record of these logs has one key. */
function totalsOf(store: Store): { requests: number; records: number } {
  const at = Date.UTC(2027, 0);
  const options = {
    asOf: at,
    now: at,
    policy: DEFAULT_POLICY,
    stricter: [],
    sources: [],
    exemptions: [],
    successors: [],
    includeSessions: false,
    secret: '00'.repeat(32),
    secretFile: '',
  };
  const { keys, summary } = withStock(store, options, [], (stock) => makeReport(store, stock, options, 'test'));
  return { requests: [...keys].reduce((sum, key) => sum + key.requests, 0), records: summary.records };
}

function dumpOf(db: string): Dump {
  const store = openForReading(path.join(dir, db), undefined);
  try {
    return dump(store.db);
  } finally {
    store.close();
  }
}
