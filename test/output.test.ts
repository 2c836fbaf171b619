import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkDestinations, writeWhole } from '../src/output.ts';

let directory: string;

beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-output-'));
});

afterEach(() => fs.rmSync(directory, { recursive: true }));

describe('writing a file whole', () => {
  it('replaces the old file and leaves nothing else behind', async () => {
    const file = path.join(directory, 'report.json');
    fs.writeFileSync(file, 'old');
    await writeWhole(file, ['new ', 'text']);
    expect(fs.readFileSync(file, 'utf8')).toBe('new text');
    expect(fs.readdirSync(directory)).toEqual(['report.json']);
  });

  it('leaves the old file as it was when the report fails half-way', async () => {
    const file = path.join(directory, 'report.json');
    fs.writeFileSync(file, 'old');
    function* failing(): Iterable<string> {
      yield 'half';
      throw new Error('a bug');
    }
    await expect(writeWhole(file, failing())).rejects.toThrow('a bug');
    expect(fs.readFileSync(file, 'utf8')).toBe('old');
    expect(fs.readdirSync(directory)).toEqual(['report.json']);
  });

  it('pauses every megabyte, and leaves the old file when it is told to stop there', async () => {
    const file = path.join(directory, 'report.json');
    fs.writeFileSync(file, 'old');
    let pauses = 0;
    const pause = async (): Promise<void> => {
      if (++pauses === 2) throw new Error('stop here');
    };
    await expect(writeWhole(file, Array(40).fill('x'.repeat(100_000)), pause)).rejects.toThrow('stop here');
    expect(pauses).toBe(2);
    expect(fs.readFileSync(file, 'utf8')).toBe('old');
    expect(fs.readdirSync(directory)).toEqual(['report.json']);
  });

  it('replaces a symbolic link and does not write through it', async () => {
    const target = path.join(directory, 'precious');
    const file = path.join(directory, 'report.json');
    fs.writeFileSync(target, 'precious');
    fs.symlinkSync(target, file);
    await writeWhole(file, ['report']);
    expect(fs.readFileSync(target, 'utf8')).toBe('precious');
    expect(fs.lstatSync(file).isSymbolicLink()).toBe(false);
  });

  it.skipIf(!fs.existsSync('/dev/full'))('says so of a device, too', async () => {
    const full = { code: 'storage', message: 'Cannot write "/dev/full" (ENOSPC)' };
    await expect(writeWhole('/dev/full', ['x'])).rejects.toMatchObject(full);
  });

  it('leaves what goes wrong in the database as it is', async () => {
    function* failing(): Iterable<string> {
      yield 'half';
      throw Object.assign(new Error('damaged'), { code: 'SQLITE_CORRUPT' });
    }
    await expect(writeWhole(path.join(directory, 'x'), failing())).rejects.toThrow('damaged');
  });

  it('says which file could not be written, and why', async () => {
    await expect(writeWhole(path.join(directory, 'no', 'report.json'), ['x'])).rejects.toThrow(
      /Cannot write ".*report.json" \(ENOENT\)/,
    );
  });
});

describe('the destinations of outputs', () => {
  it('may not be what the run needs, under whatever name', () => {
    const db = path.join(directory, 'lastcall.db');
    const link = path.join(directory, 'link.json');
    fs.writeFileSync(db, 'db');
    fs.symlinkSync(db, link);
    expect(() => checkDestinations([db], [db])).toThrow(/would replace/);
    expect(() => checkDestinations([link], [db])).toThrow(/would replace/);
    expect(() => checkDestinations([path.join(directory, 'report.json')], [db])).not.toThrow();
  });

  it('need a directory to stand in', () => {
    expect(() => checkDestinations([path.join(directory, 'no', 'report.json')], [])).toThrow(/no directory/);
  });
});
