import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/config.ts';
import { INVENTORY_COLUMNS } from '../../src/config/field-names.ts';
import { USAGE_FIELDS } from '../../src/formats/usage-fields.ts';
import { DEFAULT_POLICY } from '../../src/verdicts/policy.ts';
import { CLI, environment } from '../run-cli.ts';
import { fillTables, readPages } from './page-tables.ts';
import { SAMPLE_FOLDER } from './sample-reports.ts';
import { settings } from './settings.ts';
import { ROOT } from './source-files.ts';
import { drawTerminal, PAGE_PICTURE, TERMINAL_PICTURE } from './terminal-picture.ts';

const PAGE_TEXTS = readPages();
const README = PAGE_TEXTS.get('README.md') ?? '';

/** What installs is tried by package.test.ts and .ci/run; the tests do not run themselves. */
const NOT_RUN = /^(?:npm ci|npm test|npm pack|npm install .*|~\/tools\/.*)$/;

interface Block {
  readonly page: string;
  /** `sh`, `json`, ... */
  readonly language: string;
  /** The file that the block shows, as it stands after the language. */
  readonly name: string;
  readonly text: string;
}

const BLOCKS: readonly Block[] = [...PAGE_TEXTS].flatMap(([page, text]) => blocksOf(page, text));

/** A command as a reader of the page types it, and the files that he has seen since the one before. */
interface Step {
  readonly command: string;
  readonly files: readonly Block[];
}

const RUN_PAGES = [...PAGE_TEXTS.keys()]
  .map((page) => [page, stepsOf(BLOCKS.filter((block) => block.page === page))] as const)
  .filter(([, steps]) => steps.length > 0);

function blocksOf(page: string, text: string): Block[] {
  const blocks = text.matchAll(/^```(?<language>\w+)(?: (?<name>\S+))?\n(?<text>[\s\S]*?)^```$/gm);
  return [...blocks].map(({ groups }) => ({
    page,
    language: groups?.['language'] ?? '',
    name: groups?.['name'] ?? '',
    text: groups?.['text'] ?? '',
  }));
}

function stepsOf(blocks: readonly Block[]): readonly Step[] {
  const steps: Step[] = [];
  let files: readonly Block[] = [];
  for (const block of blocks) {
    if (block.language !== 'sh') {
      if (block.name.includes('.')) files = [...files, block];
      continue;
    }
    const lines = block.text.trim().split('\n');
    for (const command of lines.flatMap((line) => line.split(' && '))) {
      if (NOT_RUN.test(command)) continue;
      steps.push({ command, files });
      files = [];
    }
  }
  return steps;
}

