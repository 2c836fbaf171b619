/**
 * `npm run bench:judging -- [keys] [other cli.ts...]`: the time that whole processes take to judge every key of a made
 * fleet, three callers each and two years of days, and that one key takes once a process is up. Programs that are named
 * run in turn with this one, and must say the same.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createFingerprinter } from '../../src/attribution/fingerprint.ts';
import { openForReading } from '../../src/engines/sqlite/store.ts';
import { withStock } from '../../src/report/report.ts';
import { DAY_MS } from '../../src/tally/rollup.ts';
import { judge } from '../../src/verdicts/judge.ts';
import { DEFAULT_POLICY } from '../../src/verdicts/policy.ts';
import { CLI, environment, FIXED_SECRET } from '../run-cli.ts';
import { makeFleet } from './fleet-database.ts';
import { runProcess } from './process-run.ts';

const TODAY = 20_700;
const NOW = (TODAY + 0.5) * DAY_MS;
const OUTPUTS = ['csv', 'json'];
const RUNS = 3;
const ASKED = 200;

const [keys = '100000', ...others] = process.argv.slice(2);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-judging-'));
try {
  const db = path.join(folder, 'fleet.db');
  const canary = createFingerprinter(FIXED_SECRET).canary();
  const { callerDays } = makeFleet(db, canary, { keys: Number(keys), callers: 3, days: 730, today: TODAY });
  print(`${keys} keys, ${callerDays} days of use of their callers, ${Math.round(fs.statSync(db).size / 1e6)} MB`);
  print(`load before: ${os.loadavg()[0]?.toFixed(1)}`);
  for (const output of OUTPUTS) {
    for (let run = 0; run < RUNS; run++) {
      const digests = new Set([...others, CLI].map((cli) => report(cli, db, output)));
      if (digests.size > 1) throw new Error(`the programs do not say the same as ${output}`);
    }
  }
  askForOne(db, canary, Number(keys));
} finally {
  fs.rmSync(folder, { recursive: true });
}

/** Answers with the digest of what was written. */
function report(cli: string, db: string, output: string): string {
  const file = path.join(folder, `report.${output}`);
  const env = { LASTCALL_NOW: new Date(NOW).toISOString() };
  const argv = [process.execPath, cli, 'report', '--db', db, '-o', `${output}=${file}`];
  const { seconds, cpuSeconds, peakBytes } = runProcess({ argv, env: environment(env) as Record<string, string>, cwd: folder }); // prettier-ignore
  const figures = [`${seconds.toFixed(1)} s`, `${cpuSeconds?.toFixed(1)} s of CPU`, `${Math.round((peakBytes ?? 0) / 1e6)} MB`]; // prettier-ignore
  print(`${output}: ${figures.join(', ')}  ${cli === CLI ? '' : cli}`);
  return digestOf(file);
}

/** What `check` does when its process is up: another key each time, in a snapshot of its own. */
function askForOne(db: string, canary: string, count: number): void {
  const store = openForReading(db, canary);
  const options = { asOf: NOW, now: NOW, policy: DEFAULT_POLICY, stricter: [], sources: [], exemptions: [], successors: [], includeSessions: false, secret: FIXED_SECRET, secretFile: '' }; // prettier-ignore
  const took = Array.from({ length: ASKED }, (_, n) => {
    const startedAt = performance.now();
    withStock(store, options, [], ({ evidence, world }) => {
      const [found] = evidence.find(`key-${1 + ((n * 7919) % count)}`);
      if (found === undefined) throw new Error('no such key');
      judge(found, world);
    });
    return performance.now() - startedAt;
  });
  store.close();
  const sorted = took.toSorted((a, b) => a - b);
  const [first, median, worst] = [took[0], sorted[ASKED >> 1], sorted.at(-1)].map((ms) => `${ms?.toFixed(1)} ms`);
  print(`one key: ${first} at first, then ${median} (median of ${ASKED}), ${worst} at worst`);
}

function digestOf(file: string): string {
  const hash = createHash('sha256');
  const fd = fs.openSync(file, 'r');
  const chunk = Buffer.alloc(1 << 20);
  for (let length; (length = fs.readSync(fd, chunk)) > 0;) hash.update(chunk.subarray(0, length));
  fs.closeSync(fd);
  return hash.digest('hex');
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
