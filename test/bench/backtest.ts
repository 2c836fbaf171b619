/** `node test/bench/backtest.ts [keys] [days]`: the time that a backtest takes, weekly, over keys with three callers each. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { openForReading } from '../../src/engines/sqlite/store.ts';
import { withStock } from '../../src/report/report.ts';
import { DAY_MS } from '../../src/tally/rollup.ts';
import { backtest } from '../../src/verdicts/backtest.ts';
import { DEFAULT_POLICY } from '../../src/verdicts/policy.ts';
import { makeFleet } from './fleet-database.ts';

const [keys = 10_000, days = 730] = process.argv.slice(2).map(Number);
const today = Date.parse('2026-12-20') / DAY_MS;
const asOf = (today + 0.5) * DAY_MS;
const folder = mkdtempSync(join(tmpdir(), 'lastcall-bench-'));
try {
  const file = join(folder, 'fleet.db');
  const { callerDays } = makeFleet(file, 'canary', { keys, callers: 3, days, today });
  const store = openForReading(file, 'canary');
  const options = {
    asOf,
    now: asOf,
    policy: DEFAULT_POLICY,
    stricter: [],
    sources: [],
    exemptions: [],
    successors: [],
    includeSessions: false,
    secret: '00'.repeat(32),
    secretFile: '',
  };
  for (let run = 0; run < 3; run++) {
    const startedAt = performance.now();
    const cpu = process.cpuUsage();
    const { rules, audits, misses } = withStock(store, options, [], (stock) =>
      backtest({ ...stock, evidence: stock.evidence.all() }, 7),
    );
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(2);
    const { user, system } = process.cpuUsage(cpu);
    const busy = ((user + system) / 1e6).toFixed(2);
    const memory = Math.round(process.memoryUsage().rss / 1e6);
    if (run === 0) print(inspect({ rules, misses: misses.slice(0, 3) }, { depth: 3 }));
    print(
      `${keys} keys, ${callerDays} days of callers, ${audits} audits: ${seconds} s (${busy} s of CPU), ${memory} MB`,
    );
  }
  store.close();
} finally {
  rmSync(folder, { recursive: true });
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
