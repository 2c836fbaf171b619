import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { LastcallError } from '../../src/errors.ts';
import { expandInputs } from '../../src/sources/inputs.ts';
import { newLab, type Lab } from '../ingest/harness.ts';

function labWith(...names: readonly string[]): Lab {
  const lab = newLab();
  for (const name of names) lab.write(name, 'x');
  return lab;
}

/** What the logs given stand for, as names in the lab. */
async function expanded(lab: Lab, ...given: readonly string[]): Promise<string[]> {
  const files = await expandInputs(given.map((one) => (one === '-' ? one : path.join(lab.dir, 'logs', one))));
  return files.map((file) => (file === '-' ? file : path.relative(path.join(lab.dir, 'logs'), file)));
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
  it('stands for the files below it, without dot files and files of our own', async () => {
    const own = [
      'x.db',
      'x.db-wal',
      'x.db-shm',
      'x.db.lock',
      `x.db.${'0'.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}.new`,
    ];
    const lab = labWith('a.log', 'sub/.hidden', '.git/config', 'sub/deep/b', ...own, 'x.db.log', 'sub/x.db.gz');
    expect(await expanded(lab, '')).toEqual(['a.log', 'sub/deep/b', 'sub/x.db.gz', 'x.db.log']);
  });

  it('is followed through symbolic links, but not in circles', async () => {
    const lab = labWith('a/1.log');
    fs.symlinkSync('..', lab.path('a/up'));
    fs.symlinkSync('a', lab.path('b'));
    fs.symlinkSync('a/1.log', lab.path('current'));
    const files = await expanded(lab, '');
    expect(files.map((file) => path.basename(file)).toSorted()).toEqual(['1.log', 'current']);
  });

  it('is read without what is no file', async () => {
    const lab = labWith('a.log');
    execFileSync('mkfifo', [lab.path('pipe')]);
    fs.symlinkSync('nowhere', lab.path('dangling'));
    expect(await expanded(lab, '')).toEqual(['a.log']);
  });

  // Known: a link to itself ends the run with a stack trace.
  it('is read although a link in it leads to itself', async () => {
    const lab = labWith('a.log');
    fs.symlinkSync('self', lab.path('self'));
    expect(await expanded(lab, '')).toEqual(['a.log']);
  });
});

it('a pattern leaves out files of our own', async () => {
  expect(await expanded(labWith('a.log', 'x.db', 'x.db-wal', 'x.db.lock'), '*')).toEqual(['a.log']);
});
