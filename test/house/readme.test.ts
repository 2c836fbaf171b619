import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../src/verdicts/policy.ts';
import { CLI, environment } from '../run-cli.ts';
import { fillTables } from './readme-tables.ts';
import { SAMPLE_FOLDER } from './sample-reports.ts';
import { ROOT } from './source-files.ts';

const README = fs.readFileSync(path.join(ROOT, 'README.md'), 'utf8');

/** What installs is tried by package.test.ts and .ci/run; the tests do not run themselves. */
const NOT_RUN = /^(?:npm ci|npm test|npm pack|npm install .*|npx .*)$/;

interface Block {
  /** `sh`, `json`, ... */
  readonly language: string;
  /** The file that the block shows, as it stands after the language. */
  readonly name: string;
  readonly text: string;
}

const BLOCKS: readonly Block[] = [
  ...README.matchAll(/^```(?<language>\w+)(?: (?<name>\S+))?\n(?<text>[\s\S]*?)^```$/gm),
].map(({ groups }) => ({
  language: groups?.['language'] ?? '',
  name: groups?.['name'] ?? '',
  text: groups?.['text'] ?? '',
}));

const COMMANDS = BLOCKS.filter(({ language }) => language === 'sh')
  .flatMap(({ text }) => text.trim().split('\n'))
  .flatMap((line) => line.split(' && '))
  .filter((command) => !NOT_RUN.test(command));

describe('README.md', () => {
  it('has the tables that the lists in src/ give (npm run goldens)', () => {
    expect(fillTables(README)).toBe(README);
  });

  it.each([
    ['demo', 'report.txt'],
    ['backtest', 'backtest.txt'],
    ['story', 'handoff.txt'],
  ])('shows what the demo really prints: %s', (block, file) => {
    const report = fs.readFileSync(path.join(SAMPLE_FOLDER, file), 'utf8').split('\n');
    const shown =
      BLOCKS.find(({ name }) => name === block)
        ?.text.trimEnd()
        .split('\n') ?? [];
    const lines = shown.filter((line) => line !== '...');
    expect(lines.length).toBeGreaterThan(3);
    let at = -1;
    for (const line of lines) {
      at = report.indexOf(line, at + 1);
      expect(at, `not in the report, or not in this order: ${line}`).toBeGreaterThanOrEqual(0);
    }
  });

  it('names the numbers of the policy', () => {
    const { pauseFactor, floorDays, movedPauseFactor, movedFloorDays, watchDays, steadyDays } = DEFAULT_POLICY;
    expect({ pauseFactor, floorDays, movedPauseFactor, movedFloorDays, watchDays, steadyDays }).toEqual({
      pauseFactor: 3,
      floorDays: 30,
      movedPauseFactor: 1.5,
      movedFloorDays: 21,
      watchDays: 365,
      steadyDays: 180,
    });
    expect(README).toContain('three times its longest pause, and for 30 days at least');
  });

  it('links to files that are there', () => {
    const links = [...README.matchAll(/\]\((?<link>[^)#:]+)\)/g)].map(({ groups }) => groups?.['link'] ?? '');
    expect(links.length).toBeGreaterThan(2);
    expect(links.filter((link) => !fs.existsSync(path.join(ROOT, link)))).toEqual([]);
  });

  it('has the version of the package in its commands', () => {
    const { version } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(README).toContain(`./lastcall-${version}.tgz`);
  });
});

describe('README.md shows commands that work:', () => {
  let folder: string;

  // A clone in which the user's files lie, and a home of its own for the secret.
  beforeAll(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-readme-'));
    for (const name of ['package.json', 'src', 'fixtures', 'node_modules']) {
      fs.symlinkSync(path.join(ROOT, name), path.join(folder, name));
    }
    for (const { language, name, text } of BLOCKS) {
      if (language !== 'sh' && name.includes('.')) fs.writeFileSync(path.join(folder, name), text);
    }
    const gateway = fs.readFileSync(path.join(folder, 'gateway.log'), 'utf8');
    const usual = gateway.replaceAll('"ts"', '"time"').replaceAll(/"auth":\{"credential":("[^"]+")\}/g, '"api_key":$1');
    fs.writeFileSync(path.join(folder, 'my.log'), usual);
    fs.mkdirSync(path.join(folder, 'bin'));
    fs.writeFileSync(path.join(folder, 'bin', 'lastcall'), `#!/bin/sh\nexec "${process.execPath}" "${CLI}" "$@"\n`, {
      mode: 0o755,
    });
  });

  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

  it('are found', () => {
    expect(COMMANDS.length).toBeGreaterThan(8);
  });

  it.each(COMMANDS)('%s', (command) => {
    const { LASTCALL_SECRET: _, ...settings } = environment({ HOME: folder });
    const PATH = [path.join(folder, 'bin'), path.dirname(process.execPath), settings['PATH']].join(path.delimiter);
    const { status, stdout, stderr } = spawnSync('bash', ['-o', 'pipefail', '-c', command], {
      cwd: folder,
      env: { ...settings, PATH, XDG_CONFIG_HOME: '' },
      encoding: 'utf8',
    });
    const expected = Number(/# ends with (?<code>\d)$/.exec(command)?.groups?.['code'] ?? 0);
    if (!command.includes('=report.json')) expect(stdout).not.toBe('');
    // The demo has a few torn records, and says so.
    const complaints = stderr.replaceAll(/^lastcall: .* records could not be read, the first .*\n/gm, '');
    expect({ status, stderr: complaints }).toEqual({
      status: expected,
      stderr: expect.not.stringContaining('lastcall: '),
    });
  });
});
