import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DayNumber, KeyReport, Report } from '../../src/model.ts';
import { DAY_MS, isoInstant } from '../../src/verdicts/calendar.ts';
import { runCli } from '../run-cli.ts';
import type { Fleet } from './fleet.ts';
import { writeFleet } from './write.ts';

/** What the real program reports on a fleet at the start of a day: from logs, in a process of its own. */
export function scanFleet(fleet: Fleet, today: DayNumber): readonly KeyReport[] {
  const directory = mkdtempSync(join(tmpdir(), 'lastcall-fleet-'));
  try {
    writeFleet(fleet, today, directory);
    const now = isoInstant(today * DAY_MS);
    const args = ['scan', '--quiet', '--db', 'fleet.db', '--as-of', now, '-o', 'json=report.json'];
    const { status, stderr } = runCli(args, { cwd: directory, env: { LASTCALL_NOW: now } });
    if (status !== 0) throw new Error(`lastcall ended with ${status}: ${stderr}`);
    return [...(JSON.parse(readFileSync(join(directory, 'report.json'), 'utf8')) as Report).keys];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
