import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createFingerprinter } from '../src/attribution/fingerprint.ts';
import { loadFormats, reporterAt } from '../src/extensions.ts';
import { type Format, ingest, LastcallError, report } from '../src/index.ts';
import { openReaders } from '../src/ingest/reader-pool.ts';
import { ROOT } from './house/source-files.ts';
import { newLab, SECRET, settingsOf, SMALL_PARTS } from './ingest/harness.ts';
import { FIXED_SECRET, type Run, runCli } from './run-cli.ts';

const DOORS = path.join(ROOT, 'fixtures/library/door-format.mjs');
const LOG = [
  '2026-01-30T08:00:00Z|north|badge_EXAMPLE_0000000000001|opened',
  '2026-01-30T08:01:00Z|north||alive',
  '2026-01-30T08:02:00Z|south|badge_EXAMPLE_0000000000002|refused',
  '',
].join('\n');

let root: string;
let folder: string;

beforeAll(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-extensions-'));
});
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(root, 'case-'));
  fs.writeFileSync(path.join(folder, 'doors.log'), LOG);
});
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

describe('a log format of the user', () => {
  it('is recognised where the configuration lists it, by its path from there', () => {
    fs.mkdirSync(path.join(folder, 'conf'));
    fs.copyFileSync(DOORS, path.join(folder, 'conf/doors.mjs'));
    fs.writeFileSync(path.join(folder, 'conf/lastcall.yaml'), 'formats: [./doors.mjs]\n');
    const { stdout, stderr, status } = lastcall('parse', 'doors.log', '--config', 'conf/lastcall.yaml');
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    const records = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(records).toMatchObject([
      { system: 'north', outcome: 'accepted', keyKind: 'secret' },
      { skip: 'not-a-request' },
      { system: 'south', outcome: 'refused' },
    ]);
    expect(lastcall('formats', '--config', 'conf/lastcall.yaml').stdout).toContain('acme-doors');
  });

  it('is taken from --log-format, and by its name where a source asks for it', () => {
    expect(lastcall('parse', 'doors.log', '--log-format', DOORS).stdout).toContain('"system":"north"');
    fs.writeFileSync(
      path.join(folder, 'lastcall.yaml'),
      `formats: [${DOORS}]\nsources: [{ name: doors, paths: [doors.log], format: acme-doors }]\n`,
    );
    const { status, stderr } = lastcall('scan', '-o', 'csv');
    expect(status).toBe(0);
    expect(stderr).toContain('acme-doors');
    expect(lastcall('explain', '...0001').stdout).toContain('north');
  });

  it('gives the same with threads as without', async () => {
    const options = { ...settingsOf({}), formats: [DOORS] };
    const own = await loadFormats([DOORS]);
    const fingerprinter = createFingerprinter(SECRET);
    const readers = openReaders(
      2,
      { ...options, secret: SECRET, secretFile: '' },
      { fingerprinter, own },
      SMALL_PARTS,
    )!;
    const labs = [undefined, readers].map(async (threads) => {
      const lab = newLab();
      lab.write('doors.log', LOG.repeat(300));
      const { records, skipped, quarantined } = await lab.read([''], { readers: threads, own });
      expect({ records, skipped, quarantined }).toEqual({ records: 600, skipped: 300, quarantined: 0 });
      return lab.dump();
    });
    const [one, several] = await Promise.all(labs);
    await readers.close();
    expect(several).toEqual(one);
  });

  it('may be handed over by a program as an object; then one thread reads, whatever was asked', async () => {
    const { default: doors } = (await import(DOORS)) as { default: Format };
    const settings = { db: path.join(folder, 'a.db'), secret: FIXED_SECRET, formats: [doors], workers: 4 };
    expect(await ingest({ ...settings, logs: [path.join(folder, 'doors.log')] })).toMatchObject({ records: 2 });
    expect((await report(settings)).keys).toHaveLength(2);
  });

  it('has each record refined, whatever it promises: its promise might be wrong', async () => {
    const doors = module(
      'doors.mjs',
      `${formatText()}; format.fields = { time: 't', key: 'k' }; export default format;`,
    );
    const [format] = await loadFormats([doors]);
    expect(format).not.toHaveProperty('refineReads');
    const promising = module('p.mjs', `${formatText()}; format.refineReads = []; export default format;`);
    expect(await refusal(loadFormats([promising]))).toMatchObject({
      message: expect.stringContaining('"refineReads" is not known'),
    });
  });

  it.each<[string, string, string]>([
    ['has no default export', 'export const format = {};', 'has no default export'],
    ['is no object', 'export default 7;', 'its default export is no object'],
    ['has no name', 'export default {};', '"name" must be a word such as "my-gateway"'],
    [
      'has a mistyped member',
      `${formatText()}; format.regonise = 1; export default format;`,
      '"regonise" is not known',
    ],
    [
      'recognises by no function',
      `${formatText()}; format.recognise = true; export default format;`,
      '"recognise" must be a function',
    ],
    [
      'has an unknown syntax',
      `${formatText()}; format.syntax = { kind: 'xml' }; export default format;`,
      '"syntax.kind" must be one of json, delimited, text',
    ],
    [
      'maps no time',
      `${formatText()}; format.fields = { key: 'k' }; export default format;`,
      '"fields.time" must be where the time',
    ],
    [
      'maps an unknown field',
      `${formatText()}; format.fields = { time: 't', kee: 'k' }; export default format;`,
      'fields: "kee" is no usage field',
    ],
    [
      'is called like one of ours',
      `${formatText()}; format.name = 'json'; export default format;`,
      'There are two log formats "json"',
    ],
    ['is no JavaScript', 'export default {', 'cannot be loaded'],
  ])('that %s is refused, and the file named', async (_, text, message) => {
    const file = module('format.mjs', text);
    const error = await refusal(loadFormats([file]));
    expect(error.message).toContain(message);
    if (!message.startsWith('There are')) expect(error.message).toContain(file);
  });

  it('is refused before work when it is not there, or when everybody may write to it', async () => {
    expect(await refusal(loadFormats(['nowhere.mjs']))).toMatchObject({
      code: 'config',
      message: 'nowhere.mjs: there is no such file',
    });
    const file = module('open.mjs', 'export default {}');
    fs.chmodSync(file, 0o666);
    expect(await refusal(loadFormats([file]))).toMatchObject({ hint: `chmod o-w ${file}` });
    expect(lastcall('ingest', 'doors.log', '--log-format', './nowhere.mjs')).toMatchObject({ status: 2 });
    expect(fs.existsSync(path.join(folder, 'lastcall.db'))).toBe(false);
  });

  it('that fails on a record ends the run, and what it says of the record is not repeated', () => {
    const text = "format.refine = ({ key }) => { throw new Error('what is ' + key); };";
    module('broken.mjs', `${formatText()}; ${text} export default format;`);
    const { status, stderr } = lastcall('ingest', 'doors.log', '--log-format', './broken.mjs');
    expect(status).toBe(2);
    expect(stderr).toContain('./broken.mjs: refine failed at');
    expect(stderr).not.toContain('EXAMPLE');
  });
});

