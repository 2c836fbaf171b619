import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockRuns } from '../../../src/engines/sqlite/lock.ts';
import { openForReading, openForWriting } from '../../../src/engines/sqlite/store.ts';
import { CANARY, newStore, temporaryDirectory } from './made-store.ts';

const LOCKED = expect.objectContaining({ code: 'locked' }) as unknown as Error;

describe('the lock of a run', () => {
  it('keeps a second run out until it is released', () => {
    const file = path.join(temporaryDirectory(), 'x.db');
    const lock = lockRuns(file);
    expect(() => lockRuns(file)).toThrow(LOCKED);
    lock.release();
    lockRuns(file).release();
    expect(fs.statSync(`${file}.lock`).mode & 0o777).toBe(0o600);
  });

  it('is held by a store for writing and not by one for reading', () => {
    const store = newStore();
    openForReading(store.file, undefined).close();
    expect(() => openForWriting(store.file, CANARY)).toThrow(LOCKED);
  });

  it('is given back when the database is refused', () => {
    const file = path.join(temporaryDirectory(), 'x.db');
    openForWriting(file, CANARY).close();
    expect(() => openForWriting(file, 'another')).toThrow('secret');
    openForWriting(file, CANARY).close();
  });

  it('is given back, and the database named, when it fails as reading begins', () => {
    const store = newStore();
    store.db.exec('ALTER TABLE event_ids RENAME TO elsewhere');
    store.close();
    const failure = expect.objectContaining({ code: 'storage', message: expect.stringContaining(store.file) }) as Error;
    expect(() => openForWriting(store.file, CANARY)).toThrow(failure);
    lockRuns(store.file).release();
  });

  it('is no leftover that counts', () => {
    const file = path.join(temporaryDirectory(), 'x.db');
    fs.writeFileSync(`${file}.lock`, '');
    expect(() => lockRuns(file).release()).not.toThrow();
  });

  it('is not made through a symbolic link', () => {
    const file = path.join(temporaryDirectory(), 'x.db');
    fs.symlinkSync('elsewhere', `${file}.lock`);
    expect(() => lockRuns(file)).toThrow(expect.objectContaining({ code: 'storage' }) as unknown as Error);
  });

  // Known: the lock stands beside the name and not beside the file.
  it('holds for every name of the database', () => {
    const store = newStore();
    const name = path.join(temporaryDirectory(), 'link.db');
    fs.symlinkSync(store.file, name);
    expect(() => lockRuns(name)).toThrow(LOCKED);
  });
});
