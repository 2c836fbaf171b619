import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openForReading } from '../../src/engines/sqlite/store.ts';
import { CLI, environment } from '../run-cli.ts';
import { pause } from './child.ts';
import { type Lab, newLab } from './harness.ts';
import { jsonLine, jsonLog } from './made-logs.ts';

describe('a log that is piped in while it is written', () => {
  it('is stored every few seconds, and when the run is told to stop', async () => {
    const lab = newLab();
    const child = startIngest(lab);
    for (let n = 0; n < 3; n++) child.stdin?.write(jsonLine(n));
    while (recordsOf(lab) === 0) await pause(200);
    expect(recordsOf(lab)).toBe(3);
    child.stdin?.write(jsonLine(3) + jsonLine(4).slice(0, 30));
    await pause(100);
    child.kill('SIGTERM');
    expect(await endOf(child)).toBe(143);
    expect(recordsOf(lab)).toBe(4);
    expect(lab.faults()).toMatchObject([{ reason: 'unread-input', detail: expect.stringContaining('interrupted') }]);
  }, 60_000);

  it('is read to its end when the writer stops for the same signal', async () => {
    const lab = newLab();
    const child = startIngest(lab);
    child.stdin?.write(jsonLog(0, 20));
    while (!fs.existsSync(lab.db)) await pause(50);
    await pause(500);
    const heard = said(child, 'stopping');
    child.kill('SIGINT');
    await heard;
    child.stdin?.end(jsonLog(20, 30));
    expect(await endOf(child)).toBe(130);
    expect(recordsOf(lab)).toBe(30);
    expect(lab.faults()).toEqual([]);
  }, 60_000);
});

function startIngest(lab: Lab): ChildProcess {
  return spawn(process.execPath, [CLI, 'ingest', '-', '--db', lab.db], {
    cwd: path.dirname(lab.db),
    env: environment(),
    stdio: ['pipe', 'ignore', 'pipe'],
  });
}

/** Resolves when standard error has said these words. */
function said(child: ChildProcess, words: string): Promise<void> {
  return new Promise((resolve) => {
    let text = '';
    child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      if (text.includes(words)) resolve();
    });
  });
}

function endOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.on('close', resolve));
}

function recordsOf(lab: Lab): number {
  try {
    const store = openForReading(lab.db, undefined);
    const row = store.db
      .prepare<[], { n: number | null }>('SELECT sum(records + pending_records) AS n FROM streams')
      .get();
    store.close();
    return row?.n ?? 0;
  } catch {
    return 0;
  }
}