describe('a reporter of the user', () => {
  it('writes where -o or the configuration says', () => {
    module('count.mjs', 'export default { render: (report) => [`${report.keys.length} keys\\n`] };');
    expect(lastcall('scan', 'doors.log', '--log-format', DOORS, '-o', './count.mjs').stdout).toBe('2 keys\n');
    fs.writeFileSync(path.join(folder, 'lastcall.yaml'), 'outputs: [{ reporter: ./count.mjs, file: count.txt }]\n');
    expect(lastcall('report')).toMatchObject({ status: 0 });
    expect(fs.readFileSync(path.join(folder, 'count.txt'), 'utf8')).toBe('2 keys\n');
  });

  it('gets the days of use when it asks for them', () => {
    module(
      'days.mjs',
      'export default { needsTrace: true, render: ({ keys }) => [...keys].map(({ trace }) => `${typeof trace}\\n`) };',
    );
    expect(lastcall('scan', 'doors.log', '--log-format', DOORS, '-o', './days.mjs').stdout).toBe('object\nobject\n');
  });

  it.each([
    ['export default { rendr: () => [] };', '"rendr" is not known'],
    ['export default {};', '"render" must be a function from a report to pieces of text'],
  ])('%s is refused before a log is read', async (text, message) => {
    const file = module('wrong.mjs', text);
    expect((await refusal(reporterAt(file))).message).toContain(message);
    const { status, stderr } = lastcall('scan', 'doors.log', '--log-format', DOORS, '-o', './wrong.mjs');
    expect(status).toBe(2);
    expect(stderr).toContain(`./wrong.mjs: ${message}`);
    expect(fs.existsSync(path.join(folder, 'lastcall.db'))).toBe(false);
  });

  it('without a form for changes is none for --since', () => {
    module('plain.mjs', 'export default { render: () => [] };');
    lastcall('scan', 'doors.log', '--log-format', DOORS, '--quiet');
    const { status, stderr } = lastcall('report', '--since', 'last', '-o', './plain.mjs');
    expect(status).toBe(2);
    expect(stderr).toContain('./plain.mjs cannot say what has changed');
  });

  it('is none for a command that makes no report', () => {
    module('plain.mjs', 'export default { render: () => [] };');
    expect(lastcall('explain', 'k_1', '-o', './plain.mjs').stderr).toContain('there is no reporter "./plain.mjs"');
  });
});

function formatText(): string {
  return `const format = {
    name: 'mine',
    syntax: { kind: 'text', match: (line) => { const [t, s, k] = line.split('|'); return { t, s, k }; } },
    fields: { time: 't', system: 's', key: 'k' },
    recognise: () => 1,
  }`;
}

function module(name: string, text: string): string {
  const file = path.join(folder, name);
  fs.writeFileSync(file, text);
  return file;
}

function lastcall(...args: readonly string[]): Run {
  return runCli(args, { cwd: folder, env: { LASTCALL_NOW: '2026-02-01T00:00:00Z' } });
}

async function refusal(promise: Promise<unknown>): Promise<LastcallError> {
  const error = await promise.catch((thrown: unknown) => thrown);
  if (error instanceof LastcallError) return error;
  throw new Error('nothing was refused');
}
