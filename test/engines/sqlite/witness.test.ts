import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { WritableStore } from '../../../src/engines/sqlite/store.ts';
import {
  findLost,
  isReadAgain,
  readWitness,
  type Witness,
  witnessed,
  writeWitness,
} from '../../../src/engines/sqlite/witness.ts';
import { addStreams, AT, newStore, tallyOf, temporaryDirectory, usageOf } from './made-store.ts';

const DAY_MS = 86_400_000;
const NONE: Witness = { runs: [], lost: [] };

describe('a witness', () => {
  it('remembers the newest runs one by one, older ones by day, and neither without end', () => {
    const store = newStore();
    let witness = NONE;
    for (let run = 0; run < 100; run++) witness = afterRun(store, witness, AT + run * (DAY_MS / 4));
    expect(witness.runs.length).toBeLessThan(32 + 100 / 4 + 2);
    expect(witness.runs.map(({ scan }) => scan)).toEqual(
      witness.runs.map(({ scan }) => scan).toSorted((a, b) => a - b),
    );
    expect(witness.runs.filter(({ logs }) => logs !== null)).toHaveLength(32);
    // What was read is not forgotten with the runs.
    expect(witness.runs.every(({ fromAt, toAt }) => fromAt !== null && toAt !== null)).toBe(true);
    expect(witness.runs[0]?.fromAt).toBe(AT);
  });

  it('misses the runs after the last one that the database has, by their number and time', () => {
    const store = newStore();
    let witness = NONE;
    for (let run = 0; run < 4; run++) witness = afterRun(store, witness, AT + run * DAY_MS);
    expect(findLost(store.db, witness)).toBeUndefined();
    store.db.exec('DELETE FROM scans WHERE id > 2');
    expect(findLost(store.db, witness)).toMatchObject({
      name: 'runs 3 to 4',
      fromAt: AT + 2 * DAY_MS,
      toAt: AT + 3 * DAY_MS,
    });
    // A run after the older copy was put back has a number that was given before.
    store.ledger.startScan(AT + 9 * DAY_MS, 1, 'test');
    expect(findLost(store.db, witness)).toMatchObject({ name: 'runs 3 to 4' });
  });

  it('takes a log as read again only as far as it was read, by its content', () => {
    const store = newStore();
    const { logs } = afterRun(store, NONE, AT, 500).runs[0]!;
    const lost = { name: 'run 1', fromAt: AT, toAt: AT, logs };
    const set = (sql: string): boolean => {
      store.db.exec(`UPDATE streams SET ${sql}`);
      return isReadAgain(store.db, lost);
    };
    expect(set('read_length = 500')).toBe(true);
    expect(set('read_length = 499')).toBe(false);
    expect(set('read_length = 500, crc = crc + 1')).toBe(false);
    expect(set('read_length = 501')).toBe(true);
    expect(set("head_hash = x'00'")).toBe(false);
    expect(isReadAgain(store.db, { ...lost, logs: null })).toBe(false);
  });

  it('cannot prove a run that found faults, nor one after another that did not end', () => {
    const store = newStore();
    const first = afterRun(store, NONE, AT);
    const scan = store.ledger.startScan(AT + DAY_MS, 1, 'test');
    const place = { path: '/logs/b.log', stream: 0, source: undefined, file: '' };
    store.ledger.addFault(place, { reason: 'unread-input', detail: '', fromAt: undefined, toAt: undefined }, scan);
    const second = {
      ...NONE,
      runs: witnessed(store.db, first, { scan, startedAt: AT + DAY_MS, read: store.ledger.readSince }),
    };
    expect(second.runs[1]).toMatchObject({ logs: null, fromAt: 0, toAt: AT + DAY_MS });
    store.db.exec('DELETE FROM faults');
    store.ledger.startScan(AT + 2 * DAY_MS, 1, 'test');
    expect(afterRun(store, second, AT + 3 * DAY_MS).runs[2]?.logs).toBeNull();
  });

  it('that is damaged, or cannot be written, is none', () => {
    const dir = temporaryDirectory();
    const file = path.join(dir, 'runs/x.json');
    expect(readWitness(file)).toEqual(NONE);
    writeWitness(file, { runs: [], lost: [{ name: 'run 1', fromAt: 1, toAt: 2, logs: null }] });
    expect(readWitness(file).lost).toHaveLength(1);
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    fs.writeFileSync(file, '{"runs":[');
    expect(readWitness(file)).toEqual(NONE);
    fs.writeFileSync(path.join(dir, 'no-folder'), '');
    expect(() => writeWitness(path.join(dir, 'no-folder/x.json'), NONE)).not.toThrow();
  });
});

/** A run that reads one log with one record. */
function afterRun(store: WritableStore, before: Witness, at: number, length = 0): Witness {
  const scan = store.ledger.startScan(at, 1, 'test');
  addStreams(store, [{ settled: tallyOf([usageOf({ at })]) }]);
  if (length > 0) store.db.exec(`UPDATE streams SET read_length = ${length}`);
  return {
    runs: witnessed(store.db, before, { scan, startedAt: at, read: store.ledger.readSince }),
    lost: before.lost,
  };
}
