import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import { isBuiltin } from 'node:module';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { HandoffDriver } from '../../src/index.ts';
import { readVersion } from '../../src/version.ts';
import { environment } from '../run-cli.ts';
import { bundle } from './bundle.ts';
import { PAGES } from './page-tables.ts';
import { ROOT } from './source-files.ts';

/** What goes into the package beside what the build makes. */
const STAGED = [
  'package.json',
  'LICENSE',
  'CHANGELOG.md',
  'fixtures/demo',
  'fixtures/library',
  'fixtures/nightly',
  'reports/pictures',
  ...PAGES,
];

let folder: string;
let installed: string;
let contents: readonly string[];

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-package-'));
  const stage = path.join(folder, 'stage');
  for (const name of STAGED) fs.cpSync(path.join(ROOT, name), path.join(stage, name), { recursive: true });
  const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', 'src/tsconfig.json', '--outDir', path.join(stage, 'dist')], { cwd: ROOT });
  await bundle(path.join(stage, 'dist'));
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], { cwd: stage });
  execFileSync('tar', ['-xzf', path.join(folder, `lastcall-${readVersion()}.tgz`), '-C', folder]);
  installed = path.join(folder, 'node_modules', 'lastcall');
  fs.mkdirSync(path.dirname(installed));
  fs.renameSync(path.join(folder, 'package'), installed);
  fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(installed, 'node_modules'));
  contents = fs
    .readdirSync(installed, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.startsWith('node_modules') && fs.statSync(path.join(installed, name)).isFile());
}, 60_000);

afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

