import Database from 'better-sqlite3';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { LastcallError } from '../../src/errors.ts';
import { openForWriting } from '../../src/engines/sqlite/store.ts';
import { expandInputs, mayHideCalls } from '../../src/sources/inputs.ts';
import { newLab, type Lab } from '../ingest/harness.ts';

function labWith(...names: readonly string[]): Lab {
  const lab = newLab();
  for (const name of names) lab.write(name, 'x');
  return lab;
}

/** What the logs given stand for, as names in the lab. */
async function expanded(lab: Lab, ...given: readonly string[]): Promise<string[]> {
  const { files } = await expandInputs(given.map((one) => (one === '-' ? one : path.join(lab.dir, 'logs', one))));
  return files.map((file) => (file === '-' ? file : path.relative(path.join(lab.dir, 'logs'), file)));
}

/** Permissions mean nothing to root. */
async function withoutPrivileges<T>(act: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return act();
  process.seteuid?.(65534);
  return act().finally(() => process.seteuid?.(0));
}

describe('logs that are given', () => {
  it('are sorted, and each is read once however it is named', async () => {
    const lab = labWith('b.log', 'a/2.log', 'a/10.log');
    expect(await expanded(lab, 'b.log', 'a', './a/../a/2.log', 'a/*.log', '.')).toEqual([
      'a/10.log',
      'a/2.log',
      'b.log',
    ]);
  });

  it('may be standard input, once', async () => {
    expect(await expanded(labWith('b.log'), '-', 'b.log', '-')).toEqual(['-', 'b.log']);
  });

  it.each([
    ['*.log', ['a.log', 'b.log']],
    ['**/*.log', ['a.log', 'b.log', 'sub/c.log']],
    ['{a,sub/c}.log', ['a.log', 'sub/c.log']],
    ['[ab].log', ['a.log', 'b.log']],
    ['sub/*', ['sub/c.log']],
    ['*', ['a.log', 'b.log']],
  ])('may be a pattern: %s', async (pattern, files) => {
    expect(await expanded(labWith('a.log', 'b.log', 'sub/c.log', '.d.log'), pattern)).toEqual(files);
  });

  it('are taken at their word when a file is called like a pattern', async () => {
    expect(await expanded(labWith('a[1].log', 'a1.log'), 'a[1].log')).toEqual(['a[1].log']);
  });

  it.each(['missing.log', 'none/*.log', 'empty'])('that are not there are an error with a hint: %s', async (given) => {
    const lab = labWith('a.log');
    fs.mkdirSync(path.join(lab.dir, 'logs', 'empty'));
    const error: unknown = await expanded(lab, given).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(LastcallError);
    expect(error).toMatchObject({ code: 'input', hint: expect.any(String), message: expect.stringContaining(given) });
  });
});

describe('a directory', () => {
  it('stands for the files below it, whatever they are called', async () => {
    const lab = labWith('a.log', 'sub/deep/b', 'x.db', 'x.db-wal', 'x.db.log');
    expect(await expanded(lab, '')).toEqual(['a.log', 'sub/deep/b', 'x.db', 'x.db-wal', 'x.db.log']);
  });

  it('is followed through symbolic links, but not in circles', async () => {
    const lab = labWith('a/1.log');
    fs.symlinkSync('..', lab.path('a/up'));
    fs.symlinkSync('a', lab.path('b'));
    fs.symlinkSync('a/1.log', lab.path('current'));
    const files = await expanded(lab, '');
    expect(files.map((file) => path.basename(file)).toSorted()).toEqual(['1.log', 'current']);
  });

  // Known: a link to itself ends the run with a stack trace.
  it.each(['', '*'])('and a pattern tell what is no log and what cannot be followed: "%s"', async (given) => {
    const lab = labWith('a.log', '.hidden');
    lab.write('.empty', '');
    execFileSync('mkfifo', [lab.path('pipe')]);
    fs.symlinkSync('nowhere', lab.path('dangling'));
    fs.symlinkSync('self', lab.path('self'));
    const { files, leftOut } = await expandInputs([path.join(lab.dir, 'logs', given)]);
    expect(files).toEqual([lab.path('a.log')]);
    expect(leftOut.map((one) => [path.basename(one.path), one.why, mayHideCalls(one)])).toEqual([
      ['.hidden', 'dot-file', false],
      ['dangling', 'broken-link', true],
      ['pipe', 'not-a-file', false],
      ['self', 'broken-link', true],
    ]);
  });

  it.each(['', '**/*.log'])('that cannot be listed is told: "%s"', async (given) => {
    const lab = labWith('a.log', 'closed/b.log');
    fs.chmodSync(lab.path('closed'), 0);
    fs.chmodSync(lab.dir, 0o755);
    const { files, leftOut } = await withoutPrivileges(() => expandInputs([path.join(lab.dir, 'logs', given)]));
    fs.chmodSync(lab.path('closed'), 0o700);
    expect(files).toEqual([lab.path('a.log')]);
    expect(leftOut).toMatchObject([{ why: 'unreadable-directory' }]);
  });
});

describe('files of our own', () => {
  it.each(['', '*'])('are no logs, whatever they are called: "%s"', async (given) => {
    const lab = labWith('a.log', 'lastcall.yaml', 'keys.csv');
    for (const name of ['mine', 'old.log', 'x.db']) openForWriting(lab.path(name), 'canary').close();
    for (const end of ['-wal', '-shm', '.lock']) lab.write(`old.log${end}`, 'x');
    lab.write(`mine.${'0'.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}.new`, 'half a database');
    const own = ['mine', 'mine-wal', 'lastcall.yaml', 'keys.csv', 'report.json'].map((name) => lab.path(name));
    const { files, leftOut } = await expandInputs([path.join(lab.dir, 'logs', given)], own);
    expect([files, leftOut]).toEqual([[lab.path('a.log')], []]);
  });

  it('are read when they are named as logs', async () => {
    const lab = labWith('keys.csv');
    expect((await expandInputs([lab.path('keys.csv')], [lab.path('keys.csv')])).files).toEqual([lab.path('keys.csv')]);
  });

  it('do not hide databases of others, which may be anything', async () => {
    const lab = newLab();
    new Database(lab.path('theirs.db')).exec('CREATE TABLE t (a)').close();
    expect(await expanded(lab, '')).toEqual(['theirs.db']);
  });
});
