import Database from 'better-sqlite3';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { databaseId, openDatabase } from '../../../src/engines/sqlite/database.ts';
import { MIGRATIONS } from '../../../src/engines/sqlite/schema.ts';
import { openForReading } from '../../../src/engines/sqlite/store.ts';
import { LastcallError } from '../../../src/errors.ts';
import { addStreams, CANARY, newStore, tallyOf, temporaryDirectory, usageOf } from './made-store.ts';

const NEW = { mayCreate: true, canary: CANARY };

describe('a database that does not exist', () => {
  it('is made whole, for its owner alone, with an id of its own, and leaves no draft', () => {
    const dir = temporaryDirectory();
    const ids = ['a.db', 'b.db'].map((name) => {
      const db = openDatabase(path.join(dir, name), NEW);
      const id = databaseId(db);
      expect(db.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length);
      expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
      db.close();
      expect(fs.statSync(path.join(dir, name)).mode & 0o777).toBe(0o600);
      return id;
    });
    expect(new Set(ids).size).toBe(2);
    expect(fs.readdirSync(dir)).toEqual(['a.db', 'b.db']);
  });

  it('keeps its log and its shared memory from others, too', () => {
    const file = path.join(temporaryDirectory(), 'x.db');
    const db = openDatabase(file, NEW);
    const modes = [file, `${file}-wal`, `${file}-shm`].map((one) => fs.statSync(one).mode & 0o777);
    db.close();
    expect(modes).toEqual([0o600, 0o600, 0o600]);
  });

  it('is not made for a report', () => {
    const dir = temporaryDirectory();
    expect(refusal(path.join(dir, 'x.db'), { ...NEW, mayCreate: false }).code).toBe('database');
    expect(fs.readdirSync(dir)).toEqual([]);
  });

  it('is not made where there is no directory', () => {
    expect(refusal(path.join(temporaryDirectory(), 'no', 'x.db')).hint).toContain('directory does not exist');
  });
});

describe('a database that exists', () => {
  it('keeps its id and what is in it', () => {
    const file = made();
    const db = openDatabase(file, { mayCreate: false, canary: undefined });
    const id = databaseId(db);
    db.close();
    const again = openDatabase(file, NEW);
    expect(databaseId(again)).toBe(id);
    again.close();
  });

  it('is closed to others when it was open to them', () => {
    const file = made();
    fs.chmodSync(file, 0o644);
    openDatabase(file, NEW).close();
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  });

  it('refuses another secret, and is as it was', () => {
    const file = made();
    expect(refusal(file, { ...NEW, canary: 'another' }).code).toBe('secret');
    openDatabase(file, NEW).close();
  });

  // Known: opening takes the write lock to see whether a migration is due, and waits 5 seconds for it.
  it('is open for reading while another run is in the middle of a transaction', () => {
    const store = newStore();
    addStreams(store, [{ settled: tallyOf([usageOf()]) }]);
    store.ledger.begin();
    const reader = openForReading(store.file, undefined);
    expect(reader.id).toBe(store.id);
    reader.close();
  });
});

describe('a file that is no database of ours', () => {
  it.each<[string, (file: string) => void, string]>([
    ['is empty', (file) => fs.writeFileSync(file, ''), 'database'],
    ['is text', (file) => fs.writeFileSync(file, 'time,key\n'.repeat(1000)), 'storage'],
    ['is of another program', (file) => edit(file, 'CREATE TABLE things (a)'), 'database'],
    ['has a newer schema', (file) => void (build(file), edit(file, 'PRAGMA user_version = 99')), 'database'],
    ['is cut', (file) => void (build(file), fs.truncateSync(file, 5000)), 'storage'],
  ])('is refused and left alone when it %s', (_, prepare, code) => {
    const file = path.join(temporaryDirectory(), 'x.db');
    prepare(file);
    const before = fs.readFileSync(file);
    const error = refusal(file);
    expect([error.code, error.hint]).toEqual([code, expect.any(String)]);
    expect(error.message).toContain(file);
    expect(fs.readFileSync(file)).toEqual(before);
  });

  it('never opens as an empty one when bytes of it are damaged', () => {
    const file = made();
    const whole = fs.readFileSync(file);
    for (const at of [0, 20, 100, 2000, 4096, whole.length - 4096]) {
      fs.writeFileSync(file, whole);
      const fd = fs.openSync(file, 'r+');
      fs.writeSync(fd, Buffer.alloc(80, 0xa5), 0, 80, at);
      fs.closeSync(fd);
      let found: unknown;
      try {
        const store = openForReading(file, undefined);
        try {
          found = store.db.prepare('SELECT count(*) AS n FROM meta').get();
        } finally {
          store.close();
        }
      } catch (error) {
        found = (error as { code?: unknown }).code;
      }
      expect([at, found]).toEqual([at, expect.not.objectContaining({ n: 0 })]);
    }
  });
});

function refusal(file: string, options: Parameters<typeof openDatabase>[1] = NEW): LastcallError {
  try {
    openDatabase(file, options).close();
  } catch (error) {
    expect(error).toBeInstanceOf(LastcallError);
    return error as LastcallError;
  }
  throw new Error('it was opened');
}

function made(): string {
  const file = path.join(temporaryDirectory(), 'x.db');
  build(file);
  return file;
}

function build(file: string): void {
  openDatabase(file, NEW).close();
}

function edit(file: string, sql: string): void {
  const db = new Database(file);
  db.exec(sql);
  db.close();
}
