import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';

const MODULE = new URL('../src/code-cache.ts', import.meta.url).href;
const ME = process.geteuid?.() ?? 0;

let home: string;
beforeEach(() => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-home-'));
  fs.mkdirSync(path.join(home, '.cache'), { mode: 0o700 });
});

/** Where the compiled program is kept, asked in a process of its own. */
function keptIn(environment: Record<string, string> = {}, userId: number | undefined = ME): string {
  const program = `
    import { getCompileCacheDir } from 'node:module';
    import { keepCompiledCode } from ${JSON.stringify(MODULE)};
    keepCompiledCode(${JSON.stringify(environment)}, ${JSON.stringify(home)}, ${userId});
    console.log(getCompileCacheDir() ?? 'nowhere');`;
  const { NODE_COMPILE_CACHE: _, ...env } = process.env;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
    env,
  });
  expect(stderr).toBe('');
  return stdout.trim();
}

describe('the compiled program', () => {
  it('is kept in the cache folder of the user', () => {
    expect(keptIn()).toContain(path.join(home, '.cache/lastcall'));
    expect(fs.statSync(path.join(home, '.cache/lastcall')).mode & 0o777).toBe(0o700);
  });

  it('is kept in a folder that is made, too', () => {
    fs.rmdirSync(path.join(home, '.cache'));
    expect(keptIn()).toContain(path.join(home, '.cache/lastcall'));
    expect(fs.statSync(path.join(home, '.cache')).mode & 0o777).toBe(0o700);
  });

  it('makes nothing in the home of another user', () => {
    expect(keptIn({}, ME + 1)).toBe('nowhere');
    expect(fs.readdirSync(path.join(home, '.cache'))).toEqual([]);
  });

  it('is kept where XDG_CACHE_HOME says, if that is a whole path', () => {
    const elsewhere = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-caches-'));
    fs.mkdirSync(path.join(elsewhere, 'caches'), { mode: 0o700 });
    expect(keptIn({ XDG_CACHE_HOME: path.join(elsewhere, 'caches') })).toContain(elsewhere);
    expect(keptIn({ XDG_CACHE_HOME: 'caches' })).toBe('nowhere');
  });

  it('is not kept where somebody else could write to it', () => {
    fs.chmodSync(path.join(home, '.cache'), 0o770);
    expect(keptIn()).toBe('nowhere');
    fs.chmodSync(path.join(home, '.cache'), 0o700);
    fs.mkdirSync(path.join(home, '.cache/lastcall'));
    fs.chmodSync(path.join(home, '.cache/lastcall'), 0o777);
    expect(keptIn()).toBe('nowhere');
  });

  it('is not kept in a folder of another user, behind a link, or where a file has the name', () => {
    expect(keptIn({}, ME + 1)).toBe('nowhere');
    const target = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-target-'));
    fs.symlinkSync(target, path.join(home, '.cache/lastcall'));
    expect(keptIn()).toBe('nowhere');
    fs.rmSync(path.join(home, '.cache/lastcall'));
    fs.writeFileSync(path.join(home, '.cache/lastcall'), '');
    expect(keptIn()).toBe('nowhere');
  });

  it('is not kept without a home, and the program runs', () => {
    fs.rmSync(home, { recursive: true });
    expect(keptIn()).toBe('nowhere');
  });

  it('stays where NODE_COMPILE_CACHE has it', () => {
    expect(keptIn({ NODE_COMPILE_CACHE: '/elsewhere' })).toBe('nowhere');
  });
});