describe('the pages', () => {
  it('have the tables that the lists in src/ give (npm run goldens)', () => {
    for (const [page, text] of fillTables(PAGE_TEXTS)) expect(text, page).toBe(PAGE_TEXTS.get(page));
  });

  it('link to files that are there', () => {
    const links = [...PAGE_TEXTS].flatMap(([page, text]) =>
      [...text.matchAll(/\]\((?<link>[^)#:]+)(?:#[^)]*)?\)/g)].map(({ groups }) =>
        path.join(path.dirname(page), groups?.['link'] ?? ''),
      ),
    );
    expect(links.length).toBeGreaterThan(40);
    expect(links.filter((link) => !fs.existsSync(path.join(ROOT, link)))).toEqual([]);
  });

  it('link to headings that are there', () => {
    const links = [...PAGE_TEXTS].flatMap(([page, text]) =>
      [...text.matchAll(/\]\((?<link>[^)#:]*)#(?<heading>[^)]+)\)/g)].map(({ groups }) => ({
        target: path.join(ROOT, groups?.['link'] === '' ? page : path.join(path.dirname(page), groups?.['link'] ?? '')),
        heading: groups?.['heading'] ?? '',
      })),
    );
    expect(links.length).toBeGreaterThan(2);
    expect(links.filter(({ target, heading }) => !headingsOf(target).includes(heading))).toEqual([]);
  });

  it('are all there: no page is left out that lies beside the code', () => {
    const lying = fs.globSync('src/*/*.md', { cwd: ROOT });
    expect(lying.filter((page) => !PAGE_TEXTS.has(page))).toEqual([]);
  });

  it('explain every setting', () => {
    expect(settings().filter(({ meaning }) => meaning === '')).toEqual([]);
    expect(settings().length).toBeGreaterThan(70);
  });

  it('explain every usage field and every column of an inventory', () => {
    const formats = PAGE_TEXTS.get('src/formats/README.md') ?? '';
    expect(USAGE_FIELDS.filter((field) => !formats.includes(`\`${field}\``))).toEqual([]);
    const inventories = PAGE_TEXTS.get('src/inventories/README.md') ?? '';
    expect(INVENTORY_COLUMNS.filter((column) => !inventories.includes(`\`${column}\``))).toEqual([]);
  });

  it('show configurations that can be read', () => {
    const shown = BLOCKS.filter(({ language }) => language === 'yaml');
    expect(shown.length).toBeGreaterThan(5);
    for (const { page, text } of shown) {
      const isRecipe = /^(?:disable|delete):/m.test(text) && !text.startsWith('handoff:');
      const whole = isRecipe ? `handoff:\n${text.replaceAll(/^/gm, '  ')}` : text;
      expect(() => parseConfig(whole, page)).not.toThrow();
    }
  });
});

function headingsOf(file: string): string[] {
  const headings = fs.readFileSync(file, 'utf8').matchAll(/^#+ (?<text>.+)$/gm);
  return [...headings].map(({ groups }) =>
    (groups?.['text'] ?? '')
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
}

describe('README.md', () => {
  it('is a tour: short enough to be read', () => {
    expect(README.split('\n').length).toBeLessThanOrEqual(252);
  });

  it('shows pictures of what the demo looks like (npm run goldens; npm run pictures for the page)', () => {
    expect(fs.readFileSync(TERMINAL_PICTURE, 'utf8')).toBe(drawTerminal());
    const png = fs.readFileSync(PAGE_PICTURE);
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect(png.length).toBeLessThan(250_000);
    for (const picture of [TERMINAL_PICTURE, PAGE_PICTURE]) expect(README).toContain(path.relative(ROOT, picture));
  });

  it('has the line for cron that the nightly kit has', () => {
    const crontab = fs.readFileSync(path.join(ROOT, 'fixtures/nightly/crontab'), 'utf8');
    expect(crontab).toContain(BLOCKS.find(({ name }) => name === 'crontab')?.text);
  });

  it.each([
    ['demo', 'report.txt'],
    ['backtest', 'backtest.txt'],
  ])('shows what the demo really prints: %s', (block, file) => {
    const report = fs.readFileSync(path.join(SAMPLE_FOLDER, file), 'utf8').split('\n');
    const shown =
      BLOCKS.find(({ name }) => name === block)
        ?.text.trimEnd()
        .split('\n') ?? [];
    const lines = shown.filter((line) => line !== '...');
    expect(lines.length).toBeGreaterThan(2);
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

  it('has the version of the package in its commands', () => {
    const { version } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(README).toContain(`./lastcall-${version}.tgz`);
  });
});

describe.each(RUN_PAGES)('%s shows commands that work:', (_page, steps) => {
  let folder: string;

  // A clone in which the user's files lie, and a home of its own for the secret.
  beforeAll(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-pages-'));
    for (const name of ['package.json', 'src', 'fixtures', 'node_modules']) {
      fs.symlinkSync(path.join(ROOT, name), path.join(folder, name));
    }
    fs.mkdirSync(path.join(folder, 'bin'));
    fs.writeFileSync(path.join(folder, 'bin', 'lastcall'), `#!/bin/sh\nexec "${process.execPath}" "${CLI}" "$@"\n`, {
      mode: 0o755,
    });
  });

  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

  it.each(steps.map((step) => [step.command, step.files] as const))('%s', (command, files) => {
    // One that is shown later takes the place of one that a command made.
    for (const { name, text } of files) fs.writeFileSync(path.join(folder, name), text);
    const { status, stdout, stderr } = runIn(folder, command);
    const expected = Number(/ends with (?<code>\d)$/.exec(command)?.groups?.['code'] ?? 0);
    if (!command.includes('=report.json')) expect(stdout).not.toBe('');
    // The demo has a few torn records, and the first command makes the secret; both are said.
    const complaints = stderr
      .replaceAll(/^lastcall: .* records could not be read, the first .*\n/gm, '')
      .replace(/^lastcall: .*: the secret of this installation was made here.*\n/, '');
    expect({ status, stderr: complaints }).toEqual({
      status: expected,
      stderr: expect.not.stringContaining('lastcall: '),
    });
  });
});

function runIn(folder: string, command: string): SpawnSyncReturns<string> {
  const { LASTCALL_SECRET: _, ...inherited } = environment({ HOME: folder });
  const PATH = [path.join(folder, 'bin'), path.dirname(process.execPath), inherited['PATH']].join(path.delimiter);
  return spawnSync('bash', ['-o', 'pipefail', '-c', command], {
    cwd: folder,
    env: { ...inherited, PATH, XDG_CONFIG_HOME: '' },
    encoding: 'utf8',
  });
}
