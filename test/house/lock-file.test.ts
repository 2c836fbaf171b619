import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './source-files.ts';

interface Entry {
  readonly version: string;
  readonly resolved?: string;
  readonly gypfile?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const LOCKS = ['package-lock.json', 'test/bench/rivals/package-lock.json'] as const;

describe.each(LOCKS)('%s', (lock) => {
  const packages = packagesIn(lock);

  it('knows the binaries of every platform: npm ci refuses a lock without them', () => {
    const missing = Object.values(packages).flatMap(({ optionalDependencies = {} }) =>
      Object.entries(optionalDependencies).filter(([name]) => packages[`node_modules/${name}`] === undefined),
    );
    expect(missing).toEqual([]);
  });

  it('names no registry', () => {
    expect(Object.keys(packages).filter((name) => packages[name]?.resolved !== undefined)).toEqual([]);
  });
});

describe('package-lock.json', () => {
  it('says that better-sqlite3 needs no compiler: npm 10 reads it here, and not in the package', () => {
    expect(packagesIn('package-lock.json')['node_modules/better-sqlite3']).toMatchObject({ gypfile: false });
  });
});

function packagesIn(lock: string): Readonly<Record<string, Entry>> {
  const { packages } = JSON.parse(fs.readFileSync(path.join(ROOT, lock), 'utf8')) as {
    packages: Readonly<Record<string, Entry>>;
  };
  return packages;
}
