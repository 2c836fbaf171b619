import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from './source-files.ts';

const SCRIPT = path.join(ROOT, '.ci/release.mjs');
const CHANGELOG = '# Changelog\n\n## Unreleased\n\n## 1.2.0\n\n* **New**\n';
const MANIFEST = {
  name: 'made-up',
  version: '1.2.0',
  repository: 'https://example.com/made-up',
  files: ['index.js'],
  scripts: { check: 'node -e 0', test: 'node -e 0', prepack: 'echo built' },
};

let folder: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-release-'));
  write('package.json', JSON.stringify(MANIFEST));
  write('CHANGELOG.md', CHANGELOG);
  write('index.js', '');
  git('init', '--quiet');
  commit();
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

describe('a release', () => {
  it('goes up to the package, says what would be published, and publishes nothing', () => {
    const { status, stdout } = release();
    expect(status).toBe(0);
    expect(stdout).toContain('--- npm run check');
    expect(stdout).toMatch(/made-up-1\.2\.0\.tgz: 2 files, \d+ bytes, sha512-/);
    expect(stdout).toContain('--- npm test');
    expect(stdout).toMatch(/Nothing was published\. With --publish: npm publish .*\.tgz --provenance --access public\n$/);
  });

  it('stops where a check or a test fails', () => {
    write('package.json', JSON.stringify({ ...MANIFEST, scripts: { ...MANIFEST.scripts, test: 'node -e "process.exit(3)"' } }));
    commit();
    const { status, stdout } = release();
    expect(status).toBe(1);
    expect(stdout).not.toContain('Nothing was published');
  });

  it.each<[string, () => void, string]>([
    ['a tree with changes', () => write('index.js', 'more'), 'the tree is not clean'],
    ['a version that the changelog does not have', () => change('CHANGELOG.md', '# Changelog\n\n## 1.1.0\n\n* x\n'), 'no section "## 1.2.0"'],
    ['a version of which it says nothing', () => change('CHANGELOG.md', '# Changelog\n\n## 1.2.0\n\n## 1.1.0\n\n* x\n'), 'says nothing of 1.2.0'],
    ['changes that are not yet in a version', () => change('CHANGELOG.md', CHANGELOG.replace('Unreleased\n', 'Unreleased\n\n* y\n')), 'under "## Unreleased"'],
    ['a tag on another commit', () => { git('tag', 'v1.2.0'); change('index.js', 'more'); }, 'v1.2.0 is another commit'],
  ])('refuses %s', (_, spoil, message) => {
    spoil();
    const { status, stderr } = release();
    expect(status).toBe(1);
    expect(stderr).toContain(message);
  });

  it('publishes only what is tagged, from where npm can sign it', () => {
    expect(release('--publish').stderr).toContain('this commit has no tag: git tag v1.2.0');
    git('tag', 'v1.2.0');
    expect(release('--publish').stderr).toContain('publish from GitHub Actions');
    expect(release('--publsh').stderr).toContain('--publsh is not known');
  });
}); // prettier-ignore

function release(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: _, SIGSTORE_ID_TOKEN: __, ...env } = process.env;
  return spawnSync(process.execPath, [SCRIPT, ...args], { cwd: folder, env, encoding: 'utf8' });
}

function write(name: string, text: string): void {
  fs.writeFileSync(path.join(folder, name), text);
}

function change(name: string, text: string): void {
  write(name, text);
  commit();
}

function commit(): void {
  git('add', '.');
  git('-c', 'user.name=Somebody', '-c', 'user.email=somebody@example.com', 'commit', '--quiet', '-m', 'Change');
}

function git(...args: readonly string[]): void {
  execFileSync('git', args, { cwd: folder });
}
