import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from './house/source-files.ts';

const MODULE = path.join(ROOT, 'src/compiled-cache.ts');

let home: string;

beforeEach(() => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-cache-'));
});
afterEach(() => {
  fs.chmodSync(home, 0o700);
  fs.rmSync(home, { recursive: true, force: true });
});

describe('what Node.js has compiled', () => {
  it('is kept in the cache folder of the user, which is made for nobody else', () => {
    expect(used({ HOME: home })).toContain(path.join(home, '.cache/lastcall'));
    expect(fs.statSync(path.join(home, '.cache')).mode & 0o777).toBe(0o700);
    expect(used({ HOME: '/nowhere', XDG_CACHE_HOME: path.join(home, 'own') })).toContain(path.join(home, 'own/lastcall'));
  });

  it.each<[string, () => void]>([
    ['is open to others', () => fs.chmodSync(at('.cache/lastcall'), 0o777)],
    ['lies where others may put another one', () => fs.chmodSync(at('.cache'), 0o777)],
    ['is a link', () => { fs.rmdirSync(at('.cache/lastcall')); fs.symlinkSync(home, at('.cache/lastcall')); }],
    ['is a file', () => { fs.rmdirSync(at('.cache/lastcall')); fs.writeFileSync(at('.cache/lastcall'), ''); }],
  ])('is not taken from a folder that %s', (_, spoil) => {
    fs.mkdirSync(at('.cache/lastcall'), { recursive: true, mode: 0o700 });
    spoil();
    expect(used({ HOME: home })).toBe('none');
  });

  it('is not taken from a folder of another user, as when root runs with the home of whoever called sudo', () => {
    expect(used({ HOME: home }, '12345')).toBe('none');
  });

  it('is not kept where there is no home', () => {
    expect(used({})).toBe('none');
    expect(used({ HOME: '/dev/null' })).toBe('none');
  });
}); // prettier-ignore

function at(name: string): string {
  return path.join(home, name);
}

/** The folder in use after the call; in a process of its own, since it holds for all of it. */
function used(environment: Readonly<Record<string, string>>, user = 'process.getuid()'): string {
  const script = `
    import { getCompileCacheDir } from 'node:module';
    import { useCompiledCache } from ${JSON.stringify(MODULE)};
    useCompiledCache(${JSON.stringify(environment)}, ${user});
    process.stdout.write(getCompileCacheDir() ?? 'none');`;
  const { NODE_COMPILE_CACHE: _, ...env } = process.env;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    env,
    encoding: 'utf8',
  });
  return stdout === '' ? stderr : stdout;
}
