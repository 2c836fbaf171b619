import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { appendHandoff } from '../../src/engines/sqlite/handoff-ledger.ts';
import type { WritableStore } from '../../src/engines/sqlite/store.ts';
import { createSealer } from '../../src/handoff/seal.ts';
import type { Report } from '../../src/model.ts';
import { leaveOutShrunk } from '../../src/actions/shrunk.ts';
import { entryOf, list } from '../engines/sqlite/made-inventory.ts';
import { newStore } from '../engines/sqlite/made-store.ts';
import { FIXED_SECRET, type Run, runCli } from '../run-cli.ts';

const IDS = ['k1', 'k2', 'k3', 'k4', 'k5', 'k6', 'k7', 'k8'];

describe('an inventory that lists far fewer keys than before', () => {
  let folder: string;

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-shrunk-'));
    onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
  });

  it('leaves in force what it listed, night by night, until somebody accepts it', () => {
    fs.writeFileSync(path.join(folder, 'app.log'), '{"time":"2026-01-31T12:00:00Z","keyId":"k5","status":200}\n');
    write(IDS);
    expect(scan()).toEqual({ status: 0, warned: false, listed: 8 });
    write(IDS.slice(0, 3));
    expect(scan()).toEqual({ status: 3, warned: true, listed: 8 });
    expect(scan()).toEqual({ status: 3, warned: true, listed: 8 });
    expect(run('report', '--keys', 'keys.csv').stderr).toContain('it may be cut off');
    expect(run('keys', 'import', 'keys.csv').status).toBe(3);
    // Whoever asks afterwards is told too.
    fs.writeFileSync(path.join(folder, 'lastcall.yaml'), 'inventories: [{ path: keys.csv }]\n');
    const doctor = run('doctor');
    expect([doctor.status, doctor.stdout]).toEqual([
      3,
      expect.stringContaining('this inventory lists 3 keys, and 8 on'),
    ]);
    expect(JSON.parse(run('status', '-o', 'json').stdout)).toMatchObject({
      listsNotTaken: ['keys.csv'],
      next: expect.arrayContaining(['lastcall doctor']),
    });
    expect(run('status').stdout).toContain('keys.csv is not the list of keys that is in force');
    fs.rmSync(path.join(folder, 'lastcall.yaml'));
    expect(scan('--accept')).toEqual({ status: 0, warned: false, listed: 3 });
    expect(scan()).toEqual({ status: 0, warned: false, listed: 3 });
  });

  function write(ids: readonly string[]): void {
    fs.writeFileSync(path.join(folder, 'keys.csv'), ['id', ...ids, ''].join('\n'));
  }

  function run(...args: readonly string[]): Run {
    return runCli(args, { cwd: folder });
  }

  function scan(...args: readonly string[]): object {
    const { status, stderr, stdout } = run('scan', 'app.log', '--keys', 'keys.csv', '-o', 'json', ...args);
    const { keys } = JSON.parse(stdout) as Report;
    const listed = [...keys].filter((key) => key.status !== 'unlisted').length;
    return { status, warned: /keys\.csv: this inventory lists 3 keys, and 8 on \d{4}-/.test(stderr), listed };
  }
});

describe('what counts as far fewer', () => {
  it.each([
    { before: 8, now: 8, isTaken: true },
    { before: 8, now: 6, isTaken: true },
    { before: 8, now: 5, isTaken: false },
    { before: 2, now: 1, isTaken: true },
    { before: 3, now: 1, isTaken: true },
    { before: 4, now: 1, isTaken: false },
    { before: 8, now: 20, isTaken: true },
  ])('of $before keys $now are left: taken? $isTaken', ({ before, now, isTaken }) => {
    const store = newStore();
    listAll(store, IDS.slice(0, before));
    expect(isTakenFrom(store, now)).toBe(isTaken);
  });

  it('is no question of a file that was never read', () => {
    expect(isTakenFrom(newStore(), 1)).toBe(true);
  });

  it('is no question of the same file, read in another way', () => {
    const store = newStore();
    listAll(store, IDS);
    expect(isTakenFrom(store, 1, '00')).toBe(true);
  });

  it('leaves aside keys that were listed as deleted', () => {
    const store = newStore();
    const entries = IDS.map((id) => entryOf(id, { status: id > 'k5' ? 'deleted' : 'active' }));
    list(store, 'keys.csv', entries);
    expect([isTakenFrom(store, 3), isTakenFrom(store, 2)]).toEqual([true, false]);
  });

  it('leaves aside keys that a hand-off has deleted', () => {
    const store = newStore();
    listAll(store, IDS);
    for (const key of ['k6', 'k7', 'k8']) deleteKey(store, key);
    expect([isTakenFrom(store, 3), isTakenFrom(store, 2)]).toEqual([true, false]);
  });
});

function listAll(store: WritableStore, ids: readonly string[]): void {
  list(
    store,
    'keys.csv',
    ids.map((id) => entryOf(id)),
  );
}

function isTakenFrom(store: WritableStore, count: number, sha256 = '11'): boolean {
  const entries = Array.from({ length: count }, (_, index) => entryOf(`k${index + 1}`));
  const inventory = { file: 'keys.csv', sha256, format: 'csv', partial: undefined, entries };
  const { taken, problems } = leaveOutShrunk(store, [inventory], { accept: false });
  expect(taken.length + problems.length).toBe(1);
  expect(leaveOutShrunk(store, [inventory], { accept: true }).taken).toEqual([inventory]);
  return taken.length === 1;
}

function deleteKey(store: WritableStore, key: string): void {
  const { chain } = createSealer(FIXED_SECRET);
  const line = { at: 2, plan: 'p', nonce: key, key } as const;
  const body = { step: 'delete', entry: entryOf(key), shownAs: [], command: ['x'], confirmedBy: 'yes' } as const;
  appendHandoff(store.db, { ...line, kind: 'intent', body }, chain);
  appendHandoff(store.db, { ...line, nonce: null, kind: 'outcome', body: { result: 'done', detail: '' } }, chain);
}
