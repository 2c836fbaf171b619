import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { openForWriting, type WritableStore } from '../../../src/engines/sqlite/store.ts';
import type { KeyRef, Usage } from '../../../src/model.ts';
import { addUsage, newTally, type Tally } from '../../../src/tally/rollup.ts';

export const CANARY = 'c0ffee';
export const AT: number = Date.UTC(2026, 8, 1, 12);
export const DAY: number = Math.floor(AT / 86_400_000);

/** A directory that is removed when the test ends. */
export function temporaryDirectory(): string {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-sqlite-'));
  onTestFinished(() => fs.rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A new database, closed when the test ends. */
export function newStore(): WritableStore {
  const store = openForWriting(path.join(temporaryDirectory(), 'x.db'), CANARY);
  onTestFinished(() => store.close());
  return store;
}

/** Adds tallies to new streams, each in a transaction of its own. Returns the ids of the streams. */
export function addStreams(store: WritableStore, tallies: readonly { settled?: Tally; tail?: Tally }[]): number[] {
  return tallies.map(({ settled = newTally(), tail = newTally() }) => {
    store.ledger.begin();
    const id = store.ledger.addStream(identity(), 1);
    store.ledger.addTally(id, settled, tail);
    store.ledger.commit();
    return id;
  });
}

let streams = 0;

export function identity(
  overrides: Partial<Parameters<WritableStore['ledger']['addStream']>[0]> = {},
): Parameters<WritableStore['ledger']['addStream']>[0] {
  const hash = Buffer.from(`head ${streams++}`);
  return {
    source: 'gateway',
    format: 'json',
    headLength: 4,
    headHash: hash,
    heads: [{ length: 256, hash }],
    position: 0,
    resumeAt: undefined,
    header: undefined,
    readLength: 0,
    crc: 0,
    tailHash: hash,
    path: '/logs/a.log',
    device: '1',
    inode: '2',
    size: 0,
    modifiedNs: '0',
    changedNs: '0',
    ...overrides,
  };
}

export function tallyOf(usages: readonly Usage[]): Tally {
  const tally = newTally();
  for (const usage of usages) addUsage(tally, usage, 10);
  return tally;
}

export function usageOf(overrides: Partial<Usage> & { key?: string; caller?: string } = {}): Usage {
  const { key = 'k_one', caller = 'curl', ...rest } = overrides;
  return {
    at: AT,
    source: 'gateway',
    keys: [keyRef(key)],
    system: { name: caller, attribution: 'derived' },
    outcome: 'accepted',
    eventId: undefined,
    issuer: undefined,
    ip: undefined,
    userAgent: undefined,
    status: undefined,
    method: undefined,
    action: undefined,
    identity: {},
    ...rest,
  };
}

export function keyRef(key: string, kind: KeyRef['kind'] = 'secret'): KeyRef {
  return { key, display: `...${key.slice(-4)}`, kind };
}
