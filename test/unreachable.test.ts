import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refusedByFiles } from '../src/errors.ts';
import { runCli } from './run-cli.ts';

let folder: string;

/** Nobody can follow it, whoever runs the tests: root may enter any directory. */
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-unreachable-'));
  fs.symlinkSync('loop', path.join(folder, 'loop'));
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

describe('a path that the file system refuses', () => {
  it.each([
    ['scan', 'loop/access.log'],
    ['parse', 'loop/access.log'],
    ['formats', 'detect', 'loop/access.log'],
    ['init', 'loop/access.log'],
  ])('is named, with a hint and no stack: %s %s %s', (...args) => {
    const { status, stderr } = runCli(args, { cwd: folder });
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr:
        'lastcall: "loop/access.log" cannot be reached (ELOOP)\n' +
        '  May this user enter its directory, and read or write there?\n',
    });
  });

  it('leaves other errors, and files that are missing, to who knows what they mean', () => {
    const missing = Object.assign(new Error('gone'), { code: 'ENOENT', path: 'x', syscall: 'open' });
    expect([new Error('a bug'), missing, undefined].map(refusedByFiles)).toEqual([undefined, undefined, undefined]);
  });
});