describe('the package', () => {
  it.each([
    ['nodenext', 'nodenext'],
    ['preserve', 'bundler'],
  ])(
    'has types that a strict program of modules %s, resolved as %s, can check to the last',
    (module, moduleResolution) => {
      // Of ours, only Node's own types are there: what is bundled brings none.
      const types = path.join(folder, 'types');
      fs.mkdirSync(path.join(types, 'node_modules', '@types'), { recursive: true });
      const node = path.join(types, 'node_modules', '@types', 'node');
      if (!fs.existsSync(node)) fs.symlinkSync(path.join(ROOT, 'node_modules/@types/node'), node);
      fs.cpSync(installed, path.join(types, 'node_modules', 'lastcall'), {
        recursive: true,
        filter: (file) => file !== path.join(installed, 'node_modules'),
      });
      fs.writeFileSync(
        path.join(types, 'program.ts'),
        "import * as lastcall from 'lastcall';\nconst report: Promise<lastcall.Report> = lastcall.report();\nexport { report };\n",
      );
      const options = { module, moduleResolution, target: 'es2024', types: ['node'], strict: true, noEmit: true };
      const config = { compilerOptions: { ...options, skipLibCheck: false }, files: ['program.ts'] };
      fs.writeFileSync(path.join(types, 'tsconfig.json'), JSON.stringify(config));
      fs.writeFileSync(path.join(types, 'package.json'), '{"type":"module"}');
      const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
      const { stdout } = spawnSync(process.execPath, [tsc, '-p', types], { encoding: 'utf8' });
      expect(stdout).toBe('');
    },
  );

  it('holds the program, its types, the demo and what to read first', () => {
    for (const name of ['README.md', 'LICENSE', 'CHANGELOG.md', 'package.json', 'dist/cli.js', 'dist/index.d.ts'])
      expect(contents).toContain(name);
    expect(contents).toContain('fixtures/demo/lastcall.yaml');
    for (const page of PAGES) expect(contents).toContain(page);
  });

  it('holds the licences of what was taken into the program', () => {
    expect(contents).toContain('dist/LICENSES.txt');
    const text = fs.readFileSync(path.join(installed, 'dist/LICENSES.txt'), 'utf8');
    expect(text).toMatch(/^commander \d[\d.]+\n\n.*MIT License/m);
    expect(text).toMatch(/^stream-json \d[\d.]+$/m);
  });

  it('holds nothing else', () => {
    const known =
      /^(?:README\.md|LICENSE|CHANGELOG\.md|package\.json|dist\/(?:.+\.(?:js|d\.ts)|LICENSES\.txt)|reports\/pictures\/.+|src\/\w+\/[\w-]+\.md|fixtures\/(?:demo|nightly)\/(?!.*\.ts$).+|fixtures\/library\/.+)$/i;
    expect(contents.filter((name) => !known.test(name))).toEqual([]);
  });

  it('imports JavaScript only: Node reads no TypeScript in node_modules', () => {
    const scripts = contents.filter((name) => name.endsWith('.js'));
    expect(scripts.length).toBeGreaterThan(10);
    const wrong = scripts.filter((name) =>
      /(?:from|import\() ?["']\.[^"']*\.ts["']/.test(fs.readFileSync(path.join(installed, name), 'utf8')),
    );
    expect(wrong).toEqual([]);
  });

  it('is one that npm and programs that import it can use', async () => {
    // What the build makes beside the scripts is looked for too.
    const manual = path.join(installed, 'dist/lastcall.1');
    fs.writeFileSync(manual, '');
    const { messages, pkg } = await publint({ pkgDir: installed, pack: false });
    fs.rmSync(manual);
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  it('names only modules that it depends on', () => {
    const { dependencies } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
      dependencies: Readonly<Record<string, string>>;
    };
    const used = contents
      .filter((name) => name.endsWith('.js'))
      .flatMap((name) => modulesNamedIn(fs.readFileSync(path.join(installed, name), 'utf8')));
    expect([...new Set(used)].toSorted()).toEqual(Object.keys(dependencies).toSorted());
  });
});

describe('installed', () => {
  it('says its version', () => {
    expect(run('--version')).toMatchObject({ status: 0, stdout: `${readVersion()}\n` });
  });

  it('scans', () => {
    const record = { time: '2026-01-31T12:00:00Z', api_key: 'acme_live_EXAMPLE000000000001', status: 200 };
    fs.writeFileSync(path.join(folder, 'app.log'), `${JSON.stringify(record)}\n`);
    const { status, stdout } = run('scan', 'app.log', '--as-of', '2026-02-01', '-o', 'csv');
    expect(stdout).toMatch(/"acme_\.\.\.0001".*,in-use,/);
    expect(status).toBe(0);
  });

  it('checks the version of Node before it loads anything that an old one cannot load', () => {
    const text = fs.readFileSync(path.join(installed, 'dist/cli.js'), 'utf8');
    expect(text).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(text).toContain('lastcall needs Node.js');
    expect(text).not.toMatch(/^import /m);
  });

  it('can be imported', async () => {
    // The built files, as a program would load them.
    const library = (await import(pathToFileURL(path.join(installed, 'dist/index.js')).href)) as object;
    expect(Object.keys(library).toSorted()).toEqual([
      'DEFAULT_POLICY',
      'EXIT_CODE_OF_ERROR',
      'LastcallError',
      'audit',
      'backtestSchema',
      'canonicalJson',
      'changesSchema',
      'check',
      'coverage',
      'createFingerprinter',
      'explain',
      'handoffSchema',
      'handoffsSchema',
      'inert',
      'inferCoverage',
      'ingest',
      'loadReporter',
      'openDatabase',
      'planSchema',
      'readInventory',
      'report',
      'reportSchema',
      'reporters',
      'scan',
      'verificationSchema',
    ]);
  });
});

describe('the examples of fixtures/library', () => {
  const config = (): string => path.join(installed, 'fixtures/demo/lastcall.yaml');

  beforeAll(() => {
    fs.cpSync(path.join(installed, 'fixtures/library'), path.join(folder, 'examples'), { recursive: true });
    const { status, stdout, stderr } = example('nightly.ts');
    if (status !== 0) throw new Error(stderr);
    expect(stdout).toMatch(/^\d{5} records, \d+ of 34 keys are safe\n$/);
  });

  it('write reports', () => {
    expect(fs.readFileSync(path.join(folder, 'examples/report.html'), 'utf8')).toMatch(/<\/html>\s*$/);
    const report = JSON.parse(fs.readFileSync(path.join(folder, 'examples/report.json'), 'utf8')) as { keys: object[] };
    expect(report.keys).toHaveLength(34);
  });

  it('ask before a deletion', () => {
    const { status, stdout } = example('gate.ts', 'gw-payroll');
    expect(status).toBe(1);
    expect(stdout).toMatch(/^(?:in-use|waiting|unknown): .+\ncallers: payroll/);
    expect(example('gate.ts', 'gw-nobody').stderr).toContain('No key is called "gw-nobody"');
  });

  it('ask one open database many things', () => {
    expect(example('many-questions.ts')).toMatchObject({ status: 0, stderr: '' });
  });

  it('add a reporter and a log format', () => {
    const database = ['--db', 'examples/lastcall.db'];
    const { status, stdout } = run('report', ...database, '-o', './examples/owners-reporter.mjs');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^finance: .*gw-billing-2026 \(/m);
    fs.writeFileSync(path.join(folder, 'doors.log'), '2026-01-30T08:00:00Z|north|badge_EXAMPLE_000000000001|opened\n');
    expect(run('parse', 'doors.log', '--log-format', './examples/door-format.mjs').stdout).toContain(
      '"system":"north"',
    );
  });

  it('hand keys over', async () => {
    const asked: string[] = [];
    const server = http.createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.writeHead(request.url === '/keys/known' ? 200 : 404).end();
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    vi.stubEnv('GATEWAY_URL', `http://127.0.0.1:${port}/`);
    // As the host of drivers loads it.
    const { default: driver } = (await import(path.join(installed, 'fixtures/library/gateway-driver.mjs'))) as {
      default: HandoffDriver;
    };
    expect(await driver.disable({ id: 'known', columns: {} })).toBe('PATCH 200');
    await expect(driver.delete?.({ id: 'a/b', columns: {} })).rejects.toThrow('the gateway answered 404');
    expect(asked).toEqual(['PATCH /keys/known', 'DELETE /keys/a%2Fb']);
    vi.unstubAllEnvs();
    server.close();
  });

  function example(name: string, ...more: readonly string[]): ReturnType<typeof run> {
    const env = environment({ HOME: folder });
    delete env['LASTCALL_SECRET'];
    return spawnSync(process.execPath, [name, config(), ...more], {
      cwd: path.join(folder, 'examples'),
      env,
      encoding: 'utf8',
    });
  }
});

/** fdir, a part of tinyglobby, matches globs by it where it is installed. It is never asked to. */
const NEVER_USED = ['picomatch'];

/** Packages, by whatever way they are loaded. What is optional is loaded by `import()` alone. */
function modulesNamedIn(script: string): string[] {
  const named = /(?:\bfrom |^import |require\w*\(|\)\()["'](?!node:)(?<name>[\w@][^"'/]*)["'/]/gm;
  return [...script.matchAll(named)]
    .map(({ groups }) => groups?.['name'] ?? '')
    .filter((name) => !isBuiltin(name) && !NEVER_USED.includes(name));
}

function run(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [path.join(installed, 'dist/cli.js'), ...args], {
    cwd: folder,
    env: environment(),
    encoding: 'utf8',
  });
}
