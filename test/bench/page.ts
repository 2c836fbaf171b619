/** `npm run bench:page [keys]`: how large the HTML report of a made fleet is, and how long a browser takes to show it. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createFingerprinter } from '../../src/attribution/fingerprint.ts';
import { DAY_MS } from '../../src/tally/rollup.ts';
import { openBrowser } from '../reporters/page/browser.ts';
import { FIXED_SECRET, runCli } from '../run-cli.ts';
import { makeFleet } from './fleet-database.ts';

const KEYS = Number(process.argv[2] ?? 10_000);
const RUNS = 5;
const TODAY = 20_700;

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-page-'));
try {
  const db = path.join(folder, 'fleet.db');
  const file = process.argv[3] ?? path.join(folder, 'fleet.html');
  const { callerDays } = makeFleet(db, createFingerprinter(FIXED_SECRET).canary(), {
    keys: KEYS,
    callers: 3,
    days: 730,
    today: TODAY,
  });
  const startedAt = performance.now();
  const now = new Date(TODAY * DAY_MS).toISOString();
  const { status, stderr } = runCli(['report', '--db', db, '-o', `html=${file}`], {
    cwd: folder,
    env: { LASTCALL_NOW: now },
  });
  if (status !== 0) throw new Error(stderr);
  const seconds = (performance.now() - startedAt) / 1000;
  const { size } = fs.statSync(file);
  print(`${KEYS} keys, ${callerDays} days of use of their callers in two years of logs`);
  print(`file: ${(size / 1e6).toFixed(1)} MB, written in ${seconds.toFixed(1)} s`);
  await measure(file);
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}

async function measure(file: string): Promise<void> {
  const browser = await openBrowser();
  const times = { seen: [] as number[], opened: [] as number[], searched: [] as number[], sorted: [] as number[] };
  const heaps: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const page = await browser.newPage();
    await page.goto(pathToFileURL(file).href);
    await page.locator('body.ready').waitFor();
    times.seen.push(await page.evaluate<number>("performance.getEntriesByType('paint')[0]?.startTime ?? 0"));
    times.opened.push(
      await page.evaluate<number>('performance.timing.domComplete - performance.timing.navigationStart'),
    );
    heaps.push(await page.evaluate<number>('performance.memory.usedJSHeapSize'));
    times.searched.push(await changed(page, 'q', 'service-77'));
    times.sorted.push(await changed(page, 'sort', 'oldest'));
    await page.close();
  }
  await browser.close();
  print(`memory: ${(Math.max(...heaps) / 1e6).toFixed(0)} MB of objects of its script, once the list is shown`);
  for (const [name, values] of Object.entries(times)) {
    print(`${name}: ${values.toSorted((a, b) => a - b)[Math.floor(RUNS / 2)]?.toFixed(0)} ms (median of ${RUNS})`);
  }
}

type Page = Awaited<ReturnType<Awaited<ReturnType<typeof openBrowser>>['newPage']>>;

/** From a change of the form until the list is laid out anew. */
function changed(page: Page, field: string, value: string): Promise<number> {
  return page.evaluate(
    `(() => {
      const field = document.querySelector('[name=${field}]');
      field.value = '${value}';
      const at = performance.now();
      field.dispatchEvent(new Event('input', { bubbles: true }));
      document.querySelector('#list').getBoundingClientRect();
      return performance.now() - at;
    })()`,
  );
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
